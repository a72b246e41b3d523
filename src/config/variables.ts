/** As in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

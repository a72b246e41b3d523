/** Who reads: their names for things, their zone and language, and the time. */
export type Reader = {
  readonly me: string
  /** Names by id. */
  readonly users: Readonly<Record<string, string>>
  readonly groups: Readonly<Record<string, { readonly handle: string; readonly members: readonly string[] }>>
  readonly channels: Readonly<Record<string, string>>
  readonly zone: string
  readonly locale: string
  /** ms since the epoch. */
  readonly now: number
}

/** What is kept under this name, and was put there: names come from outside, `constructor` too. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

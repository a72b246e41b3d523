/** The release that the description of a deployment names, as in `twokey r-k3v9: …`; null: it names none. */
export function releaseIn(description: string | undefined): string | null {
  return /^twokey ([\w-]+)(?=:|$)/.exec(description ?? '')?.[1] ?? null
}

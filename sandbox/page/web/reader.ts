/** The reader: names of people, groups and channels, the reader's time zone and language, and the current time. */
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

/** The own property of this name. Names come from outside, and `constructor` is a possible name. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

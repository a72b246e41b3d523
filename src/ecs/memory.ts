/** The last things of a kind that were seen, at most `most` of them: what was used longest ago goes first. */
export class Memory<Value> {
  readonly #most: number
  readonly #kept = new Map<string, Value>()

  constructor(most = 1_000) {
    this.#most = most
  }

  get(key: string): Value | undefined {
    const value = this.#kept.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: string, value: Value): void {
    this.#kept.delete(key)
    this.#kept.set(key, value)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest)
  }

  forget(key: string): void {
    this.#kept.delete(key)
  }
}

/** Reads each thing once, for what never changes. What was not there, or failed, is read again. */
export function remembered<Value>(
  read: (key: string) => Promise<Value | undefined>,
): (key: string) => Promise<Value | undefined> {
  const memory = new Memory<Promise<Value | undefined>>()
  return (key) => {
    const known = memory.get(key)
    if (known) return known
    const reading = read(key).then(
      (value) => {
        if (value === undefined) memory.forget(key)
        return value
      },
      (error: unknown) => {
        memory.forget(key)
        throw error
      },
    )
    memory.set(key, reading)
    return reading
  }
}

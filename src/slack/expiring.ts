/** Answers kept for a while. Failures are not kept, and who asks meanwhile waits for the same answer. */
export class Expiring<T> {
  readonly #keepMs: number
  readonly #now: () => number
  readonly #kept = new Map<string, { readonly until: number; readonly answer: Promise<T> }>()

  constructor(keepMs: number, now: () => number) {
    this.#keepMs = keepMs
    this.#now = now
  }

  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#now()
    const found = this.#kept.get(key)
    if (found && found.until > now) return found.answer
    for (const [old, { until }] of this.#kept) if (until <= now) this.#kept.delete(old)
    const answer = ask()
    this.#kept.set(key, { until: now + this.#keepMs, answer })
    try {
      return await answer
    } catch (error) {
      this.#kept.delete(key)
      throw error
    }
  }
}

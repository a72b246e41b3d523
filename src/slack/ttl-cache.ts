type Kept<T> = { readonly since: number; readonly answer: Promise<T>; answered?: T }

/**
 * Caches answers for `keepMs`, and no longer if the clock is set back. Failures are not cached. Callers during a request share
 * its answer.
 */
export class TtlCache<T> {
  readonly #keepMs: number
  readonly #now: () => number
  readonly #kept = new Map<string, Kept<T>>()

  constructor(keepMs: number, now: () => number) {
    this.#keepMs = keepMs
    this.#now = now
  }

  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const found = this.#kept.get(key)
    return found && this.#isFresh(found.since, this.#now()) ? found.answer : this.renew(key, ask)
  }

  /** The cached answer, without a request; undefined if there is none. */
  peek(key: string): T | undefined {
    const found = this.#kept.get(key)
    return found && this.#isFresh(found.since, this.#now()) ? found.answered : undefined
  }

  /** Requests the answer again, regardless of the cache, and caches it. */
  async renew(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#now()
    for (const [old, { since }] of this.#kept) if (!this.#isFresh(since, now)) this.#kept.delete(old)
    const kept: Kept<T> = { since: now, answer: ask() }
    this.#kept.set(key, kept)
    try {
      const answered = await kept.answer
      kept.answered = answered
      return answered
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
      throw error
    }
  }

  #isFresh(since: number, now: number): boolean {
    return since <= now && now < since + this.#keepMs
  }
}

import type { z } from 'zod'

type Kept = { readonly etag: string; readonly shape: z.ZodType; readonly body: unknown }

/**
 * What GitHub answered last, by address, with its ETag: where it still holds, GitHub answers 304, which does not
 * count against the rate limit. What was not asked for longest is forgotten first.
 */
export class Answers {
  readonly #kept = new Map<string, Kept>()
  readonly #most: number

  constructor(most = 500) {
    this.#most = most
  }

  /** The answer kept for this address, as this shape read it. */
  of(url: string, shape: z.ZodType): Kept | undefined {
    const kept = this.#kept.get(url)
    if (kept?.shape !== shape) return undefined
    this.#kept.delete(url)
    this.#kept.set(url, kept)
    return kept
  }

  keep(url: string, answer: Kept): void {
    this.#kept.delete(url)
    this.#kept.set(url, answer)
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest)
  }
}

import type { z } from 'zod'
import { mib } from '../shepherd/bounded.ts'
import { bytesOf, Cache } from '../shepherd/cache.ts'

type Kept = { readonly etag: string; readonly shape: z.ZodType; readonly body: unknown }

/** Of all that is kept. */
const most = { entries: 500, bytes: 32 * mib }

/**
 * What GitHub answered last, by address, with its ETag: where it still holds, GitHub answers 304, which does not
 * count against the rate limit. Kept is what the shape takes of an answer, no more.
 */
export class Answers {
  readonly #kept: Cache<Kept>

  constructor(bounds = most) {
    this.#kept = new Cache(bounds)
  }

  /** The bytes of all that is kept, about. */
  get bytes(): number {
    return this.#kept.bytes
  }

  /** The answer kept for this address, as this shape read it. */
  of(url: string, shape: z.ZodType): Kept | undefined {
    const kept = this.#kept.get(url)
    return kept?.shape === shape ? kept : undefined
  }

  keep(url: string, answer: Kept): void {
    this.#kept.set(url, answer, bytesOf([url, answer.etag, answer.body]))
  }
}

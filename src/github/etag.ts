import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import { bytesOf, mib } from '../runtime/bounded.ts'

type Kept = { readonly etag: string; readonly shape: z.ZodType; readonly body: unknown }

/** Of all that is kept. */
const most = { max: 500, maxSize: 32 * mib }

/**
 * What GitHub answered last, by address, with its ETag: where it still holds, GitHub answers 304, which does not
 * count against the rate limit. Kept is what the shape takes of an answer, no more.
 */
export class Answers {
  readonly #kept: LRUCache<string, Kept>

  constructor(bounds = most) {
    this.#kept = new LRUCache(bounds)
  }

  /** The bytes of all that is kept, about. */
  get bytes(): number {
    return this.#kept.calculatedSize
  }

  /** The answer kept for this address, as this shape read it. */
  of(url: string, shape: z.ZodType): Kept | undefined {
    const kept = this.#kept.get(url)
    return kept?.shape === shape ? kept : undefined
  }

  keep(url: string, answer: Kept): void {
    this.#kept.set(url, answer, { size: bytesOf([url, answer.etag, answer.body]) })
  }
}

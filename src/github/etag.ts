import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import { bytesOf, mib } from '../runtime/bounded.ts'

type Kept = { readonly etag: string; readonly shape: z.ZodType; readonly body: unknown }

/**
 * Limits of the cache as a whole. About ten addresses are read again and again of each repository: if the cache did not hold
 * those of all of them, no answer would ever be 304.
 */
const limits = { max: 10_000, maxSize: 32 * mib }

/**
 * GitHub's latest answers by URL, each with its ETag. If an answer is unchanged, GitHub replies 304, which does not
 * count against the rate limit. Only the fields of the schema are kept.
 */
export class Answers {
  readonly #kept: LRUCache<string, Kept>

  constructor(bounds = limits) {
    this.#kept = new LRUCache(bounds)
  }

  /** The approximate size of the cache in bytes. */
  get bytes(): number {
    return this.#kept.calculatedSize
  }

  /** The cached answer for this URL, as parsed by this schema. */
  of(url: string, shape: z.ZodType): Kept | undefined {
    const kept = this.#kept.get(url)
    return kept?.shape === shape ? kept : undefined
  }

  keep(url: string, answer: Kept): void {
    this.#kept.set(url, answer, { size: bytesOf([url, answer.etag, answer.body]) })
  }
}

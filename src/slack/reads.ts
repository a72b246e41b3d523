import type { MaxAge } from '../ports/ports.ts'
import { TtlCache } from './ttl-cache.ts'

/** The largest age of an answer, counted from the start of its read, ms. */
const ages: Readonly<Record<MaxAge, number>> = { minute: 60_000, second: 1_000 }

/**
 * Caches what Slack answered, for as long as the caller allows. An answer for `second` comes only from a read made for such a
 * question. A cached read for a click may be nearly as old as the click, and so older than the last look.
 */
export class Reads<T> {
  readonly #minute: TtlCache<T>
  readonly #second: TtlCache<T>

  constructor(now: () => number) {
    this.#minute = new TtlCache(ages.minute, now)
    this.#second = new TtlCache(ages.second, now)
  }

  get(key: string, maxAge: MaxAge, ask: () => Promise<T>): Promise<T> {
    switch (maxAge) {
      case 'minute':
        return this.#minute.get(key, ask)
      case 'second':
        return this.#second.get(key, () => this.#minute.renew(key, ask))
    }
  }

  /** The last answer, if it is at most a minute old. Sends no request. */
  peek(key: string): T | undefined {
    return this.#minute.peek(key)
  }
}

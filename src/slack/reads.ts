import type { MaxAge } from '../ports/ports.ts'
import { TtlCache } from './ttl-cache.ts'

/** How old an answer may be, by its read's beginning, ms. */
const ages: Readonly<Record<MaxAge, number>> = { minute: 60_000, second: 1_000 }

/**
 * What Slack said, kept for as long as whoever asks allows. What may be a second old rests on reads that were made for such
 * a question alone: what was read for a click is never older than the click for long, but it is older than the last look.
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
}

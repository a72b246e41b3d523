import type { Clock } from '../ports/clock.ts'
import type { Time } from '../release/names.ts'
import { SetBack } from '../runtime/set-back.ts'
import type { Store } from '../store/store.ts'

/** Bookmark of the time that our clock showed last. */
const seenAt = 'clock'

/** How old the stored time may become, ms. It is not stored more often, because each time is a write. */
const writeEveryMs = 60_000

/**
 * Notices that our clock was set back, even while twokey was down, by storing the time now and then. A clock that was
 * set back by less than the downtime looks like one that continued.
 */
export class ClockWatch {
  readonly #store: Store
  readonly #clock: Clock
  readonly #startedAt: Time
  #setBack: SetBack | null = null
  #writtenAt: Time = 0
  #unreportedMs = 0

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#startedAt = clock()
  }

  /** By how many ms the clock was set back since the last call of `reported`; 0: it was not. */
  async unreportedMs(): Promise<number> {
    this.#setBack ??= await this.#sinceLastStart()
    this.#unreportedMs += this.#setBack.noticed()
    if (this.#unreportedMs === 0 && this.#clock() - this.#writtenAt >= writeEveryMs) await this.#write()
    return this.#unreportedMs
  }

  /** Ends a report: neither this process nor the next one notices the same change again. */
  async reported(): Promise<void> {
    await this.#write()
    this.#unreportedMs = 0
  }

  async #sinceLastStart(): Promise<SetBack> {
    const last = await this.#store.bookmark(seenAt)
    return new SetBack(
      this.#clock,
      typeof last === 'number' ? Math.max(last, this.#startedAt) : this.#startedAt,
    )
  }

  async #write(): Promise<void> {
    const now = this.#clock()
    await this.#store.transact((tx) => tx.setBookmark(seenAt, now))
    this.#writtenAt = now
  }
}

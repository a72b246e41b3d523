import type { Clock } from '../ports/clock.ts'
import type { Time } from '../release/names.ts'
import { SetBack } from '../runtime/set-back.ts'
import type { Store } from '../store/store.ts'

/** Names the time that our clock showed last. */
const seenAt = 'clock'

/** How old that may become, ms: each new one is a write. */
const writtenEveryMs = 60_000

/**
 * Notices that our clock was set back, also while twokey was down: the time that it shows is written down now and then. One that was set
 * back by less than twokey was down for looks like one that went on.
 */
export class ClockWatch {
  readonly #store: Store
  readonly #clock: Clock
  readonly #startedAt: Time
  #setBack: SetBack | null = null
  #writtenAt: Time = 0
  #untoldMs = 0

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#startedAt = clock()
  }

  /** By how much it was set back that `told` was not called for yet, ms; 0: it was not. */
  async untoldMs(): Promise<number> {
    this.#setBack ??= await this.#sinceLastStart()
    this.#untoldMs += this.#setBack.noticed()
    if (this.#untoldMs === 0 && this.#clock() - this.#writtenAt >= writtenEveryMs) await this.#write()
    return this.#untoldMs
  }

  /** All that had to know of it do: it is noticed no more, nor by the next process. */
  async told(): Promise<void> {
    await this.#write()
    this.#untoldMs = 0
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

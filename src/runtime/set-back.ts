import type { Clock } from '../ports/clock.ts'

/** A smaller change is a usual correction of the clock, ms. */
const correctedMs = 1_000

/** Notices that a clock was set back, because timers by the earlier time would wait too long. */
export class SetBack {
  readonly #clock: Clock
  #lastAt: number

  /** @param lastAt what the clock showed before; default: now */
  constructor(clock: Clock, lastAt = clock()) {
    this.#clock = clock
    this.#lastAt = lastAt
  }

  /** By how many ms the clock was set back since the last call; 0: it was not. */
  noticed(): number {
    const now = this.#clock()
    const backMs = this.#lastAt - now
    this.#lastAt = now
    return backMs < correctedMs ? 0 : backMs
  }
}

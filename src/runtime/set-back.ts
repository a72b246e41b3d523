import type { Clock } from '../ports/clock.ts'

/** A clock that is set back by less is corrected, ms. */
const correctedMs = 1_000

/** Notices that a clock was set back: what waits by the time as it was would wait too long. */
export class SetBack {
  readonly #clock: Clock
  #lastAt: number

  /** @param lastAt what it showed before; now unless said */
  constructor(clock: Clock, lastAt = clock()) {
    this.#clock = clock
    this.#lastAt = lastAt
  }

  /** By how much it was since this was asked last, ms; 0: it was not. */
  noticed(): number {
    const now = this.#clock()
    const backMs = this.#lastAt - now
    this.#lastAt = now
    return backMs < correctedMs ? 0 : backMs
  }
}

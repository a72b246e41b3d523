import type { Clock } from '../ports/clock.ts'

/** The clock of a service outside, by the `Date` header of its answers. The host's may be minutes off, and is set now and then. */
export class RemoteClock {
  #aheadMs = 0
  readonly #ours: Clock

  constructor(ours: Clock = Date.now) {
    this.#ours = ours
  }

  /** @param date of an answer that came right now; without a readable one nothing is known */
  hear(date: string | null | undefined): void {
    const said = Date.parse(date ?? '')
    if (!Number.isNaN(said)) this.#aheadMs = said - this.#ours()
  }

  /** The time by that clock, a second late at most where answers are quick; ours until there was an answer. */
  now(): number {
    return this.#ours() + this.#aheadMs
  }
}

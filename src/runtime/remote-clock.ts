import type { Clock } from '../ports/clock.ts'

/**
 * The clock of an outside service, by the `Date` header of its answers. The host's clock may be minutes off, and is
 * set now and then.
 */
export class RemoteClock {
  #aheadMs = 0
  readonly #ours: Clock

  constructor(ours: Clock = Date.now) {
    this.#ours = ours
  }

  /** @param date of an answer that just arrived; an unreadable one is ignored */
  hear(date: string | null | undefined): void {
    const said = Date.parse(date ?? '')
    if (!Number.isNaN(said)) this.#aheadMs = said - this.#ours()
  }

  /** The time by that clock, a second late at most if answers are quick; our time until there was an answer. */
  now(): number {
    return this.#ours() + this.#aheadMs
  }
}

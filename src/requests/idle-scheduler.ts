/**
 * How long after the last request twokey counts as idle, ms: longer than from an acknowledgement to the next command
 * of a busy period.
 */
export const quietMs = 20

/** The pause between two pieces of work while idle, ms. */
export const moreMs = 5

/** The longest time for which work waits for an idle moment, ms. Slack lets a form be opened for three seconds. */
const longestMs = 1_000

/** The pause between two pieces of work after too long a wait for an idle moment, ms. */
const rushMs = 50

/**
 * Runs work between requests of people. Requests are stored and acknowledged first, within Slack's three seconds;
 * while many come in a row, work is delayed.
 */
export class IdleScheduler {
  #last = Number.NEGATIVE_INFINITY
  #overdueAt = Number.POSITIVE_INFINITY

  /** Called when a request was received. */
  onRequest(): void {
    this.#last = performance.now()
  }

  /** How long due work has to wait, ms; 0: not at all. */
  waitMs(): number {
    const now = performance.now()
    const quietAt = this.#last + quietMs
    if (quietAt <= now) {
      this.#overdueAt = Number.POSITIVE_INFINITY
      return 0
    }
    if (this.#overdueAt <= now) {
      this.#overdueAt = now + rushMs
      return 0
    }
    this.#overdueAt = Math.min(this.#overdueAt, now + longestMs)
    return Math.min(quietAt, this.#overdueAt) - now
  }
}

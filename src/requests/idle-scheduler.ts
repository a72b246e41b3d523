/**
 * How long after the last of several requests twokey counts as idle, ms: longer than from an acknowledgement to the next command
 * of a busy period.
 */
const quietMs = 20

/** After this long without a request, work on the next one begins at once, ms. */
const calmMs = 1_000

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
  #quietAt = Number.NEGATIVE_INFINITY
  #overdueAt = Number.POSITIVE_INFINITY

  /** Called when a request was received. */
  onRequest(): void {
    const now = performance.now()
    this.#quietAt = now - this.#last >= calmMs ? now : now + quietMs
    this.#last = now
  }

  /** How long due work has to wait, ms; 0: not at all. */
  waitMs(): number {
    const now = performance.now()
    if (this.#quietAt <= now) {
      this.#overdueAt = Number.POSITIVE_INFINITY
      return 0
    }
    if (this.#overdueAt <= now) {
      this.#overdueAt = now + rushMs
      return 0
    }
    this.#overdueAt = Math.min(this.#overdueAt, now + longestMs)
    return Math.min(this.#quietAt, this.#overdueAt) - now
  }
}

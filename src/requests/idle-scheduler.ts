/** So long after a request it counts as quiet, ms: longer than from an acknowledgement to the next command of a rush. */
export const quietMs = 20

/** Between one turn of work and the next in a quiet moment, ms. */
export const moreMs = 5

/** So long work waits for a quiet moment, ms: Slack lets a form be opened for three seconds. */
const longestMs = 1_000

/** Between one turn of work and the next where it waited too long for a quiet moment, ms. */
const rushMs = 50

/**
 * Gives work its turns between people's requests. Those are written down and acknowledged first, within Slack's three
 * seconds: while they come in one upon the other, work is put off.
 */
export class IdleScheduler {
  #last = Number.NEGATIVE_INFINITY
  #overdueAt = Number.POSITIVE_INFINITY

  /** A request came in. */
  came(): void {
    this.#last = performance.now()
  }

  /** How long a turn that is due has to wait, ms; 0: it is taken now. */
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

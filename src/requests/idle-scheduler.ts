/** So long after a request it counts as quiet, ms: longer than from an acknowledgement to the next command of a rush. */
const quietMs = 20

/** So long work waits for a quiet moment, ms: Slack lets a form be opened for three seconds. */
const longestMs = 1_000

/** Between one turn of work and the next, ms: in a quiet moment, and where work waited too long for one. */
const paceMs = { idle: 5, rush: 50 } as const

/**
 * Gives work its turns between people's requests. Those are written down and acknowledged first, within Slack's three
 * seconds: while they come in one upon the other, work is put off.
 */
export class IdleScheduler {
  readonly #work: () => void
  #last = Number.NEGATIVE_INFINITY
  #overdueAt = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | null = null

  /** @param work what is done in one turn: a little */
  constructor(work: () => void) {
    this.#work = work
  }

  /** A request came in: there is work. */
  came(): void {
    this.#last = performance.now()
    if (!this.#timer) this.#lookIn(quietMs)
  }

  /** There is more work than was done in this turn. */
  more(): void {
    if (!this.#timer) this.#lookIn(paceMs.idle)
  }

  /** Forgets what waits. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(): void {
    const waitMs = this.#waitMs(performance.now())
    if (waitMs > 0) this.#lookIn(waitMs)
    else this.#work()
  }

  #lookIn(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#look()
    }, ms)
  }

  #waitMs(now: number): number {
    const quietAt = this.#last + quietMs
    if (quietAt <= now) {
      this.#overdueAt = Number.POSITIVE_INFINITY
      return 0
    }
    if (this.#overdueAt <= now) {
      this.#overdueAt = now + paceMs.rush
      return 0
    }
    this.#overdueAt = Math.min(this.#overdueAt, now + longestMs)
    return Math.min(quietAt, this.#overdueAt) - now
  }
}

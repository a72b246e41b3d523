/** So long without another request it counts as quiet, ms: longer than from an acknowledgement to the next command. */
const quietMs = 5

/** So long work waits for a lull, ms: Slack lets a form be opened for three seconds. */
const longestMs = 1_000

/** Where no lull comes, a little is worked on each time that so much has passed, ms. */
const trickleMs = 50

/** Whether people's requests come in one upon the other, or not. */
export type Pressure = 'lull' | 'rush'

/**
 * Puts work off in a rush: what people ask is written down and acknowledged first, within Slack's three seconds. A
 * request that comes alone is worked on at once.
 */
export class Lull {
  readonly #work: (pressure: Pressure) => void
  #last = Number.NEGATIVE_INFINITY
  #lastButOne = Number.NEGATIVE_INFINITY
  #overdueAt = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | null = null

  constructor(work: (pressure: Pressure) => void) {
    this.#work = work
  }

  /** A request came in. */
  came(): void {
    this.#lastButOne = this.#last
    this.#last = performance.now()
    this.soon()
  }

  /** Works at the next lull; now, if this is one. */
  soon(): void {
    if (this.#timer) return
    const now = performance.now()
    const quietAt = this.#lastButOne + quietMs
    if (quietAt <= now) {
      this.#overdueAt = Number.POSITIVE_INFINITY
      this.#work('lull')
      return
    }
    if (this.#overdueAt <= now) {
      this.#overdueAt = now + trickleMs
      this.#work('rush')
    }
    this.#overdueAt = Math.min(this.#overdueAt, now + longestMs)
    this.#timer = setTimeout(() => this.#again(), Math.min(quietAt, this.#overdueAt) - now)
  }

  /** Forgets what waits. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #again(): void {
    this.#timer = null
    this.soon()
  }
}

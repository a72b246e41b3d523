/** As long as a timer can run, ms: what is due later rings early, and is set anew. */
const longestMs = 2 ** 31 - 1

/** One timer that only ever rings sooner than it was set to, and for one round at a time: a ring during one follows it. */
export class Alarm {
  #timer: NodeJS.Timeout | null = null
  #due = Number.POSITIVE_INFINITY
  #isStopped = false
  #inHand: Promise<void> | null = null
  #isMissed = false
  readonly #ring: () => Promise<void>

  /** @param ring a round; it does not reject */
  constructor(ring: () => Promise<void>) {
    this.#ring = ring
  }

  /** Rings in `ms`, or sooner where it is set so already. */
  in(ms: number): void {
    const due = performance.now() + Math.max(0, ms)
    if (this.#isStopped || due >= this.#due) return
    this.#due = due
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#due = Number.POSITIVE_INFINITY
        this.#timer = null
        void this.#turn()
      },
      Math.min(Math.max(0, ms), longestMs),
    )
  }

  async #turn(): Promise<void> {
    if (this.#inHand) {
      this.#isMissed = true
      return
    }
    this.#inHand = this.#ring()
    await this.#inHand
    this.#inHand = null
    if (this.#isMissed) this.in(0)
    this.#isMissed = false
  }

  /** Rings no more; resolves once the round in hand is over, which may have begun something. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#inHand
  }
}

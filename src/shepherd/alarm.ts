/** As long as a timer can run, ms: what is due later rings early, and is set anew. */
const longestMs = 2 ** 31 - 1

/** One timer that only ever rings sooner than it was set to. */
export class Alarm {
  #timer: NodeJS.Timeout | null = null
  #due = Number.POSITIVE_INFINITY
  #isStopped = false
  readonly #ring: () => void

  constructor(ring: () => void) {
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
        this.#ring()
      },
      Math.min(Math.max(0, ms), longestMs),
    )
  }

  stop(): void {
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
  }
}

import type { Logger } from 'pino'

export type LoopDeps = {
  /** One round. Gives how long to sleep before the next unless woken sooner, ms; `Infinity`: until woken. */
  readonly round: () => Promise<number>
  /** Where a round throws: what the log says, and how long the loop sleeps then, ms. */
  readonly onError: { readonly message: string; readonly backOffMs: number }
  /** How long a round that is due has to wait for something else, ms; 0: not at all. */
  readonly pace?: () => number
  readonly log: Pick<Logger, 'error'>
}

/** As long as a timer can run, ms: what is due later comes early, and sleeps again. */
const longestMs = 2 ** 31 - 1

/**
 * Runs rounds, one at a time. Between two it sleeps for as long as the last one said, and only ever wakes sooner; a wake during a
 * round is followed by another round. It begins with the first wake.
 */
export class Loop {
  readonly #deps: LoopDeps
  #timer: NodeJS.Timeout | null = null
  #due = Number.POSITIVE_INFINITY
  #inHand: Promise<void> | null = null
  #isMissed = false
  #isStopped = false

  constructor(deps: LoopDeps) {
    this.#deps = deps
  }

  /** Whether no further round begins; the one in hand may begin nothing more. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** The next round is due now. */
  wake(): void {
    this.wakeIn(0)
  }

  /** The next round is due in `ms`, or sooner where it is already. */
  wakeIn(ms: number): void {
    const due = performance.now() + Math.max(0, ms)
    if (this.#isStopped || due >= this.#due) return
    this.#due = due
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#due = Number.POSITIVE_INFINITY
        this.#timer = null
        void this.#begin()
      },
      Math.min(Math.max(0, ms), longestMs),
    )
  }

  async #begin(): Promise<void> {
    if (this.#inHand) {
      this.#isMissed = true
      return
    }
    const waitMs = this.#deps.pace?.() ?? 0
    if (waitMs > 0) {
      this.wakeIn(waitMs)
      return
    }
    this.#inHand = this.#round()
    await this.#inHand
    this.#inHand = null
    if (this.#isMissed) this.wake()
    this.#isMissed = false
  }

  async #round(): Promise<void> {
    const { round, onError, log } = this.#deps
    try {
      this.wakeIn(await round())
    } catch (error) {
      log.error({ err: error }, onError.message)
      this.wakeIn(onError.backOffMs)
    }
  }

  /** Begins no further round; resolves once the one in hand is over. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#inHand
  }
}

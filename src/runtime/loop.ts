import type { Logger } from 'pino'

export type LoopDeps = {
  /** One round. Returns how long to sleep before the next one unless woken sooner, ms; `Infinity`: until woken. */
  readonly round: () => Promise<number>
  /** For a round that throws: the log message, and how long the loop sleeps then, ms. */
  readonly onError: { readonly message: string; readonly backOffMs: number }
  /** How long a due round has to wait for something else, ms; 0: not at all. */
  readonly pace?: () => number
  readonly log: Pick<Logger, 'error'>
}

/** The longest time that a timer can run, ms. The loop wakes early for anything later, and sleeps again. */
const longestMs = 2 ** 31 - 1

/**
 * Runs rounds, one at a time. Between two it sleeps for as long as the last one returned, and only ever wakes sooner;
 * a wake during a round leads to another round. It begins with the first wake.
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

  /** Whether no further round begins. The round in progress may begin nothing more. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Makes the next round due now. */
  wake(): void {
    this.wakeIn(0)
  }

  /** Makes the next round due in `ms`, unless it is due sooner. */
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

  /** Begins no further round; resolves once the one in progress is over. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#inHand
  }
}

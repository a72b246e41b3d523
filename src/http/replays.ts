import { LRUCache } from 'lru-cache'
import type { SlackAnswer } from '../ports/slack-request.ts'

/** How many requests are remembered: more than Slack sends in the time in which one of them is valid. */
const mostRequests = 50_000

type Known = {
  readonly at: number
  /** Whether the request was answered with 200. */
  readonly isDone: Promise<boolean>
}

type Copy = {
  readonly signature: string
  /** Whether it claims to be a retry. */
  readonly isRetry: boolean
  /** Whether Slack may send the same twice within a second: for a menu that is opened again. */
  readonly mayRepeat: boolean
  /** ms. */
  readonly now: number
}

export type ReplaysOptions = {
  /** How long a signature is valid from its timestamp on, and before it, ms. */
  readonly windowMs: number
  /** How long Slack waits for an answer, ms. */
  readonly patienceMs: number
}

/**
 * Tells copies of a request from the first one, by its signature. This process alone remembers them: the inbox, which knows
 * the trigger of everything that was stored, makes sure that nothing is done twice after a restart or on another replica.
 */
export class Replays {
  readonly #patienceMs: number
  readonly #known: LRUCache<string, Known>

  constructor({ windowMs, patienceMs }: ReplaysOptions) {
    this.#patienceMs = patienceMs
    this.#known = new LRUCache({ max: mostRequests, ttl: 2 * windowMs })
  }

  /**
   * Handles a request unless it is a copy. `done`: Slack's own retry of what was already answered. `replay`: to be refused.
   * A request that failed is handled again, since the copy may be all that is left of it. Slack does not sign that it is a
   * retry, so a copy that claims to be one is never handled twice either.
   */
  async once(
    { signature, isRetry, mayRepeat, now }: Copy,
    handle: () => Promise<SlackAnswer>,
  ): Promise<SlackAnswer | 'done' | 'replay'> {
    for (;;) {
      const known = this.#known.get(signature)
      const isRepeated = known !== undefined && mayRepeat && now - known.at <= this.#patienceMs
      if (!known || isRepeated) {
        const answered = handle()
        const isDone = answered.then(
          ({ status }) => status === 200,
          () => false,
        )
        this.#known.set(signature, { at: known?.at ?? now, isDone })
        return answered
      }
      if (await known.isDone) return isRetry ? 'done' : 'replay'
      if (this.#known.get(signature) === known) this.#known.delete(signature)
    }
  }
}

import type { Time } from '../release/names.ts'
import type { SlackTrouble } from './trouble.ts'

/** After trouble, ms: doubled each time up to the longest. */
const backOff = {
  passing: { first: 2_000, longest: 60_000 },
  refused: { first: 60_000, longest: 300_000 },
  terminal: { first: 60_000, longest: 300_000 },
} as const

/**
 * How often a post is tried before it is stepped over. What Slack refuses of this one alone soon gives way; what may be
 * Slack's own trouble, or the channel's, is waited for, since the next one would fare no better.
 */
const mostTries = { refused: 3, passing: 30, terminal: 30 } as const

/** A try that failed; where Slack asked to be called less, the budget waits. */
export type Failure = Exclude<SlackTrouble, { readonly kind: 'limited' }>

/** What could not be sent, by the key of the queue that it holds up, and when it is tried again. */
export class OutboxRetries {
  readonly #failures = new Map<string, number>()
  readonly #notBefore = new Map<string, Time>()

  /** Nothing of this key is sent before; 0: it does not wait. */
  notBefore(key: string): Time {
    return this.#notBefore.get(key) ?? 0
  }

  hasFailed(key: string): boolean {
    return this.#failures.has(key)
  }

  /** Counts a failed try, and says when to try again. Null: this post was tried often enough. */
  failed(
    { key, what }: { readonly key: string; readonly what: 'card' | 'post' },
    { kind }: Failure,
    now: Time,
  ): { readonly count: number; readonly until: Time } | null {
    const count = (this.#failures.get(key) ?? 0) + 1
    if (what === 'post' && count >= mostTries[kind]) return null
    const { first, longest } = backOff[kind]
    const until = now + Math.min(longest, first * 2 ** (count - 1))
    this.#failures.set(key, count)
    this.#notBefore.set(key, until)
    return { count, until }
  }

  /** It was sent, or set aside: the next one begins anew. */
  done(key: string): void {
    this.#failures.delete(key)
    this.#notBefore.delete(key)
  }

  /** The clock was set back: what waits is tried now, and has failed as often as it had. */
  waitNoLonger(): void {
    this.#notBefore.clear()
  }
}

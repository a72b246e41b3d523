import type { Time } from '../release/names.ts'
import type { SlackTrouble } from './trouble.ts'

/** The pause after an error, ms. It doubles each time, up to the longest. */
const backOff = {
  passing: { first: 2_000, longest: 60_000 },
  refused: { first: 60_000, longest: 300_000 },
  terminal: { first: 60_000, longest: 300_000 },
} as const

/**
 * How often a post is tried before it is skipped. A refusal of this post alone is soon skipped. An error of Slack itself or of
 * the channel is waited for, because the next post would fail as well.
 */
const mostTries = { refused: 3, passing: 30, terminal: 30 } as const

/** A failed attempt. If Slack answered 429, the budget waits. */
export type Failure = Exclude<SlackTrouble, { readonly kind: 'limited' }>

/** Failed messages by the key of the queue that they block, and when each is tried again. */
export class OutboxRetries {
  readonly #failures = new Map<string, number>()
  readonly #notBefore = new Map<string, Time>()

  /** The earliest time to send anything of this key; 0: now. */
  notBefore(key: string): Time {
    return this.#notBefore.get(key) ?? 0
  }

  hasFailed(key: string): boolean {
    return this.#failures.has(key)
  }

  /** Counts a failed attempt, and returns when to try again. Null: the post was tried often enough. */
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

  /** The message was sent, or set aside; the next one starts with no failures. */
  done(key: string): void {
    this.#failures.delete(key)
    this.#notBefore.delete(key)
  }

  /** After the clock was set back, everything that waits is tried now; the counts of failures stay. */
  waitNoLonger(): void {
    this.#notBefore.clear()
  }
}

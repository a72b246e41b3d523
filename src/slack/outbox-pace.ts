import type { Time } from '../release/names.ts'
import { holdsLane, type Release } from '../release/release.ts'
import type { DueCard, DuePost } from '../store/store.ts'
import { Budget } from './budget.ts'
import { showsUpdates } from './cards/card.ts'
import { type CardResult, urgencyKey } from './send-card.ts'

/** While a card only makes progress, it is edited at most this often, ms. */
const progressMs = 2_000

/**
 * A card that says when it was updated is edited at least this often, ms, so that people can tell a slow release from a bot
 * that is down: 100 such cards take 20 of the 50 edits a minute that Slack allows. These edits have the lowest priority.
 */
export const refreshMs = 5 * 60_000

/** How long progress is not shown if Slack refuses to edit a card that was already posted again, ms. */
const leftMs = 600_000

/** Whether people wait for what is new on a card, or it only makes progress. */
export type Urgency = 'now' | 'progress'

/** Decides when cards and posts may be sent, by what was sent last and by Slack's rate limits. */
export class OutboxPace {
  readonly budget = new Budget()
  readonly #lastSent = new Map<string, { readonly at: Time; readonly key: string }>()
  readonly #leftUntil = new Map<string, Time>()

  urgencyOf({ release }: DueCard): Urgency {
    return this.#lastSent.get(release.id)?.key === urgencyKey(release) ? 'progress' : 'now'
  }

  /** Whether the card says when it was updated, and that is long ago, or not known since the start. */
  isStale({ release }: DueCard, now: Time): boolean {
    return showsUpdates(release) && now - (this.#lastSent.get(release.id)?.at ?? 0) >= refreshMs
  }

  /** Null if the card may be sent now (then it is counted); else when to call this again. */
  cardAt(
    { release, ts, channel }: DueCard,
    { urgency, notBefore }: { readonly urgency: Urgency; readonly notBefore: Time },
    now: Time,
  ): Time | null {
    const progressAt = Math.max(
      (this.#lastSent.get(release.id)?.at ?? 0) + progressMs,
      this.#leftUntil.get(release.id) ?? 0,
    )
    const at = urgency === 'now' ? notBefore : Math.max(notBefore, progressAt)
    if (at > now) return at
    return this.budget.spend(ts === null ? { spend: 'post', channel } : { spend: 'edit', urgency }, now)
  }

  /** The same for a post. Answers to one person do not count. */
  postAt({ what }: DuePost, notBefore: Time, now: Time): Time | null {
    if (notBefore > now) return notBefore
    switch (what.kind) {
      case 'reply':
        return null
      case 'notice':
        return this.budget.spend({ spend: 'post', channel: what.channel }, now)
      case 'direct':
        return what.message.direct === 'approvers'
          ? null
          : this.budget.spend({ spend: 'post', channel: what.message.to }, now)
      case 'story':
        return this.budget.spend({ spend: 'post', channel: what.thread.channel }, now)
    }
  }

  /** Records the result for a card. */
  brought(release: Release, sent: CardResult, now: Time): void {
    const isOver = !holdsLane(release)
    if (sent === 'left' && !isOver) this.#leftUntil.set(release.id, now + leftMs)
    else this.#leftUntil.delete(release.id)
    if (isOver) this.#lastSent.delete(release.id)
    else if (sent === 'shown') this.#lastSent.set(release.id, { at: now, key: urgencyKey(release) })
  }

  /** Clears all times after the clock was set back. */
  waitNoLonger(): void {
    this.#lastSent.clear()
    this.#leftUntil.clear()
    this.budget.reset()
  }
}

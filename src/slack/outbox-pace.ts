import type { Time } from '../release/names.ts'
import { holdsLane, type Release } from '../release/release.ts'
import type { DueCard, DuePost } from '../store/store.ts'
import { Budget } from './budget.ts'
import { type Brought, urgencyKey } from './send-card.ts'

/** A card is edited at most this often while it only makes progress, ms. */
const progressMs = 2_000

/** How long progress is not shown where Slack refused to edit a card that was posted again before, ms. */
const leftMs = 600_000

/** Whether people wait for what is new on a card, or it only makes progress. */
export type Urgency = 'now' | 'progress'

/** When cards and posts may go: by what was sent of them last, and by what Slack takes of all. */
export class OutboxPace {
  readonly budget = new Budget()
  readonly #lastSent = new Map<string, { readonly at: Time; readonly key: string }>()
  readonly #leftUntil = new Map<string, Time>()

  urgencyOf({ release }: DueCard): Urgency {
    return this.#lastSent.get(release.id)?.key === urgencyKey(release) ? 'progress' : 'now'
  }

  /** Null where the card may go now, and counts it; else when to ask again. */
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

  /** As `cardAt`. Answers to one person count for nothing. */
  postAt({ what }: DuePost, notBefore: Time, now: Time): Time | null {
    if (notBefore > now) return notBefore
    switch (what.kind) {
      case 'reply':
        return null
      case 'notice':
        return this.budget.spend({ spend: 'post', channel: what.channel }, now)
      case 'story':
        return this.budget.spend({ spend: 'post', channel: what.thread.channel }, now)
    }
  }

  /** Takes note of what became of a card. */
  brought(release: Release, sent: Brought, now: Time): void {
    const isOver = !holdsLane(release)
    if (sent === 'left' && !isOver) this.#leftUntil.set(release.id, now + leftMs)
    else this.#leftUntil.delete(release.id)
    if (isOver) this.#lastSent.delete(release.id)
    else if (sent === 'shown') this.#lastSent.set(release.id, { at: now, key: urgencyKey(release) })
  }

  /** The clock was set back: nothing waits by the clock as it was. */
  waitNoLonger(): void {
    this.#lastSent.clear()
    this.#leftUntil.clear()
    this.budget.reset()
  }
}

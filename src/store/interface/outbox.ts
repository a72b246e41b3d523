import type { Origin } from '../../messages/intent.ts'
import type { CardPlace } from '../../messages/places.ts'
import type { Reply } from '../../messages/reply.ts'
import type { CardLoss, Told } from '../../release/effects.ts'
import type { Time } from '../../release/names.ts'
import type { Announced } from '../../release/notice.ts'
import type { Release } from '../../release/release.ts'

/** A card that differs from what Slack shows. */
export type DueCard = {
  readonly release: Release
  /** The row version of `release`. */
  readonly version: number
  readonly channel: string
  /** Null: not posted yet, or to be posted again. */
  readonly ts: string | null
  /**
   * `ts` of the card that this one replaces, or replaced, in its channel. A search for this card must not find that
   * one.
   */
  readonly replaces: string | null
  /** Set if a post was begun and its answer never stored: search it before posting. */
  readonly sendingSince: Time | null
  /** Hash of what Slack shows. */
  readonly shown: string | null
}

/** A posted card that is to be replaced. */
export type LostCard = { readonly ts: string; readonly why: Exclude<CardLoss, 'moved'> }

/** A thread post, a notice or an answer that waits to be sent. */
export type DuePost = {
  readonly id: number
  readonly at: Time
  readonly attempts: number
  readonly sendingSince: Time | null
  readonly what:
    | {
        readonly kind: 'story'
        readonly release: Release
        readonly told: Told
        readonly thread: CardPlace
      }
    | { readonly kind: 'notice'; readonly channel: string; readonly announced: Announced }
    | { readonly kind: 'reply'; readonly to: Origin; readonly reply: Reply }
}

/** Messages that are to be sent to Slack. All times are ms since the epoch. */
export interface Outbox {
  /**
   * Cards that are due since their release changed: first those of ended releases, then those not posted yet, then
   * the oldest change.
   */
  dueCards(now: Time, limit: number): Promise<readonly DueCard[]>
  /**
   * Posts due now: replies, then notices, then stories; at most `limit` of each, in order of writing, but that the first of each
   * channel or release come before the second of any. Stories whose card is not posted yet are not due.
   */
  duePosts(now: Time, limit: number): Promise<readonly DuePost[]>
  /** When the next one is due, in the past for now; null: nothing waits. */
  nextDue(): Promise<Time | null>
  /** Whatever is due later is due now: the clock was set back. */
  wake(now: Time): Promise<void>
  /** Marks that a post begins. The first mark stays until `cardSent`, also through `cardLater`. */
  cardSending(releaseId: string, at: Time): Promise<void>
  /** What changed since `version` is due again. */
  cardSent(
    releaseId: string,
    sent: { readonly ts: string; readonly version: number; readonly shown: string },
  ): Promise<void>
  /**
   * The card cannot be edited, or is gone: it is due to be posted again, and its thread waits for that. Tells so in the new thread,
   * and in the old one where that is still there. Does nothing where another card is known by now.
   */
  cardLost(releaseId: string, lost: LostCard, at: Time): Promise<void>
  /** Not before `at` again. */
  cardLater(releaseId: string, at: Time): Promise<void>
  /** One attempt more. The first mark stays until the end, also through `postLater`. */
  postSending(id: number, at: Time): Promise<void>
  /** @param ts null for an answer that has none */
  postSent(id: number, ts: string | null): Promise<void>
  postLater(id: number, at: Time): Promise<void>
  /** Given up: kept with its reason. */
  postDropped(id: number, reason: string): Promise<void>
}

/** What a transaction leaves to be sent to Slack. */
export interface OutboxInTransaction {
  /** Stories to be told; one whose key was told of this release already is left out. */
  tell(releaseId: string, told: readonly Told[], at: Time): Promise<void>
  /** Something to be posted in a channel that is of no release. */
  announce(channel: string, announced: Announced, at: Time): Promise<void>
  /** An answer to one person alone. */
  reply(to: Origin, reply: Reply, at: Time): Promise<void>
  /** The card is due to be posted in this channel, and its thread waits for that. What it was before learns where it went. */
  moveCard(releaseId: string, channel: string, at: Time): Promise<void>
  /** Notices that wait for another channel than these are due in this one. */
  moveNotices(channels: { readonly known: readonly string[]; readonly to: string }): Promise<void>
}

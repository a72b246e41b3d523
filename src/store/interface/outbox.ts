import type { Direct } from '../../messages/direct.ts'
import type { Origin } from '../../messages/intent.ts'
import type { CardPlace } from '../../messages/places.ts'
import type { Reply } from '../../messages/reply.ts'
import type { CardLoss, ReleasePost } from '../../release/effects.ts'
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

/** A thread post, a notice, a direct message or an answer that waits to be sent. */
export type DuePost = {
  readonly id: number
  readonly at: Time
  readonly attempts: number
  readonly sendingSince: Time | null
  readonly what:
    | {
        readonly kind: 'story'
        readonly release: Release
        readonly post: ReleasePost
        readonly thread: CardPlace
      }
    /** `thread`: where the card is. */
    | {
        readonly kind: 'direct'
        readonly release: Release
        readonly message: Direct
        readonly thread: CardPlace
      }
    | { readonly kind: 'notice'; readonly channel: string; readonly announced: Announced }
    | { readonly kind: 'reply'; readonly to: Origin; readonly reply: Reply }
}

/** Messages that are to be sent to Slack. All times are ms since the epoch. */
export interface Outbox {
  /**
   * Cards that are due because their release changed: first those of ended releases, then those not posted yet, then
   * the oldest change.
   */
  dueCards(now: Time, limit: number): Promise<readonly DueCard[]>
  /**
   * Posts that are due: answers, then notices, then thread posts and direct messages; at most `limit` of each, in order
   * of writing, except that the first of each channel or release comes before the second of any. A post of a release
   * whose card is not posted yet is not due.
   */
  duePosts(now: Time, limit: number): Promise<readonly DuePost[]>
  /** When the next message is due, in the past if it is due now; null: nothing waits. */
  nextDue(): Promise<Time | null>
  /** Makes every waiting message due now, after the clock was set back. */
  wake(now: Time): Promise<void>
  /** Marks that the post of a card begins. The first mark stays until `cardSent`, also through `cardLater`. */
  cardSending(releaseId: string, at: Time): Promise<void>
  /** Marks a card as sent. Changes since `version` are due again. */
  cardSent(
    releaseId: string,
    sent: { readonly ts: string; readonly version: number; readonly shown: string },
  ): Promise<void>
  /**
   * Marks a card as lost, because it cannot be edited or was deleted: it is posted again, and its thread waits for
   * that. A post in the new thread says so, and one in the old thread if that still exists. Does nothing if another
   * card is known by now.
   */
  cardLost(releaseId: string, lost: LostCard, at: Time): Promise<void>
  /** Makes the cards of all releases in progress that were sent due again, though they did not change. */
  cardsAgain(): Promise<void>
  /** Makes the card due at `at`, not earlier. */
  cardLater(releaseId: string, at: Time): Promise<void>
  /** Marks another attempt of a post. The first mark stays until the end, also through `postLater`. */
  postSending(id: number, at: Time): Promise<void>
  /** Takes the mark of an attempt back: it is certain that Slack did not carry it out. */
  postNotSent(id: number): Promise<void>
  /** @param ts null for an answer that has none */
  postSent(id: number, ts: string | null): Promise<void>
  postLater(id: number, at: Time): Promise<void>
  /** Gives up a post, and keeps it with the reason. */
  postDropped(id: number, reason: string): Promise<void>
}

/** Messages that a transaction adds. */
export interface OutboxInTransaction {
  /** Adds thread posts. A post whose key exists for this release is left out. */
  addPosts(releaseId: string, posts: readonly ReleasePost[], at: Time): Promise<void>
  /** Adds a notice for a channel, which belongs to no release. */
  announce(channel: string, announced: Announced, at: Time): Promise<void>
  /** Adds an answer that only one person sees. */
  reply(to: Origin, reply: Reply, at: Time): Promise<void>
  /**
   * Moves the card to this channel, where it is posted; its thread waits for that. The earlier card says where the
   * new one is.
   */
  moveCard(releaseId: string, channel: string, at: Time): Promise<void>
  /** Moves waiting notices of channels that are not `known` to this one. */
  moveNotices(channels: { readonly known: readonly string[]; readonly to: string }): Promise<void>
}

import type { InboxItem, Origin } from '../messages/intent.ts'
import type { CardPlace, HistoryCursor } from '../messages/places.ts'
import type { Reply } from '../messages/reply.ts'
import { Trouble } from '../ports/ports.ts'
import type { AuditEntry, AuditHead, CardLoss, Told } from '../release/effects.ts'
import type { Lock } from '../release/lock.ts'
import type { Place, Target, Time } from '../release/names.ts'
import type { Announced } from '../release/notice.ts'
import type { Release } from '../release/release.ts'
import type { LanePlace } from '../release/request.ts'
import type { UnreleasedRollout } from '../release/unreleased.ts'

/** The right to drive a release for a while. `epoch` fences whoever held it before. */
export type Lease = {
  readonly releaseId: string
  readonly owner: string
  readonly epoch: number
  readonly until: Time
}

/** Said by a fenced write whose lease was taken by another owner. */
export class Fenced extends Error {
  constructor(releaseId: string) {
    super(`the lease of release ${releaseId} is held by another owner`)
    this.name = 'Fenced'
  }
}

/**
 * Thrown in place of something stored that cannot be read: a newer twokey wrote it, or it is damaged. Nothing may be
 * decided without it, so it is never taken for something that is not there.
 */
export class Unreadable extends Trouble {
  constructor(what: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super('terminal', `${what} cannot be read from the store: ${why.replace(/\.$/, '')}`, { cause })
    this.name = 'Unreadable'
  }
}

/** Something that could not be read or drawn, and is left out for a while so that everything else goes on. */
export type SetAside = {
  readonly what: 'release' | 'card' | 'post' | 'request'
  /** Of the release, for its card too; of the post; of the request in the inbox. */
  readonly id: string
  readonly error: unknown
}

/** Told of each thing that is set aside, also of the same one again. */
export type OnSetAside = (aside: SetAside) => void

/** What was set aside is tried again after this time, ms: a newer twokey may be back, or the row mended. */
export const asideMs = 600_000

/** What is done within one transaction. No network call belongs inside. */
export interface Transaction {
  /** Throws `Unreadable`, as all do that read releases here. */
  release(id: string): Promise<Release | null>
  /** Whether there is such a release, readable or not. */
  hasRelease(id: string): Promise<boolean>
  /** The posted card of a release; null: not posted yet. */
  card(releaseId: string): Promise<CardPlace | null>
  /** The last release that followed this run; null: none did. */
  releaseOfRun(runId: number): Promise<Release | null>
  /** As `release`, and the row is this transaction's until its end; with a lease, only while that holds, else throws `Fenced`. */
  releaseForUpdate(id: string, lease?: Lease): Promise<Release | null>
  /**
   * Releases that hold one of these targets, in either place or as the replaced one of another. Rows are locked. Throws `Unreadable` where one of them
   * cannot be read: it still holds its lane.
   */
  holders(targets: readonly Target[], except?: string): Promise<readonly Release[]>
  /** When the first release after this one was sent to one of its targets, by AWS's clock; null: none was. Reads no release. */
  nextSent(release: Release): Promise<Time | null>
  /** A new release with its lanes, its card to be posted, awake at once. Throws where a lane's place is taken. */
  create(release: Release, place: LanePlace): Promise<void>
  /**
   * Writes the release as it is now: row, card to be edited where anything changed, lanes freed where it holds none
   * (whoever waits for their place is woken).
   * @param wakeAt when to look next; like `wake` it only ever lowers what stands there since the claim.
   * null: lowers nothing, so not before something happens unless that has woken it already.
   */
  save(release: Release, wakeAt: Time | null): Promise<void>
  /** Moves this release from `next` to `current`. Whoever was there holds the lane beside it, until `save` frees it. */
  takeLanes(releaseId: string): Promise<void>
  /** Wakes a release: only ever lowers its wake time. */
  wake(releaseId: string, at: Time): Promise<void>
  /** Wakes all that have not ended, and what is to be looked at after its end; those of one environment alone unless it is null. */
  wakeInFlight(at: Time, environment: string | null): Promise<void>
  /**
   * Adds rows to a chain: a release's id, or what `environmentChain` names. Gives where the chain ends then.
   */
  audit(chain: string, entries: readonly AuditEntry[], at: Time): Promise<AuditHead>
  /** The locks of an environment and of services in it, those whose time is over included. Rows are locked. */
  locks(environment: string): Promise<readonly Lock[]>
  /** Replaces the lock that is there. @param dueAt when to look at it next */
  setLock(lock: Lock, dueAt: Time): Promise<void>
  /** The card is due to be posted in this channel, and its thread waits for that. What it was before learns where it went. */
  moveCard(releaseId: string, channel: string, at: Time): Promise<void>
  /** Notices that wait for another channel than these are due in this one. */
  moveNotices(channels: { readonly known: readonly string[]; readonly to: string }): Promise<void>
  /** What was written under this name; null: nothing yet. */
  bookmark(name: string): Promise<unknown>
  setBookmark(name: string, body: unknown): Promise<void>
  /** Those to be looked at by now, as `setLock` said. Rows are locked. */
  dueLocks(now: Time): Promise<readonly Lock[]>
  /** Whether there was one. */
  liftLock(lock: Pick<Lock, 'environment' | 'service'>): Promise<boolean>
  /** Stories to be told; one whose key was told of this release already is left out. */
  tell(releaseId: string, told: readonly Told[], at: Time): Promise<void>
  /** Something to be posted in a channel that is of no release. */
  announce(channel: string, announced: Announced, at: Time): Promise<void>
  /** An answer to one person alone. */
  reply(to: Origin, reply: Reply, at: Time): Promise<void>
  /** Items received and not done, the oldest first. Throws `Unreadable`: one may stop a release. */
  pendingItems(): Promise<readonly InboxItem[]>
  /** Whether the item was still undone; from now on it is done. */
  finish(inboxId: string, at: Time): Promise<boolean>
}

/** A card that differs from what Slack shows. */
export type DueCard = {
  readonly release: Release
  /** The release's row version that `release` is of. */
  readonly version: number
  readonly channel: string
  /** Null: not posted yet, or to be posted again. */
  readonly ts: string | null
  /** `ts` of the card that this one replaces, or replaced, in its channel: no look for this one may find it. */
  readonly replaces: string | null
  /** Set where a post was begun and its answer never written down: look for it before posting. */
  readonly sendingSince: Time | null
  /** Hash of what Slack shows. */
  readonly shown: string | null
}

/** A posted card that is to be replaced. */
export type LostCard = { readonly ts: string; readonly why: Exclude<CardLoss, 'moved'> }

/** A story, a notice or an answer that waits to be sent. */
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

/** Items in the order in which they were received. `last`: the place of the last; `isAll`: there were no more. */
export type UndonePage = {
  readonly items: readonly InboxItem[]
  readonly last: number
  readonly isAll: boolean
}

/** What is on its way to Slack. All times are ms since the epoch. */
export interface Outbox {
  /** Cards whose release changed since they were sent, due now: first those of releases that ended, then those not posted yet, then the oldest change. */
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

export type HistoryQuery = {
  readonly service?: string
  readonly environment?: string
  readonly requester?: string
  readonly ended?: boolean
  /** Only those before or after this one in the list. */
  readonly from?: HistoryCursor
  readonly limit: number
}

export type SentQuery = {
  readonly target: Target
  /** The last moment at which they were sent, by AWS's clock. */
  readonly until: Time
  readonly limit: number
}

/** Rollouts that no release made, as far as twokey saw them; of each service environment the newest hundred. */
export interface Unreleased {
  /** Whether it is written down. */
  has(target: Target, deploymentId: string): Promise<boolean>
  /** Each once: one that is written down stays as it was. */
  add(rollout: UnreleasedRollout): Promise<void>
  /** The newest first. Where a page ended is told by the time and the deployment of its last rollout, or of its last release. */
  list(query: Omit<HistoryQuery, 'requester' | 'ended'>): Promise<readonly UnreleasedRollout[]>
}

/**
 * Where everything is that must not be forgotten. Of several rows, one that cannot be read is set aside alone, and left
 * out of what is listed.
 */
export interface Store {
  /** Written and synced when it resolves. `seen`: the same id was received before. */
  receive(item: InboxItem): Promise<'new' | 'seen'>
  /** Items received and not done, the oldest first. One that cannot be read is given up. */
  pendingItems(): Promise<readonly InboxItem[]>
  /** As `undone`, of those that were received after a place in their order; `limit` rows at most. */
  pendingItemsAfter(place: number, limit: number): Promise<UndonePage>
  /** One transaction: all of it or nothing. Inside, ask `tx` alone: the store itself waits for its end. */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /**
   * Gives this region to each release, and each lane, that names none: it is the one that they meant. For the start, before anything
   * is driven.
   */
  locate(region: string): Promise<void>
  /** Takes the lease of the release that is due longest; null: none is due. Parks its wake time. */
  claim(ask: {
    readonly owner: string
    readonly now: Time
    readonly leaseMs: number
  }): Promise<{ readonly release: Release; readonly lease: Lease } | null>
  /** Longer, under the same epoch; throws `Fenced`. */
  renew(lease: Lease, until: Time): Promise<Lease>
  /** Gives the lease back; a wake that came meanwhile stands. Does nothing where it was taken. */
  releaseLease(lease: Lease): Promise<void>
  /** The earliest wake time or end of a lease; null: nothing to wake for. */
  nextWake(): Promise<Time | null>
  /** Throws `Unreadable`. */
  release(id: string): Promise<Release | null>
  /** The posted card of a release. */
  card(releaseId: string): Promise<CardPlace | null>
  /** Those of them that are posted. */
  cards(releaseIds: readonly string[]): Promise<readonly (CardPlace & { readonly releaseId: string })[]>
  /** Not ended, or holding a lane still; the oldest first. */
  inFlight(): Promise<readonly Release[]>
  /** How many `inFlight` are, those included that cannot be read. */
  countInFlight(): Promise<number>
  /** Ended, and to be driven again: what is watched for what may still come of it, and emergencies that nobody has acknowledged. The oldest first. */
  awaitingAcknowledgement(): Promise<readonly Release[]>
  /** The newest first. */
  history(query: HistoryQuery): Promise<readonly Release[]>
  /** Those that were sent to a target, whatever its service and environment were called then; the newest first. Throws `Unreadable`. */
  sentTo(query: SentQuery): Promise<readonly Release[]>
  /** Of each of these places and each outcome after which something of ours may serve, the last release that ended so; the newest first. */
  lastEnded(places: readonly Place[]): Promise<readonly Release[]>
  /** What was written under this name; null: nothing yet. */
  bookmark(name: string): Promise<unknown>
  /** The rows of a chain, the oldest first. */
  auditOf(chain: string): Promise<readonly AuditRow[]>
  /** Every lock that nobody lifted, those whose time is over included. */
  locks(): Promise<readonly Lock[]>
  /** When the next of them is to be looked at; null: there is none. */
  nextLockDue(): Promise<Time | null>
  readonly outbox: Outbox
  readonly unreleased: Unreleased
  /** Deletes what nobody reads any more by now: see `prune.ts`. */
  prune(now: Time): Promise<void>
  /** Throws where the store does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The audit chain of what happens in an environment and to no release: its locks, and requests that were refused. */
export function environmentChain(environment: string): string {
  return `${ofEnvironment}${environment}`
}

const ofEnvironment = 'environment:'

/** The environment whose chain this is; null: it is no environment's. */
export function environmentOf(chain: string): string | null {
  return chain.startsWith(ofEnvironment) ? chain.slice(ofEnvironment.length) : null
}

/** The audit chain of what names no release and no environment that there is. */
export const strayChain = 'strays'

export type AuditRow = AuditEntry & {
  readonly chain: string
  readonly seq: number
  readonly at: Time
  /** Hash of the row before; of the first, the empty string. */
  readonly prev: string
  /** SHA-256 over `prev` and the row, hex. */
  readonly hash: string
}

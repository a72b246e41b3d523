import type { CardPlace, HistoryCursor } from '../../messages/places.ts'
import type { PersonId, Place, Target, Time } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import type { LanePlace } from '../../release/request.ts'
import type { Lease } from './leases.ts'

export type HistoryQuery = {
  readonly service?: string
  readonly environment?: string
  /** Only releases that this person requested, or approved and did not withdraw. */
  readonly person?: {
    readonly id: PersonId
    readonly as: 'requester' | 'approver' | 'requester or approver'
  }
  /** Requested then or later. */
  readonly since?: Time
  /** Requested before then. */
  readonly until?: Time
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

/** What both the store and a transaction tell of one release. */
interface OneRelease {
  /** Throws `Unreadable`. */
  release(id: string): Promise<Release | null>
  /** The posted card of a release; null: not posted yet. */
  card(releaseId: string): Promise<CardPlace | null>
}

/** Releases, as they are outside a transaction. */
export interface Releases extends OneRelease {
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
  /**
   * Gives this region to each release, and each lane, that names none: it is the one that they meant. For the start, before anything
   * is driven.
   */
  locate(region: string): Promise<void>
}

/** Releases in a transaction. All that read some throw `Unreadable`. */
export interface ReleasesInTransaction extends OneRelease {
  /** Whether there is such a release, readable or not. */
  hasRelease(id: string): Promise<boolean>
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
}

import type { CardPlace, HistoryCursor } from '../../messages/places.ts'
import type { PersonId, ServiceEnvironmentName, Target, Time } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import type { LanePlace } from '../../release/request.ts'
import type { Lease } from './leases.ts'

export type HistoryQuery = {
  readonly service?: string
  readonly environment?: string
  /** Only releases that this person requested, or approved without a later withdrawal. */
  readonly person?: {
    readonly id: PersonId
    readonly as: 'requester' | 'approver' | 'requester or approver'
  }
  /** Requested then or later. */
  readonly since?: Time
  /** Requested before then. */
  readonly until?: Time
  readonly ended?: boolean
  /** Only entries before or after this one in the list. */
  readonly from?: HistoryCursor
  readonly limit: number
}

export type SentQuery = {
  readonly target: Target
  /** Only releases that were sent by then, by AWS's clock. */
  readonly until: Time
  readonly limit: number
}

/** Reads of one release, which both the store and a transaction have. */
interface OneRelease {
  /** Throws `Unreadable`. */
  release(id: string): Promise<Release | null>
  /** The posted card of a release; null: not posted yet. */
  card(releaseId: string): Promise<CardPlace | null>
}

/** Releases, read outside a transaction. */
export interface Releases extends OneRelease {
  /** The cards of these releases that are posted. */
  cards(releaseIds: readonly string[]): Promise<readonly (CardPlace & { readonly releaseId: string })[]>
  /** Releases that have not ended or still hold a lane, oldest first. */
  inFlight(): Promise<readonly Release[]>
  /** The number of `inFlight` releases, unreadable ones included. */
  countInFlight(): Promise<number>
  /**
   * Ended releases that are driven again, oldest first: those watched for late effects, and emergencies that nobody
   * has acknowledged.
   */
  awaitingAcknowledgement(): Promise<readonly Release[]>
  /** Newest first. */
  history(query: HistoryQuery): Promise<readonly Release[]>
  /**
   * Releases that were sent to a target, whatever its service and environment were called then, newest first. Throws
   * `Unreadable`.
   */
  sentTo(query: SentQuery): Promise<readonly Release[]>
  /**
   * For each service environment and each outcome after which a release's revision may run: the last release that
   * ended so, newest first.
   */
  lastEnded(places: readonly ServiceEnvironmentName[]): Promise<readonly Release[]>
  /**
   * Stores this region in releases and lanes that name none, which meant it. For the start, before anything is
   * driven.
   */
  locate(region: string): Promise<void>
  /**
   * Stores the roles that twokey.yml names now in the releases of those service environments, unless a release is of
   * another account. For the start, after `locate`.
   */
  adoptRoles(roles: readonly RoleOf[]): Promise<void>
}

/** The role of a service environment, and its region. */
export type RoleOf = ServiceEnvironmentName & { readonly region: string; readonly roleArn: string }

/** Releases in a transaction. Every read throws `Unreadable`. */
export interface ReleasesInTransaction extends OneRelease {
  /** Whether the release exists, readable or not. */
  hasRelease(id: string): Promise<boolean>
  /** All releases that follow an attempt of this run, wait at one of its gates, or want its failed jobs run again; newest first. */
  releasesOfRun(runId: number): Promise<readonly Release[]>
  /**
   * Like `release`, and locks the row until the end of the transaction; with a lease only while that is valid,
   * otherwise throws `Fenced`.
   */
  releaseForUpdate(id: string, lease?: Lease): Promise<Release | null>
  /**
   * Releases that hold one of these targets, as current or next one or as the replaced one of another. Locks the
   * rows. Throws `Unreadable` if one of them cannot be read, because it still holds its lane.
   */
  holders(targets: readonly Target[], except?: string): Promise<readonly Release[]>
  /** When the next release was sent to one of its targets, by AWS's clock; null: none was. Reads no release. */
  nextSent(release: Release): Promise<Time | null>
  /** Creates a release with its lanes and a card to be posted, due at once. Throws if a lane is taken. */
  create(release: Release, place: LanePlace): Promise<void>
  /**
   * Stores the release: its row, its card if anything changed, and its lanes, which are freed if it holds none;
   * releases that wait for them are woken.
   * @param wakeAt when to look next. Like `wake` it only lowers the wake time set since the claim. Null lowers
   * nothing, so the release is not due before an input unless something has woken it already.
   */
  save(release: Release, wakeAt: Time | null): Promise<void>
  /**
   * Takes lanes for a release, unless it holds them already. Throws if another release holds one.
   * @param beside ids of releases that hold them beside it from then on
   */
  holdLanes(release: Release, beside: readonly string[]): Promise<void>
  /** Moves this release from `next` to `current`. The earlier holder holds the lane beside it, until `save` frees it. */
  takeLanes(releaseId: string): Promise<void>
  /** Wakes a release; this only lowers its wake time. */
  wake(releaseId: string, at: Time): Promise<void>
  /**
   * Wakes all releases that have not ended, or are followed after their end; those of one environment if it is not
   * null.
   */
  wakeInFlight(at: Time, environment: string | null): Promise<void>
}

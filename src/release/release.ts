import type { CommitFrom } from './commit-source.ts'
import type { Facts } from './facts.ts'
import type { LookName } from './look.ts'
import type { AwsLocation, PersonId, Target, Time } from './names.ts'
import type { PauseRound } from './pause.ts'
import type { Approval, Policy } from './policy/approval.ts'
import type { ChecksRule } from './policy/checks-rule.ts'
import type { AppliedFreeze } from './policy/freeze.ts'
import type { Lock } from './policy/lock.ts'
import type { ReplacedRelease, Replacement } from './replacement.ts'
import type { Revision } from './revision.ts'
import type { TroubleKind } from './sighting.ts'
import type { Stage } from './stage.ts'
import type { Subject } from './subject.ts'
import type { Tracks } from './tracks.ts'

/** Since when a look has failed. `lost`: for so long that twokey no longer waits for it. */
export type Unavailability = {
  readonly since: Time
  readonly times: number
  readonly kind: TroubleKind
  readonly reason: string
  readonly lost: boolean
}

/** A click that did not count, and why. The card shows it until approvals are requested again. */
export type Discounted = { readonly by: PersonId; readonly why: string; readonly at: Time }

/** Requested under the emergency policy. `acknowledged`: by an approver of the usual policy, afterwards. */
export type Emergency = {
  /** A person's words, to be escaped where they are shown. */
  readonly why: string
  /** The usual policy of a deploy there, whose approvers acknowledge the emergency. */
  readonly usual: Policy
  readonly acknowledged: { readonly by: PersonId; readonly at: Time } | null
}

/** One attempt to bring a commit, or a revision, to an environment of a service. */
export type Release = {
  readonly id: string
  readonly service: string
  readonly environment: string
  readonly targets: readonly Target[]
  readonly subject: Subject
  /** Absent: an older twokey did not read them. */
  readonly facts?: Facts
  readonly requester: PersonId
  readonly requestedAt: Time
  /** The channel of the card. */
  readonly channel: string
  readonly policy: Policy
  /** Who approves that a paused rollout continues. Absent: as `policy`. */
  readonly pausePolicy?: Policy
  /** Wait after the last approval, ms. */
  readonly waitMs: number
  readonly deadlines: { readonly runMs: number; readonly rolloutMs: number }
  /** How long to look for something that should have appeared, ms. */
  readonly settleMs: number
  /** People and groups to mention besides the requester if the release ends badly. */
  readonly notify: readonly string[]
  /** Containers that name the commit. */
  readonly containers: readonly string[]
  /** Where they name it. Absent: in the usual fields. */
  readonly commitFrom?: CommitFrom
  readonly migration:
    | (AwsLocation & {
        readonly family: string
        readonly cluster: string
        readonly container?: string
      })
    | null
  /**
   * The revision that ran at the request, or after the replaced releases had ended; null if it could not be
   * determined.
   */
  readonly servingBefore: Revision | null
  /** Releases that this one replaces, while they hold its lanes. */
  readonly behind: readonly ReplacedRelease[]
  readonly approvals: readonly Approval[]
  /** When the last approval that the policy requires was counted; null while approvals are missing. */
  readonly approvedAt: Time | null
  /** In order of arrival, one per person and reason. */
  readonly discounted: readonly Discounted[]
  /**
   * People whose Reject or Cancel was refused in this round, because they may not stop the release. Their next one does
   * not delay the dispatch.
   */
  readonly mayNotStop: readonly PersonId[]
  readonly emergency: Emergency | null
  /** The freeze that applied before anything was sent. */
  readonly freeze: AppliedFreeze | null
  /** The rule for the commit's checks. Absent: none applies. */
  readonly checksRule?: ChecksRule
  /** The checks failed before anything was sent, and more approvals may be needed than `usual`. Absent: they did not. */
  readonly redCommit?: { readonly usual: number }
  /** The lock that a rollback passed, or that blocks a deploy, or ended it. */
  readonly lock: Lock | null
  /** Why the approvals were last voided; null: they never were. */
  readonly voided: string | null
  /**
   * How often approvals were requested again, those to continue a paused rollout included: a click on a card that
   * showed an earlier round does not count.
   */
  readonly round: number
  /** The pause at which rollouts wait. Absent: none waits. */
  readonly pause?: PauseRound
  readonly stage: Stage
  readonly tracks: Tracks
  /** When the dispatch or the update was marked as being sent. */
  readonly sentAt: Time | null
  /**
   * The same by AWS's clock, read with the services before the mark. Times of AWS and GitHub are compared only with
   * this one.
   */
  readonly sentAtAws: Time | null
  /** GitHub refused `return_run_details` and started nothing, so the next dispatch omits it. Absent: it did not. */
  readonly runDetails?: 'refused'
  readonly cancelAsked: { readonly by: PersonId; readonly at: Time } | null
  readonly supersededBy: Replacement | null
  /** When GitHub last accepted the cancellation of the run. A request without an answer may never have been sent. */
  readonly cancelSentAt: Time | null
  readonly blind: Partial<Record<LookName, Unavailability>>
  /** Keys of posts that were made and are not repeated. */
  readonly told: readonly string[]
}

/** Whether the release has ended, an `unknown` end included. */
export function isEnded(release: Release): boolean {
  return release.stage.at === 'ended'
}

/**
 * Whether twokey still follows an ended release by itself. After an `unknown` end a person looks instead, until it is
 * settled or replaced by a rollback.
 */
export function isFollowedAfterEnd({ stage, supersededBy }: Release): boolean {
  if (stage.at !== 'ended') return false
  return stage.outcome !== 'unknown' || supersededBy !== null || stage.settledBy !== null
}

/** What may still be in progress after the end of a release. */
export type Unfinished = 'run' | 'migration'

/**
 * What is still in progress after the end of a release, as far as twokey knows: the run may still change the service,
 * a migration the database. Empty if a person settled it, or looks into an `unknown` end.
 */
export function unfinished(release: Release): readonly Unfinished[] {
  const { stage, tracks } = release
  const { run } = tracks
  if (stage.at !== 'ended' || stage.settledBy !== null || !isFollowedAfterEnd(release) || run === null)
    return []
  return [
    ...(run.endedAt === null ? (['run'] as const) : []),
    ...(migrationMayRun(release) ? (['migration'] as const) : []),
  ]
}

/**
 * Whether a migration may run. Until the tasks were listed after the run's end any may, readable or not; afterwards
 * only those of this release.
 */
function migrationMayRun({ subject, migration, tracks }: Release): boolean {
  if (subject.kind === 'rollback' || migration === null) return false
  const { binding, tasks, isComplete, settledBy } = tracks.migration
  if (settledBy !== undefined) return false
  if (binding === 'found' && tasks.some(({ verdict }) => verdict === 'moving')) return true
  return !isComplete
}

/** Whether the release has ended while its workflow run is still in progress. */
export function endedBeforeItsRun(release: Release): boolean {
  return unfinished(release).includes('run')
}

/**
 * Whether the release blocks other releases of its targets. After its end it does while its run or migration is in
 * progress, and after an `unknown` end until a person settles it, or until nothing of it can still change the service:
 * a rollback replaced it, and it is a rollback itself or its run was seen to end.
 */
export function holdsLane(release: Release): boolean {
  const { stage, subject, supersededBy, tracks } = release
  if (stage.at !== 'ended' || unfinished(release).length > 0) return true
  const isOver = supersededBy !== null && (subject.kind === 'rollback' || tracks.run !== null)
  return stage.outcome === 'unknown' && stage.settledBy === null && !isOver
}

/** Whether the release is a rollback that was not sent yet. Another rollback of its targets has to wait for its end. */
export function isRollbackToBeSent({ subject, sentAt }: Release): boolean {
  return subject.kind === 'rollback' && sentAt === null
}

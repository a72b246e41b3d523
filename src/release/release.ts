import type { CommitFrom } from './commit-source.ts'
import type { Facts } from './facts.ts'
import type { LookName } from './look.ts'
import type { PersonId, Target, Time } from './names.ts'
import type { Approval, Policy } from './policy/approval.ts'
import type { MetFreeze } from './policy/freeze.ts'
import type { Lock } from './policy/lock.ts'
import type { ReplacedRelease, Replacement } from './replacement.ts'
import type { Revision } from './revision.ts'
import type { TroubleKind } from './sighting.ts'
import type { Stage } from './stage.ts'
import type { Subject } from './subject.ts'
import type { Tracks } from './tracks.ts'

/** Since when something could not be read. `lost`: for longer than one waits. */
export type Unavailability = {
  readonly since: Time
  readonly times: number
  readonly kind: TroubleKind
  readonly reason: string
  readonly lost: boolean
}

/** A click that did not count, and why: told on the card until approvals are requested again. */
export type Discounted = { readonly by: PersonId; readonly why: string; readonly at: Time }

/** Asked for with the approvals of an emergency. `acknowledged`: by an approver of the usual policy, afterwards. */
export type Emergency = {
  /** A person's words, to be escaped where they are shown. */
  readonly why: string
  /** What a deploy there needed otherwise. Its approvers acknowledge the emergency. */
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
  /** Where the card is. */
  readonly channel: string
  readonly policy: Policy
  /** Wait after the last approval, ms. */
  readonly waitMs: number
  readonly deadlines: { readonly runMs: number; readonly rolloutMs: number }
  /** How long to look for what should have appeared, ms. */
  readonly settleMs: number
  /** Mentioned when it ends badly, beside the requester: people and groups. */
  readonly notify: readonly string[]
  /** Containers that carry the commit. */
  readonly containers: readonly string[]
  /** Where they name it. Absent: in the usual places. */
  readonly commitFrom?: CommitFrom
  readonly migration: {
    readonly family: string
    readonly cluster: string
    readonly region?: string
    readonly container?: string
  } | null
  /** What served at the request, or once what it stood behind had ended; null where it could not be determined. */
  readonly servingBefore: Revision | null
  /** Releases that it is to replace, as long as they hold its lanes. */
  readonly behind: readonly ReplacedRelease[]
  readonly approvals: readonly Approval[]
  /** When the last approval that the policy requires was counted; null while approvals are missing. */
  readonly approvedAt: Time | null
  /** In the order in which they came, one a person and reason. */
  readonly discounted: readonly Discounted[]
  /** Whose Reject or Cancel was refused in this round, since they may not: their next one does not hold the dispatch. */
  readonly mayNotStop: readonly PersonId[]
  readonly emergency: Emergency | null
  /** The freeze that it met before anything was sent. */
  readonly freeze: MetFreeze | null
  /** The lock that it passed, as a rollback does; or that holds a deploy, or ended it. */
  readonly lock: Lock | null
  /** Why the approvals that were in became void, the last time; null where they never did. */
  readonly voided: string | null
  /** How often approvals were requested again: a click on a card that showed an earlier round does not count. */
  readonly round: number
  readonly stage: Stage
  readonly tracks: Tracks
  /** When the dispatch or the update was marked as being sent. */
  readonly sentAt: Time | null
  /** The same by AWS's clock, when the services were last read before it: what AWS and GitHub date is compared with this alone. */
  readonly sentAtAws: Time | null
  /** GitHub refused `return_run_details` and started nothing: the next dispatch asks without. Absent: it did not. */
  readonly runDetails?: 'refused'
  readonly cancelAsked: { readonly by: PersonId; readonly at: Time } | null
  readonly supersededBy: Replacement | null
  /** When GitHub last answered that it should cancel the run; a request without an answer may never have been sent. */
  readonly cancelSentAt: Time | null
  readonly blind: Partial<Record<LookName, Unavailability>>
  /** Keys of what was told once and is not told again. */
  readonly told: readonly string[]
}

/** Whether it has ended, the `unknown` end included. */
export function isEnded(release: Release): boolean {
  return release.stage.at === 'ended'
}

/** Whether it has ended, and twokey looks on by itself. After `unknown` a person does, until it is settled or replaced by a rollback. */
export function isFollowedAfterEnd({ stage, supersededBy }: Release): boolean {
  if (stage.at !== 'ended') return false
  return stage.outcome !== 'unknown' || supersededBy !== null || stage.settledBy !== null
}

/** What may still be in progress after the end of a release. */
export type Unfinished = 'run' | 'migration'

/**
 * What of a release that has ended is still in progress, as far as twokey knows: the run may still change the service, a
 * migration the database. Nothing where a person has settled it, nor where a person looks on.
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

/** Until the tasks were listed after the run's end any may, whether they can be read or not; from then on this release's own. */
function migrationMayRun({ subject, migration, tracks }: Release): boolean {
  if (subject.kind === 'rollback' || migration === null) return false
  const { binding, tasks, isComplete, settledBy } = tracks.migration
  if (settledBy !== undefined) return false
  if (binding === 'found' && tasks.some(({ verdict }) => verdict === 'moving')) return true
  return !isComplete
}

/** Whether it has ended while its workflow run is still in progress. */
export function endedBeforeItsRun(release: Release): boolean {
  return unfinished(release).includes('run')
}

/**
 * Whether it blocks other releases of its targets. After its end it does while its run or its migration is in progress, and
 * after `unknown` until a person settles it, or until nothing of it can change the service any more: a rollback replaced it,
 * and it is a rollback itself or its run was seen to end.
 */
export function holdsLane(release: Release): boolean {
  const { stage, subject, supersededBy, tracks } = release
  if (stage.at !== 'ended' || unfinished(release).length > 0) return true
  const isOver = supersededBy !== null && (subject.kind === 'rollback' || tracks.run !== null)
  return stage.outcome === 'unknown' && stage.settledBy === null && !isOver
}

/** Whether it is a rollback of which nothing was sent yet: another rollback of its targets has to wait for its end. */
export function isRollbackToBeSent({ subject, sentAt }: Release): boolean {
  return subject.kind === 'rollback' && sentAt === null
}

import type { ServiceEnvironmentName } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { nothingToRollBackTo } from '../refusals/revisions.ts'
import type { Release } from '../release.ts'
import type { Outcome } from '../stage.ts'
import { unapprovedText } from '../tracks/rollout-track.ts'
import { isStopAsked } from '../tracks/stop.ts'
import type { RolloutTrack } from '../tracks.ts'
import { type Confirm, type NewRequest, type RequestingButton, serviceEnvironmentText } from './action.ts'
import { isStopOffered } from './stop-rollout.ts'

export const rollBack: RequestingButton = {
  label: 'Roll back',
  style: 'danger',
  confirm,
  isOffered,
  whoMay: 'as by command',
  request: (release) => rollbackTo(release, rollbackRevision(release)),
}

/** The outcomes after which a rollback to the earlier revision may help. */
const afterEnd: Readonly<Record<Outcome, boolean>> = {
  succeeded: true,
  failed: true,
  'rolled back': false,
  'rollback failed': true,
  unchanged: false,
  rejected: false,
  cancelled: false,
  expired: false,
  superseded: false,
  stopped: true,
  unknown: false,
}

/** A rollback replaces the release, so it may be requested while the release is in progress. */
function isOffered(release: Release): boolean {
  const { stage } = release
  const isThen = stage.at === 'underway' || (stage.at === 'ended' && afterEnd[stage.outcome])
  return isThen && !isStopOffered(release) && !isStopAsked(release) && rollbackRevision(release) !== null
}

function confirm(release: Release): Confirm {
  const where = serviceEnvironmentText(release)
  return {
    title: `Roll ${where} back?`,
    text: `This requests a rollback of ${where} to ${rollbackRevision(release) ?? 'the previous revision'}, with its own approvals. Migrations are not undone.`,
    yes: 'Request it',
  }
}

/** A rollback to a revision such as `blog-api:42`. */
export function rollbackTo(
  serviceEnvironment: ServiceEnvironmentName,
  name: string | null,
): NewRequest | { readonly refused: Refusal } {
  const number = Number(name?.split(':').at(-1))
  if (name === null || !Number.isSafeInteger(number))
    return { refused: nothingToRollBackTo(serviceEnvironment) }
  return { request: 'rollback', name, number }
}

/**
 * The revision of the Roll back button: the one that ran before this release. Null if nothing of this release was
 * rolled out, or if it is a rollback that runs what was approved.
 */
export function rollbackRevision(release: Release): string | null {
  const track = release.tracks.rollouts.find(
    (each) => each.seen !== null && each.before !== null && mayBeRolledBack(release, each),
  )
  return track?.before?.revision.name ?? null
}

/**
 * Whether going back from this release makes sense. A rollback qualifies only while it is in progress, or if it runs
 * something that was not approved.
 */
function mayBeRolledBack(release: Release, track: RolloutTrack): boolean {
  const { subject, stage } = release
  if (subject.kind !== 'rollback' || unapprovedText(release, track) !== null) return true
  return stage.at === 'underway' && track.before?.revision.arn !== subject.revision.arn
}

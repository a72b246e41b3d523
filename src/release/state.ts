import { endedBeforeItsRun, holdsLane, type Release, unfinished } from './release.ts'
import type { Outcome, State } from './stage.ts'
import { isMigrationLate, isMigrationUnavailable } from './steps/migration.ts'
import { rolloutTrack, unapprovedWords } from './steps/rollout-track.ts'
import { isRunStuck } from './steps/run.ts'
import type { RolloutTrack } from './tracks.ts'

/** While under way: the word of the track furthest on. */
export function stateOf(release: Release): State {
  const { stage } = release
  switch (stage.at) {
    case 'approval':
      return 'awaiting approval'
    case 'wait':
      return 'waiting'
    case 'ready':
    case 'sending':
      return 'dispatching'
    case 'ended':
      return stage.outcome
    case 'underway':
      return underway(release)
  }
}

function underway(release: Release): State {
  const rollout = rolloutTrack(release).verdict
  switch (rollout) {
    case 'rolling back':
    case 'paused':
    case 'baking':
      return rollout
    case 'awaited':
    case 'none':
    case 'unseen':
      if (release.tracks.migration.tasks.length > 0) return 'migrating'
      return release.subject.kind === 'rollback' ? 'rolling out' : 'running'
    default:
      return 'rolling out'
  }
}

/** What a person may do. Buttons and refusals both come from this table. */
export type Action =
  | 'approve'
  | 'withdraw'
  | 'reject'
  | 'cancel'
  | 'roll-back'
  | 'retry'
  /** After a rollback: keeps what it took back from coming again. */
  | 'lock'
  | 'settle'
  | 'look-again'
  | 'acknowledge'

const ended: Record<Outcome, readonly Action[]> = {
  succeeded: ['roll-back', 'lock'],
  failed: ['retry', 'roll-back'],
  'rolled back': ['retry'],
  'rollback failed': ['roll-back'],
  unchanged: ['retry'],
  rejected: ['retry'],
  cancelled: ['retry'],
  expired: ['retry'],
  superseded: ['retry'],
  stopped: ['retry', 'roll-back'],
  unknown: ['look-again', 'settle'],
}

/** What may be done with the release as it is, by anyone who may. */
export function actionsOf(release: Release): readonly Action[] {
  const { stage } = release
  switch (stage.at) {
    case 'approval':
      return release.approvals.length === 0
        ? ['approve', 'reject', 'cancel']
        : ['approve', 'reject', 'withdraw', 'cancel']
    case 'wait':
    case 'ready':
      return ['reject', 'cancel']
    case 'sending':
      return release.subject.kind === 'deploy' && release.cancelAsked === null ? ['cancel'] : []
    case 'underway':
      return underwayActions(release)
    case 'ended':
      return endedActions(release, stage)
  }
}

function underwayActions(release: Release): readonly Action[] {
  const { subject, tracks, cancelAsked } = release
  const hasOpenRun = subject.kind === 'deploy' && tracks.run?.endedAt == null
  const actions: Action[] = []
  if (hasOpenRun && cancelAsked === null) actions.push('cancel')
  if (subject.kind === 'deploy' && (hasOpenRun ? isRunStuck(release) : isMigrationLate(release)))
    actions.push('settle')
  if (rollbackRevision(release) !== null) actions.push('roll-back')
  return actions
}

function endedActions(
  release: Release,
  stage: Extract<Release['stage'], { at: 'ended' }>,
): readonly Action[] {
  const open: readonly Action[] = awaitsAcknowledgement(release) ? ['acknowledge'] : []
  if (stage.outcome === 'unknown' && !holdsLane(release)) return [...open, 'retry']
  const canGoBack = rollbackRevision(release) !== null
  const wentBack = release.subject.kind === 'rollback'
  return [
    ...open,
    ...new Set([
      ...whileUnfinished(release),
      ...ended[stage.outcome].filter(
        (action) =>
          (action !== 'roll-back' || canGoBack) &&
          (action !== 'lock' || wentBack) &&
          // Another deploy is refused until nothing of it moves any more; a rollback replaces this release.
          (action !== 'retry' || unfinished(release).length === 0),
      ),
    ]),
  ]
}

/**
 * What may be done about what is still in progress after the end of its release. Settle: where twokey cannot read it, and where
 * it takes too long.
 */
function whileUnfinished(release: Release): readonly Action[] {
  const [first] = unfinished(release)
  if (first === undefined) return []
  const isStuck =
    first === 'run' ? isRunStuck(release) : isMigrationUnavailable(release) || isMigrationLate(release)
  return [
    ...(endedBeforeItsRun(release) && release.cancelAsked === null ? (['cancel'] as const) : []),
    ...(isStuck ? (['settle'] as const) : []),
  ]
}

/** Whether it was an emergency of which something was sent, and no approver has said that they saw it. */
export function awaitsAcknowledgement({ stage, emergency, sentAt }: Release): boolean {
  return stage.at === 'ended' && sentAt !== null && emergency !== null && emergency.acknowledged === null
}

/**
 * Where the Roll back button leads: the revision that served before this release; null where nothing of this release was
 * rolled out, or it is a rollback that brought what was approved.
 */
export function rollbackRevision(release: Release): string | null {
  const track = release.tracks.rollouts.find(
    (each) => each.seen !== null && each.before !== null && isToBeLeft(release, each),
  )
  return track?.before?.revision.name ?? null
}

/** A rollback is gone back from while it goes on, or where it brought something else than was approved. */
function isToBeLeft(release: Release, track: RolloutTrack): boolean {
  const { subject, stage } = release
  if (subject.kind === 'deploy' || unapprovedWords(release, track) !== null) return true
  return stage.at === 'underway' && track.before?.revision.arn !== subject.revision.arn
}

/** `blog-api prod: awaiting approval`: how the card's text begins. */
export function headline(release: Release): string {
  return `${release.service} ${release.environment}: ${stateOf(release)}`
}

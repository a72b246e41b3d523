import type { Clicker, Context } from '../context.ts'
import { isMember } from '../policy/approval.ts'
import type { Refusal } from '../refusal.ts'
import { alreadyEnded, cancellationRequested, notCancellable } from '../refusals/cards.ts'
import { mayNotClick, notAllowed } from '../refusals/people.ts'
import { endedBeforeItsRun, holdsLane, isRollbackToBeSent, type Release, unfinished } from '../release.ts'
import { stateOf } from '../state.ts'
import { isMigrationLate, isMigrationUnavailable } from '../tracks/migration.ts'
import { isRunStuck } from '../tracks/run.ts'

/** Until the run has ended, and once: GitHub is asked again by twokey itself. */
export function isCancelOffered(release: Release): boolean {
  const { stage, subject, cancelAsked } = release
  switch (stage.at) {
    case 'approval':
    case 'wait':
    case 'ready':
      return true
    case 'sending':
      return subject.kind === 'deploy' && cancelAsked === null
    case 'underway':
      return hasOpenRun(release) && cancelAsked === null
    case 'ended':
      return endedBeforeItsRun(release) && cancelAsked === null
  }
}

/** Where twokey cannot read what is in progress, or it takes too long; and after an end that could not be read. */
export function isSettleOffered(release: Release): boolean {
  const { stage, subject } = release
  if (stage.at === 'underway')
    return subject.kind === 'deploy' && (hasOpenRun(release) ? isRunStuck(release) : isMigrationLate(release))
  return isLookAgainOffered(release) || isStuckAfterEnd(release)
}

/** After an end that could not be read, until somebody settles it or a rollback has replaced it. */
export function isLookAgainOffered(release: Release): boolean {
  const { stage } = release
  return stage.at === 'ended' && stage.outcome === 'unknown' && holdsLane(release)
}

function hasOpenRun({ subject, tracks }: Release): boolean {
  return subject.kind === 'deploy' && tracks.run?.endedAt == null
}

function isStuckAfterEnd(release: Release): boolean {
  const [first] = unfinished(release)
  if (first === undefined) return false
  return first === 'run' ? isRunStuck(release) : isMigrationUnavailable(release) || isMigrationLate(release)
}

/** What a release meets in its lanes. */
export type Met = Pick<Context, 'holders'>

const offered = {
  cancel: { isOffered: isCancelOffered, words: 'cancelled' },
  settle: { isOffered: isSettleOffered, words: 'settled' },
  'look-again': { isOffered: isLookAgainOffered, words: 'looked at again' },
} as const

type Ending = keyof typeof offered

/** Why this person may not end it so. Requester and approvers may, while it is offered. */
export function mayEnd(release: Release, by: Clicker, action: Ending, { holders }: Met): Refusal | undefined {
  if (!offered[action].isOffered(release)) return cannotEnd(release, action, holders)
  if (by.standing.eligible) return undefined
  // Whoever asked needs no place among the approvers, but has to be somebody.
  if (by.id === release.requester) return isMember(by.standing) ? undefined : mayNotClick(by.standing)
  return notAllowed()
}

function cannotEnd(release: Release, action: Ending, holders: readonly Release[]): Refusal {
  const { words } = offered[action]
  const pressed = { ...release, state: stateOf(release) }
  const { cancelAsked } = release
  const behind = holders.find(isRollbackToBeSent)
  const back = behind ? { asked: behind.id } : 'rollback'
  if (action === 'cancel' && cancelAsked !== null && isCancelling(release))
    return cancellationRequested(
      { ...release, settle: isSettleOffered(release) ? 'offered' : 'not offered' },
      cancelAsked,
      back,
    )
  if (release.stage.at === 'ended') return alreadyEnded(pressed, words)
  return notCancellable(pressed, words, isCancelOffered(release) ? 'cancel' : back)
}

/** Whether GitHub is still being asked to cancel the run. */
function isCancelling(release: Release): boolean {
  const { at } = release.stage
  return (
    at === 'sending' ||
    (at === 'underway' && release.tracks.run?.endedAt == null) ||
    endedBeforeItsRun(release)
  )
}

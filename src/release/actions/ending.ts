import type { Clicker, Context } from '../context.ts'
import { isMember } from '../policy/approval.ts'
import type { Refusal } from '../refusal.ts'
import { alreadyEnded, cancellationRequested, notCancellable } from '../refusals/cards.ts'
import { mayNotClick, notAllowed } from '../refusals/people.ts'
import { endedBeforeItsRun, holdsLane, isRollbackToBeSent, type Release, unfinished } from '../release.ts'
import { stateOf } from '../state.ts'
import { isMigrationLate, isMigrationUnavailable } from '../tracks/migration.ts'
import { isRunStuck } from '../tracks/run.ts'

/** Cancel is offered once, until the run has ended. twokey itself repeats the request to GitHub. */
export function isCancelOffered(release: Release): boolean {
  const { stage, subject, cancelAsked } = release
  switch (stage.at) {
    case 'approval':
    case 'wait':
    case 'ready':
      return true
    case 'sending':
      return subject.kind !== 'rollback' && cancelAsked === null
    case 'underway':
      return hasOpenRun(release) && cancelAsked === null
    case 'ended':
      return endedBeforeItsRun(release) && cancelAsked === null
  }
}

/** Settle is offered if twokey cannot read what is in progress, if it takes too long, and after an `unknown` end. */
export function isSettleOffered(release: Release): boolean {
  const { stage, subject } = release
  if (stage.at === 'underway')
    return (
      subject.kind !== 'rollback' && (hasOpenRun(release) ? isRunStuck(release) : isMigrationLate(release))
    )
  return isLookAgainOffered(release) || isStuckAfterEnd(release)
}

/** Look again is offered after an `unknown` end, until somebody settles it or a rollback has replaced the release. */
export function isLookAgainOffered(release: Release): boolean {
  const { stage } = release
  return stage.at === 'ended' && stage.outcome === 'unknown' && holdsLane(release)
}

function hasOpenRun({ subject, tracks }: Release): boolean {
  return subject.kind !== 'rollback' && tracks.run?.endedAt == null
}

function isStuckAfterEnd(release: Release): boolean {
  const [first] = unfinished(release)
  if (first === undefined) return false
  return first === 'run' ? isRunStuck(release) : isMigrationUnavailable(release) || isMigrationLate(release)
}

/** The other releases in its lanes. */
export type Met = Pick<Context, 'holders'>

const offered = {
  cancel: { isOffered: isCancelOffered, words: 'cancelled' },
  settle: { isOffered: isSettleOffered, words: 'settled' },
  'look-again': { isOffered: isLookAgainOffered, words: 'looked at again' },
} as const

type Ending = keyof typeof offered

/** Why this person may not end the release in this way. The requester and approvers may while the button is offered. */
export function mayEnd(release: Release, by: Clicker, action: Ending, { holders }: Met): Refusal | undefined {
  return offered[action].isOffered(release)
    ? neitherRequesterNorApprover(release, by)
    : cannotEnd(release, action, holders)
}

/** Refuses a person who is neither an approver nor the requester. */
export function neitherRequesterNorApprover(release: Release, by: Clicker): Refusal | undefined {
  if (by.standing.eligible) return undefined
  // The requester need not be an approver, but has to be a full member of the workspace.
  if (by.id === release.requester)
    return isMember(by.standing) ? undefined : mayNotClick(by.standing, 'end', release.environment)
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

/** Whether twokey still requests the cancellation of the run from GitHub. */
function isCancelling(release: Release): boolean {
  const { at } = release.stage
  return (
    at === 'sending' ||
    (at === 'underway' && release.tracks.run?.endedAt == null) ||
    endedBeforeItsRun(release)
  )
}

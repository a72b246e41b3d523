import { isMember } from '../approval.ts'
import type { Clicker, Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Refusal } from '../refusal.ts'
import { alreadyEnded, cancellationRequested, notCancellable } from '../refusals/cards.ts'
import { mayNotClick, notAllowed } from '../refusals/people.ts'
import { endedBeforeItsRun, holdsLane, isRollbackToBeSent, type Release } from '../release.ts'
import { type Replacing, replacement } from '../replacement.ts'
import { actionsOf, stateOf } from '../state.ts'
import { isMigrating, settleMigration } from './migration.ts'
import { settleRun } from './run.ts'
import { noteMayNotStop } from './stopping.ts'

/**
 * Ends it before the dispatch; after it, asks GitHub to cancel the run and follows on, also where the release has ended before
 * its run. Requester and approvers may.
 */
export function cancel(draft: Draft, by: Clicker, met: Met): Refusal | undefined {
  const { release, now } = draft
  const no = mayEnd(release, by, 'cancel', met)
  if (no) {
    noteMayNotStop(draft, by)
    return no
  }
  switch (release.stage.at) {
    case 'approval':
    case 'wait':
    case 'ready':
      draft.end('cancelled', `cancelled by <@${by.id}> before anything was sent`, { actor: by.id })
      return undefined
    case 'sending':
    case 'underway':
    case 'ended':
      draft.change({ cancelAsked: { by: by.id, at: now } })
      draft.record(by.id, 'cancel asked')
      draft.post('cancelling', { tell: 'cancelling', by: by.id })
      return undefined
  }
}

/** Gives its place to a rollback: at once where nothing was sent, else its run, where it has one, is cancelled first. */
export function supersede(draft: Draft, by: Replacing): undefined {
  const { release } = draft
  const { stage } = release
  switch (stage.at) {
    case 'approval':
    case 'wait':
    case 'ready':
      draft.end('superseded', `rollback ${by.id} replaced it`, { actor: by.requester })
      return
    case 'sending':
    case 'underway':
      giveWay(draft, by)
      return
    case 'ended':
      if (holdsLane(release)) giveWay(draft, by)
  }
}

/**
 * It is followed on: its run is cancelled for the rollback that replaces it, a migration is not. No person has settled it by
 * that.
 */
function giveWay(draft: Draft, by: Replacing): void {
  const { id, requester } = by
  draft.change({ supersededBy: replacement(draft.release.supersededBy, by, draft.now) })
  draft.record(requester, 'superseded', { by: id })
  draft.post(`superseding-${id}`, { tell: 'superseding', by: id })
}

/**
 * A person says what is so. While under way it is said of its run alone, or of its migration alone where the run has ended: the
 * rest is followed to its end. After the end it is that nothing of the release moves any more: the lane is free again, and the end
 * stays what it was. A migration that is seen to run beside a stuck run contradicts that: then, too, it is said of the run alone.
 */
export function settle(draft: Draft, by: Clicker, met: Met): Refusal | undefined {
  const { release } = draft
  const no = mayEnd(release, by, 'settle', met)
  if (no) return no
  const { stage } = release
  if (stage.at !== 'ended') {
    if (release.tracks.run?.endedAt == null) {
      settleRun(draft, by.id)
      draft.post('run-settled', { tell: 'run-settled', by: by.id })
    } else {
      settleMigration(draft, by.id)
      draft.post('migration-settled', { tell: 'migration-settled', by: by.id })
    }
    return undefined
  }
  settleRun(draft, by.id)
  if (endedBeforeItsRun(release) && isMigrating(release)) {
    draft.post('run-settled', { tell: 'run-settled', by: by.id, left: 'migration' })
    return undefined
  }
  if (isMigrating(release)) settleMigration(draft, by.id)
  draft.change({ stage: { ...stage, settledBy: by.id, settledAt: draft.now } })
  draft.record(by.id, 'settled')
  draft.post('settled', { tell: 'settled', by: by.id })
  return undefined
}

/** Looks on, after an end that could not be read. */
export function lookAgain(draft: Draft, by: Clicker, met: Met): Refusal | undefined {
  const { release, now } = draft
  const no = mayEnd(release, by, 'look-again', met)
  if (no) return no
  draft.record(by.id, 'look again')
  // A log that could not be read may be readable now.
  if (release.tracks.runLog?.checked !== 'yes') draft.track({ runLog: undefined })
  if (release.tracks.run === null && release.subject.kind === 'deploy')
    draft.moveTo({ at: 'sending', since: now, lastAt: now, attempts: 1 })
  else draft.moveTo({ at: 'underway', since: now })
  return undefined
}

/** What a release meets in its lanes. */
type Met = Pick<Context, 'holders'>

function mayEnd(
  release: Release,
  by: Clicker,
  action: keyof typeof ended,
  { holders }: Met,
): Refusal | undefined {
  if (!actionsOf(release).includes(action)) return cannotEnd(release, action, holders)
  if (by.standing.eligible) return undefined
  // Whoever asked needs no place among the approvers, but has to be somebody.
  if (by.id === release.requester) return isMember(by.standing) ? undefined : mayNotClick(by.standing)
  return notAllowed()
}

const ended = { cancel: 'cancelled', settle: 'settled', 'look-again': 'looked at again' } as const

function cannotEnd(release: Release, action: keyof typeof ended, holders: readonly Release[]): Refusal {
  const pressed = { ...release, state: stateOf(release) }
  const { cancelAsked } = release
  const behind = holders.find(isRollbackToBeSent)
  const back = behind ? { asked: behind.id } : 'rollback'
  if (action === 'cancel' && cancelAsked !== null && isCancelling(release))
    return cancellationRequested({ ...release, actions: actionsOf(release) }, cancelAsked, back)
  if (release.stage.at === 'ended') return alreadyEnded(pressed, ended[action])
  const way = actionsOf(release).includes('cancel') ? 'cancel' : back
  return notCancellable(pressed, ended[action], way)
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

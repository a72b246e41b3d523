import { labelsThatFreeLane } from '../actions/actions.ts'
import type { Refusal } from '../refusal.ts'
import {
  endNotSeen,
  inFlight,
  migrationInProgress,
  rollbackUnderWay,
  runInProgress,
} from '../refusals/asking.ts'
import {
  endedBeforeItsRun,
  isEnded,
  isRollbackToBeSent,
  type Release,
  type Unfinished,
  unfinished,
} from '../release.ts'
import { stateOf } from '../state.ts'
import type { Subject } from '../subject.ts'
import { holdersAwaited } from '../tracks/later-job.ts'
import { always, type Facts, noLooks, open, type Precondition, type Result, waitFor } from './precondition.ts'

/**
 * A deploy or a re-run holds its lanes from its request on; a rollback may have to replace other releases first; a run that waits at
 * a gate waits until the lanes are free.
 */
export const lane = { name: 'lane', appliesTo: always, looks: noLooks, judge, refusal } satisfies Precondition

function judge({ release, context: { holders: all, now } }: Facts): Result {
  const { stage, subject, settleMs } = release
  const holders = holdersAwaited(release, all)
  const ids = holders.map(({ id }) => id)
  const takesThemAtRequest = subject.kind === 'deploy' || subject.kind === 'rerun'
  const holdsLanes = takesThemAtRequest && stage.at === 'ready'
  if (holdsLanes || holders.length === 0) return open({ holders: ids })
  if (subject.kind !== 'rollback') return waitFor(`${releaseText(ids)} to end`)
  const askedAt = stage.at === 'ready' ? stage.placeAskedAt : null
  if (askedAt === null) return toStop(ids)
  const hasWaited = now - askedAt >= settleMs
  return hasWaited || holders.every(letsOthersPass) ? open({ holders: ids, askedAt }) : toStop(ids, askedAt)
}

function releaseText(ids: readonly string[]): string {
  return ids.length === 1
    ? `release ${ids[0]}, which is in progress,`
    : `releases ${ids.join(', ')}, which are in progress,`
}

/** The releases that a rollback stops, to go back at once. */
function toStop(ids: readonly string[], since?: number): Result {
  return waitFor(`${releaseText(ids)} to stop`, since === undefined ? {} : { since })
}

/**
 * Whether the holder can no longer update the service unnoticed: its run has ended, or it has updated the service
 * already. A run that continues after the end of its release is waited for, because it may update the service again.
 */
function letsOthersPass(holder: Release): boolean {
  if (isEnded(holder)) return !endedBeforeItsRun(holder)
  const { run, rollouts } = holder.tracks
  return (run !== null && run.endedAt !== null) || rollouts.every(({ seen }) => seen !== null)
}

/**
 * Refuses a request whose lane is taken. A deploy is blocked by any release that may still change its targets; a
 * rollback only by another one that was not sent yet, or that runs the same revision. A run that waits at a gate takes
 * its lanes later.
 */
function refusal({ release, context: { holders } }: Facts): Refusal | null {
  const { subject, ...serviceEnvironment } = release
  if (subject.kind === 'gate') return null
  if (subject.kind === 'rollback') {
    const holder = holders.find(
      (other) => isRollbackToBeSent(other) || (!isEnded(other) && bringsTheSame(other, subject)),
    )
    return holder === undefined ? null : rollbackUnderWay(serviceEnvironment, holderOf(holder, holders))
  }
  const holder = holders.find((other) => !isEnded(other)) ?? holders[0]
  if (!holder) return null
  const held = holderOf(holder, holders)
  const [first] = unfinished(holder)
  if (first !== undefined) return stillInProgress[first](serviceEnvironment, held)
  return isEnded(holder) ? endNotSeen(serviceEnvironment, held) : inFlight(serviceEnvironment, held)
}

const stillInProgress: Readonly<Record<Unfinished, typeof runInProgress>> = {
  run: runInProgress,
  migration: migrationInProgress,
}

function bringsTheSame({ subject }: Release, { revision }: Extract<Subject, { kind: 'rollback' }>): boolean {
  return subject.kind === 'rollback' && subject.revision.arn === revision.arn
}

function holderOf(release: Release, holders: readonly Release[]) {
  return {
    id: release.id,
    requester: release.requester,
    state: stateOf(release),
    buttons: labelsThatFreeLane(release),
    rollback: holders.some(isRollbackToBeSent) ? 'refused' : 'possible',
  } as const
}

import { endedBeforeItsRun, isEnded, type Release } from '../release.ts'
import { always, type Facts, noLooks, open, type Precondition, type Result, waitFor } from './precondition.ts'

/**
 * A deploy holds its lanes from its request on; a rollback may have to replace other releases first; a run that waits at
 * a gate waits until the lanes are free.
 */
export const lane = { name: 'lane', appliesTo: always, looks: noLooks, judge } satisfies Precondition

function judge({ release, context: { holders, now } }: Facts): Result {
  const { stage, subject, settleMs } = release
  const ids = holders.map(({ id }) => id)
  if (subject.kind === 'deploy' || holders.length === 0) return open({ holders: ids })
  if (subject.kind === 'gate') return waitFor(`${releaseText(ids)} to end`)
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

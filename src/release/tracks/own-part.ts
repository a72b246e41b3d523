import type { Draft } from '../draft.ts'
import { isSameOnGitHub, type Time } from '../names.ts'
import type { Release } from '../release.ts'
import type { RunSighting } from '../sighting.ts'

/**
 * The part of a run that deploys to the environment of its release, once it has succeeded: everything that is left of
 * the run waits at the gates of other environments, which need approvals of their own, maybe for days. Null: it has not
 * ended, or that is not certain. If a job failed, only the end of the run shows whether GitHub counts that.
 * @param heldSince since when the run waits there, by our clock; null: it does not
 */
export function ownPart(
  { release, now }: Draft,
  { heldBy, ...run }: RunSighting,
  heldSince: Time | null,
): RunSighting | null {
  const restAt = heldBy?.restAt ?? []
  if (restAt.length === 0 || isAmong(release, restAt) || isToBeStopped(release)) return null
  // GitHub starts a job some time after those that it needs, and its lists may be late.
  if (heldSince === null || now - heldSince < release.settleMs || !hasRolledOut(release)) return null
  const ended = run.jobs.filter(({ verdict }) => verdict !== 'queued')
  if (!ended.every(({ verdict }) => verdict === 'succeeded' || verdict === 'skipped')) return null
  return {
    ...run,
    verdict: 'succeeded',
    reason: `the run succeeded as far as the gate of ${restAt.join(', ')}`,
    endedAt: Math.max(...ended.map(({ completedAt }) => completedAt ?? now)),
    restAt,
  }
}

/** Whether the environment of the release is one of these. */
function isAmong({ subject }: Release, environments: readonly string[]): boolean {
  if (subject.kind === 'rollback') return false
  return environments.some((each) => isSameOnGitHub(each, subject.githubEnvironment))
}

/** A run that should not go on is followed until it is cancelled. */
function isToBeStopped({ tracks, cancelAsked, supersededBy }: Release): boolean {
  return tracks.run?.head !== 'approved' || cancelAsked !== null || supersededBy !== null
}

/** Whether the release's own job has deployed: a run may wait at another gate before that job begins. */
function hasRolledOut({ tracks }: Release): boolean {
  return tracks.rollouts.every(({ seen }) => seen !== null)
}

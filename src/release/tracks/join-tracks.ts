import { isBad } from '../draft.ts'
import { keptRollout } from '../failed-run.ts'
import type { PersonId } from '../names.ts'
import type { Release } from '../release.ts'
import type { Revision } from '../revision.ts'
import type { Outcome } from '../stage.ts'
import { beyondText, isBeyondDue } from './beyond.ts'
import { migrationTrack } from './migration.ts'
import { isOtherRunsLookAwaited } from './other-runs.ts'
import { type Joined, type JoinedTracks, join, type RunTrackVerdict, type Track } from './outcome.ts'
import { rolloutTrack } from './rollout-track.ts'
import { foreignHeadText, runTrack } from './run.ts'
import { isRunLogAwaited } from './run-log.ts'

/** The end of the release by the verdicts of its tracks, once all of them are known. */
export function joinTracks(release: Release): Joined {
  const rollout = rolloutTrack(release)
  if (release.subject.kind === 'rollback') return joinRollback(release, release.subject.revision, rollout)
  const tracks = { run: runTrack(release), migration: migrationTrack(release), rollout }
  const approved = withKept(
    release,
    join(isReplaced(release, tracks) ? { ...tracks, migration: leftAlone } : tracks),
  )
  const head = foreignHeadText(release)
  const joined = head === null ? approved : foreign(release, { head, run: tracks.run.verdict }, approved)
  if (!joined.on && (isBeyondDue(release) || isRunLogAwaited(release) || isOtherRunsLookAwaited(release)))
    return { on: true }
  const beyond = beyondText(release)
  if (!joined.on && beyond !== null) return changedElsewhere(release, joined, beyond)
  if (release.supersededBy === null || joined.on || head !== null) return cancelledForNewer(release, joined)
  const isSettled = joined.outcome === 'unknown' && settlerOf(release) !== null
  if (!isSettled && !endedForReplacement(joined.outcome, tracks)) return joined
  const { release: id } = release.supersededBy
  return { on: false, outcome: 'superseded', reason: `release ${id} replaced it` }
}

/** A re-run may have to run only the jobs after the rollout: what an earlier attempt of its run rolled out serves then. */
function withKept(release: Release, joined: Joined): Joined {
  const kept = keptRollout(release)
  if (joined.on || joined.outcome !== 'unchanged' || kept === null) return joined
  const reason = `the failed jobs have succeeded, and ${kept}, which an earlier attempt rolled out, is serving`
  return { on: false, outcome: 'succeeded', reason }
}

/** A run that GitHub cancelled for a newer one, unless somebody asked twokey to cancel it, is superseded. */
function cancelledForNewer({ tracks, cancelAsked }: Release, joined: Joined): Joined {
  const isSuperseded =
    !joined.on &&
    joined.outcome === 'cancelled' &&
    tracks.run?.seen?.newer !== undefined &&
    cancelAsked === null
  return isSuperseded ? { ...joined, outcome: 'superseded' } : joined
}

/**
 * Who settled the only part that makes the end unknown; null: nobody did, or another part is unknown too. A settled
 * run says nothing about a rollout that ECS does not show.
 */
export function settlerOf(release: Release): PersonId | null {
  const { run, migration } = release.tracks
  const isUnseen = (track: Track<string>) => track.verdict === 'unseen'
  if (isUnseen(rolloutTrack(release))) return null
  if (isUnseen(runTrack(release)) && run?.settledBy === undefined) return null
  if (isUnseen(migrationTrack(release)) && migration.settledBy === undefined) return null
  return migration.settledBy ?? run?.settledBy ?? null
}

/** Whether a rollback replaces the release. It then does not wait for its migration, which is followed after the end. */
function isReplaced({ supersededBy }: Release, { migration }: JoinedTracks): boolean {
  return supersededBy !== null && migration.verdict === 'moving'
}

const leftAlone = { verdict: 'none', reason: 'the migration is followed after the end' } as const

/** Whether the release ended only because of the rollback that replaced it. */
function endedForReplacement(outcome: Outcome, { run, migration, rollout }: JoinedTracks): boolean {
  if (outcome === 'cancelled' || outcome === 'unchanged') return true
  if (outcome === 'succeeded') return migration.verdict === 'moving'
  const updated = rollout.verdict === 'succeeded' || rollout.verdict === 'partly'
  return outcome === 'failed' && run.verdict === 'cancelled' && migration.verdict !== 'failed' && updated
}

/**
 * Joins the track of a rollback like a deploy whose run and migration are done. Without a rollout nothing changed if
 * the revision runs; otherwise ECS began none.
 */
function joinRollback(
  { tracks, supersededBy }: Release,
  revision: Revision,
  rollout: JoinedTracks['rollout'],
): Joined {
  if (supersededBy !== null && (rollout.verdict === 'none' || rollout.verdict === 'partly')) {
    const reason = `release ${supersededBy.release} replaced it; ${rollout.reason}`
    return { on: false, outcome: 'superseded', reason }
  }
  if (rollout.verdict === 'none') {
    const serves = tracks.rollouts.every(({ serving }) => serving?.arn === revision.arn)
    return { on: false, outcome: serves ? 'unchanged' : 'failed', reason: rollout.reason }
  }
  const done = { verdict: 'succeeded', reason: 'the update was sent' } as const
  return join({ run: done, migration: { verdict: 'none', reason: 'a rollback runs no migration' }, rollout })
}

/**
 * A run that is not the approved one is cancelled, followed to its end like any other, and never a success. A person
 * who settles it confirms that it does nothing more, not that it was approved.
 */
function foreign(
  release: Release,
  { head, run }: { readonly head: string; readonly run: RunTrackVerdict },
  joined: Joined,
): Joined {
  if (joined.on || run === 'moving') return { on: true }
  const isUnknown = joined.outcome === 'unknown' && settlerOf(release) === null
  return { on: false, outcome: isUnknown ? 'unknown' : 'failed', reason: `${head}; ${joined.reason}` }
}

/**
 * A change in another service environment was never approved, so the end is not good, whatever happened to the
 * release's own service.
 */
function changedElsewhere(
  { environment }: Release,
  { outcome, reason }: Extract<Joined, { on: false }>,
  words: string,
): Joined {
  const isBadAnyway = isBad(outcome)
  return {
    on: false,
    outcome: isBadAnyway ? outcome : 'failed',
    reason: `the run changed ${words}, which nobody approved; in ${environment} itself: ${reason}`,
  }
}

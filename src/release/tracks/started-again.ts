import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import { isFollowedAfterEnd, type Release, unfinished } from '../release.ts'
import { isFollowedNoMore } from '../watched.ts'
import { sightingOf } from './whose-rollout.ts'

/**
 * Whether to look if a person started its run again on GitHub: as long as its services are watched for what may still come of
 * it. An attempt that was seen in progress is followed to its end.
 */
export function isWatchedForAgain(release: Release): boolean {
  const { subject, tracks } = release
  const hasEnded = tracks.run?.endedAt != null && isFollowedAfterEnd(release)
  if (subject.kind !== 'deploy' || !hasEnded || unfinished(release).length > 0) return false
  return tracks.afterEnd?.late !== 'over' || tracks.again?.endedAt === null
}

/**
 * Takes a look at the last attempt of its run, where that is a later one than the release's own. How each ended is told once, with
 * what serves. The end of the release stays what it was, and no lane is held for it.
 */
export function stepStartedAgain(draft: Draft, { laterAttempt, rollouts }: Observation): void {
  const { tracks } = draft.release
  // A look that failed is made again: nobody has to act on it.
  if (laterAttempt === undefined || !laterAttempt.seen || laterAttempt.value === null) {
    giveUp(draft)
    return
  }
  const { run, login } = laterAttempt.value
  const before = tracks.again
  if (before !== undefined && before.run.attempt >= run.attempt && before.endedAt !== null) return
  const hasEnded = run.verdict !== 'moving'
  const { id, attempt, url, verdict, reason } = run
  if (before === undefined || before.run.attempt < attempt)
    draft.record('twokey', 'run started again', { id, attempt, login, url })
  const seen = rollouts?.seen ? rollouts.value : null
  draft.track({
    again: { run: { ...run, jobs: [] }, login, endedAt: hasEnded ? draft.now : null },
    rollouts:
      hasEnded && seen
        ? tracks.rollouts.map((track) => ({
            ...track,
            serving: sightingOf(seen, track.target)?.serving ?? track.serving,
          }))
        : tracks.rollouts,
  })
  if (!hasEnded) {
    giveUp(draft)
    return
  }
  draft.record('twokey', `run started again ${verdict}`, { id, attempt, reason })
  const serving = draft.release.tracks.rollouts.map((track) => ({
    target: track.target,
    revision: seen === null ? null : track.serving,
  }))
  draft.post(
    `again-${attempt}`,
    { tell: 'started-again', run: { ...run, jobs: [] }, login, serving },
    'channel',
  )
}

/** One that never ends, or was deleted, is not looked at for ever: that is said once. */
function giveUp(draft: Draft): void {
  const { release, now } = draft
  const { again } = release.tracks
  if (again === undefined || again.endedAt !== null || !isFollowedNoMore(release, now)) return
  const { id, attempt } = again.run
  draft.track({ again: { ...again, endedAt: now } })
  draft.record('twokey', 'run started again not followed any more', { id, attempt })
  draft.post(`again-${attempt}-given-up`, { tell: 'given-up', what: 'later attempt' })
}

export function looksForLaterAttempt({ subject, tracks: { run } }: Release): readonly Look[] {
  if (subject.kind === 'rollback' || run === null) return []
  const { id: runId, attempt } = run
  return [{ look: 'laterAttempt', repository: subject.repository, runId, attempt }]
}

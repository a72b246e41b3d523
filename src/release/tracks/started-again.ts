import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import { isFollowedAfterEnd, type Release, unfinished } from '../release.ts'
import { isWatchExpired } from '../watch-period.ts'
import { sightingOf } from './whose-rollout.ts'

/**
 * Whether to check if somebody started the run again on GitHub: while its services are watched for late rollouts. An
 * attempt that was seen in progress is followed to its end.
 */
export function isWatchedForAgain(release: Release): boolean {
  const { subject, tracks } = release
  const hasEnded = tracks.run?.endedAt != null && isFollowedAfterEnd(release)
  if (subject.kind === 'rollback' || !hasEnded || unfinished(release).length > 0) return false
  return tracks.afterEnd?.late !== 'over' || tracks.again?.endedAt === null
}

/**
 * Handles a look at the latest attempt of the run, if it is later than the release's own. Each end is posted once,
 * with the running revisions. The end of the release does not change, and no lane is held.
 * Once the next release was sent there, it may be a re-run of this run, which follows its attempt itself.
 */
export function stepStartedAgain(
  draft: Draft,
  { laterAttempt, rollouts }: Observation,
  { nextSentAt }: Pick<Context, 'nextSentAt'>,
): void {
  const { tracks } = draft.release
  if (tracks.again === undefined && nextSentAt !== null) return
  // A failed look is made again. Nobody has to act on it.
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

/** Gives up an attempt that never ends, or was deleted, and posts that once. */
function giveUp(draft: Draft): void {
  const { release, now } = draft
  const { again } = release.tracks
  if (again === undefined || again.endedAt !== null || !isWatchExpired(release, now)) return
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

import type { Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import type { Beside } from '../other-runs.ts'
import type { Release } from '../release.ts'
import { looseMs, spanOf } from '../span.ts'

/** Whether several rollouts or migrations could be this release's, so another run may have started one of them. */
function isAmbiguous({ rollouts, migration }: Release['tracks']): boolean {
  return migration.binding === 'ambiguous' || rollouts.some(({ binding }) => binding === 'ambiguous')
}

/** Whether to read which other runs were in progress beside its own. After one successful look it is not made again. */
export function isOtherRunsLookDue({ subject, tracks }: Release): boolean {
  return (
    subject.kind !== 'rollback' &&
    tracks.run !== null &&
    isAmbiguous(tracks) &&
    tracks.others?.checked !== 'beside the run'
  )
}

/** Whether the end waits for that look. A failed look is repeated until the end, which does not wait for it. */
export function isOtherRunsLookAwaited(release: Release): boolean {
  return isOtherRunsLookDue(release) && release.tracks.others?.checked !== 'unavailable'
}

/** Stores which other runs were in progress, or why that could not be read. */
export function stepOtherRuns(draft: Draft, { otherRuns }: Observation): void {
  if (otherRuns === undefined || !isOtherRunsLookDue(draft.release)) return
  if (!otherRuns.seen) {
    draft.track({ others: { checked: 'unavailable', why: otherRuns.reason } })
    return
  }
  draft.track({ others: { checked: 'beside the run', runs: otherRuns.value } })
  draft.record('twokey', 'other runs looked at', { runs: otherRuns.value })
}

/**
 * Stores other runs that are in progress before the dispatch, for a warning. If they cannot be read, nothing waits
 * for them.
 */
export function noteOtherRuns(draft: Draft, { otherRuns }: Observation): void {
  if (otherRuns === undefined || !otherRuns.seen) return
  const runs = otherRuns.value
  draft.track({ others: { checked: 'before the dispatch', runs } })
  if (runs.length > 0) draft.record('twokey', 'other runs in progress', { runs })
}

export function looksBesideTheRun(release: Release): readonly Look[] {
  const { run } = release.tracks
  if (run === null) return []
  const { since, until } = spanOf(release)
  // GitHub dates runs by the second, and the mark is earlier than the run by as much.
  return looksAtOtherRuns(release, { at: 'run', runId: run.id, since: since - looseMs, until })
}

export function looksAtOtherRuns(
  { service, environment, subject }: Release,
  beside: Beside,
): readonly Look[] {
  if (subject.kind === 'rollback') return []
  const { repository, workflow, branch, commit } = subject
  return [
    { look: 'otherRuns', service, environment, repository, workflow, branch, commit: commit.sha, beside },
  ]
}

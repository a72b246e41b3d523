import type { Draft } from '../draft.ts'
import type { MigrationSighting, Observation } from '../observation.ts'
import type { MigrationTrackVerdict, Track } from '../outcome.ts'
import type { Release } from '../release.ts'
import { quietFor } from './quiet.ts'
import { runTrack } from './run.ts'
import { sight } from './sight.ts'

/** `startedBy` of a release's migration: with our id where the workflow passes it on. */
function startedBy(commit: string, releaseId?: string): string {
  return releaseId === undefined ? `deploy-${commit}` : `deploy-${commit}-${releaseId}`
}

/** Whether a `startedBy` speaks for a commit; one that does not names no release. */
const namesCommit = /^deploy-[0-9a-f]{40}/

/** How much earlier than our mark ECS may date a task that its time alone speaks for, ms: no job begins sooner than it is asked for. */
const looseMs = 5_000

/** Those that could be this release's, by the first that speaks for any: our id, the commit, the run's time. Never the newest because it is the newest. */
function candidatesOf(
  { id, subject, sentAt, requestedAt, tracks: { run } }: Release,
  tasks: readonly MigrationSighting[],
): readonly MigrationSighting[] {
  if (subject.kind !== 'deploy') return []
  const own = tasks.filter((task) => task.startedBy === startedBy(subject.commit.sha, id))
  if (own.length > 0) return own
  const ofCommit = tasks.filter((task) => task.startedBy === startedBy(subject.commit.sha))
  if (ofCommit.length > 0) return ofCommit
  const since = (sentAt ?? requestedAt) - looseMs
  const until = (run?.endedAt ?? Number.POSITIVE_INFINITY) + looseMs
  return tasks.filter(
    (task) => !namesCommit.test(task.startedBy) && task.createdAt >= since && task.createdAt <= until,
  )
}

/** Takes a look at the migration. */
export function stepMigration(draft: Draft, seen: Observation): void {
  const { migration, subject, tracks, id } = draft.release
  if (migration === null || subject.kind !== 'deploy' || isFinal(draft.release)) return
  const sightings = sight(draft, 'migration', stillThere(draft.release, seen.migration))
  if (!sightings) return
  if (tracks.migration.binding === 'found') {
    const same = sightings.value.find(({ taskArn }) => taskArn === tracks.migration.seen?.taskArn)
    if (same) found(draft, same, 'found')
    return
  }
  const [only, ...others] = candidatesOf(draft.release, sightings.value)
  const isOwn = only?.startedBy === startedBy(subject.commit.sha, id)
  const isSure = isOwn || (tracks.run !== null && tracks.run.endedAt !== null)
  if (only && others.length === 0) found(draft, only, isSure ? 'found' : 'weak')
  else if (only) draft.track({ migration: { binding: 'ambiguous', seen: null } })
  else if (quietFor(draft.release, draft.now) >= draft.release.settleMs)
    draft.track({ migration: { binding: 'absent', seen: null } })
}

/** A task that was followed and is not shown any more could not be seen. */
function stillThere(
  { tracks: { migration } }: Release,
  seen: Observation['migration'],
): Observation['migration'] {
  if (seen === undefined || !seen.seen || migration.binding !== 'found') return seen
  return seen.value.some(({ taskArn }) => taskArn === migration.seen?.taskArn)
    ? seen
    : { seen: false, kind: 'terminal', reason: 'ECS does not show the migration task any more' }
}

function found(draft: Draft, sighting: MigrationSighting, binding: 'weak' | 'found'): void {
  const before = draft.release.tracks.migration.seen
  draft.track({ migration: { binding, seen: sighting } })
  const { taskArn, startedBy, verdict, exitCode, reason } = sighting
  if (before?.taskArn !== taskArn) draft.note('twokey', 'migration found', { task: taskArn, startedBy })
  if (verdict === 'moving' || (before?.taskArn === taskArn && before.verdict === verdict)) return
  draft.note('twokey', `migration ${verdict}`, { task: taskArn, exitCode, reason })
  draft.tell(`migration-${taskArn}`, { tell: 'migration', migration: sighting })
}

/** Whether there is nothing more to learn of it. */
export function isFinal({ tracks: { migration } }: Release): boolean {
  return (
    migration.binding === 'absent' || (migration.binding === 'found' && migration.seen?.verdict !== 'moving')
  )
}

/** How far the migration is, for the join. */
export function migrationTrack(release: Release): Track<MigrationTrackVerdict> {
  const { migration, tracks, blind } = release
  if (migration === null || release.subject.kind === 'rollback')
    return { verdict: 'none', reason: 'no migration is configured' }
  const { binding, seen } = tracks.migration
  if (binding === 'found' && seen && seen.verdict !== 'moving')
    return { verdict: seen.verdict, reason: seen.reason }
  if (blind.migration?.lost) return { verdict: 'unseen', reason: blind.migration.reason }
  const run = runTrack(release).verdict
  switch (binding) {
    case 'found':
      return { verdict: 'moving', reason: 'the migration runs' }
    case 'weak':
      return {
        verdict: run === 'unseen' ? 'unseen' : 'moving',
        reason: 'the migration is known by its commit or its time alone until the run has ended',
      }
    case 'ambiguous':
      return {
        verdict: run === 'moving' ? 'moving' : 'unseen',
        reason: 'two migrations could be this release’s',
      }
    case 'absent':
      return { verdict: 'absent', reason: 'no migration was seen' }
    case 'awaited':
      return { verdict: 'moving', reason: 'no migration was seen yet' }
  }
}

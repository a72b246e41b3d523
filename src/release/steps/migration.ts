import type { Draft } from '../draft.ts'
import type { MigrationSighting, Observation } from '../observation.ts'
import type { MigrationTrackVerdict, Track } from '../outcome.ts'
import type { Release } from '../release.ts'
import { clockSkewMs, looseMs, spanOf } from '../span.ts'
import type { MigrationTrack } from '../tracks.ts'
import { quietFor } from './quiet.ts'
import { runTrack } from './run.ts'
import { sight } from './sight.ts'

/** `startedBy` of a release's migration: with our id where the workflow passes it on. */
function startedBy(commit: string, releaseId?: string): string {
  return releaseId === undefined ? `deploy-${commit}` : `deploy-${commit}-${releaseId}`
}

/** Whether a `startedBy` speaks for a commit; one that does not names no release. */
const namesCommit = /^deploy-[0-9a-f]{40}/

/** How many tasks a sentence names. */
const named = 3

/**
 * Those that could be this release's, by the first that speaks for any: our id, the commit, the run's time. Never the newest
 * because it is the newest, and none that was there before the dispatch.
 */
function candidatesOf(release: Release, tasks: readonly MigrationSighting[]): readonly MigrationSighting[] {
  const { id, subject } = release
  if (subject.kind !== 'deploy') return []
  const { before } = release.tracks.migration
  const { since, until } = spanOf(release)
  // Without the list of what was there before, only the date tells, and a clock may be wrong.
  const skewMs = before === null ? looseMs : clockSkewMs
  const fresh = tasks.filter(
    ({ taskArn, createdAt }) => !before?.includes(taskArn) && createdAt <= until + clockSkewMs,
  )
  const own = fresh.filter((task) => task.startedBy === startedBy(subject.commit.sha, id))
  if (own.length > 0) return own
  const ofCommit = fresh.filter(
    (task) => task.startedBy === startedBy(subject.commit.sha) && task.createdAt >= since - skewMs,
  )
  if (ofCommit.length > 0) return ofCommit
  return fresh.filter(
    (task) =>
      !namesCommit.test(task.startedBy) &&
      task.createdAt >= since - looseMs &&
      task.createdAt <= until + looseMs,
  )
}

/** Takes a look at the migrations. */
export function stepMigration(draft: Draft, seen: Observation): void {
  const { release } = draft
  if (release.migration === null || release.subject.kind !== 'deploy' || isFinal(release)) return
  const sightings = sight(draft, 'migration', stillThere(release, seen.migration))
  if (!sightings) return
  const tasks = tasksOf(release, sightings.value)
  const before = release.tracks.migration
  draft.track({ migration: { ...before, tasks, ...bind(draft, tasks, seen) } })
  report(draft, before.tasks)
}

/** What is shown now, and what was seen before: ECS forgets a stopped task after an hour. */
function tasksOf(release: Release, shown: readonly MigrationSighting[]): readonly MigrationSighting[] {
  const { tasks, isComplete } = release.tracks.migration
  const known = new Map(tasks.map((task) => [task.taskArn, task]))
  for (const task of shown) if (!isComplete || known.has(task.taskArn)) known.set(task.taskArn, task)
  return candidatesOf(release, [...known.values()]).toSorted(
    (one, other) => one.createdAt - other.createdAt || one.taskArn.localeCompare(other.taskArn),
  )
}

function bind(
  { release, now }: Draft,
  tasks: readonly MigrationSighting[],
  seen: Observation,
): Pick<MigrationTrack, 'binding' | 'isComplete'> {
  const { tracks, subject, id } = release
  const endedAt = tracks.run?.endedAt ?? null
  const isQuiet = quietFor(release, now) >= release.settleMs
  if (tasks.length === 0)
    return { binding: isQuiet ? 'absent' : 'awaited', isComplete: isQuiet && endedAt !== null }
  // A run that has ended is not looked at any more, so these were listed after its end.
  const isAfterRun = endedAt !== null && seen.run === undefined
  const isComplete = tracks.migration.isComplete || (isAfterRun && (isQuiet || !tasks.some(isMoving)))
  const isOwn =
    subject.kind === 'deploy' && tasks.every((task) => task.startedBy === startedBy(subject.commit.sha, id))
  const isSure = isOwn || (isComplete && endedAlike(tasks))
  return { binding: isSure ? 'found' : tasks.length === 1 ? 'weak' : 'ambiguous', isComplete }
}

/** Then it makes no difference which of them are this release's. */
function endedAlike([first, ...others]: readonly MigrationSighting[]): boolean {
  if (others.length === 0) return true
  return first?.verdict !== 'moving' && others.every(({ verdict }) => verdict === first?.verdict)
}

/** Tasks that must not get lost from sight: still running, and this release's, or all that can be. */
export function followedTasks({ tracks: { migration } }: Release): readonly string[] {
  const { binding, tasks, isComplete } = migration
  if (binding !== 'found' && !isComplete) return []
  return tasks.filter(isMoving).map(({ taskArn }) => taskArn)
}

/** A task that is followed and is not shown any more could not be seen. */
function stillThere(release: Release, seen: Observation['migration']): Observation['migration'] {
  if (seen === undefined || !seen.seen) return seen
  const shown = new Set(seen.value.map(({ taskArn }) => taskArn))
  return followedTasks(release).every((arn) => shown.has(arn))
    ? seen
    : { seen: false, kind: 'terminal', reason: 'ECS does not show the migration task any more' }
}

/**
 * The end of each task is told once; of several that are not surely this release's, once it makes no difference. A failure
 * that comes after the end of the release is announced in the channel: nobody looks at that thread any more.
 */
function report(draft: Draft, before: readonly MigrationSighting[]): void {
  const { binding, tasks } = draft.release.tracks.migration
  for (const task of tasks) {
    const { taskArn, verdict, exitCode, reason } = task
    const known = before.find((each) => each.taskArn === taskArn)
    if (!known) draft.note('twokey', 'migration found', { task: taskArn, startedBy: task.startedBy })
    if (verdict === 'moving') continue
    if (known?.verdict !== verdict)
      draft.note('twokey', `migration ${verdict}`, { task: taskArn, exitCode, reason })
    if (binding !== 'ambiguous') tellEnd(draft, task)
  }
}

function tellEnd(draft: Draft, migration: MigrationSighting): void {
  const { stage, requester, notify } = draft.release
  const key = `migration-${migration.taskArn}`
  if (stage.at !== 'ended') {
    draft.tell(key, { tell: 'migration', migration })
    return
  }
  const isBad = hasFailed(migration)
  const mention = isBad ? [...new Set([requester, ...notify])] : []
  draft.tell(key, { tell: 'migration-after-end', migration, mention }, isBad ? 'channel' : 'thread')
}

/** What is told of a late migration goes by this key. */
const lateMigration = 'late-migration'

/** Whether it was told that a migration still runs long after the run's end. */
export function isMigrationLate({ told }: Release): boolean {
  return told.includes(lateMigration)
}

/** Says once that a migration of this release still runs, when its run has been over for as long as a run may take. */
export function warnLateMigration(draft: Draft): void {
  const { release, now } = draft
  const { binding, tasks } = release.tracks.migration
  const { runMs } = release.deadlines
  if (binding === 'found' && tasks.some(isMoving) && quietFor(release, now) > runMs)
    draft.tell(lateMigration, { tell: 'late', track: 'migration', afterMs: runMs })
}

/** Whether the migrations could not be read for longer than one waits. */
export function isMigrationUnavailable({ blind }: Release): boolean {
  return blind.migration?.lost ?? false
}

/** Whether there is nothing more to learn of them. */
export function isFinal({ tracks: { migration } }: Release): boolean {
  return migration.isComplete && !migration.tasks.some(isMoving)
}

function isMoving({ verdict }: MigrationSighting): boolean {
  return verdict === 'moving'
}

/**
 * How far the migrations are, for the join: one that failed decides, and success takes all of them. A task that may be
 * another's, and one that does not stop, keep no release open: how it ends is not known then.
 */
export function migrationTrack(release: Release): Track<MigrationTrackVerdict> {
  const { migration, tracks, blind } = release
  if (migration === null || release.subject.kind === 'rollback')
    return { verdict: 'none', reason: 'no migration is configured' }
  const { binding, tasks, isComplete, before } = tracks.migration
  const lost = blind.migration?.lost ? blind.migration : null
  const isOpen = tasks.some(isMoving)
  const isLate = isMigrationLate(release)
  if (binding === 'found' && (!isOpen || lost || isLate) && tasks.some(hasFailed))
    return { verdict: 'failed', reason: failedWords(tasks) }
  if (binding === 'found' && !isOpen && isComplete)
    return { verdict: 'succeeded', reason: exitedWords(tasks) }
  if (lost) return { verdict: 'unseen', reason: lost.reason }
  // Nobody knows when a run ends that is lost from sight: what waits for its end waits no longer.
  const isRunLost = tracks.run?.endedAt == null && runTrack(release).verdict === 'unseen'
  const untilItsEnd = isRunLost ? 'unseen' : 'moving'
  switch (binding) {
    case 'found':
      if (isOpen && isLate)
        return { verdict: 'unseen', reason: `${tasksWords(tasks)}, long after the run has ended` }
      return isOpen
        ? { verdict: 'moving', reason: 'the migration runs' }
        : { verdict: untilItsEnd, reason: 'another migration may follow until the run has ended' }
    case 'weak':
      return {
        verdict: untilItsEnd,
        reason: 'the migration is known by its commit or its time alone until the run has ended',
      }
    case 'ambiguous': {
      const unlisted =
        before === null ? ', and ECS did not list the tasks that were there before the dispatch' : ''
      return {
        verdict: isComplete ? 'unseen' : untilItsEnd,
        reason: `${tasks.length} migrations could be this release’s (${tasksWords(tasks)})${unlisted}`,
      }
    }
    case 'absent':
      return { verdict: 'absent', reason: 'no migration was seen' }
    case 'awaited':
      return { verdict: 'moving', reason: 'no migration was seen yet' }
  }
}

function exitedWords({ length }: readonly MigrationSighting[]): string {
  return length === 1 ? 'the migration exited 0' : `${length} migrations exited 0`
}

/** One that failed says why; of several each is named, since all have to exit 0. */
function failedWords(tasks: readonly MigrationSighting[]): string {
  const [only, ...others] = tasks
  return only && others.length === 0 ? only.reason : tasksWords(tasks)
}

/** `task 0a1b2c3d failed (…), task 4e5f6a7b exited 0`, what failed first. */
function tasksWords(tasks: readonly MigrationSighting[]): string {
  const failedFirst = tasks.toSorted((one, other) => Number(hasFailed(other)) - Number(hasFailed(one)))
  const more = tasks.length > named ? `, and ${tasks.length - named} more` : ''
  return failedFirst.slice(0, named).map(taskWords).join(', ') + more
}

function taskWords({ taskArn, verdict, reason }: MigrationSighting): string {
  const task = `task ${taskArn.slice(taskArn.lastIndexOf('/') + 1).slice(0, 8)}`
  switch (verdict) {
    case 'failed':
      return `${task} failed (${reason})`
    case 'succeeded':
      return `${task} exited 0`
    case 'moving':
      return `${task} still runs`
  }
}

/** Whether it ended, and not with 0. */
export function hasFailed({ verdict }: MigrationSighting): boolean {
  return verdict === 'failed'
}

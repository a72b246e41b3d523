import { carriedId } from '../carried-id.ts'
import { concerned, type Draft } from '../draft.ts'
import type { Look, Observation } from '../look.ts'
import { joinMigrations, type MigrationClaim, type MigrationEnd } from '../migrations.ts'
import type { PersonId } from '../names.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import type { MigrationSighting } from '../sighting.ts'
import { clockSkewMs, spanOf } from '../span.ts'
import type { MigrationTrack } from '../tracks.ts'

import { isWatchExpired } from '../watch-period.ts'
import { reportBlockedMigration } from './held.ts'
import type { MigrationTrackVerdict, Track } from './outcome.ts'
import { quietFor } from './quiet.ts'
import { runTrack } from './run.ts'
import { type SortedTasks, sortTasks, taskName, taskStarter } from './whose-migration.ts'

/** The most tasks that a sentence names. */
const named = 3

/** Handles a look at the migrations. */
export function stepMigration(draft: Draft, seen: Observation): void {
  const { release } = draft
  if (release.migration === null || release.subject.kind === 'rollback' || isFinal(release)) return
  const sightings = migrationsSeen(draft, seen)
  if (!sightings) return
  const before = release.tracks.migration
  const { counted: tasks, leftOut } = tasksOf(release, sightings.value)
  draft.track({ migration: { ...before, tasks, leftOut, ...bind(draft, tasks, seen) } })
  report(draft, before)
}

/** The migrations as seen. A settled task is no longer waited for, so if it disappears, nobody is notified. */
function migrationsSeen(
  draft: Draft,
  seen: Observation,
): { readonly value: readonly MigrationSighting[] } | null {
  if (draft.release.tracks.migration.settledBy === undefined)
    return readLook(draft, 'migration', unavailableIfGone(draft.release, seen.migration))
  return seen.migration?.seen ? seen.migration : null
}

/** Tasks that are shown now or were seen before, because ECS forgets a stopped task after an hour. */
function tasksOf(release: Release, shown: readonly MigrationSighting[]): SortedTasks {
  const { tasks, leftOut = [], isComplete } = release.tracks.migration
  const known = new Map([...tasks, ...leftOut].map((task) => [task.taskArn, task]))
  for (const task of shown) if (!isComplete || known.has(task.taskArn)) known.set(task.taskArn, task)
  return sortTasks(release, [...known.values()])
}

function bind(
  { release, now }: Draft,
  tasks: readonly MigrationSighting[],
  seen: Observation,
): Pick<MigrationTrack, 'binding' | 'isComplete'> {
  const { tracks } = release
  const endedAt = tracks.run?.endedAt ?? null
  const isQuiet = quietFor(release, now) >= release.settleMs
  if (tasks.length === 0)
    return { binding: isQuiet ? 'absent' : 'awaited', isComplete: isQuiet && endedAt !== null }
  // An ended run is no longer read, so these were read after its end.
  const isAfterRun = endedAt !== null && seen.run === undefined
  const isComplete = tracks.migration.isComplete || (isAfterRun && (isQuiet || !tasks.some(isMoving)))
  const claim = claimOf(release, tasks)
  const ends = tasks.map(({ verdict }) => verdict)
  const isSure =
    claim === 'release' || (isComplete && joinMigrations({ claim, ends, listing: 'complete' }) !== 'unseen')
  return { binding: isSure ? 'found' : tasks.length === 1 ? 'weak' : 'ambiguous', isComplete }
}

function claimOf(release: Release, tasks: readonly MigrationSighting[]): MigrationClaim {
  return tasks.every((task) => taskStarter(release, task) === 'this release') ? 'release' : 'doubtful'
}

/** Tasks that must stay readable: those that still run and are this release's, or could be. */
function followedTasks({ tracks: { migration } }: Release): readonly string[] {
  const { binding, tasks, isComplete } = migration
  if (binding !== 'found' && !isComplete) return []
  return tasks.filter(isMoving).map(({ taskArn }) => taskArn)
}

/** A followed task that is no longer shown could not be read. */
function unavailableIfGone(release: Release, seen: Observation['migration']): Observation['migration'] {
  if (seen === undefined || !seen.seen) return seen
  const shown = new Set(seen.value.map(({ taskArn }) => taskArn))
  return followedTasks(release).every((arn) => shown.has(arn))
    ? seen
    : { seen: false, kind: 'terminal', reason: 'ECS no longer shows the migration task' }
}

/**
 * Posts the end of each task once; of several that may be another release's, once the difference does not matter. A
 * failure after the end of the release is announced in the channel, because nobody reads that thread by then.
 */
function report(draft: Draft, before: MigrationTrack): void {
  const { release } = draft
  const { binding, tasks, leftOut = [] } = release.tracks.migration
  for (const task of leftOut) {
    const { taskArn, startedBy, verdict, exitCode } = task
    if (before.leftOut?.some((each) => each.taskArn === taskArn)) continue
    const starter = taskStarter(release, task)
    draft.record('twokey', 'migration left out', { task: taskArn, startedBy, starter, verdict, exitCode })
  }
  for (const task of tasks) {
    const { taskArn, verdict, exitCode, reason } = task
    const known = before.tasks.find((each) => each.taskArn === taskArn)
    if (!known) draft.record('twokey', 'migration found', { task: taskArn, startedBy: task.startedBy })
    if (verdict === 'moving') {
      if (binding !== 'ambiguous') reportBlockedMigration(draft, task)
      continue
    }
    if (known?.verdict !== verdict)
      draft.record('twokey', `migration ${verdict}`, { task: taskArn, exitCode, reason })
    if (binding !== 'ambiguous') reportEnd(draft, task)
  }
}

function reportEnd(draft: Draft, migration: MigrationSighting): void {
  const { stage } = draft.release
  const key = `migration-${migration.taskArn}`
  if (stage.at !== 'ended') {
    draft.post(key, { tell: 'migration', migration })
    return
  }
  const isBad = hasFailed(migration)
  const mention = isBad ? concerned(draft.release) : []
  draft.post(key, { tell: 'migration-after-end', migration, mention }, isBad ? 'channel' : 'thread')
}

/** Key of the post that a migration is late. */
const lateMigration = 'late-migration'

/** Whether a migration still runs, long enough after the run's end that it was posted. */
export function isMigrationLate({ told, tracks: { migration } }: Release): boolean {
  return told.includes(lateMigration) && migration.settledBy === undefined && migration.tasks.some(isMoving)
}

/** Posts once that a migration still runs when its run ended as long ago as a run may take. */
export function warnLateMigration(draft: Draft): void {
  const { release, now } = draft
  const { binding, tasks } = release.tracks.migration
  const { runMs } = release.deadlines
  if (binding === 'found' && tasks.some(isMoving) && quietFor(release, now) > runMs)
    draft.post(lateMigration, { tell: 'late', track: 'migration', afterMs: runMs })
}

/** Whether the migrations could not be read for so long that twokey no longer waits. */
export function isMigrationUnavailable({ blind }: Release): boolean {
  return blind.migration?.lost ?? false
}

/** Settles the migration: the release ends without its tasks. They are still read, because a later exit code says more. */
export function settleMigration(draft: Draft, by: PersonId): void {
  const { tracks, blind } = draft.release
  const { migration } = tracks
  draft.track({ migration: { ...migration, isComplete: true, settledBy: by } })
  draft.change({ blind: { ...blind, migration: undefined } })
  const tasks = migration.tasks.filter(isMoving).map(({ taskArn }) => taskArn)
  draft.record(by, 'migration settled', { tasks })
}

/** Whether a task that may be the release's was running when it was last read. */
export function isMigrating({ tracks: { migration } }: Release): boolean {
  return migration.tasks.some(isMoving)
}

/** Whether the migrations are final, so that no look can change them. */
export function isFinal({ tracks: { migration } }: Release): boolean {
  return migration.isComplete && !migration.tasks.some(isMoving)
}

/** Whether somebody settled the migration while ECS shows a task of it as running, whose exit code is still reported. */
export function isSettledYetRunning({ tracks: { migration } }: Release): boolean {
  const { settledBy, givenUpAt, tasks } = migration
  return settledBy !== undefined && givenUpAt === undefined && tasks.some(isMoving)
}

/** Handles a look at a settled migration after the end. A task that never ends is given up, which is posted once. */
export function stepSettledMigration(draft: Draft, seen: Observation): void {
  stepMigration(draft, seen)
  const { release, now } = draft
  if (!isSettledYetRunning(release) || !isWatchExpired(release, now)) return
  draft.track({ migration: { ...release.tracks.migration, givenUpAt: now } })
  draft.record('twokey', 'migration not followed any more')
  draft.post('migration-given-up', { tell: 'given-up', what: 'migration' })
}

function isMoving({ verdict }: MigrationSighting): boolean {
  return verdict === 'moving'
}

/**
 * The verdict of the migrations. A task that may be another release's, or that a person settled, does not delay the
 * end; its result is then unknown.
 */
export function migrationTrack(release: Release): Track<MigrationTrackVerdict> {
  const { migration, tracks, blind } = release
  if (migration === null || release.subject.kind === 'rollback')
    return { verdict: 'none', reason: 'no migration is configured' }
  const { tasks, isComplete } = tracks.migration
  const lost = blind.migration?.lost ? blind.migration : null
  if (tasks.length === 0) return lost ? { verdict: 'unseen', reason: lost.reason } : noneSeen(release)
  const isGivenUp = lost !== null || tracks.migration.settledBy !== undefined
  const ends = tasks.map(({ verdict }) => (verdict === 'moving' && isGivenUp ? 'unseen' : verdict))
  // The end of an unreadable run is not known, so nothing waits for it any longer.
  const isRunLost = tracks.run?.endedAt == null && runTrack(release).verdict === 'unseen'
  const listing = isComplete ? 'complete' : lost || isRunLost ? 'cut off' : 'open'
  const verdict = joinMigrations({ claim: claimOf(release, tasks), ends, listing })
  return { verdict, reason: joinedText(release, verdict) }
}

function noneSeen({ tracks: { migration } }: Release): Track<MigrationTrackVerdict> {
  const { binding, leftOut = [] } = migration
  if (binding !== 'absent') return { verdict: 'moving', reason: 'no migration was found yet' }
  const others = leftOut.length > 0 ? ` (not counted, started by a schedule: ${tasksText(leftOut)})` : ''
  return { verdict: 'absent', reason: `no migration was found${others}` }
}

function joinedText(release: Release, verdict: MigrationEnd): string {
  const { tasks } = release.tracks.migration
  switch (verdict) {
    case 'failed':
      return failedText(tasks)
    case 'succeeded':
      return exitedText(tasks)
    case 'moving':
    case 'unseen':
      return openText(release)
  }
}

/** What the verdict waits for, or why it is not known. */
function openText({ tracks, blind, told }: Release): string {
  const { binding, tasks, before, settledBy } = tracks.migration
  if (settledBy !== undefined) return `${tasksText(tasks)} when a person settled it`
  if (blind.migration?.lost) return blind.migration.reason
  if (binding === 'weak') return 'the migration is matched by commit or time only until the run has ended'
  if (binding === 'found') {
    if (!tasks.some(isMoving)) return 'another migration may follow until the run has ended'
    return told.includes(lateMigration)
      ? `${tasksText(tasks)}, although the run ended long ago`
      : 'the migration runs'
  }
  const unlisted =
    before === null ? ', and ECS did not list the tasks that were there before the dispatch' : ''
  return `${tasks.length} migrations could be this release’s (${tasksText(tasks)})${unlisted}`
}

function exitedText({ length }: readonly MigrationSighting[]): string {
  return length === 1
    ? 'the migration succeeded (exit code 0)'
    : `${length} migrations succeeded (exit code 0)`
}

/** The reason of a failed task. If there are several, each is named, because all have to exit 0. */
function failedText(tasks: readonly MigrationSighting[]): string {
  const [only, ...others] = tasks
  return only && others.length === 0 ? only.reason : tasksText(tasks)
}

/** `task 0a1b2c3d failed (…), task 4e5f6a7b exited 0`, failed tasks first. */
function tasksText(tasks: readonly MigrationSighting[]): string {
  const failedFirst = tasks.toSorted((one, other) => Number(hasFailed(other)) - Number(hasFailed(one)))
  const more = tasks.length > named ? `, and ${tasks.length - named} more` : ''
  return failedFirst.slice(0, named).map(taskText).join(', ') + more
}

function taskText(seen: MigrationSighting): string {
  const task = taskName(seen)
  switch (seen.verdict) {
    case 'failed':
      return `${task} failed (${seen.reason})`
    case 'succeeded':
      return `${task} exited 0`
    case 'moving':
      return `${task} still runs`
  }
}

/** Whether the task ended without exit code 0. */
export function hasFailed({ verdict }: MigrationSighting): boolean {
  return verdict === 'failed'
}

/** Reads needed for migrations without a final verdict. */
export function looksOfMigrations(release: Release): readonly Look[] {
  const { subject, tracks, migration } = release
  if (subject.kind === 'rollback' || migration === null || isFinal(release)) return []
  return [
    {
      look: 'migration',
      ...migration,
      commit: subject.commit.sha,
      releaseId: carriedId(release),
      since: tracks.migration.isComplete ? null : spanOf(release).since - clockSkewMs,
      followed: followedTasks(release),
    },
  ]
}

import { type Release, unfinished } from '../../release/release.ts'
import type { MigrationSighting, MigrationVerdict } from '../../release/sighting.ts'
import { taskName, taskStarter } from '../../release/tracks/whose-migration.ts'
import { outside } from '../escape.ts'
import { count, date, duration, link, mention } from '../mrkdwn.ts'
import { taskUrl } from './console.ts'
import { hindranceText } from './hindrance.ts'
import { joinWithDots, type Mark, stepLine } from './marks.ts'
import { movingOr, once } from './track-words.ts'

/** The most migrations that a card, or a post, lists. */
const migrationsShown = 3

/** The state of each migration, one line each, and which tasks of the family do not count. */
export function migrationLines(release: Release): readonly string[] {
  return release.migration === null ? [] : [...countedLines(release), ...leftOutLines(release)]
}

function countedLines(release: Release): readonly string[] {
  const { binding, tasks } = release.tracks.migration
  switch (binding) {
    case 'absent':
      return [stepLine({ mark: 'unclear', name: 'Migration', word: 'none was seen' })]
    case 'ambiguous':
      return [
        stepLine({
          mark: 'unclear',
          name: 'Migration',
          word: `${tasks.length} tasks may belong to this release`,
        }),
        ...listed(tasks, (task) => `• ${taskLine(release, task)}`),
      ]
    case 'awaited':
      return []
    case 'found':
    case 'weak':
      return listed(tasks, (task) => migrationLine(release, task))
  }
}

/** As many as are listed, and how many more there are. */
function listed(
  tasks: readonly MigrationSighting[],
  line: (task: MigrationSighting) => string,
): readonly string[] {
  const more = tasks.length - migrationsShown
  return [...openFirst(tasks).map(line), ...(more > 0 ? [`… and ${count(more, 'more migration')}`] : [])]
}

/** Shown if no other migration was seen, or if a task in the release's time that no schedule started did not exit 0. */
function leftOutLines(release: Release): readonly string[] {
  const { binding, leftOut = [] } = release.tracks.migration
  const shown = leftOut.filter(
    (task) =>
      binding === 'absent' || (task.verdict === 'failed' && taskStarter(release, task) !== 'schedule'),
  )
  return openFirst(shown).map((task) => `• not counted: ${taskLine(release, task)}`)
}

/** `task 0a1b2c3d: failed · exit code 1 · started by GitHub-Actions · logs`, for a task that may belong to another release. */
function taskLine(release: Release, seen: MigrationSighting): string {
  const { taskArn, verdict, createdAt } = seen
  const logs = taskUrl(taskArn, 'logs')
  const running = release.stage.at === 'ended' ? 'still running when last seen' : 'running'
  const state = verdict === 'moving' ? running : verdict
  return `${link(taskUrl(taskArn, 'configuration') ?? '', taskName(seen))}: ${joinWithDots([
    state,
    verdict === 'moving' ? `since ${date(createdAt, '{time}')}` : exitText(seen),
    startedText(release, seen),
    logs === null ? null : link(logs, 'logs'),
  ])}`
}

/** What started a task, according to its `startedBy`. */
function startedText(release: Release, task: MigrationSighting): string {
  if (task.startedBy === '') return 'ECS does not say what started it'
  const by = outside(task.startedBy, 60)
  return taskStarter(release, task) === 'schedule' ? `started by a schedule (${by})` : `started by ${by}`
}

/** Failed tasks first, then running ones, then the others: as many as are listed. */
function openFirst(tasks: readonly MigrationSighting[]): readonly MigrationSighting[] {
  const order: readonly MigrationVerdict[] = ['failed', 'moving', 'succeeded']
  return tasks
    .toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
    .slice(0, migrationsShown)
}

function migrationLine(release: Release, seen: MigrationSighting): string {
  const { taskArn, verdict, durationMs, createdAt, reason, heldBy } = seen
  const { binding, settledBy } = release.tracks.migration
  const logs = taskUrl(taskArn, 'logs')
  const name = link(taskUrl(taskArn, 'configuration') ?? '', 'Migration')
  if (settledBy !== undefined && verdict === 'moving')
    return stepLine({ mark: 'unclear', name, word: 'settled', known: [`by ${mention(settledBy)}`] })
  const mark: Mark = verdict === 'moving' ? 'under way' : verdict === 'succeeded' ? 'done' : 'failed'
  const word = heldBy === undefined ? 'running' : 'starting'
  const isFollowed = verdict === 'moving' && unfinished(release).includes('migration')
  return stepLine({
    ...(isFollowed ? { mark, word } : movingOr(release, verdict, mark, word)),
    name,
    known: [
      verdict === 'moving' ? `since ${date(createdAt, '{time}')}` : exitText(seen),
      durationMs === null ? null : duration(durationMs),
      heldBy === undefined || release.stage.at === 'ended' ? null : hindranceText(heldBy, 150),
      verdict === 'failed' ? once(release, reason) : null,
      binding === 'weak' ? `matched by ${known(release, seen)} only so far` : null,
      logs === null ? null : link(logs, 'logs'),
    ],
  })
}

/** Why a task that does not name the release counts as its migration. */
function known(release: Release, task: MigrationSighting): string {
  return taskStarter(release, task) === 'this commit' ? 'commit' : 'time'
}

/** How each migration ended, one line each, failures first. @param given text that is shown beside the lines */
export function migrationEnds(release: Release, given: string): readonly string[] {
  const { binding, tasks } = release.tracks.migration
  return openFirst(tasks).map((task) =>
    binding === 'ambiguous'
      ? `Possibly its migration (${startedText(release, task)}): ${migrationText(task, given)}.`
      : `Migration ${migrationText(task, given)}.`,
  )
}

/** `succeeded – exit code 0, 42 s, task 0a1b2c3d`. @param given text shown beside the line; a reason in it is not repeated */
export function migrationText(seen: MigrationSighting, given = ''): string {
  const { verdict, durationMs, reason } = seen
  if (verdict === 'moving') return `running – ${outside(taskName(seen), 20)}`
  const tookText = durationMs === null ? '' : `, ${duration(durationMs)}`
  const why = verdict === 'failed' && !given.includes(reason) ? ` – ${outside(reason, 150)}` : ''
  return `${verdict} – ${exitText(seen)}${tookText}, ${outside(taskName(seen), 20)}${why}`
}

function exitText({ exitCode }: MigrationSighting): string {
  return exitCode === null ? 'no exit code' : `exit code ${exitCode}`
}

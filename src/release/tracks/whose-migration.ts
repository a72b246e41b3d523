import { carriedId } from '../carried-id.ts'
import type { Release } from '../release.ts'
import type { MigrationSighting } from '../sighting.ts'
import { clockSkewMs, looseMs, spanOf } from '../span.ts'
import { type Starter, starterOf } from '../starter.ts'

/** Tasks of the migration's family: those that are or could be the release's, and others of its time. */
export type SortedTasks = {
  readonly counted: readonly MigrationSighting[]
  readonly leftOut: readonly MigrationSighting[]
}

/** How many tasks that ended in the same way are stored, because more change nothing. */
const endedKept = 50

/** How many tasks that do not count are stored. */
const leftOutKept = 20

/**
 * The tasks that count, by the strongest evidence that any has: our id, the commit, the run's time. A task never
 * counts for being the newest, nor if it existed before the dispatch, nor if a schedule or a service started it.
 */
export function sortTasks(release: Release, tasks: readonly MigrationSighting[]): SortedTasks {
  const { before } = release.tracks.migration
  const { since, until } = spanOf(release)
  // Without the list of earlier tasks only the date decides, and a clock may be wrong.
  const skewMs = before === null ? looseMs : clockSkewMs
  const fresh = tasks
    .filter(({ taskArn, createdAt }) => !before?.includes(taskArn) && createdAt <= until + clockSkewMs)
    .toSorted((one, other) => one.createdAt - other.createdAt || one.taskArn.localeCompare(other.taskArn))
  const startedBy = (starter: Starter) => fresh.filter((task) => taskStarter(release, task) === starter)
  const inTime = ({ createdAt }: MigrationSighting) =>
    createdAt >= since - looseMs && createdAt <= until + looseMs
  const claims = [
    // The tasks of an earlier attempt carry the same id.
    startedBy('this release').filter(
      ({ createdAt }) => release.subject.kind !== 'rerun' || createdAt >= since - skewMs,
    ),
    startedBy('this commit').filter(({ createdAt }) => createdAt >= since - skewMs),
    startedBy('anybody').filter(inTime),
  ]
  const counted = claims.find(({ length }) => length > 0) ?? []
  const others = [...claims.flat(), ...startedBy('schedule').filter(inTime)]
  const leftOut = others.filter((task) => !counted.includes(task)).slice(0, leftOutKept)
  return { counted: counted.filter(isKept), leftOut }
}

function isKept(task: MigrationSighting, index: number, tasks: readonly MigrationSighting[]): boolean {
  if (task.verdict === 'moving') return true
  return tasks.slice(0, index).filter(({ verdict }) => verdict === task.verdict).length < endedKept
}

/** Who started a task of the migration's family, as seen from the release. */
export function taskStarter(
  release: Pick<Release, 'id' | 'subject'>,
  { startedBy }: Pick<MigrationSighting, 'startedBy'>,
): Starter {
  const { subject } = release
  return starterOf(startedBy, {
    id: carriedId(release),
    sha: subject.kind !== 'rollback' ? subject.commit.sha : '',
  })
}

/** `task 0a1b2c3d`. */
export function taskName({ taskArn }: Pick<MigrationSighting, 'taskArn'>): string {
  return `task ${taskArn.slice(taskArn.lastIndexOf('/') + 1).slice(0, 8)}`
}

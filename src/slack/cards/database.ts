import type { Release } from '../../release/release.ts'
import type { Outcome } from '../../release/stage.ts'
import { outside } from '../escape.ts'

/** Ends after which the service may run on a schema that its code does not know. */
const concerns: Readonly<Record<Outcome, boolean>> = {
  succeeded: false,
  failed: true,
  'rolled back': true,
  'rollback failed': true,
  unchanged: true,
  rejected: false,
  cancelled: true,
  expired: false,
  superseded: true,
  stopped: true,
  unknown: true,
}

/** In which state a release left the database, as far as that is known; null if it left it as it was. */
export function databaseLine(release: Release): string | null {
  const { stage, subject } = release
  if (stage.at !== 'ended') return null
  if (subject.kind === 'rollback') return afterRollback(release, stage.outcome)
  if (stage.outcome === 'succeeded') return afterOlder(release)
  return concerns[stage.outcome] ? afterDeploy(release) : null
}

function afterDeploy(release: Release): string | null {
  const { migration, tracks } = release
  const { binding, tasks } = tracks.migration
  if (tasks.length === 0 && migration !== null && isUnknown(release)) return unreadMigration(tracks)
  if (tasks.length === 0 || tasks.some(({ verdict }) => verdict === 'moving')) return null
  if (binding === 'ambiguous')
    return ':warning: twokey could not determine whether its migration was applied: check the database first.'
  if (tasks.some(({ verdict }) => verdict === 'failed'))
    return ':warning: The migration may have been applied in part: check the database first.'
  const serving = servingOld(release)
  return serving === null
    ? ':warning: The migration was applied and is not undone.'
    : `:warning: The migration was applied and is not undone: ${isUnknown(release) ? `if ${outside(serving, 80)} still serves, it` : `${outside(serving, 80)} now`} runs on the new schema.`
}

/** A run that may have started migrates first. */
function unreadMigration({ run }: Release['tracks']): string {
  return run === null
    ? ':warning: If a run started, its migration may have been applied: check the database.'
    : ':warning: No migration could be read: it may have been applied, or still be running. Check the database.'
}

function isUnknown({ stage }: Release): boolean {
  return stage.at === 'ended' && stage.outcome === 'unknown'
}

/** A deploy of an older commit removes the code of migrations that were applied. */
function afterOlder({ subject }: Release): string | null {
  if (subject.kind === 'rollback' || !subject.changes.known) return null
  const { direction, size, removed } = subject.changes
  const migrations = direction === 'back' ? size?.migrations : removed?.migrations
  return direction === 'forward' || !migrations
    ? null
    : `:warning: Removed ${migrations === 1 ? 'a migration, which stays' : `${migrations} migrations, which stay`} applied: ${subject.commit.sha.slice(0, 7)} runs on the newer schema.`
}

/** What serves, if it is not the version of this release. */
function servingOld({ tracks }: Release): string | null {
  const names = new Set(
    tracks.rollouts.flatMap(({ serving, seen }) =>
      serving !== null && serving.arn !== seen?.revision.arn ? [serving.name] : [],
    ),
  )
  const [only] = names
  return names.size === 1 && only !== undefined ? only : null
}

/** A rollback brings back the code alone. */
function afterRollback({ migration, subject }: Release, outcome: Outcome): string | null {
  if (migration === null || subject.kind !== 'rollback') return null
  if (outcome === 'rolled back' || outcome === 'rollback failed')
    return `:warning: This rollback did not change the database. Its schema may be the reason if ${outside(subject.revision.name, 80)} could not run.`
  if (outcome !== 'succeeded') return null
  return 'This rollback did not change the database: migrations that were applied before it stay.'
}

import type { Release } from '../../release/release.ts'
import type { Outcome } from '../../release/stage.ts'
import { outside } from '../escape.ts'
import { count } from '../mrkdwn.ts'
import { crossedText } from './crossed-migrations.ts'

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

/** Whether people have to look at the database before anything else: it is not known whether its migration was applied. */
export function isDatabaseUnclear(release: Release): boolean {
  const { stage, subject } = release
  if (stage.at !== 'ended' || subject.kind === 'rollback' || !concerns[stage.outcome]) return false
  const left = leftBehind(release)
  return left !== null && left !== 'applied'
}

/** The revision that serves although the deploy's migration was applied, `blog-api:43`; null: none, or that is not known. */
export function servingOnNewSchema(release: Release): string | null {
  return leftBehind(release) === 'applied' ? servingOld(release) : null
}

/** What a deploy left of its migration; null: nothing, or it still runs. */
type Left = 'applied' | 'in part' | 'one of several' | 'unread' | 'unread, perhaps without a run'

function leftBehind(release: Release): Left | null {
  const { migration, tracks } = release
  const { binding, tasks } = tracks.migration
  if (tasks.length === 0 && migration !== null && isUnknown(release))
    return tracks.run === null ? 'unread, perhaps without a run' : 'unread'
  if (tasks.length === 0 || tasks.some(({ verdict }) => verdict === 'moving')) return null
  if (binding === 'ambiguous') return 'one of several'
  return tasks.some(({ verdict }) => verdict === 'failed') ? 'in part' : 'applied'
}

function afterDeploy(release: Release): string | null {
  const left = leftBehind(release)
  return left === null ? null : `:warning: ${leftText[left](release)}`
}

const leftText: Readonly<Record<Left, (release: Release) => string>> = {
  applied: appliedText,
  'in part': () => 'The migration may have been applied in part.',
  'one of several': () => 'twokey could not determine whether its migration was applied.',
  unread: () => 'No migration could be read: it may have been applied, or still be running.',
  // A run that may have started migrates first.
  'unread, perhaps without a run': () => 'If a run started, its migration may have been applied.',
}

function appliedText(release: Release): string {
  const serving = servingOld(release)
  if (serving === null) return 'The migration was applied and is not undone.'
  const name = outside(serving, 80)
  return `The migration was applied and is not undone: ${isUnknown(release) ? `if ${name} still serves, it` : `${name} now`} runs on the new schema.`
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
    : `:warning: The removed commits contained ${count(migrations, 'migration')}. If ${migrations === 1 ? 'it was' : 'they were'} applied, ${subject.commit.sha.slice(0, 7)} now runs on the newer schema.`
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
  const { migrations, revision } = subject
  if (migrations === undefined || migrations.last.length === 0)
    return 'This rollback did not change the database: migrations that were applied before it stay.'
  return `:warning: This rollback did not change the database. ${crossedText(migrations, revision.name)}`
}

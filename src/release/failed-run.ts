import type { LastAttempt } from './attempts.ts'
import { foreign } from './foreign.ts'
import { type Time, targetName } from './names.ts'
import { type Release, unfinished } from './release.ts'
import type { JobSighting, RunSighting } from './sighting.ts'
import type { Outcome } from './stage.ts'
import type { FailedRun } from './subject.ts'
import { hasFailed } from './tracks/migration.ts'

/** How many failed jobs are named. */
const named = 5

/** How long after its first attempt a run can be run again, ms. Source: docs.github.com, re-running workflows and jobs. */
const rerunnableForMs = 30 * 24 * 60 * 60_000

/** The ends after which the failed jobs may be run again: nothing else serves because of them. */
const afterEnd: Readonly<Record<Outcome, boolean>> = {
  succeeded: false,
  failed: true,
  'rolled back': true,
  'rollback failed': false,
  unchanged: false,
  rejected: false,
  cancelled: true,
  expired: false,
  superseded: false,
  stopped: true,
  unknown: false,
}

/**
 * The run of a release that has ended, if its failed jobs can be run again as far as the release knows: it failed or
 * was cancelled, on what was approved, nothing of it is in progress, and nobody started it again. Null: it cannot.
 */
export function failedRunOf(release: Release): FailedRun | null {
  const { subject, stage, tracks } = release
  const { run, again } = tracks
  if (subject.kind === 'rollback' || stage.at !== 'ended' || !afterEnd[stage.outcome]) return null
  if (!run?.seen || run.settledBy !== undefined || run.head !== 'approved' || again !== undefined) return null
  if (unfinished(release).length > 0 || !hasEndedBadly(run.seen)) return null
  const failed = run.seen.jobs.filter(hasEndedBadly)
  if (failed.length === 0) return null
  return {
    id: run.id,
    ...(run.seen.number !== undefined && { number: run.seen.number }),
    url: run.url,
    attempt: run.attempt,
    first: subject.kind === 'rerun' ? subject.run.first : { release: release.id, kind: subject.kind },
    failed: { count: failed.length, names: failed.slice(0, named).map(({ name }) => name) },
    migration: migrationOf(release),
    rolledOut: rolledOutBy(release),
  }
}

/** Whether GitHub counts the run, or the job, as failed. */
function hasEndedBadly({ verdict }: RunSighting | JobSighting): boolean {
  return verdict === 'failed' || verdict === 'cancelled'
}

function migrationOf({ migration, tracks }: Release): FailedRun['migration'] {
  const { binding, tasks } = tracks.migration
  if (migration === null || tasks.length === 0) return 'none'
  if (binding === 'ambiguous') return 'unknown'
  if (tasks.some(hasFailed)) return 'failed'
  return tasks.every(({ verdict }) => verdict === 'succeeded') ? 'succeeded' : 'unknown'
}

/** The jobs that roll out may have succeeded, in this attempt or in one before. */
function rolledOutBy({ subject, tracks: { rollouts } }: Release): FailedRun['rolledOut'] {
  if (subject.kind === 'rerun' && rollouts.every(({ seen }) => seen === null)) return subject.run.rolledOut
  const done = rollouts.flatMap(({ target, seen }) =>
    seen?.verdict === 'succeeded'
      ? [{ target: targetName(target), name: seen.revision.name, arn: seen.revision.arn }]
      : [],
  )
  return done.length === rollouts.length ? done : []
}

/**
 * What serves although a re-run rolled out nothing itself: what the attempts before it rolled out, if their migration did
 * not fail. Null: something else serves.
 */
export function keptRollout({ subject, tracks }: Release): string | null {
  if (subject.kind !== 'rerun' || subject.run.rolledOut.length === 0) return null
  const { rolledOut, migration } = subject.run
  if (migration === 'failed' || migration === 'unknown') return null
  const isServing = tracks.rollouts.every(({ target, serving }) =>
    rolledOut.some((each) => each.target === targetName(target) && each.arn === serving?.arn),
  )
  return isServing ? [...new Set(rolledOut.map(({ name }) => name))].join(', ') : null
}

/** Why the failed jobs of an attempt cannot be run again. */
export type NotRerunnable =
  | { readonly because: 'gone' | 'too old' | 'succeeded' | 'in progress' }
  | { readonly because: 'started again'; readonly attempt: number; readonly login: string | null }

/** Why GitHub would not run the failed jobs of this attempt again, by its last attempt; null: it would. */
export function whyNotRerun(
  { attempt }: Pick<FailedRun, 'attempt'>,
  last: LastAttempt,
  now: Time,
): NotRerunnable | null {
  if (last.found === 'none') return { because: 'gone' }
  if (last.attempt !== attempt) return { because: 'started again', attempt: last.attempt, login: last.login }
  if (now - last.createdAt > rerunnableForMs) return { because: 'too old' }
  if (last.verdict === 'moving') return { because: 'in progress' }
  return last.verdict === 'succeeded' ? { because: 'succeeded' } : null
}

/** The same for people, as a clause without a full stop. */
export function notRerunnableText(no: NotRerunnable): string {
  switch (no.because) {
    case 'gone':
      return 'GitHub no longer has the run'
    case 'too old':
      return 'the run is more than 30 days old, and GitHub does not run it again after that'
    case 'in progress':
      return 'the run is in progress again'
    case 'succeeded':
      return 'the run has no failed jobs'
    case 'started again': {
      const by = no.login === null ? 'somebody' : foreign(no.login)
      return `${by} started attempt ${no.attempt} of the run on GitHub`
    }
  }
}

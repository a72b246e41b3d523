import type { JobSighting, NamedRun, NewerRun, RunSighting, RunVerdict } from '../release/sighting.ts'
import type { JobAnswer, RunAnswer } from './run-shapes.ts'
import { firstLine } from './text.ts'

type Words = Pick<RunAnswer, 'status' | 'conclusion'>

/** GitHub's conclusions that are neither success nor cancellation. */
const bad: Readonly<Record<string, string>> = {
  failure: 'failed',
  timed_out: 'timed out',
  startup_failure: 'could not start: its workflow file is not valid',
  action_required: 'waits for somebody on GitHub to allow it',
  stale: 'was marked as stale by GitHub',
  skipped: 'was skipped',
  neutral: 'ended as neutral, which is not a success',
}

/**
 * Interprets the status and conclusion of a run. An unknown conclusion is `unknown`, an unknown status counts as
 * running. A run that somebody has to allow (`action_required`) continues in the same attempt once they do. Source:
 * docs.github.com, approving workflow runs.
 */
export function verdictOf(words: Words): RunVerdict {
  return words.conclusion === 'action_required' ? 'moving' : ended(words)
}

function ended({ status, conclusion }: Words): RunVerdict {
  if (status !== 'completed') return 'moving'
  if (conclusion === 'success') return 'succeeded'
  if (conclusion === 'cancelled') return 'cancelled'
  return conclusion && Object.hasOwn(bad, conclusion) ? 'failed' : 'unknown'
}

const notStarted = ['queued', 'waiting', 'pending', 'requested']

/** Converts a job. Its step is the one that runs, or the one at which it failed. */
export function jobSighting(job: JobAnswer): JobSighting {
  const isQueued = notStarted.includes(job.status ?? '')
  return {
    id: job.id,
    name: firstLine(job.name),
    verdict: jobVerdict(job),
    // For a waiting job GitHub returns the time of its creation as its start.
    startedAt: isQueued ? null : timeOf(job.started_at),
    completedAt: timeOf(job.completed_at),
    url: job.html_url ?? '',
    step: stepOf(job),
  }
}

function jobVerdict(job: JobAnswer): JobSighting['verdict'] {
  if (notStarted.includes(job.status ?? '')) return 'queued'
  return job.conclusion === 'skipped' ? 'skipped' : ended(job)
}

function stepOf({ status, steps }: JobAnswer): string | null {
  const step =
    status === 'completed'
      ? steps?.find(({ conclusion }) => conclusion && !['success', 'skipped', 'neutral'].includes(conclusion))
      : steps?.find((each) => each.status === 'in_progress')
  return step ? firstLine(step.name) : null
}

/** Why GitHub cancelled a run for a newer one. */
export function supersededText(newer: NewerRun): string {
  return `GitHub cancelled the run for ${named(newer)}, a newer one in the concurrency group ${newer.group}`
}

function named({ id, number }: NamedRun): string {
  return number === undefined ? `run ${id}` : `workflow run #${number}`
}

/** The verdict on a run, and the reason in one sentence: GitHub's status, and the job and step that runs or failed. */
export function runVerdict(
  words: Words,
  jobs: readonly JobSighting[],
): Pick<RunSighting, 'verdict' | 'reason'> {
  const verdict = verdictOf(words)
  return { verdict, reason: reasonOf(verdict, words, jobs) }
}

function reasonOf(verdict: RunVerdict, { status, conclusion }: Words, jobs: readonly JobSighting[]): string {
  switch (verdict) {
    case 'moving':
      return status === 'in_progress'
        ? `the run is under way${at(jobs, 'moving')}`
        : `the run is ${conclusion ?? status ?? 'in an unknown state'}`
    case 'succeeded':
      return 'the run succeeded'
    case 'failed':
      return `the run ${bad[conclusion ?? '']}${at(jobs, 'failed')}`
    case 'cancelled':
      return jobs.every(({ startedAt }) => startedAt === null)
        ? 'the run was cancelled on GitHub before any of its jobs started'
        : `the run was cancelled${at(jobs, 'cancelled')}`
    case 'unknown':
      return `the run ended as ${conclusion ?? 'an unknown conclusion'}, which twokey does not know`
  }
}

function at(jobs: readonly JobSighting[], verdict: JobSighting['verdict']): string {
  const job = jobs.find((each) => each.verdict === verdict)
  if (!job) return ''
  return job.step === null ? ` in the job ${job.name}` : ` in the job ${job.name} at the step ${job.step}`
}

/** ms since the epoch. */
export function timeOf(iso: string | null | undefined): number | null {
  const at = Date.parse(iso ?? '')
  return Number.isNaN(at) ? null : at
}

/** The number of a run, by which GitHub shows it to people. */
export function numberOf({ run_number: number }: Pick<RunAnswer, 'run_number'>): {
  readonly number?: number
} {
  return number === undefined ? {} : { number }
}

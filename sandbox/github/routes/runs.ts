import { randomBytes } from 'node:crypto'
import { type Answer, notFound, ok, refuse } from '../answer.ts'
import { page, type RepositoryCall, type RepositoryRoutes } from '../call.ts'
import { type Attempt, isOver, type Job, latest, type Run } from '../runs.ts'
import { jobOf, workflowRun } from '../shapes/runs.ts'

/** One run: its attempts, jobs, logs and cancellation. */
export const runRoutes = {
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}': (call) => {
    const run = runOf(call)
    return run ? ok(workflowRun(run, call.repository, call.at)) : notFound
  },

  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}': (call) => {
    const found = attemptOf(call)
    return found ? ok(workflowRun(found.run, call.repository, call.at, found.attempt)) : notFound
  },

  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs': (call) => {
    const found = attemptOf(call)
    return found ? jobList(call, found.run, [found.attempt]) : notFound
  },

  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs': (call) => {
    const run = runOf(call)
    if (!run) return notFound
    return jobList(call, run, call.query.get('filter') === 'all' ? run.attempts : [latest(run)])
  },

  'GET /repos/{owner}/{repo}/actions/jobs/{job_id}': (call) => {
    const found = jobCalled(call)
    return found ? ok(jobOf(found.job, found, call.repository, call.at)) : notFound
  },

  'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs': (call) => {
    const found = jobCalled(call)
    // A job that never got a runner has no log.
    if (!found || (found.job.status === 'completed' && found.job.startedAt === null)) return notFound
    const key = randomBytes(12).toString('hex')
    call.world.logAddresses.set(key, { job: found.job, until: Date.now() + call.world.logsLiveFor })
    return { status: 302, headers: { location: `${call.world.logStore}${logPath}/${key}` } }
  },

  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun': (call) => rerun(call, 'all'),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs': (call) => rerun(call, 'failed'),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel': (call) => cancel(call, 'normal'),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel': (call) => cancel(call, 'forced'),
} satisfies RepositoryRoutes

/** The path of log texts on `logStore`. */
export const logPath = '/_logs'

/** The run that a call names; a new run may not be visible yet. */
export function runOf({ repository, params, world }: RepositoryCall): Run | undefined {
  const run = repository.run(Number(params.run_id))
  return run && run.createdAt + world.lag.run <= Date.now() ? run : undefined
}

function attemptOf(call: RepositoryCall): { run: Run; attempt: Attempt } | undefined {
  const run = runOf(call)
  const attempt = run?.attempts[Number(call.params.attempt_number) - 1]
  return run && attempt && { run, attempt }
}

function jobCalled({
  repository,
  params,
}: RepositoryCall): { run: Run; attempt: Attempt; job: Job } | undefined {
  for (const run of repository.runs)
    for (const attempt of run.attempts)
      for (const job of attempt.jobs) if (job.id === Number(params.job_id)) return { run, attempt, job }
  return undefined
}

function jobList(call: RepositoryCall, run: Run, attempts: readonly Attempt[]): Answer {
  const all = attempts.flatMap((attempt) => attempt.jobs.map((job) => ({ run, attempt, job })))
  const { shown, headers } = page(call, all)
  const jobs = shown.map((each) => jobOf(each.job, each, call.repository, call.at))
  return ok({ total_count: all.length, jobs }, headers)
}

function cancel(call: RepositoryCall, how: 'normal' | 'forced'): Answer {
  const run = runOf(call)
  if (!run) return notFound
  if (isOver(run)) return refuse(409, 'Cannot cancel a workflow run that is completed.')
  call.world.cancelRun(run.id, how)
  return { status: 202, body: {} }
}

function rerun(call: RepositoryCall, which: 'all' | 'failed'): Answer {
  const run = runOf(call)
  if (!run) return notFound
  if (!isOver(run)) return refuse(403, 'This workflow is already running')
  if (Date.now() - run.createdAt > rerunnableForMs)
    return refuse(403, 'Unable to retry this workflow run because it was created over a month ago')
  if (!isRetriable(run, which)) return refuse(403, 'This workflow run cannot be retried')
  call.world.rerun(run.id, call.access.account, which)
  return { status: 201, body: {} }
}

/** How long after its first attempt a run can be run again, ms. Source: docs.github.com, re-running workflows and jobs. */
const rerunnableForMs = 30 * 24 * 60 * 60_000

/** A run without jobs could not start, or was cancelled before that. It cannot be run again. */
function isRetriable(run: Run, which: 'all' | 'failed'): boolean {
  const { jobs } = latest(run)
  const hasFailed = jobs.some(({ conclusion }) => conclusion !== 'success' && conclusion !== 'skipped')
  return jobs.length > 0 && (which === 'all' || hasFailed)
}

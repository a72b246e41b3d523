import { setTimeout as pause } from 'node:timers/promises'
import { takeTurn } from './concurrency.ts'
import { runContexts } from './contexts.ts'
import type { Contexts } from './expression.ts'
import { setDeploymentState } from './gate.ts'
import type { Commit } from './git.ts'
import { executeScope } from './job-flow.ts'
import { planScope, type Scope, StartupFailure } from './planned-jobs.ts'
import type { Repository } from './repository.ts'
import { type Attempt, type Conclusion, latest, type Run } from './runs.ts'
import { type Ending, finish, log, touch, type Work } from './work.ts'
import type { WorkflowFile } from './workflow-shapes.ts'
import type { Runner } from './world.ts'

/** Executes runs as their workflow files define: jobs in parallel if possible, steps in order. */
export class StepRunner implements Runner {
  readonly #with: Pick<Work, 'world' | 'pace' | 'aws'>
  readonly #underWay = new Map<Attempt, AbortController>()

  constructor(using: Pick<Work, 'world' | 'pace' | 'aws'>) {
    this.#with = using
  }

  execute(repository: Repository, run: Run): void {
    const attempt = latest(run)
    const ending = new AbortController()
    this.#underWay.set(attempt, ending)
    execute({ ...this.#with, repository, run, attempt, ending })
      .catch((trouble: unknown) => this.#with.world.violations.push(`run ${run.id}: ${trouble}`))
      .finally(() => this.#underWay.delete(attempt))
  }

  /**
   * Stops a run before its next step; a step that waits for AWS stops waiting, but AWS continues. A run whose plan
   * ignores cancellations is only stopped by force.
   */
  cancel(run: Run, how: 'normal' | 'forced'): void {
    const attempt = latest(run)
    if (how === 'normal' && attempt.plan.cancellation === 'ignored') return
    this.#underWay.get(attempt)?.abort('cancelled' satisfies Ending)
  }

  /** Ends all runs at once. */
  close(): void {
    for (const ending of this.#underWay.values()) ending.abort('closed' satisfies Ending)
  }
}

async function execute(work: Work): Promise<void> {
  const { attempt, ending } = work
  let leave = () => {}
  try {
    const { stuck } = attempt.plan
    if (stuck === 'requested' || stuck === 'action_required') await notStarted(work, stuck)
    const { concurrency } = fileOf(work)
    if (concurrency) leave = await takeTurn(work, { setting: concurrency, contexts: contextsOf(work) })
    const scope = planned(work)
    if (!scope) return end(work, 'startup_failure')
    await pause(work.pace.jobStep, undefined, { signal: ending.signal })
    if (stuck === 'queued') await letGo(work)
    const results = await executeScope(work, scope)
    end(work, results.some(({ verdict }) => verdict === 'failure') ? 'failure' : 'success')
  } catch (trouble) {
    if (!ending.signal.aborted) throw trouble
    const why: Ending = ending.signal.reason
    if (why !== 'closed') endEarly(work, why === 'timed_out' ? (attempt.plan.timeOut?.as ?? why) : why)
  } finally {
    leave()
  }
}

async function notStarted(work: Work, as: 'requested' | 'action_required'): Promise<void> {
  const { attempt } = work
  if (as === 'requested') attempt.status = 'requested'
  else end(work, as)
  work.world.changed()
  await letGo(work)
  attempt.status = 'queued'
  attempt.conclusion = null
}

function letGo({ world, run, ending }: Work): Promise<boolean> {
  return world.until(() => world.isLetGo(run.id), { ms: Number.POSITIVE_INFINITY, signal: ending.signal })
}

/** The jobs that are known now, queued; undefined if the file cannot be executed. */
function planned(work: Work): Scope | undefined {
  const { world, repository, attempt } = work
  const commit = commitOf(work)
  const source = { repository, commit, newId: () => world.id() }
  try {
    const scope = planScope(source, { file: fileOf(work), prefix: '', contexts: contextsOf(work) })
    attempt.jobs.push(...jobsOf(scope))
    return scope
  } catch (trouble) {
    if (trouble instanceof StartupFailure) return undefined
    throw trouble
  }
}

function commitOf({ repository, run }: Work): Commit {
  return repository.git.commits.get(run.headSha)!
}

function fileOf(work: Work): WorkflowFile {
  const { repository, run } = work
  const file = repository.workflowAt({ path: run.workflowPath }, commitOf(work))
  if (!file) throw new Error(`${run.headSha} has no ${run.workflowPath}`)
  return file
}

function contextsOf(work: Work): Contexts {
  return runContexts(work.run, work.repository, fileOf(work))
}

function jobsOf(scope: Scope): Attempt['jobs'] {
  return scope.groups
    .flatMap(({ members = [] }) => members)
    .flatMap((member) => ('called' in member ? jobsOf(member.called) : [member.job]))
}

/** Ends the attempt early: the running step is interrupted, waiting jobs never run. */
function endEarly(work: Work, conclusion: 'cancelled' | 'timed_out'): void {
  for (const job of work.attempt.jobs) {
    if (job.status === 'completed') continue
    for (const step of job.steps) {
      if (step.status === 'in_progress') finish(step, 'cancelled')
      else if (step.status === 'queued') finish(step, 'skipped')
    }
    log(job, '##[error]The operation was canceled.')
    finish(job, job.startedAt === null ? 'cancelled' : conclusion)
    for (const deployment of work.repository.deployments)
      if (deployment.job?.jobId === job.id) setDeploymentState(work.world, deployment, { state: 'failure' })
  }
  end(work, conclusion)
}

function end(work: Work, conclusion: Conclusion): void {
  work.attempt.status = 'completed'
  work.attempt.conclusion = conclusion
  touch(work)
}

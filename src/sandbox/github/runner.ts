import { setTimeout as pause } from 'node:timers/promises'
import type { Pace } from '../pace.ts'
import { type Aws, deploySteps } from './deploy-steps.ts'
import { openGate } from './gate.ts'
import { type PlannedJob, type PlannedStep, plannedJobs } from './planned-jobs.ts'
import type { Repository } from './repository.ts'
import { type Attempt, type Conclusion, type Job, latest, type Run, type Step } from './runs.ts'
import { StepFailure } from './step-failure.ts'
import type { Runner, World } from './world.ts'

/** Why an attempt was ended from outside; `closed` is the sandbox itself going away. */
type Ending = 'cancelled' | 'timed_out' | 'closed'

/** The carrying out of one attempt. */
export type Work = {
  readonly world: World
  readonly pace: Pace
  readonly aws: Aws | undefined
  readonly repository: Repository
  readonly run: Run
  readonly attempt: Attempt
  readonly ending: AbortController
}

/** Carries runs out as their workflow files say, job after job, step after step. */
export class StepRunner implements Runner {
  readonly #with: Pick<Work, 'world' | 'pace' | 'aws'>
  readonly #underWay = new Map<Attempt, AbortController>()

  constructor(using: Pick<Work, 'world' | 'pace' | 'aws'>) {
    this.#with = using
  }

  carryOut(repository: Repository, run: Run): void {
    const attempt = latest(run)
    const ending = new AbortController()
    this.#underWay.set(attempt, ending)
    carryOut({ ...this.#with, repository, run, attempt, ending })
      .catch((trouble: unknown) => this.#with.world.violations.push(`run ${run.id}: ${trouble}`))
      .finally(() => this.#underWay.delete(attempt))
  }

  /**
   * Stops a run before its next step; a step that waits for AWS stops waiting. AWS itself goes on.
   * A run whose plan ignores cancellations stops only by force.
   */
  cancel(run: Run, how: 'asked' | 'forced'): void {
    const attempt = latest(run)
    if (how === 'asked' && attempt.plan.cancellation === 'ignored') return
    this.#underWay.get(attempt)?.abort('cancelled' satisfies Ending)
  }

  /** Ends all runs where they stand. */
  close(): void {
    for (const ending of this.#underWay.values()) ending.abort('closed' satisfies Ending)
  }
}

async function carryOut(work: Work): Promise<void> {
  const { world, repository, run, attempt, ending } = work
  const planned = plannedJobs(repository, run, () => world.id())
  attempt.jobs.push(...planned.map(({ job }) => job))
  try {
    await pause(work.pace.jobStep, undefined, { signal: ending.signal })
    if (attempt.plan.stuck)
      await world.until(() => false, { ms: Number.POSITIVE_INFINITY, signal: ending.signal })
    for (const each of planned) await carryOutJob(work, each)
    end(work, worst(attempt.jobs))
  } catch (trouble) {
    if (!ending.signal.aborted) throw trouble
    const why: Ending = ending.signal.reason
    if (why !== 'closed') endEarly(work, why === 'timed_out' ? (attempt.plan.timeOut?.as ?? why) : why)
  }
}

async function carryOutJob(work: Work, planned: PlannedJob): Promise<void> {
  const { attempt, world } = work
  const { job } = planned
  const needed = attempt.jobs.filter((each) => planned.needs.includes(each.key))
  if (needed.some((each) => each.conclusion !== 'success')) return finish(job, 'skipped')

  const gate = await openGate(work, job)
  if (gate === 'rejected') return finish(job, 'failure')
  start(job)
  attempt.status = 'in_progress'
  touch(work)
  const actions = deploySteps(work, planned)
  for (const step of planned.steps) await carryOutStep(work, { job, step, actions })
  finish(job, job.steps.some((step) => step.conclusion === 'failure') ? 'failure' : 'success')
  gate?.tell(job.conclusion === 'success' ? 'success' : 'failure')
  world.changed()
}

type Actions = Readonly<Record<string, () => Promise<void>>>

async function carryOutStep(
  work: Work,
  at: { readonly job: Job; readonly step: PlannedStep; readonly actions: Actions },
): Promise<void> {
  const { job, actions } = at
  const { step, plan } = at.step
  const isCleaningUp = plan === undefined && step.number > 1
  if (!isCleaningUp && job.steps.some((each) => each.conclusion === 'failure')) return finish(step, 'skipped')
  start(step)
  touch(work)
  log(job, `##[group]${step.name}`)
  try {
    await goWrong(work, step)
    await actions[plan?.id ?? '']?.()
    finish(step, 'success')
  } catch (trouble) {
    if (!(trouble instanceof StepFailure)) throw trouble
    for (const line of trouble.lines) log(job, line)
    log(job, `##[error]${trouble.message}`)
    finish(step, 'failure')
  }
  log(job, '##[endgroup]')
  touch(work)
}

/** Takes the step's time, and does to it what the run's plan has for it. */
async function goWrong({ world, pace, run, attempt, ending }: Work, step: Step): Promise<void> {
  const { plan } = attempt
  const { signal } = ending
  if (plan.cancelAt === step.name) ending.abort('cancelled' satisfies Ending)
  if (plan.timeOut?.step === step.name) ending.abort('timed_out' satisfies Ending)
  if (plan.holdAt === step.name)
    await world.until(() => world.isLetGo(run.id), { ms: Number.POSITIVE_INFINITY, signal })
  await pause(pace.jobStep, undefined, { signal })
  if (plan.failStep === step.name) throw new StepFailure('Process completed with exit code 1.')
}

/** Ends the attempt in the middle: what ran is cut, what waited never runs. */
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
      if (deployment.jobId === job.id)
        deployment.statuses.push({ id: work.world.id(), state: 'failure', at: Date.now() })
  }
  end(work, conclusion)
}

function end(work: Work, conclusion: Conclusion): void {
  work.attempt.status = 'completed'
  work.attempt.conclusion = conclusion
  touch(work)
}

function worst(jobs: readonly Job[]): Conclusion {
  return jobs.some((job) => job.conclusion === 'failure') ? 'failure' : 'success'
}

function start(course: Job | Step): void {
  course.status = 'in_progress'
  course.startedAt = Date.now()
}

function finish(course: Job | Step, conclusion: Conclusion): void {
  course.status = 'completed'
  course.conclusion = conclusion
  course.completedAt = Date.now()
}

function touch({ attempt, world }: Work): void {
  attempt.updatedAt = Date.now()
  world.changed()
}

/** Writes a line as GitHub's logs have it: the time to a ten-millionth of a second, then the text. */
function log(job: Job, line: string): void {
  job.log.push(`${new Date().toISOString().replace('Z', '0000Z')} ${line}`)
}

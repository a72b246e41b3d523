import type { Deployment, DeploymentState, Environment } from './deployments.ts'
import { addEnvironment, type GateVerdict, newGate, rulesOf, verdictOf } from './protection.ts'
import type { Repository } from './repository.ts'
import type { Job } from './runs.ts'
import { log, touch, type Work } from './work.ts'
import type { World } from './world.ts'

/** The deployment of a job that has passed its gate; `report` sets how the job ended. */
export type OpenGate = { report(state: 'success' | 'failure'): void }

/**
 * Waits at the gate of a job's environment for a reviewer, for the Apps of its rules and for the timer. Returns the
 * started deployment, `rejected`, or undefined for a job without an environment.
 */
export async function openGate(work: Work, job: Job): Promise<OpenGate | 'rejected' | undefined> {
  if (job.environment === undefined) return undefined
  const { world, repository, run } = work
  const environment =
    repository.environment(job.environment) ?? addEnvironment(world, repository, job.environment)
  const deployment = job.isUnrecorded ? undefined : newDeployment(work, job, environment)
  const report = (state: DeploymentState) => {
    if (deployment) setDeploymentState(world, deployment, { state, logUrl: jobPage(work, job) })
  }
  report('queued')
  const refused =
    branchRefused(environment, run.headBranch) ??
    unrecordedRefused(repository, environment, job) ??
    (await refusedAtGate(work, job, environment))
  if (refused) {
    log(job, `##[error]${refused}`)
    report('failure')
    return 'rejected'
  }
  report('in_progress')
  return {
    report: (state) => {
      report(state)
      if (deployment && state === 'success') retire(world, repository, deployment, () => true)
    },
  }
}

/** Custom rules need a deployment. Source: docs.github.com, interaction with protection rules. */
function unrecordedRefused(
  repository: Repository,
  environment: Environment,
  { isUnrecorded }: Job,
): string | undefined {
  if (!isUnrecorded || rulesOf(repository, environment).length === 0) return undefined
  return `The protection rules of ${environment.name} are incompatible with "deployment: false".`
}

function branchRefused({ name, branches }: Environment, branch: string): string | undefined {
  if (!branches || branches.includes(branch)) return undefined
  return `Branch "${branch}" is not allowed to deploy to ${name} due to environment protection rules.`
}

const closed: Record<Exclude<GateVerdict, 'open'>, string> = {
  rejected: "The deployment was rejected or didn't satisfy other protection rules.",
  removed: "The deployment was rejected or didn't satisfy other protection rules.",
  expired: 'The job was not approved in time.',
}

/** Why the gate stays closed; undefined once it is open. */
async function refusedAtGate(work: Work, job: Job, environment: Environment): Promise<string | undefined> {
  const { world, repository, ending } = work
  const gate = newGate(repository, environment)
  if (!gate) return undefined
  job.gate = gate
  job.status = 'waiting'
  touch(work)
  const times = [environment.waitMs, world.gatesLiveFor].map((ms) => changedAfter(world, ms))
  try {
    const verdict = await world.until(
      () => verdictOf(gate, { repository, environment }, world.gatesLiveFor),
      {
        ms: Number.POSITIVE_INFINITY,
        signal: ending.signal,
      },
    )
    if (verdict !== 'open') return closed[verdict]
    job.status = 'queued'
    return undefined
  } finally {
    for (const cancel of times) cancel()
  }
}

/** The longest time of a timer, ms. */
const longestTimer = 2 ** 31 - 1

function changedAfter(world: World, ms: number): () => void {
  if (ms === 0 || ms > longestTimer) return () => {}
  const at = Date.now() + ms
  // A timer may fire a little early by the clock that gates go by.
  const look = () => {
    if (Date.now() < at) timer = setTimeout(look, 1)
    else world.changed()
  }
  let timer = setTimeout(look, ms)
  return () => clearTimeout(timer)
}

function jobPage({ world, repository, run }: Work, job: Job): string {
  return `${world.at.html}/${repository.fullName}/actions/runs/${run.id}/job/${job.id}`
}

function newDeployment(
  { world, repository, run, attempt }: Work,
  job: Job,
  environment: Environment,
): Deployment {
  const deployment: Deployment = {
    id: world.id(),
    sha: run.headSha,
    ref: run.headBranch,
    task: 'deploy',
    payload: {},
    description: null,
    environment: environment.name,
    isTransient: false,
    isProduction: environment.name === 'production',
    job: { runId: run.id, jobId: job.id },
    creator: attempt.number > 1 ? attempt.actor : run.actor,
    createdAt: Date.now(),
    statuses: [],
  }
  repository.deployments.push(deployment)
  return deployment
}

/** Adds a status to a deployment. */
export function setDeploymentState(
  world: World,
  deployment: Deployment,
  status: { readonly state: DeploymentState } & Partial<Deployment['statuses'][number]>,
): void {
  deployment.statuses.push({
    creator: deployment.creator,
    description: '',
    logUrl: deployment.statuses.at(-1)?.logUrl ?? '',
    environmentUrl: '',
    ...status,
    id: world.id(),
    at: Date.now(),
  })
  world.changed()
}

/** A deployment that succeeds makes the earlier ones of its environment inactive, if they meet the condition. */
export function retire(
  world: World,
  repository: Repository,
  newest: Deployment,
  condition: (older: Deployment) => boolean,
): void {
  for (const older of repository.deployments)
    if (
      older !== newest &&
      older.environment === newest.environment &&
      older.statuses.at(-1)?.state === 'success' &&
      condition(older)
    )
      setDeploymentState(world, older, { state: 'inactive' })
}

import { setTimeout as pause } from 'node:timers/promises'
import {
  type Deployment,
  type DeploymentState,
  type Environment,
  isReviewed,
  type Repository,
} from './repository.ts'
import type { Job } from './runs.ts'
import { touch, type Work } from './work.ts'

/** The deployment of a job that has passed its gate; `report` sets how the job ended. */
export type OpenGate = { report(state: 'success' | 'failure'): void }

/**
 * Waits at the gate of a job's environment for a reviewer and for the timer. Returns the started deployment,
 * `rejected`, or undefined for a job without an environment.
 */
export async function openGate(work: Work, job: Job): Promise<OpenGate | 'rejected' | undefined> {
  if (job.environment === undefined) return undefined
  const { world, repository, run, attempt, ending } = work
  const environment = knownEnvironment(work, job.environment)
  const deployment = newDeployment(work, job, environment)
  const report = (state: DeploymentState) => setDeploymentState(work, deployment, state)
  report('queued')
  const since = Date.now()
  if (isReviewed(environment) || environment.waitMs > 0) {
    job.status = 'waiting'
    touch(work)
  }
  if (isReviewed(environment)) {
    const review = await world.until(
      () =>
        run.reviews.find((each) => each.attempt === attempt.number && each.environment === environment.name),
      { ms: Number.POSITIVE_INFINITY, signal: ending.signal },
    )
    if (review.state === 'rejected') {
      report('failure')
      return 'rejected'
    }
  }
  await pause(Math.max(0, since + environment.waitMs - Date.now()), undefined, { signal: ending.signal })
  report('in_progress')
  return {
    report: (state) => {
      report(state)
      if (state === 'success') retire(work, repository, deployment)
    },
  }
}

/** GitHub creates an environment without a gate for any unknown name that a job deploys to. */
function knownEnvironment({ world, repository }: Work, name: string): Environment {
  const known = repository.environment(name)
  if (known) return known
  const made: Environment = { id: world.id(), name, createdAt: Date.now(), reviewers: [], waitMs: 0 }
  repository.environments.push(made)
  return made
}

function newDeployment({ world, repository, run }: Work, job: Job, environment: Environment): Deployment {
  const deployment: Deployment = {
    id: world.id(),
    sha: run.headSha,
    ref: run.headBranch,
    environment: environment.name,
    runId: run.id,
    jobId: job.id,
    creator: run.actor,
    createdAt: Date.now(),
    statuses: [],
  }
  repository.deployments.push(deployment)
  return deployment
}

function setDeploymentState({ world }: Work, deployment: Deployment, state: DeploymentState): void {
  deployment.statuses.push({ id: world.id(), state, at: Date.now() })
}

/** A deployment that succeeds makes the earlier deployments of its environment inactive. */
function retire(work: Work, repository: Repository, newest: Deployment): void {
  for (const older of repository.deployments)
    if (
      older !== newest &&
      older.environment === newest.environment &&
      older.statuses.at(-1)?.state === 'success'
    )
      setDeploymentState(work, older, 'inactive')
}

import { type Answer, notFound, ok, refuse } from '../answer.ts'
import { page, type RepositoryCall, type RepositoryRoutes } from '../call.ts'
import { type Environment, mayReview } from '../deployments.ts'
import { type WaitingJob, waitingJobs } from '../protection.ts'
import { latest, type Run } from '../runs.ts'
import { approvalOf, deploymentOf, environmentOf, pendingDeployment } from '../shapes/environments.ts'
import { runOf } from './runs.ts'

/** Environments, and the reviews of people at their gates. */
export const environmentRoutes = {
  'GET /repos/{owner}/{repo}/environments': (call) => {
    const { repository, at } = call
    const { shown, headers } = page(call, repository.environments)
    const environments = shown.map((environment) => environmentOf(environment, repository, at))
    return ok({ total_count: repository.environments.length, environments }, headers)
  },

  'GET /repos/{owner}/{repo}/environments/{environment_name}': ({ repository, params, at }) => {
    const environment = repository.environment(params.environment_name!)
    return environment ? ok(environmentOf(environment, repository, at)) : notFound
  },

  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments': (call) => {
    const run = runOf(call)
    if (!run) return notFound
    const { repository, at } = call
    return ok(
      pending(call, run).map(({ environment, waiting }) => {
        const mayApprove = isReviewable(waiting) && mayDecide(call, run, environment)
        return pendingDeployment({ environment, since: waiting[0]!.gate.since, mayApprove }, repository, at)
      }),
    )
  },

  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments': (call) => {
    const run = runOf(call)
    return run ? review(call, run) : notFound
  },

  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals': (call) => {
    const run = runOf(call)
    if (!run) return notFound
    return ok(run.reviews.map((each) => approvalOf(each, call.repository, call.at)))
  },
} satisfies RepositoryRoutes

type Pending = { readonly environment: Environment; readonly waiting: readonly WaitingJob[] }

/** The environments at whose gates jobs of the run wait. */
function pending({ repository }: RepositoryCall, run: Run): Pending[] {
  return repository.environments
    .map((environment) => ({ environment, waiting: waitingJobs(run, environment) }))
    .filter(({ waiting }) => waiting.length > 0)
}

function isReviewable(waiting: readonly WaitingJob[]): boolean {
  return waiting.some(({ gate }) => gate.review === 'pending')
}

/** Only a person may be a required reviewer. */
function mayDecide({ access }: RepositoryCall, run: Run, environment: Environment): boolean {
  return access.kind === 'user' && mayReview(environment, access.account.login, latest(run).actor.login)
}

/** A review at the gate, for all jobs that wait there now. Only a person who is a required reviewer may review. */
function review(call: RepositoryCall, run: Run): Answer {
  const { repository, access, world, at } = call
  if (access.kind !== 'user') return refuse(403, 'Resource not accessible by integration')
  const body = call.body as { environment_ids: number[]; state: 'approved' | 'rejected'; comment: string }
  const asked = pending(call, run).filter(({ environment }) => body.environment_ids.includes(environment.id))
  if (asked.length === 0 || asked.length < body.environment_ids.length)
    return refuse(422, 'No pending deployment requests to approve or reject')
  if (!asked.every(({ environment }) => mayDecide(call, run, environment)))
    return refuse(403, 'The user is not a required reviewer of the environment')
  if (!asked.every(({ waiting }) => isReviewable(waiting)))
    return refuse(422, 'No pending deployment requests to approve or reject')
  const { state, comment } = body
  for (const { environment } of asked)
    world.gates.review(run.id, { by: access.account, state, environment: environment.name, comment })
  const ids = new Set(asked.flatMap(({ waiting }) => waiting.map(({ id }) => id)))
  const deployments = repository.deployments.filter(({ job }) => job && ids.has(job.jobId))
  return ok(deployments.map((deployment) => deploymentOf(deployment, repository, at)))
}

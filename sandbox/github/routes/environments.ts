import { type Answer, notFound, ok, refuse } from '../answer.ts'
import { page, type RepositoryCall, type RepositoryRoutes } from '../call.ts'
import { type Environment, mayReview } from '../repository.ts'
import { latest, type Run, waitingAt } from '../runs.ts'
import {
  approvalOf,
  deploymentOf,
  deploymentStatuses,
  environmentOf,
  pendingDeployment,
} from '../shapes/environments.ts'
import { runOf } from './runs.ts'

/** Environments, their gates and their deployments. */
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
    const { repository, at, access } = call
    return ok(
      pending(call, run).map((environment) => {
        const { createdAt: since } = repository.deployments.findLast(
          ({ runId, environment: name }) => runId === run.id && name === environment.name,
        )!
        return pendingDeployment({ environment, since, seenBy: access.account }, repository, at)
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

  'GET /repos/{owner}/{repo}/deployments': (call) => {
    const { repository, query, at } = call
    const wanted = repository.deployments.filter(
      (deployment) =>
        (query.get('environment') ?? deployment.environment) === deployment.environment &&
        (query.get('sha') ?? deployment.sha) === deployment.sha &&
        (query.get('ref') ?? deployment.ref) === deployment.ref,
    )
    const { shown, headers } = page(call, wanted.toReversed())
    return ok(
      shown.map((deployment) => deploymentOf(deployment, repository, at)),
      headers,
    )
  },

  'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': (call) => {
    const { repository, params, at } = call
    const deployment = repository.deployments.find(({ id }) => id === Number(params.deployment_id))
    if (!deployment) return notFound
    const { shown, headers } = page(call, deploymentStatuses(deployment, repository, at))
    return ok(shown, headers)
  },
} satisfies RepositoryRoutes

function pending({ repository }: RepositoryCall, run: Run): Environment[] {
  return waitingAt(run).flatMap((name) => repository.environment(name) ?? [])
}

/** A review at the gate. Only a person who is a required reviewer of each environment may review. */
function review(call: RepositoryCall, run: Run): Answer {
  const { repository, access, world, at } = call
  const body = call.body as { environment_ids: number[]; state: 'approved' | 'rejected'; comment: string }
  const waiting = pending(call, run)
  const meant = waiting.filter((environment) => body.environment_ids.includes(environment.id))
  if (meant.length === 0 || meant.length < body.environment_ids.length)
    return refuse(422, 'No pending deployment requests to approve or reject')
  const isReviewer = meant.every((environment) => mayReview(environment, access.account.login))
  if (!isReviewer || access.kind !== 'user')
    return refuse(403, 'The user is not a required reviewer of the environment')
  for (const environment of meant)
    run.reviews.push({
      environment: environment.name,
      attempt: latest(run).number,
      state: body.state,
      user: access.account,
      comment: body.comment,
    })
  world.changed()
  const names = meant.map(({ name }) => name)
  return ok(
    repository.deployments
      .filter((deployment) => deployment.runId === run.id && names.includes(deployment.environment))
      .map((deployment) => deploymentOf(deployment, repository, at)),
  )
}

import { type Answer, notFound, ok, refuse } from '../answer.ts'
import { page, type RepositoryCall, type RepositoryRoutes } from '../call.ts'
import type { Deployment, DeploymentState } from '../deployments.ts'
import { retire, setDeploymentState } from '../gate.ts'
import { addEnvironment } from '../protection.ts'
import type { CommitStatus } from '../repository.ts'
import { deploymentOf, deploymentStatusOf } from '../shapes/environments.ts'

/** Deployments, those of jobs and those that Apps record, and their statuses. */
export const deploymentRoutes = {
  'GET /repos/{owner}/{repo}/deployments': (call) => {
    const { repository, query, at } = call
    const wanted = repository.deployments.filter(
      (deployment) =>
        (query.get('environment') ?? deployment.environment) === deployment.environment &&
        (query.get('sha') ?? deployment.sha) === deployment.sha &&
        (query.get('task') ?? deployment.task) === deployment.task &&
        (query.get('ref') ?? deployment.ref) === deployment.ref,
    )
    const { shown, headers } = page(call, wanted.toReversed())
    return ok(
      shown.map((deployment) => deploymentOf(deployment, repository, at)),
      headers,
    )
  },

  'GET /repos/{owner}/{repo}/deployments/{deployment_id}': (call) => {
    const deployment = deploymentCalled(call)
    return deployment ? ok(deploymentOf(deployment, call.repository, call.at)) : notFound
  },

  'POST /repos/{owner}/{repo}/deployments': create,

  'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': (call) => {
    const { repository, at } = call
    const deployment = deploymentCalled(call)
    if (!deployment) return notFound
    const { shown, headers } = page(call, deployment.statuses.toReversed())
    return ok(
      shown.map((status) => deploymentStatusOf(status, deployment, repository, at)),
      headers,
    )
  },

  'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': (call) => {
    const deployment = deploymentCalled(call)
    return deployment ? addStatus(call, deployment) : notFound
  },
} satisfies RepositoryRoutes

function deploymentCalled({ repository, params }: RepositoryCall): Deployment | undefined {
  return repository.deployments.find(({ id }) => id === Number(params.deployment_id))
}

type NewDeployment = {
  readonly ref: string
  readonly task?: string
  readonly auto_merge?: boolean
  readonly required_contexts?: readonly string[]
  readonly payload?: unknown
  readonly environment?: string
  readonly description?: string | null
  readonly transient_environment?: boolean
  readonly production_environment?: boolean
}

/** `repos/create-deployment`. The sandbox merges nothing: a branch that is behind the default one is a conflict. */
function create(call: RepositoryCall): Answer {
  const { repository, world, access, at } = call
  const body = call.body as NewDeployment
  const { git, defaultBranch } = repository
  const commit = git.resolve(body.ref)
  if (!commit) return refuse(422, `No ref found for: ${body.ref}`)
  const tip = git.tip(`heads/${defaultBranch}`)
  const isBranch = git.tip(`heads/${body.ref}`) !== undefined
  if ((body.auto_merge ?? true) && isBranch && tip && git.compare(commit.sha, tip.sha).ahead.length > 0)
    return refuse(409, `Conflict merging ${defaultBranch} into ${body.ref}.`)
  if (!isGreen(repository.statuses, commit.sha, body.required_contexts))
    return refuse(409, `Conflict: Commit status checks failed for ${body.ref}.`)
  const name = body.environment ?? 'production'
  const { name: environment } = repository.environment(name) ?? addEnvironment(world, repository, name)
  const deployment: Deployment = {
    id: world.id(),
    sha: commit.sha,
    ref: body.ref,
    task: body.task ?? 'deploy',
    payload: body.payload ?? {},
    description: body.description ?? null,
    environment,
    isTransient: body.transient_environment ?? false,
    isProduction: body.production_environment ?? name === 'production',
    job: undefined,
    creator: access.account,
    createdAt: Date.now(),
    statuses: [],
  }
  repository.deployments.push(deployment)
  world.changed()
  return { status: 201, body: deploymentOf(deployment, repository, at) }
}

/** Whether the newest statuses of the required contexts are successes; without a list: of all contexts. */
function isGreen(
  statuses: readonly CommitStatus[],
  sha: string,
  required: readonly string[] | undefined,
): boolean {
  const newest = new Map(
    statuses.filter((each) => each.sha === sha).map((each) => [each.context, each.state]),
  )
  return (required ?? [...newest.keys()]).every((context) => newest.get(context) === 'success')
}

type NewStatus = {
  readonly state: DeploymentState
  readonly target_url?: string
  readonly log_url?: string
  readonly description?: string
  readonly environment_url?: string
  readonly auto_inactive?: boolean
}

/** How long a description may be, in characters. */
const longestDescription = 140

/** `repos/create-deployment-status`. */
function addStatus(call: RepositoryCall, deployment: Deployment): Answer {
  const { repository, world, access, at } = call
  const body = call.body as NewStatus
  const { description = '' } = body
  if (description.length > longestDescription)
    return refuse(
      422,
      `Validation Failed: description is too long (maximum is ${longestDescription} characters)`,
    )
  setDeploymentState(world, deployment, {
    state: body.state,
    description,
    creator: access.account,
    logUrl: body.log_url ?? body.target_url ?? '',
    environmentUrl: body.environment_url ?? '',
  })
  if (body.state === 'success' && (body.auto_inactive ?? true))
    retire(world, repository, deployment, (older) => !older.isTransient && !older.isProduction)
  const status = deployment.statuses.findLast(({ state }) => state === body.state)!
  return { status: 201, body: deploymentStatusOf(status, deployment, repository, at) }
}

import { iso } from '../people.ts'
import { type Deployment, type Environment, isReviewed, mayReview, type Repository } from '../repository.ts'
import type { Account, Review, Team } from '../runs.ts'
import { type Addresses, nodeId, simpleUser } from './accounts.ts'
import { repositoryPage, repositoryUrl } from './repositories.ts'

const minutes = (ms: number) => Math.ceil(ms / 60_000)

function named(environment: Environment, repository: Repository, at: Addresses) {
  const name = encodeURIComponent(environment.name)
  return {
    id: environment.id,
    node_id: nodeId('Environment', environment.id),
    name: environment.name,
    url: `${repositoryUrl(repository, at)}/environments/${name}`,
    html_url: `${repositoryPage(repository, at)}/deployments/activity_log?environments_filter=${name}`,
  }
}

function dated(environment: Environment, repository: Repository, at: Addresses) {
  const created = iso(environment.createdAt)
  return { ...named(environment, repository, at), created_at: created, updated_at: created }
}

function reviewers({ reviewers: people, teams = [] }: Environment, repository: Repository, at: Addresses) {
  return [
    ...people.map((reviewer) => ({ type: 'User', reviewer: simpleUser(reviewer, at) })),
    ...teams.map((team) => ({ type: 'Team', reviewer: teamOf(team, repository, at) })),
  ]
}

/** OpenAPI `team`. */
function teamOf({ id, name, slug }: Team, { owner }: Repository, at: Addresses) {
  const url = `${at.api}/orgs/${owner}/teams/${slug}`
  return {
    id,
    node_id: nodeId('Team', id),
    name,
    slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    url,
    html_url: `${at.html}/orgs/${owner}/teams/${slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    type: 'organization',
    parent: null,
  }
}

/** OpenAPI `environment`. */
export function environmentOf(environment: Environment, repository: Repository, at: Addresses) {
  const rule = (type: string) => ({ id: environment.id, node_id: nodeId(type, environment.id), type })
  const timer = { ...rule('wait_timer'), wait_timer: minutes(environment.waitMs) }
  const review = {
    ...rule('required_reviewers'),
    prevent_self_review: false,
    reviewers: reviewers(environment, repository, at),
  }
  return {
    ...dated(environment, repository, at),
    protection_rules: [
      ...(environment.waitMs > 0 ? [timer] : []),
      ...(isReviewed(environment) ? [review] : []),
    ],
    deployment_branch_policy: null,
    can_admins_bypass: true,
  }
}

/** OpenAPI `pending-deployment`, for the account that requests it. */
export function pendingDeployment(
  of: { readonly environment: Environment; readonly since: number; readonly seenBy: Account },
  repository: Repository,
  at: Addresses,
) {
  const { environment, since, seenBy } = of
  return {
    environment: named(environment, repository, at),
    wait_timer: minutes(environment.waitMs),
    wait_timer_started_at: environment.waitMs > 0 ? iso(since) : null,
    current_user_can_approve: mayReview(environment, seenBy.login),
    reviewers: reviewers(environment, repository, at),
  }
}

/** OpenAPI `environment-approvals`. */
export function approvalOf(review: Review, repository: Repository, at: Addresses) {
  const environment = repository.environment(review.environment)!
  return {
    environments: [dated(environment, repository, at)],
    state: review.state,
    user: simpleUser(review.user, at),
    comment: review.comment,
  }
}

/** OpenAPI `deployment`. */
export function deploymentOf(deployment: Deployment, repository: Repository, at: Addresses) {
  const url = `${repositoryUrl(repository, at)}/deployments/${deployment.id}`
  const updated = deployment.statuses.at(-1)?.at ?? deployment.createdAt
  return {
    url,
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: 'deploy',
    payload: {},
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: null,
    creator: simpleUser(deployment.creator, at),
    created_at: iso(deployment.createdAt),
    updated_at: iso(updated),
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl(repository, at),
    transient_environment: false,
    production_environment: deployment.environment === 'production',
  }
}

/** OpenAPI `deployment-status`, one for each state of the deployment, newest first. */
export function deploymentStatuses(deployment: Deployment, repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  const page = `${repositoryPage(repository, at)}/actions/runs/${deployment.runId}/job/${deployment.jobId}`
  return deployment.statuses.toReversed().map((status) => ({
    url: `${url}/deployments/${deployment.id}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: simpleUser(deployment.creator, at),
    description: '',
    environment: deployment.environment,
    target_url: page,
    log_url: page,
    created_at: iso(status.at),
    updated_at: iso(status.at),
    deployment_url: `${url}/deployments/${deployment.id}`,
    repository_url: url,
  }))
}

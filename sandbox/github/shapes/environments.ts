import type { App } from '../apps.ts'
import { type Deployment, type DeploymentStatus, type Environment, isReviewed } from '../deployments.ts'
import type { ProtectionRule } from '../gate-state.ts'
import { iso } from '../people.ts'
import { rulesOf } from '../protection.ts'
import type { Repository } from '../repository.ts'
import type { Review, Team } from '../runs.ts'
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

/** The required reviewers of an environment: people and teams. */
export function reviewersOf(
  { reviewers: people, teams = [] }: Environment,
  repository: Repository,
  at: Addresses,
) {
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

/** OpenAPI `environment`. A plan without gates shows none. */
export function environmentOf(environment: Environment, repository: Repository, at: Addresses) {
  const { waitMs, branches, preventSelfReview = false, canAdminsBypass = true } = environment
  const rule = (type: string) => ({ id: environment.id, node_id: nodeId(type, environment.id), type })
  const timer = { ...rule('wait_timer'), wait_timer: minutes(waitMs) }
  const review = {
    ...rule('required_reviewers'),
    prevent_self_review: preventSelfReview,
    reviewers: reviewersOf(environment, repository, at),
  }
  return {
    ...dated(environment, repository, at),
    protection_rules: [
      ...(repository.hasGates && waitMs > 0 ? [timer] : []),
      ...(repository.hasGates && isReviewed(environment) ? [review] : []),
      ...rulesOf(repository, environment).map(({ id }) => ({
        id,
        node_id: nodeId('Gate', id),
        type: 'custom',
      })),
      ...(branches ? [rule('branch_policy')] : []),
    ],
    deployment_branch_policy: branches ? { protected_branches: false, custom_branch_policies: true } : null,
    can_admins_bypass: canAdminsBypass,
  }
}

/** OpenAPI `deployment-protection-rule`. */
export function protectionRuleOf({ id, app }: ProtectionRule, at: Addresses) {
  return { id, node_id: nodeId('Gate', id), enabled: true, app: ruleAppOf(app, at) }
}

/** OpenAPI `custom-deployment-rule-app`. */
export function ruleAppOf({ id, slug }: App, at: Addresses) {
  return { id, slug, integration_url: `${at.api}/apps/${slug}`, node_id: nodeId('App', id) }
}

/** OpenAPI `pending-deployment`. */
export function pendingDeployment(
  of: { readonly environment: Environment; readonly since: number; readonly mayApprove: boolean },
  repository: Repository,
  at: Addresses,
) {
  const { environment, since, mayApprove } = of
  return {
    environment: named(environment, repository, at),
    wait_timer: minutes(environment.waitMs),
    wait_timer_started_at: environment.waitMs > 0 ? iso(since) : null,
    current_user_can_approve: mayApprove,
    reviewers: reviewersOf(environment, repository, at),
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
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: simpleUser(deployment.creator, at),
    created_at: iso(deployment.createdAt),
    updated_at: iso(updated),
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl(repository, at),
    transient_environment: deployment.isTransient,
    production_environment: deployment.isProduction,
  }
}

/** OpenAPI `deployment-status`. */
export function deploymentStatusOf(
  status: DeploymentStatus,
  deployment: Deployment,
  repository: Repository,
  at: Addresses,
) {
  const url = repositoryUrl(repository, at)
  return {
    url: `${url}/deployments/${deployment.id}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: simpleUser(status.creator, at),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    ...(status.logUrl !== '' && { log_url: status.logUrl }),
    ...(status.environmentUrl !== '' && { environment_url: status.environmentUrl }),
    created_at: iso(status.at),
    updated_at: iso(status.at),
    deployment_url: `${url}/deployments/${deployment.id}`,
    repository_url: url,
  }
}

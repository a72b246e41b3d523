import type { Deployment, DeploymentStatus, Environment } from '../deployments.ts'
import { account, iso } from '../people.ts'
import type { Repository } from '../repository.ts'
import type { Account, Attempt, Job, Review, Run } from '../runs.ts'
import { type Addresses, nodeId, simpleUser } from '../shapes/accounts.ts'
import { deploymentOf, deploymentStatusOf, reviewersOf } from '../shapes/environments.ts'
import { repositoryOf, repositoryPage } from '../shapes/repositories.ts'
import { jobOf, runUrls, workflowOf, workflowRun } from '../shapes/runs.ts'

/** What a payload is about. */
export type Subject = { readonly repository: Repository; readonly run: Run; readonly attempt: Attempt }
type Payload = Readonly<Record<string, unknown>>

/** What all payloads contain, besides the installation. */
export function commonPayload(repository: Repository, sender: Account, at: Addresses): Payload {
  const { login, id } = account(repository.owner)
  const url = `${at.api}/orgs/${login}`
  return {
    repository: { ...repositoryOf(repository, at), custom_properties: {} },
    organization: {
      login,
      id,
      node_id: nodeId('Organization', id),
      url,
      repos_url: `${url}/repos`,
      events_url: `${url}/events`,
      hooks_url: `${url}/hooks`,
      issues_url: `${url}/issues`,
      members_url: `${url}/members{/member}`,
      public_members_url: `${url}/public_members{/member}`,
      avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
      description: null,
    },
    sender: simpleUser(sender, at),
  }
}

export function runPayload({ repository, run, attempt }: Subject, at: Addresses): Payload {
  return {
    workflow: workflowOf(repository.workflow(String(run.workflowId))!, repository, at),
    workflow_run: workflowRun(run, repository, at, attempt),
  }
}

export function jobPayload(
  { repository, run, attempt }: Subject,
  job: Job,
  deployment: Deployment | undefined,
  at: Addresses,
): Payload {
  return {
    workflow_job: jobOf(job, { run, attempt }, repository, at),
    ...(deployment && { deployment: deploymentOf(deployment, repository, at) }),
  }
}

export function deploymentStatusPayload(
  { repository, run, attempt }: Pick<Subject, 'repository'> & Partial<Subject>,
  { status, deployment }: { readonly status: DeploymentStatus; readonly deployment: Deployment },
  at: Addresses,
): Payload {
  return {
    deployment_status: deploymentStatusOf(status, deployment, repository, at),
    deployment: deploymentOf(deployment, repository, at),
    ...(run && attempt && runPayload({ repository, run, attempt }, at)),
  }
}

/** The payload to the App of a rule. It names neither the job nor the attempt, and `workflow_run` is undocumented. */
export function protectionRulePayload(
  { repository, run }: Subject,
  of: {
    readonly environment: Environment
    readonly deployment: Deployment | undefined
    readonly isReduced: boolean
  },
  at: Addresses,
): Payload {
  const { api } = runUrls(run, repository, at)
  return {
    environment: of.environment.name,
    event: run.event,
    sha: run.headSha,
    ref: run.headBranch,
    deployment_callback_url: `${api}/deployment_protection_rule`,
    deployment: of.isReduced || !of.deployment ? null : deploymentOf(of.deployment, repository, at),
    pull_requests: [],
    ...(!of.isReduced && { workflow_run: { id: run.id } }),
  }
}

export function reviewRequestedPayload(
  { repository, run, attempt }: Subject,
  { job, environment }: { readonly job: Job; readonly environment: Environment },
  at: Addresses,
): Payload {
  return {
    workflow_run: workflowRun(run, repository, at, attempt),
    workflow_job_run: jobRun(run, job, repository, at),
    environment: environment.name,
    since: '1 second',
    reviewers: reviewersOf(environment, repository, at),
    requestor: simpleUser(attempt.actor, at),
  }
}

export function reviewPayload(
  { repository, run, attempt }: Subject,
  { review, jobs }: { readonly review: Review; readonly jobs: readonly Job[] },
  at: Addresses,
): Payload {
  const environment = repository.environment(review.environment)!
  const all = jobs.map((job) => jobRun(run, job, repository, at))
  return {
    workflow_run: workflowRun(run, repository, at, attempt),
    ...(all.length === 1 ? { workflow_job_run: all[0] } : { workflow_job_runs: all }),
    since: '1 second',
    comment: review.comment,
    approver: simpleUser(review.user, at),
    reviewers: reviewersOf(environment, repository, at),
  }
}

function jobRun(run: Run, job: Job, repository: Repository, at: Addresses) {
  return {
    id: job.id,
    name: job.name,
    status: job.status,
    conclusion: job.conclusion,
    html_url: `${repositoryPage(repository, at)}/actions/runs/${run.id}/job/${job.id}`,
    created_at: iso(job.createdAt),
    updated_at: iso(Date.now()),
    environment: job.environment ?? '',
  }
}

import { iso } from '../people.ts'
import type { Repository, Workflow } from '../repository.ts'
import { type Attempt, type Job, latest, type Run, type Step } from '../runs.ts'
import { type Addresses, nodeId, simpleUser } from './accounts.ts'
import { minimalRepository, repositoryPage, repositoryUrl } from './repositories.ts'

const time = (at: number | null) => (at === null ? null : iso(at))

/** OpenAPI `workflow`; its name is the one in its file on the default branch. */
export function workflowOf(workflow: Workflow, repository: Repository, at: Addresses) {
  const tip = repository.git.tip(`heads/${repository.defaultBranch}`)!
  const page = repositoryPage(repository, at)
  const file = workflow.path.split('/').at(-1)
  return {
    id: workflow.id,
    node_id: nodeId('Workflow', workflow.id),
    name: repository.workflowAt(workflow, tip)?.name ?? workflow.path,
    path: workflow.path,
    state: workflow.state,
    created_at: iso(workflow.createdAt),
    updated_at: iso(workflow.createdAt),
    url: `${repositoryUrl(repository, at)}/actions/workflows/${workflow.id}`,
    html_url: `${page}/blob/${repository.defaultBranch}/${workflow.path}`,
    badge_url: `${page}/workflows/${file}/badge.svg`,
  }
}

/** The addresses of a run: in the API, and its page. */
export function runUrls(run: Run, repository: Repository, at: Addresses) {
  return {
    api: `${repositoryUrl(repository, at)}/actions/runs/${run.id}`,
    html: `${repositoryPage(repository, at)}/actions/runs/${run.id}`,
  }
}

/** OpenAPI `workflow-run`, for one attempt (default the latest). */
export function workflowRun(run: Run, repository: Repository, at: Addresses, attempt = latest(run)) {
  const { api, html } = runUrls(run, repository, at)
  const url = repositoryUrl(repository, at)
  const commit = repository.git.commits.get(run.headSha)!
  const { name, email } = commit.author
  return {
    id: run.id,
    name: run.workflowName,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.workflowPath,
    display_title: run.title,
    run_number: run.number,
    run_attempt: attempt.number,
    event: run.event,
    status: attempt.status,
    conclusion: attempt.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: suiteId(run),
    check_suite_node_id: nodeId('CheckSuite', suiteId(run)),
    url: api,
    html_url: html,
    pull_requests: [],
    actor: simpleUser(run.actor, at),
    triggering_actor: simpleUser(attempt.actor, at),
    created_at: iso(run.createdAt),
    updated_at: iso(attempt.updatedAt),
    run_started_at: iso(attempt.startedAt),
    jobs_url: `${api}/jobs`,
    logs_url: `${api}/logs`,
    check_suite_url: `${url}/check-suites/${suiteId(run)}`,
    artifacts_url: `${api}/artifacts`,
    cancel_url: `${api}/cancel`,
    rerun_url: `${api}/rerun`,
    previous_attempt_url: attempt.number > 1 ? `${api}/attempts/${attempt.number - 1}` : null,
    workflow_url: `${url}/actions/workflows/${run.workflowId}`,
    head_commit: {
      id: commit.sha,
      tree_id: commit.tree,
      message: commit.message,
      timestamp: commit.date,
      author: { name, email },
      committer: { name, email },
    },
    repository: minimalRepository(repository, at),
    head_repository: minimalRepository(repository, at),
    referenced_workflows: [],
  }
}

/** OpenAPI `job`. */
export function jobOf(job: Job, of: { run: Run; attempt: Attempt }, repository: Repository, at: Addresses) {
  const { run, attempt } = of
  const { api, html } = runUrls(run, repository, at)
  const url = repositoryUrl(repository, at)
  const hasRunner = job.startedAt !== null
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflowName,
    head_branch: run.headBranch,
    run_url: api,
    run_attempt: attempt.number,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.headSha,
    url: `${url}/actions/jobs/${job.id}`,
    html_url: `${html}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: iso(job.createdAt),
    started_at: iso(job.startedAt ?? job.createdAt),
    completed_at: time(job.completedAt),
    name: job.name,
    steps: hasRunner ? job.steps.map(stepOf) : [],
    check_run_url: `${url}/check-runs/${job.id}`,
    labels: [...job.labels],
    runner_id: hasRunner ? 1 : null,
    runner_name: hasRunner ? 'GitHub Actions 1' : null,
    runner_group_id: hasRunner ? 0 : null,
    runner_group_name: hasRunner ? 'GitHub Actions' : null,
  }
}

function stepOf(step: Step) {
  return {
    name: step.name,
    status: step.status,
    conclusion: step.conclusion,
    number: step.number,
    started_at: time(step.startedAt),
    completed_at: time(step.completedAt),
  }
}

/** A run has one check suite; its id is derived from the run's. */
export function suiteId(run: Run): number {
  return run.id + 20_000_000_000
}

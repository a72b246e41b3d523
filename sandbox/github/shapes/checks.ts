import { account, iso } from '../people.ts'
import type { Check, CommitStatus, Pull, Repository } from '../repository.ts'
import type { Job, Run } from '../runs.ts'
import { type Addresses, nodeId, simpleUser } from './accounts.ts'
import { minimalRepository, repositoryOf, repositoryPage, repositoryUrl } from './repositories.ts'
import { suiteId } from './runs.ts'

/** OpenAPI `check-run` of a job of a run. */
export function jobCheck(job: Job, run: Run, repository: Repository, at: Addresses) {
  const page = `${repositoryPage(repository, at)}/actions/runs/${run.id}/job/${job.id}`
  return checkRun(
    {
      id: job.id,
      sha: run.headSha,
      name: job.name,
      app: 'github-actions',
      status: job.status === 'waiting' || job.status === 'pending' ? 'queued' : job.status,
      conclusion: job.conclusion,
      startedAt: job.startedAt ?? job.createdAt,
      completedAt: job.completedAt,
    },
    { page, suite: suiteId(run) },
    repository,
    at,
  )
}

/** OpenAPI `check-run` of another App. */
export function appCheck(check: Check, repository: Repository, at: Addresses) {
  const location = { page: `${repositoryPage(repository, at)}/runs/${check.id}`, suite: check.id }
  return checkRun(check, location, repository, at)
}

function checkRun(
  check: Check,
  location: { readonly page: string; readonly suite: number },
  repository: Repository,
  at: Addresses,
) {
  const url = `${repositoryUrl(repository, at)}/check-runs/${check.id}`
  return {
    id: check.id,
    name: check.name,
    node_id: nodeId('CheckRun', check.id),
    head_sha: check.sha,
    external_id: '',
    url,
    html_url: location.page,
    details_url: location.page,
    status: check.status,
    conclusion: check.conclusion,
    started_at: iso(check.startedAt),
    completed_at: check.completedAt === null ? null : iso(check.completedAt),
    output: {
      title: null,
      summary: null,
      text: null,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: location.suite },
    app: appOf(check.app, at),
    pull_requests: [],
  }
}

/** OpenAPI `integration`. */
function appOf(slug: string, at: Addresses) {
  const owner = account('github')
  return {
    id: account(slug).id,
    slug,
    node_id: nodeId('App', slug),
    owner: simpleUser(owner, at),
    name: slug === 'github-actions' ? 'GitHub Actions' : slug,
    description: null,
    external_url: `https://example.com/${slug}`,
    html_url: `${at.html}/apps/${slug}`,
    created_at: '2018-07-30T09:30:17Z',
    updated_at: '2024-04-10T20:33:16Z',
    permissions: { checks: 'write', contents: 'read', metadata: 'read' },
    events: [],
  }
}

/** OpenAPI `combined-commit-status`: the latest status of each context; `pending` if there is none. */
export function combinedStatus(
  of: {
    readonly sha: string
    readonly latest: readonly CommitStatus[]
    readonly shown: readonly CommitStatus[]
  },
  repository: Repository,
  at: Addresses,
) {
  const url = `${repositoryUrl(repository, at)}/commits/${of.sha}`
  return {
    state: combined(of.latest),
    statuses: of.shown.map((status) => ({
      url: `${repositoryUrl(repository, at)}/statuses/${of.sha}`,
      avatar_url: null,
      id: status.id,
      node_id: nodeId('StatusContext', status.id),
      state: status.state,
      description: status.description,
      target_url: null,
      context: status.context,
      created_at: iso(status.at),
      updated_at: iso(status.at),
    })),
    sha: of.sha,
    total_count: of.latest.length,
    repository: minimalRepository(repository, at),
    commit_url: url,
    url: `${url}/status`,
  }
}

function combined(latest: readonly CommitStatus[]): 'failure' | 'pending' | 'success' {
  if (latest.some(({ state }) => state === 'failure' || state === 'error')) return 'failure'
  return latest.length > 0 && latest.every(({ state }) => state === 'success') ? 'success' : 'pending'
}

/** OpenAPI `pull-request-simple` of a merged pull request. */
export function mergedPull(pull: Pull, repository: Repository, at: Addresses) {
  const url = `${repositoryUrl(repository, at)}/pulls/${pull.number}`
  const issue = `${repositoryUrl(repository, at)}/issues/${pull.number}`
  const html = `${repositoryPage(repository, at)}/pull/${pull.number}`
  const statuses = `${repositoryUrl(repository, at)}/statuses/${pull.mergeSha}`
  const merged = iso(pull.mergedAt)
  const user = simpleUser(account(pull.author.login ?? 'ghost'), at)
  const end = (ref: string) => ({
    label: `${repository.owner}:${ref}`,
    ref,
    sha: pull.mergeSha,
    user: simpleUser(account(repository.owner), at),
    repo: repositoryOf(repository, at),
  })
  const links = {
    self: url,
    html,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${repositoryUrl(repository, at)}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses,
  }
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: statuses,
    number: pull.number,
    state: 'closed',
    locked: false,
    title: pull.title,
    user,
    body: null,
    labels: [],
    milestone: null,
    created_at: merged,
    updated_at: merged,
    closed_at: merged,
    merged_at: merged,
    merge_commit_sha: pull.mergeSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: end(pull.head),
    base: end(pull.base),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: 'MEMBER',
    auto_merge: null,
    draft: false,
  }
}

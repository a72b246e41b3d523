import { account, iso } from '../people.ts'
import type { Repository } from '../repository.ts'
import { type Addresses, nodeId, simpleUser } from './accounts.ts'

/** The URLs below a repository's own, by the field that has each. */
const below = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
} as const

/** The repository's address in the API. */
export function repositoryUrl(repository: Repository, at: Addresses): string {
  return `${at.api}/repos/${repository.fullName}`
}

/** The repository's page for people. */
export function repositoryPage(repository: Repository, at: Addresses): string {
  return `${at.html}/${repository.fullName}`
}

/** OpenAPI `minimal-repository`. */
export function minimalRepository(repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  const urls = Object.entries(below).map(([field, path]) => [field, `${url}${path}`])
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    owner: simpleUser(account(repository.owner), at),
    private: repository.visibility === 'private',
    html_url: repositoryPage(repository, at),
    description: null,
    fork: false,
    url,
    ...(Object.fromEntries(urls) as Record<keyof typeof below, string>),
  }
}

/** OpenAPI `repository`, as pull requests carry it. */
export function repositoryOf(repository: Repository, at: Addresses) {
  const page = repositoryPage(repository, at)
  const created = iso(repository.createdAt)
  return {
    ...minimalRepository(repository, at),
    git_url: page.replace(/^https?/, 'git'),
    ssh_url: `git@github.com:${repository.fullName}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: 'TypeScript',
    license: null,
    forks_count: 0,
    forks: 0,
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    size: 108,
    default_branch: repository.defaultBranch,
    open_issues_count: 0,
    open_issues: 0,
    has_issues: true,
    has_projects: true,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.visibility,
    pushed_at: created,
    created_at: created,
    updated_at: created,
  }
}

/** OpenAPI `full-repository`. */
export function fullRepository(repository: Repository, at: Addresses) {
  return {
    ...repositoryOf(repository, at),
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
    subscribers_count: 0,
    network_count: 0,
  }
}

import { diffOf, type FileDiff } from '../diff.ts'
import type { AnnotatedTag, Author, Commit, Target, TreeEntry } from '../git.ts'
import { account } from '../people.ts'
import type { Repository } from '../repository.ts'
import { type Addresses, nodeId, simpleUser } from './accounts.ts'
import { repositoryPage, repositoryUrl } from './repositories.ts'

const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }

function signature(author: Author, date: string) {
  return { name: author.name, email: author.email, date }
}

function page(sha: string, repository: Repository, at: Addresses): string {
  return `${repositoryPage(repository, at)}/commit/${sha}`
}

/** OpenAPI `git-ref`. */
export function gitRef(name: string, target: Target, repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  return {
    ref: `refs/${name}`,
    node_id: nodeId('Ref', name),
    url: `${url}/git/refs/${name}`,
    object: { ...target, url: `${url}/git/${target.type}s/${target.sha}` },
  }
}

/** OpenAPI `git-tag`. */
export function gitTag(tag: AnnotatedTag, repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  return {
    node_id: nodeId('Tag', tag.sha),
    tag: tag.tag,
    sha: tag.sha,
    url: `${url}/git/tags/${tag.sha}`,
    message: tag.message,
    tagger: signature(tag.tagger, tag.date),
    object: { sha: tag.object, type: 'commit', url: `${url}/git/commits/${tag.object}` },
    verification: unsigned,
  }
}

/** OpenAPI `git-commit`. */
export function gitCommit(commit: Commit, repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: `${url}/git/commits/${commit.sha}`,
    html_url: page(commit.sha, repository, at),
    author: signature(commit.author, commit.date),
    committer: signature(commit.author, commit.date),
    message: commit.message,
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/git/commits/${sha}`,
      html_url: page(sha, repository, at),
    })),
    verification: unsigned,
  }
}

/** OpenAPI `git-tree`. */
export function gitTree(sha: string, entries: readonly TreeEntry[], repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  return {
    sha,
    url: `${url}/git/trees/${sha}`,
    truncated: false,
    tree: entries.map((entry) => {
      const size = entry.type === 'blob' ? repository.git.blobs.get(entry.sha)!.length : undefined
      return {
        ...entry,
        ...(size === undefined ? {} : { size }),
        // A submodule's commit is of another repository.
        ...(entry.type === 'commit' ? {} : { url: `${url}/git/${entry.type}s/${entry.sha}` }),
      }
    }),
  }
}

/** OpenAPI `commit`; an author without an account is null. */
export function commitOf(commit: Commit, repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  const { login } = commit.author
  const user = login === null ? null : simpleUser(account(login), at)
  return {
    url: `${url}/commits/${commit.sha}`,
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    html_url: page(commit.sha, repository, at),
    comments_url: `${url}/commits/${commit.sha}/comments`,
    commit: {
      url: `${url}/git/commits/${commit.sha}`,
      author: signature(commit.author, commit.date),
      committer: signature(commit.author, commit.date),
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      verification: unsigned,
    },
    author: user,
    committer: user,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: page(sha, repository, at),
    })),
  }
}

/** OpenAPI `commit` of a single commit: it includes the changes to its first parent. */
export function commitWithFiles(commit: Commit, repository: Repository, at: Addresses) {
  const { git } = repository
  const parent = commit.parents[0] === undefined ? undefined : git.commits.get(commit.parents[0])
  const changed = diffOf(git, parent?.tree, commit.tree)
  const sum = (of: 'additions' | 'deletions') => changed.reduce((total, file) => total + file[of], 0)
  const stats = { additions: sum('additions'), deletions: sum('deletions') }
  return {
    ...commitOf(commit, repository, at),
    stats: { ...stats, total: stats.additions + stats.deletions },
    files: shownFiles(changed, commit, repository, at),
  }
}

/** OpenAPI `diff-entry`, for at most as many files as GitHub shows at once. */
function shownFiles(changed: readonly FileDiff[], at: Commit, repository: Repository, addresses: Addresses) {
  const page = repositoryPage(repository, addresses)
  return changed.slice(0, mostFiles).map(({ path, ...file }) => {
    const encoded = path.split('/').map(encodeURIComponent).join('/')
    return {
      ...file,
      filename: path,
      changes: file.additions + file.deletions,
      blob_url: `${page}/blob/${at.sha}/${encoded}`,
      raw_url: `${page}/raw/${at.sha}/${encoded}`,
      contents_url: `${repositoryUrl(repository, addresses)}/contents/${encoded}?ref=${at.sha}`,
    }
  })
}

const mostFiles = 300

/** OpenAPI `branch-with-protection`. */
export function branchOf(name: string, tip: Commit, repository: Repository, at: Addresses) {
  const url = `${repositoryUrl(repository, at)}/branches/${name}`
  const contexts = repository.requiredOn(name, 'protection')
  return {
    name,
    commit: commitOf(tip, repository, at),
    _links: { self: url, html: `${repositoryPage(repository, at)}/tree/${name}` },
    protected: contexts !== undefined,
    protection: {
      enabled: contexts !== undefined,
      required_status_checks: {
        enforcement_level: contexts ? 'non_admins' : 'off',
        contexts: contexts ?? [],
        checks: (contexts ?? []).map((context) => ({ context, app_id: null })),
      },
    },
    protection_url: `${url}/protection`,
  }
}

/** OpenAPI `repository-rule-detailed`: the rule for required checks, if a ruleset has one for the branch. */
export function rulesOf(branch: string, repository: Repository) {
  const contexts = repository.requiredOn(branch, 'ruleset')
  if (!contexts) return []
  return [
    {
      type: 'required_status_checks',
      parameters: {
        do_not_enforce_on_create: false,
        required_status_checks: contexts.map((context) => ({ context })),
        strict_required_status_checks_policy: false,
      },
      ruleset_source_type: 'Repository',
      ruleset_source: repository.fullName,
      ruleset_id: repository.id,
    },
  ]
}

/** OpenAPI `commit-comparison`. */
export function comparison(
  of: {
    readonly base: Commit
    readonly head: Commit
    readonly mergeBase: Commit
    readonly ahead: readonly Commit[]
    readonly behind: number
    /** The page of `ahead` that is shown. */
    readonly shown: readonly Commit[]
    /** All changes since the merge base; only the first page has them. */
    readonly changed: readonly FileDiff[]
  },
  repository: Repository,
  at: Addresses,
) {
  const between = `compare/${of.base.sha}...${of.head.sha}`
  const html = `${repositoryPage(repository, at)}/${between}`
  return {
    url: `${repositoryUrl(repository, at)}/${between}`,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: commitOf(of.base, repository, at),
    merge_base_commit: commitOf(of.mergeBase, repository, at),
    status: comparisonStatus(of.ahead.length, of.behind),
    ahead_by: of.ahead.length,
    behind_by: of.behind,
    total_commits: of.ahead.length,
    commits: of.shown.map((commit) => commitOf(commit, repository, at)),
    files: shownFiles(of.changed, of.head, repository, at),
  }
}

function comparisonStatus(ahead: number, behind: number): 'identical' | 'ahead' | 'behind' | 'diverged' {
  if (ahead === 0) return behind === 0 ? 'identical' : 'behind'
  return behind === 0 ? 'ahead' : 'diverged'
}

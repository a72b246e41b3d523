import { posix } from 'node:path'
import { type Answer, notFound, ok, refuse } from '../answer.ts'
import { page, type RepositoryCall, type RepositoryRoutes } from '../call.ts'
import { diffOf } from '../diff.ts'
import type { Commit } from '../git.ts'
import { contentEntry, contentFile, contentSubmodule, contentSymlink } from '../shapes/contents.ts'
import {
  branchOf,
  commitOf,
  commitWithFiles,
  comparison,
  gitCommit,
  gitRef,
  gitTag,
  gitTree,
  rulesOf,
} from '../shapes/git.ts'
import { fullRepository } from '../shapes/repositories.ts'

/** Refs, commits, trees and contents. */
export const gitRoutes = {
  'GET /repos/{owner}/{repo}': ({ repository, at }) => ok(fullRepository(repository, at)),

  'GET /repos/{owner}/{repo}/git/ref/{ref}': ({ repository, params, at }) => {
    const target = repository.git.refs.get(params.ref!)
    return target ? ok(gitRef(params.ref!, target, repository, at)) : notFound
  },

  'GET /repos/{owner}/{repo}/git/tags/{tag_sha}': ({ repository, params, at }) => {
    const tag = repository.git.tags.get(params.tag_sha!)
    return tag ? ok(gitTag(tag, repository, at)) : notFound
  },

  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': ({ repository, params, at }) => {
    const commit = repository.git.commits.get(params.commit_sha!)
    return commit ? ok(gitCommit(commit, repository, at)) : notFound
  },

  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': ({ repository, params, query, at }) => {
    const { git } = repository
    const name = params.tree_sha!
    const sha = git.trees.has(name) ? name : git.resolve(name)?.tree
    if (sha === undefined) return notFound
    const entries = query.has('recursive') ? git.walk(sha) : git.trees.get(sha)!
    return ok(gitTree(sha, entries, repository, at))
  },

  'GET /repos/{owner}/{repo}/branches/{branch}': ({ repository, params, at }) => {
    const tip = repository.git.tip(`heads/${params.branch}`)
    return tip ? ok(branchOf(params.branch!, tip, repository, at)) : refuse(404, 'Branch not found')
  },

  'GET /repos/{owner}/{repo}/rules/branches/{branch}': ({ repository, params }) =>
    repository.visibility === 'private' && repository.plan === 'free'
      ? refuse(403, 'Upgrade to GitHub Pro or make this repository public to enable this feature.')
      : ok(rulesOf(params.branch!, repository)),

  'GET /repos/{owner}/{repo}/commits': (call) => {
    const { repository, query, at } = call
    const from = repository.git.resolve(query.get('sha') ?? repository.defaultBranch)
    if (!from) return notFound
    const { shown, headers } = page(call, repository.git.history(from.sha))
    return ok(
      shown.map((commit) => commitOf(commit, repository, at)),
      headers,
    )
  },

  'GET /repos/{owner}/{repo}/commits/{ref}': ({ repository, params, accept, at }) => {
    const commit = repository.git.resolve(params.ref!)
    if (!commit) return refuse(422, `No commit found for SHA: ${params.ref}`)
    if (accept.includes('sha')) return plainText(commit.sha)
    return ok(commitWithFiles(commit, repository, at))
  },

  'GET /repos/{owner}/{repo}/compare/{basehead}': (call) => {
    const { repository, params, at } = call
    const [base, head] = params.basehead!.split('...').map((name) => repository.git.resolve(name))
    if (!base || !head) return notFound
    const { ahead, behind, mergeBase } = repository.git.compare(base.sha, head.sha)
    if (!mergeBase) return refuse(404, `No common ancestor between ${base.sha} and ${head.sha}.`)
    const carriesDiff = Number(call.query.get('page') ?? 1) <= 1
    if (carriesDiff && call.world.diffs === 'too long') return diffTooLong
    const { shown, headers } = comparisonPage(call, ahead)
    const changed = carriesDiff ? diffOf(repository.git, mergeBase.tree, head.tree) : []
    return ok(comparison({ base, head, mergeBase, ahead, behind, shown, changed }, repository, at), headers)
  },

  'GET /repos/{owner}/{repo}/contents/{path}': ({ repository, params, query, accept, at }) => {
    const ref = query.get('ref') || repository.defaultBranch
    const commit = repository.git.resolve(ref)
    if (!commit) return refuse(404, `No commit found for the ref ${ref}`)
    const path = params.path!.replace(/\/$/, '')
    const entries = repository.git.walk(commit.tree)
    const entry = entries.find((each) => each.path === path)
    if (!entry) return notFound
    if (entry.type === 'tree')
      return ok(
        entries
          .filter(
            (each) => each.path.startsWith(`${path}/`) && !each.path.slice(path.length + 1).includes('/'),
          )
          .map((each) => contentEntry(each, ref, repository, at)),
      )
    if (entry.mode === '160000') return ok(contentSubmodule(entry, ref, repository, at))
    if (entry.mode === '120000') {
      const target = repository.git.blobs.get(entry.sha)!
      const file = entries.find((each) => each.path === posix.join(posix.dirname(path), target))
      // GitHub shows the target of a symlink, if that is a file of the repository.
      return ok(
        file?.mode === '100644'
          ? contentFile(file, ref, repository, at)
          : contentSymlink(entry, target, ref, repository, at),
      )
    }
    if (accept.includes('raw')) return plainText(repository.git.blobs.get(entry.sha)!)
    return ok(contentFile(entry, ref, repository, at))
  },
} satisfies RepositoryRoutes

/** GitHub's error, as quoted in googleapis/repo-automation-bots#4475. */
const diffTooLong: Answer = {
  status: 500,
  body: {
    message: 'Server Error: Sorry, this diff is taking too long to generate.',
    errors: [{ resource: 'Comparison', field: 'diff', code: 'not_available' }],
    documentation_url: 'https://docs.github.com/rest/commits/commits#compare-two-commits',
  },
}

/** Without paging a comparison shows the first 250 commits. */
function comparisonPage(call: RepositoryCall, ahead: readonly Commit[]): ReturnType<typeof page<Commit>> {
  const isPaged = call.query.has('page') || call.query.has('per_page')
  return isPaged ? page(call, ahead) : { shown: ahead.slice(0, 250), headers: {} }
}

function plainText(text: string) {
  return { status: 200, body: text, headers: { 'content-type': 'text/plain; charset=utf-8' } }
}

import { describe, expect, it } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { developCommits, mainCommits } from '../../sandbox/seed.ts'
import { blogApi, oneGitHub, refusal } from './github-client.ts'

const { client, world } = oneGitHub()
const tip = mainCommits.at(-1)!

async function githubTree(ref: string): Promise<string> {
  const { data } = await client().git.getTree({ ...blogApi, tree_sha: ref })
  return data.tree.find(({ path }) => path === '.github')!.sha
}

describe('refs', () => {
  it('a branch ref has the sha of its tip', async () => {
    const { data } = await client().git.getRef({ ...blogApi, ref: 'heads/main' })
    expect(data).toMatchObject({ ref: 'refs/heads/main', object: { type: 'commit', sha: tip.sha } })
  })

  it('a lightweight tag points to its commit, an annotated one to its own object', async () => {
    world().tag('v1.0.0', mainCommits[0]!.sha)
    world().tag('v1.1.0', mainCommits[1]!.sha, { message: 'The first good one' })
    const light = await client().git.getRef({ ...blogApi, ref: 'tags/v1.0.0' })
    const annotated = await client().git.getRef({ ...blogApi, ref: 'tags/v1.1.0' })
    expect(light.data.object).toMatchObject({ type: 'commit', sha: mainCommits[0]!.sha })
    expect(annotated.data.object.type).toBe('tag')
    const { data } = await client().git.getTag({ ...blogApi, tag_sha: annotated.data.object.sha })
    expect(data).toMatchObject({ tag: 'v1.1.0', object: { type: 'commit', sha: mainCommits[1]!.sha } })
  })

  it('a branch shows the checks that its protection requires, its rules those of rulesets', async () => {
    world()
      .repository()
      .requiredChecks.push(
        { branch: 'develop', by: 'protection', contexts: ['lint', 'test'] },
        { branch: 'develop', by: 'ruleset', contexts: ['e2e'] },
      )
    const { data } = await client().repos.getBranch({ ...blogApi, branch: 'develop' })
    expect([data.protected, data.protection.required_status_checks?.contexts]).toEqual([
      true,
      ['lint', 'test'],
    ])
    const rules = await client().repos.getBranchRules({ ...blogApi, branch: 'develop' })
    expect(rules.data).toMatchObject([
      { type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'e2e' }] } },
    ])
    const other = await client().repos.getBranch({ ...blogApi, branch: 'main' })
    expect(other.data.protected).toBe(false)
    expect((await client().repos.getBranchRules({ ...blogApi, branch: 'main' })).data).toEqual([])
  })

  it('branch names may contain slashes', async () => {
    const sha = world().push('feature/tags', { message: 'List tags' })
    const { data } = await client().git.getRef({ ...blogApi, ref: 'heads/feature/tags' })
    const branch = await client().repos.getBranch({ ...blogApi, branch: 'feature/tags' })
    expect([data.object.sha, branch.data.commit.sha]).toEqual([sha, sha])
  })

  it.each(['heads/nope', 'tags/nope', 'heads/mai'])('the ref %s does not exist', async (ref) => {
    expect(await refusal(client().git.getRef({ ...blogApi, ref }))).toEqual({
      status: 404,
      message: 'Not Found',
    })
  })
})

describe('commits', () => {
  it.each([
    ['a branch', 'main', tip.sha],
    ['a full sha', tip.sha, tip.sha],
    ['a short sha', tip.sha.slice(0, 7), tip.sha],
    ['a light tag', 'v1.0.0', mainCommits[0]!.sha],
    ['an annotated tag', 'v1.1.0', mainCommits[1]!.sha],
    ['a whole ref', 'heads/develop', developCommits.at(-1)!.sha],
  ])('a commit is found by %s', async (_, ref, sha) => {
    const { data } = await client().repos.getCommit({ ...blogApi, ref })
    expect(data.sha).toBe(sha)
  })

  it.each(['nope', '0000000', tip.sha.slice(0, 6)])('no commit is found for %s', async (ref) => {
    expect(await refusal(client().repos.getCommit({ ...blogApi, ref }))).toEqual({
      status: 422,
      message: `No commit found for SHA: ${ref}`,
    })
  })

  it('the author of a commit is null without a GitHub account', async () => {
    const author = { name: 'Noor', email: 'noor@example.org', login: null }
    const sha = world().push('patches', { message: 'Fix a typo', author })
    const { data } = await client().repos.getCommit({ ...blogApi, ref: sha })
    expect(data).toMatchObject({ author: null, commit: { author: { name: 'Noor' }, message: 'Fix a typo' } })
  })

  it('a commit lists the pull request that it was merged with', async () => {
    const { data } = await client().repos.listPullRequestsAssociatedWithCommit({
      ...blogApi,
      commit_sha: tip.sha,
    })
    expect(data).toMatchObject([{ number: 121, title: 'Fix the time zone of scheduled posts' }])
  })

  it('the commits of a branch are listed newest first, in pages', async () => {
    const all = await client().paginate(client().repos.listCommits, { ...blogApi, sha: 'main', per_page: 4 })
    expect(all.map(({ sha }) => sha)).toEqual(mainCommits.map(({ sha }) => sha).toReversed())
  })
})

describe('compare', () => {
  const compare = async (base: string, head: string, more = {}) => {
    const basehead = `${base}...${head}`
    const { data } = await client().repos.compareCommitsWithBasehead({ ...blogApi, basehead, ...more })
    return data
  }

  it.each([
    ['main', 'main', { status: 'identical', ahead_by: 0, behind_by: 0, total_commits: 0 }],
    ['main', 'develop', { status: 'ahead', ahead_by: 1, behind_by: 0, total_commits: 1 }],
    ['develop', 'main', { status: 'behind', ahead_by: 0, behind_by: 1, total_commits: 0 }],
    [mainCommits[3]!.sha, 'main', { status: 'ahead', ahead_by: 2, behind_by: 0, total_commits: 2 }],
  ])('the comparison %s...%s has its status and counts', async (base, head, wanted) => {
    expect(await compare(base, head)).toMatchObject(wanted)
  })

  it('a comparison of diverged branches lists commits oldest first', async () => {
    world().push('apart', { message: 'One way' })
    const second = world().push('apart', { message: 'Further that way' })
    const data = await compare('develop', 'apart')
    expect(data).toMatchObject({
      status: 'diverged',
      ahead_by: 2,
      behind_by: 1,
      merge_base_commit: { sha: tip.sha },
    })
    expect(data.commits.map(({ commit }) => commit.message)).toEqual(['One way', 'Further that way'])
    expect(data.commits.at(-1)!.sha).toBe(second)
  })

  it('a comparison returns the requested page and counts all commits', async () => {
    const data = await compare(mainCommits[0]!.sha, 'main', { per_page: 2, page: 2 })
    expect(data.total_commits).toBe(5)
    expect(data.commits.map(({ sha }) => sha)).toEqual([mainCommits[3]!.sha, mainCommits[4]!.sha])
  })

  it('a comparison whose diff takes too long answers 500 on the first page only', async () => {
    world().diffs = 'too long'
    expect(await refusal(compare('main', 'develop'))).toMatchObject({ status: 500 })
    expect(await compare('main', 'develop', { per_page: 1, page: 2 })).toMatchObject({ status: 'ahead' })
  })

  it('a comparison with an unknown ref answers 404', async () => {
    expect(await refusal(compare('main', 'nope'))).toEqual({ status: 404, message: 'Not Found' })
  })
})

describe('trees and contents', () => {
  it('the tree sha of .github changes only when a file in it changes', async () => {
    const before = await githubTree('main')
    world().push('quiet', { message: 'Not the workflows' })
    expect(await githubTree('quiet')).toBe(before)
    world().push('loud', { message: 'A step more', files: { [deployPath]: `${deployWorkflow()}# more\n` } })
    const after = await githubTree('loud')
    expect(after).not.toBe(before)
    world().push('loud', { message: 'Back again', files: { [deployPath]: deployWorkflow() } })
    expect(await githubTree('loud')).toBe(before)
  })

  it('symlinks and submodules are shown as such, and survive the next commit', async () => {
    const submodule = 'c0ffee'.repeat(7).slice(0, 40)
    const files = {
      'a/deploy': { symlink: `../${deployPath}` },
      'a/gone': { symlink: 'none' },
      lib: { submodule },
    }
    world().push('links', { message: 'Lead elsewhere', files })
    world().push('links', { message: 'Go on' })
    const { data } = await client().git.getTree({ ...blogApi, tree_sha: 'links', recursive: '1' })
    const shown = (path: string) => data.tree.find((entry) => entry.path === path)
    expect(shown('a/deploy')).toMatchObject({ mode: '120000', type: 'blob' })
    expect(shown('lib')).toMatchObject({ mode: '160000', type: 'commit', sha: submodule })
    const content = async (path: string) =>
      (await client().repos.getContent({ ...blogApi, ref: 'links', path })).data
    expect(await content('a/deploy')).toMatchObject({ type: 'file', path: deployPath })
    expect(await content('a/gone')).toMatchObject({ type: 'symlink', target: 'none' })
    expect(await content('lib')).toMatchObject({ type: 'submodule', sha: submodule })
    expect(await content('a')).toMatchObject([{ type: 'symlink' }, { type: 'symlink' }])
  })

  it('a tree is listed recursively on request', async () => {
    const { data } = await client().git.getTree({ ...blogApi, tree_sha: 'main', recursive: '1' })
    expect(data.tree.map(({ path }) => path)).toContain(deployPath)
  })

  it('objects have the same shas as in git', async () => {
    const sha = world().push('plain', { message: 'One file', files: { 'hello.txt': 'hello\n' } })
    const { data } = await client().git.getTree({ ...blogApi, tree_sha: sha })
    expect(data.tree.find(({ path }) => path === 'hello.txt')!.sha).toBe(
      'ce013625030ba8dba906f756967f9e9ca394464a',
    )
  })

  it('a file is returned in base64 and raw', async () => {
    const where = { ...blogApi, path: deployPath, ref: 'main' }
    const { data } = await client().repos.getContent(where)
    const raw = await client().repos.getContent({ ...where, mediaType: { format: 'raw' } })
    const { content, encoding } = data as { content: string; encoding: string }
    expect(encoding).toBe('base64')
    expect(Buffer.from(content, 'base64').toString()).toBe(deployWorkflow())
    expect(raw.data as unknown).toBe(deployWorkflow())
  })

  it('the content of a folder is a list', async () => {
    const { data } = await client().repos.getContent({ ...blogApi, path: '.github' })
    expect(data).toMatchObject([
      { type: 'file', name: 'CODEOWNERS' },
      { type: 'dir', name: 'workflows' },
    ])
  })

  it.each([
    [{ path: 'nope.yml' }, 'Not Found'],
    [{ path: deployPath, ref: 'nope' }, 'No commit found for the ref nope'],
  ])('the contents API answers 404 for %o', async (where, message) => {
    expect(await refusal(client().repos.getContent({ ...blogApi, ...where }))).toEqual({
      status: 404,
      message,
    })
  })
})

describe('statuses and checks of a commit', () => {
  it('a commit without statuses is pending', async () => {
    const { data } = await client().repos.getCombinedStatusForRef({ ...blogApi, ref: tip.sha })
    expect(data).toMatchObject({ state: 'pending', total_count: 0 })
  })

  it('the latest status of each context counts', async () => {
    const sha = world().push('checked', { message: 'Well checked' })
    world().status(sha, { context: 'ci', state: 'failure' })
    world().status(sha, { context: 'ci', state: 'success' })
    world().status(sha, { context: 'lint', state: 'success' })
    const { data } = await client().repos.getCombinedStatusForRef({ ...blogApi, ref: sha })
    expect(data).toMatchObject({ state: 'success', total_count: 2 })
    world().status(sha, { context: 'lint', state: 'error' })
    const later = await client().repos.getCombinedStatusForRef({ ...blogApi, ref: sha })
    expect(later.data.state).toBe('failure')
  })

  it('checks of other Apps are listed', async () => {
    const sha = world().push('checked', { message: 'Checked elsewhere' })
    world().check(sha, { name: 'security', conclusion: 'failure' })
    world().check(sha, { name: 'slow' })
    const { data } = await client().checks.listForRef({ ...blogApi, ref: sha })
    expect(data).toMatchObject({
      total_count: 2,
      check_runs: [
        { name: 'security', status: 'completed', conclusion: 'failure' },
        { name: 'slow', status: 'in_progress', conclusion: null },
      ],
    })
  })
})

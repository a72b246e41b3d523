import { describe, expect, it } from 'vitest'
import { diffOf } from '../../sandbox/github/diff.ts'
import { type Files, Git } from '../../sandbox/github/git.ts'
import { blogApi, oneGitHub } from './github-client.ts'

const { client, world } = oneGitHub()

/** The changed files between two trees. */
function changed(before: Files, after: Files) {
  const git = new Git()
  return diffOf(git, git.writeTree(before), git.writeTree(after))
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('')

describe('a diff', () => {
  it.each<[string, string, string, readonly [additions: number, deletions: number], string]>([
    [
      'one line of many',
      numbers(1, 9),
      numbers(1, 9).replace('5', 'five'),
      [1, 1],
      '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8',
    ],
    ['a line at the end', 'a\n', 'a\nb\n', [1, 0], '@@ -1 +1,2 @@\n a\n+b'],
    ['a line at the start', 'b\n', 'a\nb\n', [1, 0], '@@ -1 +1,2 @@\n+a\n b'],
    ['all of it', 'a\nb\n', 'c\n', [1, 2], '@@ -1,2 +1 @@\n-a\n-b\n+c'],
    [
      'two places that are far apart',
      numbers(1, 20),
      numbers(1, 20).replace('2\n', 'two\n').replace('19\n', 'nineteen\n'),
      [2, 2],
      '@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -16,5 +16,5 @@\n 16\n 17\n 18\n-19\n+nineteen\n 20',
    ],
  ])('a diff of %s', (_, before, after, [additions, deletions], patch) => {
    const [file, ...others] = changed({ 'a.txt': before, same: 'x' }, { 'a.txt': after, same: 'x' })
    expect(others).toEqual([])
    expect(file).toMatchObject({ path: 'a.txt', status: 'modified', additions, deletions, patch })
  })

  it('a diff lists added and removed files, also in folders', () => {
    expect(changed({ 'src/old.ts': 'a\n' }, { 'src/new/a.ts': 'a\nb\n' })).toMatchObject([
      { path: 'src/new/a.ts', status: 'added', additions: 2, deletions: 0, patch: '@@ -0,0 +1,2 @@\n+a\n+b' },
      { path: 'src/old.ts', status: 'removed', additions: 0, deletions: 1, patch: '@@ -1 +0,0 @@\n-a' },
    ])
  })

  it('a diff has no patch for an empty file, and compares symlinks and submodules by their targets', () => {
    const files = changed({}, { empty: '', link: { symlink: 'a' }, module: { submodule: 'f'.repeat(40) } })
    expect(files.map(({ path, additions, patch }) => [path, additions, patch !== undefined])).toEqual([
      ['empty', 0, false],
      ['link', 1, true],
      ['module', 1, true],
    ])
  })

  it('a diff of a large file has no patch, and counts all its lines', () => {
    const [file] = changed({ large: numbers(1, 3_000) }, { large: numbers(10_001, 13_000) })
    expect(file).toMatchObject({ additions: 3_000, deletions: 3_000 })
    expect(file?.patch).toBeUndefined()
  })

  it('a diff of equal trees is empty', () => {
    expect(changed({ a: 'x' }, { a: 'x' })).toEqual([])
  })
})

describe('files of commits and comparisons in the API', () => {
  it('a commit and a comparison list the changed files with URLs and totals', async () => {
    world().push('diffs', { message: 'First', files: { 'docs/a b.md': 'one\ntwo\n' } })
    const sha = world().push('diffs', { message: 'Second', files: { 'docs/a b.md': 'one\n2\n3\n' } })
    const { data: commit } = await client().repos.getCommit({ ...blogApi, ref: sha })
    expect(commit.stats).toEqual({ additions: 2, deletions: 1, total: 3 })
    expect(commit.files).toMatchObject([{ filename: 'docs/a b.md', status: 'modified', changes: 3 }])
    expect(commit.files![0]!.contents_url).toMatch(
      new RegExp(`/repos/myorg/blog-api/contents/docs/a%20b\\.md\\?ref=${sha}$`),
    )
    const { data } = await client().repos.compareCommitsWithBasehead({ ...blogApi, basehead: 'main...diffs' })
    expect(data.files).toMatchObject([
      { filename: 'docs/a b.md', status: 'added', additions: 3, deletions: 0 },
    ])
    const [listed] = (await client().repos.listCommits({ ...blogApi, sha: 'diffs' })).data
    expect(listed).not.toHaveProperty('files')
    expect(listed).not.toHaveProperty('stats')
  })

  it('a comparison lists its files only on the first page', async () => {
    const pages = [1, 2].map((page) =>
      client().repos.compareCommitsWithBasehead({ ...blogApi, basehead: 'main...diffs', per_page: 1, page }),
    )
    const [first, second] = (await Promise.all(pages)).map(({ data }) => data.files?.length)
    expect([first, second]).toEqual([1, 0])
  })

  it('a comparison starts at the merge base and omits changes of the base', async () => {
    world().push('one', { message: 'One', files: { 'one.md': '1\n' } })
    const main = await client().repos.getCommit({ ...blogApi, ref: 'main' })
    expect(main.data.parents).toHaveLength(1)
    const { data } = await client().repos.compareCommitsWithBasehead({ ...blogApi, basehead: 'diffs...one' })
    expect(data.files?.map(({ filename }) => filename)).toEqual(['one.md'])
  })

  it('an account has its visibility', async () => {
    const { data } = await client().repos.getCommit({ ...blogApi, ref: 'main' })
    expect(data.author).toMatchObject({ type: 'User', user_view_type: 'public' })
  })
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client } from '../../src/github/client.ts'
import { compare } from '../../src/github/compare.ts'
import { connectGitHub } from '../../src/github/github.ts'
import { type Page, readPage } from '../../src/github/pages.ts'
import { kib, TooLarge } from '../../src/runtime/bounded.ts'

const sha = 'a'.repeat(40)
const place = { repository: 'myorg/blog-api', workflow: 'deploy.yml' }

/** A commit message that somebody may push: 100 of these are 12 MB. */
const message = 'm'.repeat(120 * kib)

function run(id: number) {
  return {
    id,
    html_url: `https://github.com/myorg/blog-api/actions/runs/${id}`,
    head_sha: sha,
    head_branch: 'main',
    event: 'workflow_dispatch',
    display_title: `Deploy r-${id}`,
    status: 'completed',
    conclusion: 'success',
    path: '.github/workflows/deploy.yml',
    created_at: new Date().toISOString(),
    head_commit: { message },
  }
}

const runs = Array.from({ length: 120 }, (_, index) => run(120 - index))
const jobs = Array.from({ length: 120 }, (_, index) => ({
  id: index + 1,
  name: `deploy (${index})`,
  status: 'completed',
  conclusion: 'success',
  started_at: null,
  completed_at: null,
  steps: [{ name: message, status: 'completed', conclusion: 'success' }],
}))
const commits = Array.from({ length: 120 }, (_, index) => ({
  sha: index.toString(16).padStart(40, '0'),
  commit: { message, author: null, committer: null },
  author: null,
}))

const comparison = {
  status: 'ahead',
  ahead_by: commits.length,
  behind_by: 0,
  total_commits: commits.length,
  html_url: 'https://github.com/myorg/blog-api/compare/a...b',
  merge_base_commit: { sha },
}

/** GitHub with lists whose pages of 100 are larger than twokey reads. */
async function settings() {
  const server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const size = Number(searchParams.get('per_page') ?? 30)
    const from = (Number(searchParams.get('page') ?? 1) - 1) * size
    const paged = <T>(items: readonly T[]) => items.slice(from, from + size)
    const answer = () => {
      if (pathname.endsWith('/jobs')) return { total_count: jobs.length, jobs: paged(jobs) }
      if (pathname.endsWith('/commits')) return paged(commits)
      if (pathname.includes('/compare/')) return { ...comparison, commits: paged(commits) }
      return { total_count: runs.length, workflow_runs: paged(runs) }
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { token: 't', apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const github = async () => connectGitHub(await settings())

describe('a page larger than twokey reads', () => {
  const newest = runs.slice(0, 100).map(({ id }) => id)

  test('reads the latest runs of a workflow in smaller pages', async () => {
    const starts = await (await github()).starts(place)
    expect(starts.map(({ runId }) => runId)).toEqual(newest)
  })

  test('reads the latest runs of a repository in smaller pages', async () => {
    const starts = await (await github()).startsIn(place)
    expect(starts.map(({ runId }) => runId)).toEqual(newest)
  })

  test('finds the run of a release on the second page, with all of its jobs', async () => {
    const look = { ...place, releaseId: 'r-7', branch: 'main', since: 0 } as const
    const found = await (await github()).findRun(look)
    if (found.found !== 'one') throw new Error(found.found)
    expect(found.run.id).toBe(7)
    expect(found.run.jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id))
  })

  test('reads the latest commits of a branch in smaller pages', async () => {
    const recent = await (await github()).recentCommits({ ...place, branch: 'main', limit: 100 })
    expect(recent.map((commit) => commit.sha)).toEqual(commits.slice(0, 100).map((commit) => commit.sha))
  })
})

test('reads as many commits of a comparison with large messages as of any other', async () => {
  const asked = { repository: place.repository, base: 'a', head: 'b', shown: 100 }
  expect(await compare(new Client(await settings()), asked)).toEqual({
    ...comparison,
    commits: commits.slice(0, 100).map((commit) => expect.objectContaining({ sha: commit.sha })),
  })
})

describe('a page that is read in smaller pages', () => {
  const items = Array.from({ length: 37 }, (_, index) => index)

  /** A list of which at most `most` items fit into an answer. */
  const listOf = (most: number, asked: Page[]) => async (page: Page) => {
    asked.push(page)
    const from = (page.page - 1) * page.per_page
    const some = items.slice(from, from + page.per_page)
    if (some.length > most) throw new TooLarge('an answer', 1)
    return some
  }

  test.each([1, 3, 10, 30, 50])('returns all items if %i of them fit into an answer', async (most) => {
    expect(await readPage(listOf(most, []), { per_page: 100, page: 1 })).toEqual(items)
    expect(await readPage(listOf(most, []), { per_page: 20, page: 2 })).toEqual(items.slice(20))
  })

  test('requests no page twice, and none beyond the end', async () => {
    const asked: Page[] = []
    await readPage(listOf(10, asked), { per_page: 100, page: 1 })
    expect(new Set(asked.map((page) => JSON.stringify(page))).size).toBe(asked.length)
    expect(asked.filter(({ per_page, page }) => (page - 1) * per_page > items.length)).toEqual([])
  })

  test('throws if a single item is larger than the limit', async () => {
    await expect(readPage(listOf(0, []), { per_page: 100, page: 1 })).rejects.toThrow(TooLarge)
  })
})

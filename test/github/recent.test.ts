import { describe, expect, test } from 'vitest'
import { mainCommits } from '../../sandbox/seed.ts'
import { Trouble } from '../../src/ports/ports.ts'
import { gitHubForEach, repository } from './harness.ts'

const harness = gitHubForEach()
const route = 'GET /repos/{owner}/{repo}/commits'
const recent = (branch: string, github = harness.connect()) =>
  github.recentCommits({ repository, branch, limit: 3 })

describe('the latest commits of a branch', () => {
  test('lists the latest commits newest first, with the details for people', async () => {
    const commits = await recent('main')
    expect(commits.map(({ sha }) => sha)).toEqual(harness.shas().slice(0, 3))
    expect(commits[0]).toEqual({
      sha: harness.tip(),
      title: 'Fix the time zone of scheduled posts (#121)',
      author: 'Ana',
      login: 'ana',
      date: mainCommits.at(-1)!.date,
    })
  })

  test('reads the latest commits again by their ETag, without rate limit', async () => {
    const github = harness.connect()
    expect(await recent('main', github)).toEqual(await recent('main', github))
    expect(harness.statuses(route)).toEqual([200, 304])
  })

  test('lists no commits if the branch does not exist or the repository is empty', async () => {
    expect(await recent('gone')).toEqual([])
    const body = { message: 'Git Repository is empty.' }
    harness.sandbox.faults.queue(route, { kind: 'answer', status: 409, body })
    expect(await recent('main')).toEqual([])
  })

  test('latest commits that cannot be read are trouble', async () => {
    harness.sandbox.faults.queue(route, { kind: 'answer', status: 403, body: { message: 'no' } })
    await expect(recent('main')).rejects.toBeInstanceOf(Trouble)
  })
})

import { describe, expect, test } from 'vitest'
import { mainCommits } from '../../sandbox/seed.ts'
import { Trouble } from '../../src/ports/ports.ts'
import { onStage, repository } from './harness.ts'

const stage = onStage()
const route = 'GET /repos/{owner}/{repo}/commits'
const recent = (branch: string, github = stage.connect()) =>
  github.recentCommits({ repository, branch, limit: 3 })

describe('the last commits of a branch', () => {
  test('come newest first, with what people know them by', async () => {
    const commits = await recent('main')
    expect(commits.map(({ sha }) => sha)).toEqual(stage.shas().slice(0, 3))
    expect(commits[0]).toEqual({
      sha: stage.tip(),
      title: 'Fix the time zone of scheduled posts (#121)',
      author: 'Ana',
      login: 'ana',
      date: mainCommits.at(-1)!.date,
    })
  })

  test('are asked for again by their ETag, which costs nothing', async () => {
    const github = stage.connect()
    expect(await recent('main', github)).toEqual(await recent('main', github))
    expect(stage.statuses(route)).toEqual([200, 304])
  })

  test('are none where there is no such branch, or nothing in the repository', async () => {
    expect(await recent('gone')).toEqual([])
    const body = { message: 'Git Repository is empty.' }
    stage.sandbox.faults.queue(route, { kind: 'answer', status: 409, body })
    expect(await recent('main')).toEqual([])
  })

  test('that cannot be read are trouble', async () => {
    stage.sandbox.faults.queue(route, { kind: 'answer', status: 403, body: { message: 'no' } })
    await expect(recent('main')).rejects.toBeInstanceOf(Trouble)
  })
})

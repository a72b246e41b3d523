import { describe, expect, test } from 'vitest'
import { Trouble } from '../../src/ports/ports.ts'
import { onStage, repository, workflow } from './harness.ts'

const stage = onStage()
const route = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'

describe('what others start', () => {
  test('is told of each run’s last attempt, the newest first, by whoever started that', async () => {
    const { world } = stage.sandbox
    const first = world.startRun()
    await world.until(() => first.attempts.at(-1)?.status === 'completed')
    world.rerun(first.id, 'chloe')
    const second = world.startRun({ event: 'workflow_dispatch', branch: 'develop' })
    const starts = await stage.connect().starts({ repository, workflow })
    expect(starts).toMatchObject([
      { runId: second.id, attempt: 1, event: 'workflow_dispatch', branch: 'develop', login: 'ben' },
      { runId: first.id, attempt: 2, event: 'push', branch: 'main', login: 'chloe', headSha: stage.tip() },
    ])
    expect(starts.every(({ at, url }) => at !== null && url.startsWith('http'))).toBe(true)
  })

  test('is asked for again by its ETag, and never by a filter that lags', async () => {
    const github = stage.connect()
    expect(await github.starts({ repository, workflow })).toEqual(
      await github.starts({ repository, workflow }),
    )
    expect(stage.statuses(route)).toEqual([200, 304])
    for (const { path } of stage.sandbox.log.of(route))
      expect(path).not.toMatch(/event=|branch=|status=|created=/)
  })

  test('that cannot be read is trouble', async () => {
    stage.sandbox.faults.queue(route, { kind: 'answer', status: 403, body: { message: 'no' } })
    await expect(stage.connect().starts({ repository, workflow })).rejects.toBeInstanceOf(Trouble)
  })
})

describe('GitHub’s own gate', () => {
  test('is its reviewers, of whom one is enough', async () => {
    const environment = stage.sandbox.world.repository().environment('production')!
    environment.reviewers = [{ login: 'ben', id: 7, type: 'User' }]
    expect(await stage.connect().gate({ repository, environment: 'production' })).toEqual({
      gate: 'reviewers',
      reviewers: 1,
    })
  })

  test('is open where there is no rule, or no such environment', async () => {
    const github = stage.connect()
    expect(await github.gate({ repository, environment: 'production' })).toEqual({ gate: 'open' })
    expect(await github.gate({ repository, environment: 'no/where' })).toEqual({ gate: 'open' })
  })

  test('that cannot be read is trouble, not an open one', async () => {
    const answer = { kind: 'answer', status: 403, body: { message: 'Resource not accessible' } } as const
    stage.sandbox.faults.queue('GET /repos/{owner}/{repo}/environments/{environment_name}', answer)
    await expect(stage.connect().gate({ repository, environment: 'production' })).rejects.toBeInstanceOf(
      Trouble,
    )
  })
})

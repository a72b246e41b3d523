import { describe, expect, test } from 'vitest'
import { Trouble } from '../../src/ports/ports.ts'
import { gitHubForEach, repository, workflow } from './harness.ts'

const harness = gitHubForEach()
const route = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'

describe('runs started by others', () => {
  test('lists the last attempt of each run, newest first, with the person who started it', async () => {
    const { world } = harness.sandbox
    const first = world.startRun()
    await world.until(() => first.attempts.at(-1)?.status === 'completed')
    world.rerun(first.id, 'chloe')
    const second = world.startRun({ event: 'workflow_dispatch', branch: 'develop' })
    const starts = await harness.connect().starts({ repository, workflow })
    expect(starts).toMatchObject([
      { runId: second.id, attempt: 1, event: 'workflow_dispatch', branch: 'develop', login: 'ben' },
      { runId: first.id, attempt: 2, event: 'push', branch: 'main', login: 'chloe', headSha: harness.tip() },
    ])
    expect(starts.every(({ at, url }) => at !== null && url.startsWith('http'))).toBe(true)
  })

  test('reads runs again by their ETag, and without a filter, which lags behind', async () => {
    const github = harness.connect()
    expect(await github.starts({ repository, workflow })).toEqual(
      await github.starts({ repository, workflow }),
    )
    expect(harness.statuses(route)).toEqual([200, 304])
    for (const { path } of harness.sandbox.log.of(route))
      expect(path).not.toMatch(/event=|branch=|status=|created=/)
  })

  test('runs that cannot be read are trouble', async () => {
    harness.sandbox.faults.queue(route, { kind: 'answer', status: 403, body: { message: 'no' } })
    await expect(harness.connect().starts({ repository, workflow })).rejects.toBeInstanceOf(Trouble)
  })
})

describe('protection rules of GitHub', () => {
  test('names the reviewers of an environment, one of whom is enough', async () => {
    const environment = harness.sandbox.world.repository().environment('production')!
    environment.reviewers = [{ login: 'ben', id: 7, type: 'User' }]
    expect(await harness.connect().protection({ repository, environment: 'production' })).toEqual({
      gate: 'reviewers',
      reviewers: 1,
    })
  })

  test('an environment without rules, or a missing one, has no gate', async () => {
    harness.sandbox.world.repository().visibility = 'public'
    const github = harness.connect()
    expect(await github.protection({ repository, environment: 'production' })).toEqual({ gate: 'open' })
    expect(await github.protection({ repository, environment: 'no/where' })).toEqual({ gate: 'open' })
  })

  test('a private repository whose plan has no gates is told apart, though its environment names reviewers', async () => {
    const own = harness.sandbox.world.repository()
    own.plan = 'team'
    own.environment('production')!.reviewers = [{ login: 'ben', id: 7, type: 'User' }]
    expect(await harness.connect().protection({ repository, environment: 'production' })).toEqual({
      gate: 'open',
      repository: 'private',
    })
  })

  test('a gate that cannot be read is trouble, not an open gate', async () => {
    const answer = { kind: 'answer', status: 403, body: { message: 'Resource not accessible' } } as const
    harness.sandbox.faults.queue('GET /repos/{owner}/{repo}/environments/{environment_name}', answer)
    await expect(
      harness.connect().protection({ repository, environment: 'production' }),
    ).rejects.toBeInstanceOf(Trouble)
  })
})

import { expect, test } from 'vitest'
import type { UnreleasedRollout } from '../../../src/release/unreleased.ts'
import type { Given } from '../contract.ts'

const first: UnreleasedRollout = {
  service: 'blog-api',
  environment: 'prod',
  target: { cluster: 'prod', service: 'blog-api' },
  deploymentId: 'ecs-svc/1',
  revision: 'blog-api:42',
  commit: null,
  at: 1_000,
  run: null,
}

const idsOf = (rollouts: readonly UnreleasedRollout[]) => rollouts.map(({ deploymentId }) => deploymentId)

export function unreleasedContract(given: Given): void {
  test('records a rollout once in each of its targets, and never changes it', async () => {
    const { unreleased } = given.store
    const elsewhere = { cluster: 'dev', service: 'blog-api' }
    await unreleased.add(first)
    await unreleased.add({ ...first, revision: 'blog-api:43' })
    expect(await unreleased.has(first.target, 'ecs-svc/1')).toBe(true)
    expect(await unreleased.has(elsewhere, 'ecs-svc/1')).toBe(false)
    await unreleased.add({ ...first, environment: 'dev', target: elsewhere })
    const again = (await given.reopen()).unreleased
    expect(await again.list({ environment: 'prod', limit: 9 })).toEqual([first])
    expect(await again.list({ limit: 9 })).toHaveLength(2)
  })

  test('lists rollouts of a service or an environment, newest first, from a cursor', async () => {
    const { unreleased } = given.store
    for (const [deploymentId, at] of [
      ['a', 1],
      ['b', 2],
      ['c', 2],
      ['d', 3],
    ] as const)
      await unreleased.add({ ...first, deploymentId, at })
    await unreleased.add({ ...first, deploymentId: 'e', at: 2, service: 'blog-web' })
    const from = { requestedAt: 2, id: 'b' }
    const of = { service: 'blog-api', limit: 2 }
    expect(idsOf(await unreleased.list(of))).toEqual(['d', 'c'])
    expect(idsOf(await unreleased.list({ ...of, from: { ...from, go: 'older' } }))).toEqual(['a'])
    expect(idsOf(await unreleased.list({ ...of, from: { ...from, go: 'newer' } }))).toEqual(['d', 'c'])
  })

  test('keeps the newest hundred rollouts of a service environment', async () => {
    const { unreleased } = given.store
    await unreleased.add({ ...first, environment: 'dev' })
    for (let at = 0; at < 103; at += 1)
      await unreleased.add({ ...first, deploymentId: `ecs-svc/${at + 100}`, at })
    const kept = await unreleased.list({ environment: 'prod', limit: 999 })
    expect(kept).toHaveLength(100)
    expect(kept.at(-1)?.at).toBe(3)
    expect(await unreleased.list({ environment: 'dev', limit: 9 })).toHaveLength(1)
  })
}

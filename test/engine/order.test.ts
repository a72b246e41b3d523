import { expect, test } from 'vitest'
import { missingBefore } from '../../src/engine/order.ts'
import type { Ecs } from '../../src/ports/ports.ts'
import type { ServiceEnvironment, Settings } from '../../src/settings/settings.ts'
import type { Store } from '../../src/store/store.ts'
import { commit, oldCommit, revision } from '../release/world.ts'

const api = { cluster: 'blog-cluster-dev', service: 'blog-api' }
const worker = { cluster: 'blog-cluster-dev', service: 'blog-worker' }
const dev = { service: 'blog-api', environment: 'dev', targets: [api, worker], containers: ['api'] }
const prod = { service: 'blog-api', environment: 'prod', requires: ['dev'] } as unknown as ServiceEnvironment

/** No release was deployed there; ECS shows what ran well in each target. */
function missing(ran: Readonly<Record<string, string>>, places: readonly object[] = [dev]) {
  const past: Ecs['past'] = async ({ target }) => [
    {
      revision: revision(41, ran[target.service] ?? null),
      at: 0,
      difference: { known: true, lines: [], total: 0 },
    },
  ]
  const needs = {
    store: { history: async () => [] } as Partial<Store> as Store,
    settings: { serviceEnvironments: places } as Settings,
    outside: { ecs: { past } as Partial<Ecs> as Ecs },
  }
  return missingBefore(needs, prod, commit)
}

test.each<readonly [string, Record<string, string>, string | null]>([
  ['in every target', { 'blog-api': commit, 'blog-worker': commit.slice(0, 7) }, null],
  ['in one target alone', { 'blog-api': commit, 'blog-worker': oldCommit }, 'dev'],
  ['in one, of the other nothing is known', { 'blog-api': commit }, 'dev'],
  ['in none', {}, 'dev'],
])('a commit that succeeded there %s', async (_, ran, first) => {
  expect(await missing(ran)).toBe(first)
})

test('an environment that the service no longer has lets nothing pass', async () => {
  expect(await missing({ 'blog-api': commit, 'blog-worker': commit }, [])).toBe('dev')
})

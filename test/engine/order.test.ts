import { expect, test } from 'vitest'
import { lookAtOrder } from '../../src/engine/order.ts'
import type { Ecs } from '../../src/ports/ports.ts'
import type { MissingFirst } from '../../src/release/order-sighting.ts'
import type { Release } from '../../src/release/release.ts'
import type { Outcome } from '../../src/release/stage.ts'
import type { ServiceEnvironment } from '../../src/settings/settings.ts'
import type { Store } from '../../src/store/store.ts'
import { deploySubject, sendingBack, underway } from '../release/driver.ts'
import { commit, oldCommit, revision } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'

const api = { cluster: 'blog-cluster-dev', service: 'blog-api' }
const worker = { cluster: 'blog-cluster-dev', service: 'blog-worker' }
const dev = serviceEnvironment({ environment: 'dev', githubEnvironment: 'dev', targets: [api, worker] })
const prod = serviceEnvironment({ requires: ['dev'] })
const shop = serviceEnvironment({ service: 'shop', requires: ['qa'] })
const run = { id: 501, attempt: 1, url: '', event: 'push', login: 'dana' }
const waitingRun = { ...deploySubject(), kind: 'gate', run } as const

type There = {
  readonly ran?: Readonly<Record<string, string>>
  readonly others?: readonly ServiceEnvironment[]
  readonly releases?: readonly Release[]
}

/**
 * What a run at the gate of prod lacks. ECS shows what ran well in each target; `releases`: what twokey released in dev,
 * newest first.
 */
async function missing({ ran = {}, others = [dev], releases = [] }: There): Promise<MissingFirst | null> {
  const past: Ecs['past'] = async ({ target }) => [
    {
      revision: revision(41, ran[target.service] ?? null),
      at: 0,
      difference: { known: true, lines: [], total: 0 },
    },
  ]
  const deps = {
    store: { history: async () => releases } as Partial<Store> as Store,
    settings: settingsOf([prod, ...others]),
    outside: { ecs: { past } as Partial<Ecs> as Ecs },
  }
  const { service, environment } = prod
  return (await lookAtOrder({ service, environment, subject: waitingRun }, deps)).missing
}

function release(id: string, outcome: Outcome | null, of: string = commit): Release {
  const { release: moving } = underway({
    id,
    subject: deploySubject({ commit: { sha: of, title: '', author: 'Dana', login: 'dana' }, tip: of }),
  })
  return outcome === null
    ? moving
    : { ...moving, stage: { at: 'ended', since: 0, outcome, reason: '', settledBy: null } }
}

test.each<readonly [string, Record<string, string>, string | undefined]>([
  ['in every target', { 'blog-api': commit, 'blog-worker': commit.slice(0, 7) }, undefined],
  ['in one target alone', { 'blog-api': commit, 'blog-worker': oldCommit }, 'dev'],
  ['in one, of the other nothing is known', { 'blog-api': commit }, 'dev'],
  ['in none', {}, 'dev'],
])('a commit that succeeded there %s', async (_, ran, first) => {
  expect((await missing({ ran }))?.environment).toBe(first)
})

test('an environment that the service no longer has lets nothing pass', async () => {
  const ran = { 'blog-api': commit, 'blog-worker': commit }
  expect(await missing({ ran, others: [] })).toMatchObject({ environment: 'dev', last: null })
})

test.each<readonly [string, readonly Release[], object | null]>([
  ['it is in progress', [release('r-2', null)], { release: 'r-2', outcome: null }],
  ['it failed', [release('r-2', 'failed')], { release: 'r-2', outcome: 'failed' }],
  [
    'it failed and is tried again',
    [release('r-2', null), release('r-1', 'failed')],
    { release: 'r-2', outcome: null },
  ],
  [
    'it is in progress, and a later request was rejected',
    [release('r-2', 'rejected'), release('r-1', null)],
    { release: 'r-1', outcome: null },
  ],
  ['only other commits were released', [release('r-2', 'failed', 'f'.repeat(40))], null],
  ['only a rollback is in progress', [sendingBack().release], null],
])('the last release of a commit counts where it has not succeeded: %s', async (_, releases, last) => {
  expect(await missing({ releases })).toMatchObject({ environment: 'dev', last })
})

test('a commit that succeeded once and failed later has succeeded', async () => {
  expect(await missing({ releases: [release('r-2', 'failed'), release('r-1', 'succeeded')] })).toBeNull()
})

test('a gate that services share opens only after each of them succeeded where it has to', async () => {
  const ran = { 'blog-api': commit, 'blog-worker': commit }
  const of = { service: 'shop', environment: 'prod' }
  expect(await missing({ ran, others: [dev, shop] })).toEqual({ environment: 'qa', last: null, of })
})

test('the branch of the environment that comes first is named if it is another', async () => {
  expect(await missing({ others: [{ ...dev, branch: 'develop' }] })).toMatchObject({ branch: 'develop' })
})

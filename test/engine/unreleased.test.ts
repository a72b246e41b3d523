import { expect, onTestFinished, test, vi } from 'vitest'
import { type RecordDeps, recordBeginning, recordServing } from '../../src/engine/unreleased.ts'
import { type Serving, Trouble } from '../../src/ports/ports.ts'
import type { Start } from '../../src/ports/start.ts'
import type { Target } from '../../src/release/names.ts'
import type { Release } from '../../src/release/release.ts'
import type { Revision } from '../../src/release/revision.ts'
import type { UnreleasedRollout } from '../../src/release/unreleased.ts'
import type { ServiceEnvironment } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { minute, underway } from '../release/driver.ts'
import { commit, oldCommit, revision, start, target } from '../release/world.ts'
import { requestedDeploy } from '../store/fixtures.ts'
import { ownFolder } from '../store/folder.ts'

const blogProd = {
  service: 'blog-api',
  environment: 'prod',
  repository: 'myorg/blog-api',
  workflow: 'deploy.yml',
  branch: 'main',
  targets: [target],
  containers: ['api'],
} as unknown as ServiceEnvironment

const push: Start = {
  runId: 8,
  attempt: 1,
  event: 'push',
  branch: 'main',
  headSha: oldCommit,
  title: 'Past the approvals',
  login: 'ben',
  url: 'https://github.com/myorg/blog-api/actions/runs/8',
  at: start,
  isOver: false,
  endedAt: null,
}

/** The store of a twokey that was started long ago, what its looks see, and what they record. */
async function world(
  outside: { starts?: () => Promise<readonly Start[]>; carries?: Partial<Revision> } = {},
) {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  await recordBeginning(store, 0)
  const needs = {
    store,
    outside: {
      github: { starts: outside.starts ?? (async () => [push]) },
      ecs: {
        revision: async () => ({ ...revision(44), ...(outside.carries ?? { commit: oldCommit }) }),
      },
    },
  } as unknown as RecordDeps
  return {
    store,
    /** Another look at a service environment whose targets have served one revision since a time. */
    async sees(
      since: number,
      { place = blogProd, targets = [target] }: { place?: ServiceEnvironment; targets?: Target[] } = {},
      deploymentId = 'ecs-svc/44',
    ) {
      const { arn, name } = revision(44)
      const now: Serving = { seen: 'yes', arn, name, since, rolledOut: deploymentId }
      await recordServing(
        needs,
        place,
        targets.map((each) => ({ target: each, now })),
      )
    },
    async noted(): Promise<readonly UnreleasedRollout[]> {
      return store.unreleased.list({ limit: 99 })
    },
    /** A release that was sent, in its current state. */
    async has(release: Release) {
      await store.transact((tx) => tx.create(release, 'current'))
      await store.transact((tx) => tx.save(release, null))
    },
  }
}

/** The release succeeded by the deployment `ecs-svc/43`. */
function succeeded(): Release {
  const driver = underway({ migration: null })
  driver.world.rollout({ verdict: 'succeeded' })
  driver.world.runs({ verdict: 'succeeded' })
  driver.watch(2 * minute)
  expect(driver.outcome).toBe('succeeded')
  return driver.release
}

function endOf({ stage }: Release): number {
  if (stage.at !== 'ended') throw new Error('it has not ended')
  return stage.since
}

test('a rollout that no release made is recorded once, with the run that was in progress', async () => {
  const { sees, noted } = await world()
  for (const _ of ['once', 'again']) await sees(start + minute)
  expect(await noted()).toMatchObject([
    { revision: 'blog-api:44', commit: oldCommit, at: start + minute, run: { id: 8 } },
  ])
})

test('a rollout of a release is its own, however many were requested and cancelled right after it', async () => {
  const { store, sees, noted, has } = await world()
  await has(succeeded())
  for (let number = 0; number < 25; number += 1) {
    const at = start + minute + number
    const targets = [{ cluster: 'blog-cluster-prod', service: `lane-${number}` }]
    const request = requestedDeploy(`r-${number}`, { at, targets })
    await store.transact((tx) => tx.create(request, 'current'))
  }
  await sees(start, {}, 'ecs-svc/43')
  expect(await noted()).toEqual([])
})

test.each([
  ['its environment', { environment: 'live' }],
  ['its service', { service: 'api' }],
])('a rollout of a release is its own, even once %s has another name in twokey.yml', async (_, renamed) => {
  const { sees, noted, has } = await world()
  await has(succeeded())
  await sees(start, { place: { ...blogProd, ...renamed } }, 'ecs-svc/43')
  expect(await noted()).toEqual([])
})

test('a deployment with the same id in another region is not the release’s', async () => {
  const { sees, noted, has } = await world()
  await has(succeeded())
  const abroad = { ...target, region: 'eu-west-1' }
  await sees(start, { targets: [abroad] }, 'ecs-svc/43')
  expect(await noted()).toMatchObject([{ target: abroad, deploymentId: 'ecs-svc/43' }])
})

test.each([
  ['lists no runs', async () => Promise.reject(new Trouble('passing', 'GitHub is down'))],
  ['does not list runs in time', () => new Promise<never>(() => {})],
])('a rollout is recorded without its run if GitHub %s, for all targets within 5 s', async (_, starts) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { sees, noted } = await world({ starts })
  const targets = ['one', 'two', 'three'].map((service) => ({ ...target, service }))
  let isDone = false
  const seen = sees(start + minute, { targets }).then(() => {
    isDone = true
  })
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(5_000)
    expect(isDone).toBe(true)
  })
  await seen
  expect((await noted()).map(({ run, commit: carried }) => [run, carried])).toEqual(
    targets.map(() => [null, oldCommit]),
  )
})

test('a rollout that may have a release’s commit, and cannot be read, is left to a later look', async () => {
  const unread = { commit: null, unknown: { because: 'unread', reason: 'GitHub is down' } } as const
  const { sees, noted, has } = await world({ carries: unread })
  const release = succeeded()
  await has(release)
  const endedAt = endOf(release)
  await sees(endedAt + minute)
  expect(await noted()).toEqual([])
  // A rollout from before that release was sent does not belong to it.
  await sees(start - 60 * minute, {}, 'ecs-svc/40')
  expect(await noted()).toMatchObject([{ deploymentId: 'ecs-svc/40', commit: null }])
})

test('a rollout of the commit of the last release before it belongs to that release, even if another was sent later', async () => {
  const { sees, noted, has } = await world({ carries: { commit } })
  const first = succeeded()
  await has(first)
  const endedAt = endOf(first)
  const second = requestedDeploy('r-next', { at: endedAt + 2 * minute, targets: [target] })
  await has({ ...second, sentAt: endedAt + 3 * minute, sentAtAws: endedAt + 3 * minute })
  await sees(endedAt + minute)
  expect(await noted()).toEqual([])
})

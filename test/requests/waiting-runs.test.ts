import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import type { WaitingAtGate } from '../../src/ports/gates.ts'
import type { Outside } from '../../src/ports/outside.ts'
import { Trouble } from '../../src/ports/ports.ts'
import type { Target } from '../../src/release/names.ts'
import type { TargetSighting } from '../../src/release/sighting.ts'
import { type Gates, startGates } from '../../src/requests/waiting-runs.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { ana, deploySubject, policy, underway } from '../release/driver.ts'
import { commit, start as now, World } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'
import { ownFolder } from '../store/folder.ts'

const prod = serviceEnvironment()
const shop = serviceEnvironment({
  service: 'shop',
  workflow: 'shop.yml',
  githubEnvironment: 'shop',
  targets: [{ cluster: 'shop-cluster', service: 'shop' }],
})
const settings = settingsOf([shop, prod])

let store: Store
let waiting: readonly WaitingAtGate[]
let gates: Gates | undefined
const reviewGate = vi.fn<(review: object) => Promise<{ answer: string; reason?: string }>>()

beforeEach(async () => {
  store = await openSqliteStore({ folder: ownFolder() })
  waiting = []
  looks = []
  passed = 0
  reviewGate.mockReset().mockResolvedValue({ answer: 'taken' })
})
afterEach(async () => {
  await gates?.stop()
  await store.close()
})

function run(part: Partial<WaitingAtGate> = {}): WaitingAtGate {
  return {
    runId: 501,
    attempt: 1,
    event: 'push',
    branch: 'main',
    headSha: commit,
    title: 'Show drafts',
    login: 'dana',
    url: 'https://github.example/runs/501',
    at: now,
    isOver: false,
    endedAt: null,
    workflow: 'deploy.yml',
    environment: 'production',
    headRepository: 'myorg/blog-api',
    ...part,
  }
}

/** ECS does not know the cluster of shop. */
async function servingAt({ targets }: { targets: readonly Target[] }): Promise<readonly TargetSighting[]> {
  if (targets.some(({ service }) => service === 'shop'))
    throw new Trouble('terminal', 'the cluster shop-cluster does not exist')
  return new World(targets, []).targets
}

/** How far the clock went on, ms. */
let passed: number

/** The repositories whose gates were looked at, in order. */
let looks: string[]

function watch(config: Settings = settings): void {
  const { commit: wanted, githubTree, notes, changes, authorship } = deploySubject()
  const outside = {
    github: {
      waitingRuns: async ({ repository }: { readonly repository: string }) => {
        looks.push(repository)
        return waiting
      },
      reviewGate,
      inspectRun: async () => ({
        commit: wanted,
        githubTree,
        notes,
        changes,
        authorship,
        checks: { source: 'checks', passed: 0, pending: 0, failed: 0, failing: [] },
      }),
    },
    ecs: { before: servingAt, missing: async () => [] },
    people: { eligibleApprovers: async () => ({ persons: 2, groups: [] }) },
  } as unknown as Outside
  let ids = 0
  gates = startGates({
    store,
    outside,
    settings: config,
    clock: () => now + passed,
    log: pino({ level: 'silent' }),
    newId: () => {
      ids += 1
      return `r-new${ids}`
    },
    checkpoint: async () => {},
  })
}

const asked = (id: string) => vi.waitUntil(() => store.release(id), { timeout: patience })

test('a run that cannot be prepared keeps no other run waiting', async () => {
  waiting = [run({ runId: 1, workflow: 'shop.yml', environment: 'shop' }), run({ runId: 2 })]
  watch()
  expect(await asked('r-new1')).toMatchObject({ service: 'blog-api', requester: 'github:dana' })
})

test('a run needs as many approvals as any service requires whose workflow passes the same gate', async () => {
  const [lenient, strict] = [policy({ required: 1 }), policy({ required: 2, approvers: ['S0SHOP'] })]
  waiting = [run()]
  watch(
    settingsOf([
      { ...prod, policy: lenient },
      { ...shop, githubEnvironment: 'Production', policy: strict, waitMs: 60_000 },
    ]),
  )
  expect(await asked('r-new1')).toMatchObject({
    service: 'blog-api',
    policy: { required: 2, approvers: lenient.approvers },
    waitMs: 60_000,
    targets: prod.targets,
  })
})

const notices = async () =>
  (await store.outbox.duePosts(now + passed, 10)).flatMap(({ what }) =>
    what.kind === 'notice' ? [what.announced.notice] : [],
  )

test('people are told once that twokey cannot ask about a run that waits, and why', async () => {
  waiting = [run({ workflow: 'shop.yml', environment: 'shop' })]
  watch()
  await vi.waitUntil(async () => (await notices()).length > 0, { timeout: patience })
  const before = looks.length
  await vi.waitUntil(() => looks.length > before + 2, { timeout: patience })
  expect(await notices()).toMatchObject([
    {
      notice: 'not-asked-at-gate',
      environment: 'prod',
      run: { id: 501, login: 'dana' },
      why: 'the cluster shop-cluster does not exist',
    },
  ])
})

test('a run that twokey cannot ask about is rejected once its approvals would have expired', async () => {
  waiting = [run({ workflow: 'shop.yml', environment: 'shop' })]
  watch()
  await vi.waitUntil(async () => (await notices()).length > 0, { timeout: patience })
  expect(reviewGate).not.toHaveBeenCalled()
  passed = shop.policy.expireAfterMs
  await vi.waitUntil(async () => (await notices()).length > 1, { timeout: patience })
  expect(reviewGate.mock.calls[0]).toMatchObject([
    { runId: 501, verdict: 'rejected', comment: expect.stringContaining('shop-cluster does not exist') },
  ])
  expect((await notices())[1]).toMatchObject({ notice: 'rejected-at-gate', run: { id: 501 } })
})

test('people are told if GitHub does not let twokey reject a run', async () => {
  reviewGate.mockResolvedValue({ answer: 'refused', reason: 'Resource not accessible by integration' })
  waiting = [run({ event: 'pull_request' })]
  watch()
  await vi.waitUntil(async () => (await notices()).length > 1, { timeout: patience })
  expect(await notices()).toMatchObject([
    { notice: 'rejected-at-gate' },
    { notice: 'not-asked-at-gate', why: expect.stringContaining('not accessible') },
  ])
})

test('all repositories are looked at at the start, before the first pause', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `myorg/service-${index}`)
  watch({
    ...settings,
    polling: { ...settings.polling, idleMs: 3_600_000 },
    serviceEnvironments: names.map((repository) => ({ ...prod, repository })),
  })
  await vi.waitUntil(() => looks.length >= names.length, { timeout: patience })
  expect(looks.toSorted()).toEqual(names.toSorted())
})

test.each(['pull_request', 'pull_request_target', 'pull_request_review'])(
  'a run of %s is rejected, though its head lies on the branch',
  async (event) => {
    waiting = [run({ event })]
    watch()
    await vi.waitFor(() => expect(reviewGate).toHaveBeenCalled(), { timeout: patience })
    expect(reviewGate.mock.calls[0]).toMatchObject([
      { verdict: 'rejected', comment: expect.stringContaining('pull request') },
    ])
    expect(await store.inFlight()).toEqual([])
  },
)

test.each<[string, Partial<WaitingAtGate>, RegExp]>([
  ['a fork', { headRepository: 'dana/blog-api' }, /dana\/blog-api.*Merge the change into myorg\/blog-api/],
  ['another branch', { branch: 'next' }, /run is of next.*set `branch: next` for prod/],
  ['no branch', { branch: null }, /run is of no branch/],
  ['a workflow that is not named', { workflow: 'hotfix.yml' }, /hotfix\.yml/],
])('a run of %s is rejected at once, with what to add', async (_, part, words) => {
  waiting = [run(part)]
  watch()
  await vi.waitFor(() => expect(reviewGate).toHaveBeenCalled(), { timeout: patience })
  const [review] = reviewGate.mock.calls[0]!
  expect(review).toMatchObject({ verdict: 'rejected', comment: expect.stringMatching(words) })
  expect(await store.inFlight()).toEqual([])
})

test('whoever requested the release that dispatched a run is its requester at another gate, too', async () => {
  const dispatched = underway({
    id: 'r-dev',
    environment: 'dev',
    subject: deploySubject({ githubEnvironment: 'dev' }),
  }).release
  await store.transact((tx) => tx.create(dispatched, 'current'))
  waiting = [run({ event: 'workflow_dispatch', login: 'twokey-bot' })]
  watch()
  expect(await asked('r-new1')).toMatchObject({ environment: 'prod', requester: ana })
})

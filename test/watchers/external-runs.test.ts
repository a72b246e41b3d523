import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { rejectedBookmark } from '../../src/engine/runs-at-gates.ts'
import type { Gate } from '../../src/ports/gates.ts'
import { Trouble } from '../../src/ports/ports.ts'
import type { Start } from '../../src/ports/start.ts'
import type { NewerRun } from '../../src/release/sighting.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { environmentChain, type Store } from '../../src/store/store.ts'
import { type ExternalRuns, startExternalRuns } from '../../src/watchers/external-runs.ts'
import { policy, sending } from '../release/driver.ts'
import { start as now } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'
import { ownFolder } from '../store/folder.ts'

const people = [{ slack: ['U0BEN'], github: 'Ben' }]
const prod = serviceEnvironment({ policy: policy({ people }) })
const dev = serviceEnvironment({ environment: 'dev', branch: 'develop', policy: policy({ required: 0 }) })
const settings = settingsOf([prod, dev])

let store: Store
let listed: readonly Start[]
let looks: number
let gate: () => Promise<Gate>
/** Runs that have deployed, with the environment. */
let deployed: readonly string[]
/** By the id of a cancelled run: the newer one for which GitHub cancelled it. */
let newer: Readonly<Record<number, NewerRun>>
const open: ExternalRuns[] = []

beforeEach(async () => {
  store = await openSqliteStore({ folder: ownFolder() })
  listed = []
  looks = 0
  gate = async () => ({ gate: 'open' })
  deployed = []
  newer = {}
})
afterEach(async () => {
  for (const externalRuns of open.splice(0)) await externalRuns.stop()
  await store.close()
})

function start(runId: number, part: Partial<Start> = {}): Start {
  return {
    runId,
    attempt: 1,
    event: 'push',
    branch: 'main',
    headSha: 'c0ffee',
    title: 'Say hello',
    login: 'ben',
    url: `https://github.example/runs/${runId}`,
    at: now,
    isOver: false,
    endedAt: null,
    ...part,
  }
}

function looksOut(): ExternalRuns {
  const github = {
    async starts() {
      looks += 1
      return listed
    },
    protection: () => gate(),
    otherStarts: async () => ['push to main'],
    hasDeployed: async (ask: { readonly runId: number; readonly environment: string }) =>
      deployed.includes(`${ask.runId}:${ask.environment}`),
    newerRun: async ({ runId }: { readonly runId: number }) => newer[runId] ?? null,
  }
  const log = pino({ level: 'silent' })
  const none = () => {}
  const needs = { store, github, settings, clock: () => now, log, checkpoint: none }
  const externalRuns = startExternalRuns(needs)
  open.push(externalRuns)
  return externalRuns
}

async function looked(): Promise<void> {
  const before = looks
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 1), { timeout: patience })
}

async function told(): Promise<readonly unknown[]> {
  const rows = await store.auditOf(environmentChain('prod'))
  return rows.map(({ detail }) => detail.runId)
}

test('runs from before the first look are not reported; later ones are, once', async () => {
  listed = [start(1)]
  looksOut()
  await looked()
  listed = [start(2), start(1)]
  await looked()
  await looked()
  expect(await told()).toEqual([2])
  expect((await store.outbox.duePosts(now, 10)).map(({ what }) => what.kind)).toEqual(['notice'])
})

test('the audit log names the Slack account of whoever started a run, if twokey.yml does', async () => {
  looksOut()
  await looked()
  listed = [start(3, { login: null }), start(2, { login: 'dana' }), start(1)]
  await vi.waitFor(async () => expect(await told()).toHaveLength(3), { timeout: patience })
  const rows = await store.auditOf(environmentChain('prod'))
  expect(Object.fromEntries(rows.map(({ detail }) => [detail.runId, detail.by]))).toEqual({
    1: 'U0BEN',
    2: 'github:dana',
    3: 'github:(unknown)',
  })
})

test('two replicas report a run once', async () => {
  looksOut()
  looksOut()
  await looked()
  listed = [start(1)]
  await looked()
  await looked()
  expect(await told()).toEqual([1])
})

test.each([
  ['', 0],
  [', by a clock of ours that is two minutes ahead of GitHub’s', 2 * 60_000],
])(
  'a run that may be that of a dispatch in progress%s is reported once it turns out not to be',
  async (_, aheadMs) => {
    const driver = sending()
    driver.release = { ...driver.release, sentAtAws: (driver.release.sentAt ?? 0) - aheadMs }
    await store.transact((tx) => tx.create(driver.release, 'current'))
    looksOut()
    await looked()
    const { subject, sentAtAws } = driver.release
    if (subject.kind !== 'deploy') throw new Error('no deploy')
    const dispatched = { event: 'workflow_dispatch', branch: subject.branch, at: sentAtAws }
    listed = [start(502, dispatched), start(501, dispatched)]
    await looked()
    expect(await told()).toEqual([])
    driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: 'https://github.example/runs/501' })
    await store.transact((tx) => tx.save(driver.release, null))
    await looked()
    await looked()
    expect(await told()).toEqual([502])
  },
)

test('an old run that returns to the list is not reported again', async () => {
  looksOut()
  await looked()
  listed = [start(1, { at: now - 24 * 3_600_000 })]
  await looked()
  await looked()
  expect(await told()).toEqual([])
})

test('a gate is known once it was read, and says why if it cannot be', async () => {
  gate = async () => {
    throw new Trouble('terminal', 'the token may not read environments')
  }
  const externalRuns = looksOut()
  expect(externalRuns.gateOf(prod).gate).toBe('unseen')
  await looked()
  expect(externalRuns.gateOf(prod)).toEqual({ gate: 'unseen', why: 'the token may not read environments' })
})

test('an unchanged list leads to no read and no write', async () => {
  listed = [start(1)]
  looksOut()
  await looked()
  const transact = vi.spyOn(store, 'transact')
  await looked()
  await looked()
  expect(transact).not.toHaveBeenCalled()
  listed = [start(2), start(1)]
  await vi.waitFor(async () => expect(await told()).toEqual([2]), { timeout: patience })
})

test('a run that was rejected at the gate is reported only if it went on', async () => {
  looksOut()
  await looked()
  await store.transact((tx) =>
    tx.setBookmark(rejectedBookmark('myorg/blog-api'), [
      '1/1/production',
      '2/1/production',
      '3/1/production',
    ]),
  )
  listed = [
    start(3),
    start(2, { isOver: true, conclusion: 'succeeded' }),
    start(1, { isOver: true, conclusion: 'failed' }),
  ]
  await looked()
  await looked()
  expect(await told()).toEqual([2])
})

test('a run that failed after it had passed the gate without asking is reported, one that failed before is not', async () => {
  gate = async () => ({ gate: 'twokey', bypass: 'administrators' })
  looksOut()
  await looked()
  deployed = ['2:production', '3:production']
  const failed = { isOver: true, conclusion: 'failed' } as const
  listed = [start(3, { isOver: true, conclusion: 'succeeded' }), start(2, failed), start(1, failed)]
  await looked()
  await looked()
  expect(await told()).toEqual([3, 2])
  const notices = (await store.outbox.duePosts(now, 10)).map(({ what }) =>
    what.kind === 'notice' ? what.announced.notice : null,
  )
  expect(notices).toMatchObject([{ pastGate: 'succeeded' }, { pastGate: 'failed' }])
})

test('a run that GitHub cancelled for a newer one before it reached the gate is reported, one that a person cancelled is not', async () => {
  gate = async () => ({ gate: 'twokey', bypass: 'nobody' })
  looksOut()
  await looked()
  const group = { url: 'https://github.example/runs/3', group: 'ship' }
  newer = { 2: { id: 3, ...group }, 4: { id: 5, ...group } }
  deployed = ['4:production']
  const cancelled = { isOver: true, conclusion: 'cancelled', endedAt: now } as const
  listed = [start(4, cancelled), start(2, cancelled), start(1, cancelled)]
  await looked()
  await looked()
  const notices = (await store.outbox.duePosts(now, 10)).map(({ what }) =>
    what.kind === 'notice' ? what.announced.notice : null,
  )
  expect(notices).toMatchObject([
    { notice: 'started-on-github', pastGate: 'failed', run: { id: 4 } },
    { notice: 'superseded-before-gate', environment: 'prod', run: { id: 2 }, newer: { id: 3 } },
  ])
})

test('a gate is known by its name in any case', async () => {
  gate = async () => ({ gate: 'twokey', bypass: 'nobody' })
  const externalRuns = looksOut()
  await looked()
  const shouted = { repository: 'MyOrg/Blog-API', githubEnvironment: 'Production' }
  expect(externalRuns.gateOf(shouted)).toEqual({ gate: 'twokey', bypass: 'nobody' })
})

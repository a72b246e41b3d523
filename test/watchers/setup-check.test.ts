import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { type Store, strayChain } from '../../src/store/store.ts'
import { type SetupCheck, startSetupCheck } from '../../src/watchers/setup-check.ts'
import { ownFolder } from '../store/folder.ts'

const minute = 60_000
const hour = 60 * minute
const channel: Finding = {
  about: 'C0DEPLOYS',
  state: 'right',
  says: '#deploys',
  next: null,
  channel: 'C0DEPLOYS',
}

function wrong(says: string, about = 'GitHub'): Finding {
  return { about, state: 'wrong', says, next: 'Set a new token.' }
}

let store: Store
let now: number
let findings: readonly Finding[]
let checks: number
let lines: { level: number; msg: string; waitMs?: number }[]
const running: SetupCheck[] = []

beforeEach(async () => {
  store = await openSqliteStore({ folder: ownFolder() })
  now = Date.UTC(2026, 10, 24, 9)
  checks = 0
  lines = []
})
afterEach(async () => {
  for (const check of running.splice(0)) await check.stop()
  await store.close()
})

/** Starts twokey, and waits until it has checked the setup and logged that. */
async function starts(found: readonly Finding[]): Promise<void> {
  findings = found
  const before = checks
  const check = start()
  await vi.waitUntil(() => checks > before, { timeout: patience })
  await check.stop()
  // So much later that no earlier check delays the next one.
  now += 3 * hour
}

function start(config = 'a'): SetupCheck {
  const check = startSetupCheck({
    store,
    config,
    check: async () => {
      checks += 1
      return findings
    },
    clock: () => now,
    log: pino({}, { write: (line) => lines.push(JSON.parse(line)) }),
  })
  running.push(check)
  check.wake()
  return check
}

/** Starts twokey, and stops it as soon as it has checked the setup, or has logged that it waits. Returns how long it waits, ms. */
async function crashes(config?: string): Promise<number> {
  const before = lines.length
  const check = start(config)
  await vi.waitUntil(() => lines.length > before, { timeout: patience, interval: 1 })
  await check.stop()
  return lines.at(-1)?.waitMs ?? 0
}

async function posts() {
  return (await store.outbox.duePosts(now + 1e9, 100)).flatMap(({ what }) =>
    what.kind === 'notice' && what.announced.notice.notice === 'setup-wrong'
      ? [{ channel: what.channel, ...what.announced.notice, head: what.announced.head }]
      : [],
  )
}

test('logs each problem once at level error and posts all of them once, also through twenty crashes', async () => {
  const problems = [wrong('Bad credentials (401)'), wrong('ECS has no service blog', 'ECS blog')]
  for (let crash = 0; crash < 20; crash++) await starts([channel, ...problems])
  expect(lines.filter(({ level }) => level === 50)).toHaveLength(40)
  expect(lines.find(({ level }) => level === 50)?.msg).toBe('setup: GitHub: Bad credentials (401)')
  expect(await posts()).toMatchObject([
    {
      channel: 'C0DEPLOYS',
      problems: problems.map(({ about, says, next }) => ({ about, says, next })),
      more: 0,
    },
  ])
  const audit = await store.auditOf(strayChain)
  expect(audit.map(({ what }) => what)).toEqual(['setup wrong'])
  expect((await posts())[0]?.head).toEqual({ seq: 1, hash: audit[0]?.hash })
})

test('counts a problem as the same though AWS names another session in it', async () => {
  const denied = (session: string) =>
    wrong(`User: arn:aws:sts::123456789012:assumed-role/twokey/${session} is not authorized`)
  await starts([channel, denied('7b1c8a90c2f04f6c8c6f2f8b6cbb3f5a')])
  await starts([channel, denied('0f9d8c7b6a594e3d2c1b0a9f8e7d6c5b')])
  expect(await posts()).toHaveLength(1)
})

test('posts again what was right in between', async () => {
  await starts([channel, wrong('Bad credentials (401)')])
  await starts([channel])
  await starts([channel, wrong('Bad credentials (401)')])
  expect(await posts()).toHaveLength(2)
})

test('the check does not post again a problem that could not be read in between', async () => {
  await starts([channel, wrong('Bad credentials (401)')])
  await starts([channel, { about: 'GitHub', state: 'unavailable', says: 'no answer', next: null }])
  await starts([channel, wrong('Bad credentials (401)')])
  expect(await posts()).toHaveLength(1)
})

test('posts nothing if nothing is wrong, and logs one line', async () => {
  await starts([channel])
  expect(await posts()).toEqual([])
  expect(lines).toMatchObject([
    { level: 30, right: ['C0DEPLOYS: #deploys'], wrong: 0, unavailable: 0, msg: 'the setup was checked' },
  ])
})

test('posts in another channel if the release channel is the problem, and only logs if none is right', async () => {
  const noChannel = wrong('Slack has no channel C0NOTHERE', 'C0NOTHERE')
  await starts([noChannel])
  expect(await posts()).toEqual([])
  await starts([noChannel, { ...channel, channel: 'C0PROD' }])
  expect(await posts()).toMatchObject([{ channel: 'C0PROD' }])
})

test('shows five of many problems, and counts the others', async () => {
  await starts([
    channel,
    ...Array.from({ length: 300 }, (_, index) => wrong(`No ${index}`, `thing ${index}`)),
  ])
  const [post] = await posts()
  expect(post?.problems).toHaveLength(5)
  expect(post?.more).toBe(295)
})

test('checks four times in the first hour in which twokey crashes again and again, then once an hour', async () => {
  findings = [channel]
  const at: number[] = []
  const began = now
  for (; now <= began + 4 * hour; now += minute) {
    const before = checks
    const waitMs = await crashes()
    if (checks > before) at.push((now - began) / minute)
    else expect(waitMs).toBeGreaterThan(0)
  }
  expect(at).toEqual([0, 1, 5, 21, 81, 141, 201])
})

test('names the time to wait and `twokey check --online` in the log', async () => {
  findings = [channel]
  await crashes()
  now += 20_000
  expect(await crashes()).toBe(40_000)
  expect(lines.at(-1)?.msg).toContain('twokey check --online')
})

test('checks another config after a minute, however often the last one was checked', async () => {
  findings = [channel]
  for (const later of [0, 1, 4, 16]) {
    now += later * minute
    expect(await crashes()).toBe(0)
  }
  now += minute / 2
  expect([await crashes('b'), await crashes()]).toEqual([minute / 2, 59.5 * minute])
  now += minute / 2
  expect(await crashes('b')).toBe(0)
})

test('checks at once after a clock that was set back, and after an older twokey that stored the time alone', async () => {
  findings = [channel]
  await crashes()
  now -= hour
  expect(await crashes()).toBe(0)
  await store.transact((tx) => tx.setBookmark('setup checked', now - minute))
  expect(await crashes()).toBe(0)
})

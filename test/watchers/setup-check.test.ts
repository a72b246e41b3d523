import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { type Store, strayChain } from '../../src/store/store.ts'
import { type SetupCheck, startSetupCheck } from '../../src/watchers/setup-check.ts'
import { ownFolder } from '../store/folder.ts'

const minute = 60_000
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
let lines: { level: number; msg: string }[]
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
  const check = startSetupCheck({
    store,
    check: async () => {
      checks += 1
      return findings
    },
    clock: () => now,
    log: pino({}, { write: (line) => lines.push(JSON.parse(line)) }),
  })
  running.push(check)
  check.wake()
  await vi.waitUntil(() => checks > before, { timeout: patience })
  await check.stop()
  now += 2 * minute
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

test('checks at most once a minute, however often twokey crashes, and says so', async () => {
  await starts([channel])
  now -= 2 * minute - 20_000
  const check = startSetupCheck({
    store,
    check: async () => {
      checks += 1
      return []
    },
    clock: () => now,
    log: pino({}, { write: (line) => lines.push(JSON.parse(line)) }),
  })
  running.push(check)
  check.wake()
  await vi.waitUntil(() => lines.length === 2, { timeout: patience })
  expect(lines[1]).toMatchObject({ waitMs: 40_000, msg: expect.stringContaining('twokey check --online') })
  expect(checks).toBe(1)
})

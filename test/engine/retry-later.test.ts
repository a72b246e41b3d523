import { pino } from 'pino'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Asked } from '../../src/messages/intent.ts'
import type { Action } from '../../src/release/actions/actions.ts'
import { type InboxWorker, type InboxWorkerDeps, startInboxWorker } from '../../src/requests/inbox-worker.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { policy } from '../release/driver.ts'
import { start as noon, yes } from '../release/world.ts'
import { ana, requestedDeploy, start } from '../store/fixtures.ts'
import { ownFolder } from '../store/folder.ts'

const ben = 'U0BEN'
const ben2 = 'U0BEN2'
const chloe = 'U0CHLOE'
const people = [{ slack: [ben, ben2] }]

/** A release that lacks two approvals, and an inbox worker whose first attempt to count Ben’s throws an internal error. */
async function oneFailure({ card = 'written' as 'written' | 'posted' } = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const store = await openSqliteStore({ folder: ownFolder() })
  await start(store, requestedDeploy('r1', { policy: policy({ people }), at: noon }))
  const writeCard = () => store.outbox.cardSent('r1', { ts: '1.1', version: 1, shown: '' })
  if (card === 'written') await writeCard()
  let now = noon
  let failures = card === 'written' ? 1 : 0
  const open = (): InboxWorker =>
    startInboxWorker({
      store,
      settings: {
        environments: [],
        directMessages: { approvers: false, requester: false },
        serviceEnvironments: [{ service: 'shop', environment: 'prod', policy: policy({ people }) }],
        polling: { activeMs: 1, idleMs: 1 },
      } as unknown as Settings,
      outside: {
        people: { standing: async () => yes, knownName: () => null },
        channels: { sharing: async () => 'inside' },
      },
      clock: () => now,
      checkpoint: (name: string) => {
        if (name !== 'before approve committed' || failures === 0) return
        failures -= 1
        throw new Error('SQLITE_FULL: database or disk is full')
      },
      log: pino({ level: 'silent' }),
      onSetAside: () => {},
    } as unknown as InboxWorkerDeps)
  let inboxWorker = open()
  let count = 0
  async function receive(user: string, asked: Asked): Promise<void> {
    count += 1
    now += 100
    await store.receive({ id: `${count}`, asked, from: { ...ana, user }, receivedAt: now })
    inboxWorker.wake()
  }
  onTestFinished(async () => {
    await inboxWorker.stop()
    await store.close()
  })
  return {
    async clicks(user: string, action: Action) {
      const card = { channel: 'C0SHIP', ts: '1.1' }
      await receive(user, { ask: 'action', action, releaseId: 'r1', round: 0, card })
    },
    types: receive,
    writeCard,
    async passes(ms: number) {
      await vi.advanceTimersByTimeAsync(ms)
      now += ms
    },
    async restarts() {
      await inboxWorker.stop()
      inboxWorker = open()
    },
    /** Who did what, in order. */
    async audit(chain = 'r1') {
      const rows = await store.auditOf(chain)
      return rows.filter(({ actor }) => actor !== ana.user).map(({ actor, what }) => `${actor} ${what}`)
    },
    approvals: async () => (await store.release('r1'))?.approvals.map(({ by }) => by),
  }
}

test.each([
  ['by the same account', ben],
  ['by another account of that person', ben2],
])(
  'an approval that met an internal error is withdrawn %s: it counts, and then no longer',
  async (_, user) => {
    const { clicks, passes, audit, approvals } = await oneFailure()
    await clicks(ben, 'approve')
    await passes(300)
    await clicks(user, 'withdraw')
    await passes(1_000)
    expect(await audit()).toEqual([])
    await passes(5_000)
    expect(await audit()).toEqual([`${ben} approved`, `${user} withdrew`])
    expect(await approvals()).toEqual([])
  },
)

test('clicks of other people on the release do not wait for a delayed one', async () => {
  const { clicks, passes, approvals } = await oneFailure()
  await clicks(ben, 'approve')
  await passes(300)
  await clicks(ben, 'withdraw')
  await clicks(chloe, 'approve')
  await passes(1_000)
  expect(await approvals()).toEqual([chloe])
  await passes(5_000)
  expect(await approvals()).toEqual([chloe])
})

test('the order of delayed clicks survives a restart', async () => {
  const { clicks, passes, restarts, audit } = await oneFailure()
  await clicks(ben, 'approve')
  await passes(300)
  await clicks(ben, 'withdraw')
  await passes(300)
  await restarts()
  await passes(1_000)
  expect(await audit()).toEqual([`${ben} approved`, `${ben} withdrew`])
})

describe('a click that comes before Slack confirms the post of its card', () => {
  test('an early click counts once the card is stored, in the order of that person’s clicks', async () => {
    const { clicks, passes, writeCard, audit } = await oneFailure({ card: 'posted' })
    await clicks(ben, 'approve')
    await clicks(ben2, 'withdraw')
    await passes(2_000)
    expect(await audit()).toEqual([])
    await writeCard()
    await clicks(ben, 'approve')
    await passes(1_000)
    await passes(20_000)
    expect(await audit()).toEqual([`${ben} approved`, `${ben2} withdrew`, `${ben} approved`])
  })

  test('an early click delays neither other requests of its person nor a shutdown', async () => {
    const { clicks, types, passes, restarts, writeCard, audit } = await oneFailure({ card: 'posted' })
    for (let count = 0; count < 12; count += 1) await clicks(ben, 'approve')
    await types(ben, { ask: 'cancel', releaseId: 'r-nothing' })
    await passes(2_000)
    expect(await audit('strays')).toEqual([`${ben} cancel refused`])
    await restarts()
    await writeCard()
    await passes(2_000)
    expect((await audit())[0]).toBe(`${ben} approved`)
  })

  test('an early click is refused if no card is known after 15 seconds', async () => {
    const { clicks, passes, audit } = await oneFailure({ card: 'posted' })
    await clicks(ben, 'approve')
    await passes(5_000)
    await passes(5_000)
    expect(await audit()).toEqual([])
    await passes(5_100)
    await passes(1_000)
    expect(await audit()).toEqual([`${ben} approve refused`])
  })
})

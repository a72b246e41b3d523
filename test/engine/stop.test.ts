import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { startEngine } from '../../src/engine/engine.ts'
import type { InboxItem } from '../../src/messages/intent.ts'
import type { Outside } from '../../src/ports/outside.ts'
import { type InboxWorkerDeps, startInboxWorker } from '../../src/requests/inbox-worker.ts'
import type { Settings } from '../../src/settings/settings.ts'
import type { Lease, Store } from '../../src/store/store.ts'
import { ana, sending } from '../release/driver.ts'

const log = pino({ level: 'silent' })
const settings = { serviceEnvironments: [] } as unknown as Settings

/** The store is closed right afterwards: later reads and writes would fail. */
test('the engine releases what it has just claimed before it stops', async () => {
  const told: string[] = []
  const claimed = Promise.withResolvers<void>()
  const { release } = sending()
  const lease: Lease = { releaseId: release.id, owner: 'one', epoch: 1, until: 0 }
  const store = {
    async claim() {
      if (told.length > 0) return null
      told.push('claiming')
      await claimed.promise
      return { release, lease }
    },
    bookmark: async () => null,
    transact: async () => null,
    releaseLease: async () => void told.push('given back'),
    nextWake: async () => null,
  } as unknown as Store
  const engine = startEngine({
    store,
    outside: {} as Outside,
    settings,
    clock: () => 0,
    log,
    owner: 'one',
    checkpoint: () => {},
  })
  await expect.poll(() => told).toEqual(['claiming'])
  const stopped = engine.stop().then(() => told.push('stopped'))
  claimed.resolve()
  await stopped
  expect(told).toEqual(['claiming', 'given back', 'stopped'])
})

test('the inbox worker that stops while it reads begins nothing more', async () => {
  const read = Promise.withResolvers<void>()
  const item: InboxItem = {
    id: '1.2',
    asked: { ask: 'help', command: '/deploy' },
    from: { user: ana, team: 'T0', channel: 'C0', responseUrl: null },
    receivedAt: 0,
  }
  const begun: string[] = []
  let isReading = false
  const store = {
    async pendingItemsAfter() {
      isReading = true
      await read.promise
      return { items: [item], last: 1, isAll: true }
    },
    transact: async () => void begun.push('transaction'),
  } as unknown as Store
  const inboxWorker = startInboxWorker({
    store,
    settings: { services: [], environments: [], serviceEnvironments: [] } as unknown as Settings,
    clock: () => 0,
    checkpoint: () => {},
    log,
    onSetAside: () => {},
  } as unknown as InboxWorkerDeps)
  await expect.poll(() => isReading).toBe(true)
  const stopped = inboxWorker.stop()
  read.resolve()
  await stopped
  await turn()
  await turn()
  expect(begun).toEqual([])
})

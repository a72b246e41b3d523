import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startEngine } from '../../src/engine/engine.ts'
import type { Outside } from '../../src/ports/outside.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ben, chloe, eli, ReleaseDriver } from '../release/driver.ts'
import { yes } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'
import { ownFolder } from '../store/folder.ts'

test('a stored Cancel on an outdated card, which is always refused, does not delay a marked dispatch', async () => {
  const driver = new ReleaseDriver({ migration: null })
  driver.approve(ben)
  driver.approve(chloe)
  const { release, world } = driver
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  await store.transact((tx) => tx.create(release, 'current'))
  await store.outbox.cardSent(release.id, { ts: '2.2', version: 1, shown: '' })
  await store.receive({
    id: '1',
    asked: {
      ask: 'action',
      action: 'cancel',
      releaseId: release.id,
      round: 0,
      card: { channel: release.channel, ts: '1.1' },
    },
    from: { user: eli, team: 'T0TEAM', channel: release.channel, responseUrl: null },
    receivedAt: driver.now,
  })
  let marked = 0
  const sent = Promise.withResolvers<void>()
  const polling = { activeMs: 3_000, idleMs: 30_000, settleMs: 60_000 }
  const settings = settingsOf([serviceEnvironment()], { polling })
  const outside = {
    github: {
      tip: async () => world.tip,
      async dispatch({ maySend }: { maySend: () => Promise<boolean> }) {
        marked += 1
        if (marked > 50) sent.resolve()
        if (!(await maySend())) return { to: 'dispatch', answer: 'held back' }
        sent.resolve()
        return { to: 'dispatch', answer: 'run', runId: 501, url: '' }
      },
    },
    ecs: { now: () => driver.now, before: async () => world.targets },
    people: { standing: async () => yes, requester: async () => yes },
    channels: { sharing: async () => 'inside' },
  } as unknown as Outside
  const clock = () => driver.now
  const log = pino({ level: 'silent' })
  const engine = startEngine({ store, outside, settings, clock, log, owner: 'here', checkpoint: () => {} })
  await sent.promise
  await engine.stop()
  expect(marked).toBe(1)
})

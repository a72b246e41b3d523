import { expect, onTestFinished, test } from 'vitest'
import type { Lock } from '../../src/release/policy/lock.ts'
import { type Change, Signals } from '../../src/runtime/signals.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ana, requestedDeploy, start, worker } from './fixtures.ts'
import { ownFolder } from './folder.ts'

const lock: Lock = {
  environment: 'prod',
  service: null,
  by: 'U0ANA',
  why: 'an incident',
  since: 0,
  until: null,
}

/** A store with a release whose changes were all signalled, and the signals from now on. */
async function listening() {
  const signals = new Signals()
  const store = await openSqliteStore({ folder: ownFolder(), signals })
  onTestFinished(() => store.close())
  await start(store, requestedDeploy('r1'))
  const told: Change[] = []
  for (const change of ['release', 'outbox', 'locks', 'inbox'] as const)
    signals.on(change, () => told.push(change))
  return { store, told }
}

test('a release that is written or due sooner signals itself and its card', async () => {
  const { store, told } = await listening()
  await start(store, requestedDeploy('r2', { targets: [worker] }))
  expect(told.splice(0)).toEqual(['release', 'outbox'])
  await store.transact((tx) => tx.wake('r1', 0))
  await store.transact((tx) => tx.wakeInFlight(0, null))
  expect(told.splice(0)).toEqual(['release', 'release'])
})

test('a release that is saved unchanged signals nothing', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.save(requestedDeploy('r1'), null))
  expect(told).toEqual([])
})

test('an answer signals only the outbox', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.reply(ana, { reply: 'done', sentence: 'Written down.' }, 0))
  expect(told).toEqual(['outbox'])
})

test('a message that is due sooner signals the outbox', async () => {
  const { store, told } = await listening()
  await store.outbox.wake(0)
  expect(told).toEqual(['outbox'])
})

test('a lock that is set or lifted signals the locks', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.setLock(lock, 1))
  await store.transact((tx) => tx.liftLock(lock))
  expect(told).toEqual(['locks', 'locks'])
})

test('a transaction signals each change once, after its commit', async () => {
  const { store, told } = await listening()
  await store.transact(async (tx) => {
    await tx.wake('r1', 0)
    await tx.wake('r1', 0)
    await tx.setLock(lock, 1)
    expect(told).toEqual([])
  })
  expect(told).toEqual(['release', 'locks'])
})

test('a transaction that is rolled back signals nothing', async () => {
  const { store, told } = await listening()
  const failed = store.transact(async (tx) => {
    await tx.wake('r1', 0)
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(told).toEqual([])
})

test('a write that concerns nobody else signals nothing', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.setBookmark('clock', 1))
  await store.transact((tx) => tx.audit('r1', [{ actor: 'twokey', what: 'noted', detail: {} }], 0))
  await store.transact((tx) => tx.addPosts('r1', [], 0))
  expect(told).toEqual([])
})

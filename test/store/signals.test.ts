import { expect, onTestFinished, test } from 'vitest'
import type { Lock } from '../../src/release/policy/lock.ts'
import { type Change, Signals } from '../../src/runtime/signals.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ana, asked, start, worker } from './fixtures.ts'
import { ownFolder } from './folder.ts'

const lock: Lock = {
  environment: 'prod',
  service: null,
  by: 'U0ANA',
  why: 'an incident',
  since: 0,
  until: null,
}

/** A store with a release of which everything was told, and what it tells from now on. */
async function listening() {
  const signals = new Signals()
  const store = await openSqliteStore({ folder: ownFolder(), signals })
  onTestFinished(() => store.close())
  await start(store, asked('r1'))
  const told: Change[] = []
  for (const change of ['release', 'outbox', 'locks', 'inbox'] as const)
    signals.on(change, () => told.push(change))
  return { store, told }
}

test('a release that is written or due sooner is told, with its card', async () => {
  const { store, told } = await listening()
  await start(store, asked('r2', { targets: [worker] }))
  expect(told.splice(0)).toEqual(['release', 'outbox'])
  await store.transact((tx) => tx.wake('r1', 0))
  await store.transact((tx) => tx.wakeInFlight(0, null))
  expect(told.splice(0)).toEqual(['release', 'release'])
})

test('a release that is saved as it was changes nothing', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.save(asked('r1'), null))
  expect(told).toEqual([])
})

test('an answer is for the outbox alone', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.reply(ana, { reply: 'done', sentence: 'Written down.' }, 0))
  expect(told).toEqual(['outbox'])
})

test('what is due in the outbox sooner is told to it', async () => {
  const { store, told } = await listening()
  await store.outbox.wake(0)
  expect(told).toEqual(['outbox'])
})

test('a lock that is set or lifted is told', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.setLock(lock, 1))
  await store.transact((tx) => tx.liftLock(lock))
  expect(told).toEqual(['locks', 'locks'])
})

test('a transaction tells each change once, when it is committed', async () => {
  const { store, told } = await listening()
  await store.transact(async (tx) => {
    await tx.wake('r1', 0)
    await tx.wake('r1', 0)
    await tx.setLock(lock, 1)
    expect(told).toEqual([])
  })
  expect(told).toEqual(['release', 'locks'])
})

test('a transaction that is rolled back tells nothing', async () => {
  const { store, told } = await listening()
  const failed = store.transact(async (tx) => {
    await tx.wake('r1', 0)
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(told).toEqual([])
})

test('what is written for nobody else wakes nobody', async () => {
  const { store, told } = await listening()
  await store.transact((tx) => tx.setBookmark('clock', 1))
  await store.transact((tx) => tx.audit('r1', [{ actor: 'twokey', what: 'noted', detail: {} }], 0))
  await store.transact((tx) => tx.tell('r1', [], 0))
  expect(told).toEqual([])
})

import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ClockWatch } from '../../src/engine/clock-watch.ts'
import { startEngine } from '../../src/engine/engine.ts'
import type { Outside } from '../../src/ports/outside.ts'
import type { Release } from '../../src/release/release.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { ben, chloe, minute, ReleaseDriver, underway } from '../release/driver.ts'
import { ownFolder } from '../store/folder.ts'

const hour = 60 * minute
const settings = {
  polling: { activeMs: 1, idleMs: 30_000, settleMs: 1 },
  directMessages: { approvers: false, requester: false },
  serviceEnvironments: [],
} as unknown as Settings

/** A store with this release, as twokey stored it while its clock showed `at`. */
async function leftBehind(release: Release, at: number): Promise<Store> {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  await store.transact((tx) => tx.create(release, 'current'))
  await store.transact((tx) => tx.save(release, at + hour))
  await runs(store, at, () => noted(store, at))
  return store
}

/** Runs the engine on the store at that time, until the promise of `until` resolves. */
async function runs(store: Store, at: number, until: () => Promise<unknown>): Promise<void> {
  const engine = startEngine({
    store,
    outside: {} as unknown as Outside,
    settings,
    clock: () => at,
    log: pino({ level: 'silent' }),
    owner: 'here',
    checkpoint: () => {},
  })
  try {
    await until()
  } finally {
    await engine.stop()
  }
}

/** Waits until the store has this as the last time of twokey's clock. */
const noted = (store: Store, at: number) => vi.waitUntil(async () => (await store.bookmark('clock')) === at)

/** The release has both approvals, and its wait is not over. */
function waiting(): ReleaseDriver {
  const driver = new ReleaseDriver({ waitMs: 5 * minute })
  driver.approve(ben)
  driver.approve(chloe)
  return driver
}

const stageOf = async (store: Store, { release }: ReleaseDriver) => (await store.release(release.id))?.stage

test('a clock corrected while twokey was down ends what waits to be sent', async () => {
  const driver = waiting()
  const store = await leftBehind(driver.release, driver.now)
  await runs(store, driver.now - 12 * hour, () =>
    vi.waitUntil(async () => (await stageOf(store, driver))?.at === 'ended'),
  )
  expect(await stageOf(store, driver)).toMatchObject({ outcome: 'expired', since: driver.now - 12 * hour })
})

test('a corrected clock is noticed once, and later approvals survive another restart', async () => {
  const driver = waiting()
  const right = driver.now - 12 * hour
  const store = await leftBehind(driver.release, driver.now)
  await runs(store, right, () => noted(store, right))
  const later = { ...driver.release, id: 'r2', approvedAt: right } as const
  await store.transact((tx) => tx.create(later, 'current'))
  await store.transact((tx) => tx.save({ ...later, stage: { at: 'wait', until: right + 5 * minute } }, null))
  await runs(store, right + minute, () => noted(store, right + minute))
  expect((await store.release('r2'))?.stage.at).toBe('wait')
})

test('messages that wait until a time far ahead are sent now', async () => {
  const driver = waiting()
  const store = await leftBehind(driver.release, driver.now)
  await store.outbox.cardLater(driver.release.id, driver.now + minute)
  await runs(store, driver.now - 12 * hour, () =>
    vi.waitUntil(async () => (await stageOf(store, driver))?.at === 'ended'),
  )
  const due = await store.outbox.dueCards(driver.now - 12 * hour, 10)
  expect(due.map(({ release: { id } }) => id)).toEqual([driver.release.id])
})

test('a watched release counts from its end as usual after a clock correction', async () => {
  const driver = underway({ migration: null })
  driver.world.runs({ verdict: 'succeeded' })
  driver.watch(2 * minute)
  expect(driver.outcome).toBe('unchanged')
  const store = await leftBehind(driver.release, driver.now)
  await runs(store, driver.now - 12 * hour, () => noted(store, driver.now - 12 * hour))
  const { since } = (await stageOf(store, driver)) as { readonly since: number }
  expect(since).toBeLessThanOrEqual(driver.now - 12 * hour)
})

test('the time is stored once a minute at most', async () => {
  const driver = waiting()
  const store = await leftBehind(driver.release, driver.now)
  let now = driver.now + 1
  const watch = new ClockWatch(store, () => now)
  await watch.unreportedMs()
  const writes = vi.spyOn(store, 'transact')
  now += minute - 1
  await watch.unreportedMs()
  expect(writes).not.toHaveBeenCalled()
  now += 1
  await watch.unreportedMs()
  expect(await store.bookmark('clock')).toBe(now)
})

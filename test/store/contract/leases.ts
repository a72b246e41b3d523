import { expect, test } from 'vitest'
import { Fenced, type Store } from '../../../src/store/store.ts'
import type { Given } from '../contract.ts'
import { dueIds, ended, moved, requestedDeploy, save, start, worker } from '../fixtures.ts'

async function claim(store: Store, owner: string, now: number) {
  const claimed = await store.claim({ owner, now, leaseMs: 100 })
  if (claimed === null) throw new Error(`nothing is due at ${now}`)
  return claimed
}

export function leaseContract(given: Given): void {
  test('a new release is due at once, and only one of two claimers gets it', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const claims = await Promise.all([
      store.claim({ owner: 'one', now: 1_000, leaseMs: 100 }),
      store.claim({ owner: 'two', now: 1_000, leaseMs: 100 }),
    ])
    expect(claims[1]).toBeNull()
    expect(claims[0]).toEqual({
      release: requestedDeploy('r1'),
      lease: { releaseId: 'r1', owner: 'one', epoch: 1, until: 1_100 },
    })
  })

  test('claims each of fifty releases once for five claimers', async () => {
    const { store } = given
    const targets = Array.from({ length: 50 }, (_, number) => ({ cluster: 'prod', service: `s${number}` }))
    await start(store, ...targets.map((target) => requestedDeploy(target.service, { targets: [target] })))
    const claimed: string[] = []
    const work = async (owner: string) => {
      for (;;) {
        const got = await store.claim({ owner, now: 1_000, leaseMs: 100 })
        if (got === null) return
        claimed.push(got.release.id)
      }
    }
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(work))
    expect(claimed.toSorted()).toEqual(targets.map(({ service }) => service).toSorted())
  })

  test('claims the longest due release first, and none before its time', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'), requestedDeploy('r2', { targets: [worker] }))
    await dueIds(store, 1_000)
    await store.transact(async (tx) => {
      await tx.wake('r1', 3_000)
      await tx.wake('r2', 2_000)
    })
    expect(await store.nextWake()).toBe(2_000)
    expect(await dueIds(store, 1_999)).toEqual([])
    expect(await dueIds(store, 5_000)).toEqual(['r2', 'r1'])
    expect(await store.nextWake()).toBeNull()
  })

  test('a wake during a step survives the step', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const { release, lease } = await claim(store, 'one', 1_000)
    await store.transact((tx) => tx.wake('r1', 1_050))
    await store.transact(async (tx) => {
      await tx.releaseForUpdate('r1', lease)
      await tx.save(moved(release, 1_060), 60_000)
    })
    expect(await store.claim({ owner: 'two', now: 1_060, leaseMs: 100 })).toBeNull()
    await store.releaseLease(lease)
    expect(await dueIds(store, 1_060)).toEqual(['r1'])
  })

  test.each([
    ['a time', 5_000, 5_000],
    ['no time', null, null],
  ])('a step saved with %s is claimed again at the right time (row %#)', async (_, wakeAt, due) => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const { release, lease } = await claim(store, 'one', 1_000)
    await save(store, moved(release, 1_010), wakeAt)
    await store.releaseLease(lease)
    expect(await store.nextWake()).toBe(due)
  })

  test('a wake only lowers the wake time, even with a save', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await dueIds(store, 1_000)
    await store.transact((tx) => tx.wake('r1', 5_000))
    await store.transact((tx) => tx.wake('r1', 7_000))
    await save(store, moved(requestedDeploy('r1'), 2_000), 6_000)
    await save(store, moved(requestedDeploy('r1'), 2_500), null)
    expect(await store.nextWake()).toBe(5_000)
    await save(store, moved(requestedDeploy('r1'), 3_000), 4_000)
    expect(await store.nextWake()).toBe(4_000)
  })

  test('wakes all unfinished releases, or those of one environment', async () => {
    const { store } = given
    const dev = requestedDeploy('r2', {
      environment: 'dev',
      targets: [{ cluster: 'dev', service: 'blog-api' }],
    })
    const over = requestedDeploy('r3', { targets: [worker] })
    await start(store, requestedDeploy('r1'), dev, over)
    await save(store, ended(over, 'rejected'), null)
    await dueIds(store, 1_000)
    await store.transact((tx) => tx.wakeInFlight(5_000, 'dev'))
    expect(await dueIds(store, 5_000)).toEqual(['r2'])
    await store.transact((tx) => tx.wakeInFlight(6_000, null))
    expect((await dueIds(store, 6_000)).toSorted()).toEqual(['r1', 'r2'])
  })

  test('an expired lease goes to another owner with the next epoch, and the old owner is fenced', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const old = await claim(store, 'one', 1_000)
    expect(await store.nextWake()).toBe(1_100)
    expect(await store.claim({ owner: 'two', now: 1_099, leaseMs: 100 })).toBeNull()
    const taken = await claim(store, 'two', 1_100)
    expect(taken.lease.epoch).toBe(old.lease.epoch + 1)

    await expect(store.renew(old.lease, 9_000)).rejects.toThrow(Fenced)
    const late = store.transact(async (tx) => {
      await tx.releaseForUpdate('r1', old.lease)
      await tx.save(moved(old.release, 1_200), 1_300)
    })
    await expect(late).rejects.toThrow(Fenced)
    await store.releaseLease(old.lease)
    expect(await store.release('r1')).toEqual(requestedDeploy('r1'))
    expect(await store.transact((tx) => tx.releaseForUpdate('r1', taken.lease))).toEqual(
      requestedDeploy('r1'),
    )
    expect(await store.claim({ owner: 'three', now: 1_199, leaseMs: 100 })).toBeNull()
  })

  test('a new claim by the same owner fences its old lease', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const old = await claim(store, 'one', 1_000)
    const again = await claim(store, 'one', 1_100)
    await expect(store.renew(old.lease, 9_000)).rejects.toThrow(Fenced)
    await expect(store.transact((tx) => tx.releaseForUpdate('r1', old.lease))).rejects.toThrow(Fenced)
    expect((await store.renew(again.lease, 9_000)).until).toBe(9_000)
  })

  test('a renewed lease lasts longer under the same epoch', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const { lease } = await claim(store, 'one', 1_000)
    const renewed = await store.renew(lease, 2_000)
    expect(renewed).toEqual({ ...lease, until: 2_000 })
    expect(await store.claim({ owner: 'two', now: 1_999, leaseMs: 100 })).toBeNull()
    expect(await store.nextWake()).toBe(2_000)
  })

  test('a returned lease cannot be used any more', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const { lease } = await claim(store, 'one', 1_000)
    await store.releaseLease(lease)
    await expect(store.transact((tx) => tx.releaseForUpdate('r1', lease))).rejects.toThrow(Fenced)
    await expect(store.renew(lease, 9_000)).rejects.toThrow(Fenced)
    expect(await store.nextWake()).toBeNull()
  })

  test('stores a click while another owner drives the release', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const { lease } = await claim(store, 'one', 1_000)
    await store.transact(async (tx) => {
      const release = await tx.releaseForUpdate('r1')
      if (release) await tx.save({ ...release, cancelAsked: { by: 'U0BEN', at: 1_010 } }, 1_010)
    })
    const seen = await store.transact((tx) => tx.releaseForUpdate('r1', lease))
    expect(seen?.cancelAsked).toEqual({ by: 'U0BEN', at: 1_010 })
    await store.releaseLease(lease)
    expect(await store.nextWake()).toBe(1_010)
  })
}

import { expect, test } from 'vitest'
import type { Lock } from '../../../src/release/lock.ts'
import type { Given } from '../contract.ts'

const whole: Lock = {
  environment: 'prod',
  service: null,
  by: 'U0ANA',
  why: 'an incident',
  since: 1_000,
  until: null,
}
const blog: Lock = { ...whole, service: 'blog-api', why: 'half \ud83d\ude80', until: 9_000 }

export function lockContract(given: Given): void {
  test('an environment and each service in it have one lock at most; the later replaces the earlier', async () => {
    await given.store.transact(async (tx) => {
      await tx.setLock(whole, 5_000)
      await tx.setLock(blog, 9_000)
      await tx.setLock({ ...whole, environment: 'dev' }, 5_000)
      await tx.setLock({ ...blog, by: 'U0BEN' }, 9_000)
      expect(await tx.locks('prod')).toEqual([whole, { ...blog, by: 'U0BEN' }])
      expect(await tx.locks('staging')).toEqual([])
    })
    expect(await (await given.reopen()).locks()).toEqual([
      { ...whole, environment: 'dev' },
      whole,
      { ...blog, by: 'U0BEN' },
    ])
  })

  test('it is lifted once, and the other locks stay', async () => {
    await given.store.transact(async (tx) => {
      await tx.setLock(whole, 5_000)
      await tx.setLock(blog, 9_000)
      expect(await tx.liftLock(blog)).toBe(true)
      expect(await tx.liftLock(blog)).toBe(false)
    })
    expect(await given.store.locks()).toEqual([whole])
  })

  test('each is due when it was said, the soonest first, until it is put off or lifted', async () => {
    const { store } = given
    expect(await store.nextLockDue()).toBeNull()
    await store.transact(async (tx) => {
      await tx.setLock(whole, 5_000)
      await tx.setLock(blog, 4_000)
      expect(await tx.dueLocks(3_999)).toEqual([])
      expect(await tx.dueLocks(5_000)).toEqual([blog, whole])
      await tx.setLock(blog, 9_000)
      expect(await tx.dueLocks(5_000)).toEqual([whole])
    })
    expect(await store.nextLockDue()).toBe(5_000)
    await store.transact((tx) => tx.liftLock(whole))
    expect(await (await given.reopen()).nextLockDue()).toBe(9_000)
  })

  test('a lock of a transaction that fails never was', async () => {
    const failing = given.store.transact(async (tx) => {
      await tx.setLock(whole, 5_000)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await given.store.locks()).toEqual([])
  })
}

import { expect, test } from 'vitest'
import type { Lock } from '../../../src/release/policy/lock.ts'
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
  test('keeps one lock per environment and service; a later one replaces it', async () => {
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

  test('lifts a lock once, and keeps the other locks', async () => {
    await given.store.transact(async (tx) => {
      await tx.setLock(whole, 5_000)
      await tx.setLock(blog, 9_000)
      expect(await tx.liftLock(blog)).toBe(true)
      expect(await tx.liftLock(blog)).toBe(false)
    })
    expect(await given.store.locks()).toEqual([whole])
  })

  test('locks are due at their time, soonest first, until deferred or lifted', async () => {
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

  test('a failed transaction sets no lock', async () => {
    const failing = given.store.transact(async (tx) => {
      await tx.setLock(whole, 5_000)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await given.store.locks()).toEqual([])
  })
}

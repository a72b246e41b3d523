import { expect, test } from 'vitest'
import { blocksOn } from '../../src/engine/blocks.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import { currentRules, type ServiceEnvironment } from '../../src/settings/settings.ts'
import { deploySubject, gateSubject, minute, policy, ReleaseDriver } from '../release/driver.ts'
import { start as now } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'

const blog = serviceEnvironment()
const shop = serviceEnvironment({
  service: 'shop',
  githubEnvironment: 'Production',
  policy: policy({ required: 3 }),
  waitMs: 5 * minute,
})

const lockOfShop: Lock = {
  environment: 'prod',
  service: 'shop',
  by: 'U0ANA',
  why: 'an incident',
  since: now,
  until: null,
}

const tx = { locks: async () => [lockOfShop] }

test.each<[string, Partial<ServiceEnvironment>, boolean]>([
  ['shares its gate', {}, true],
  ['has another gate', { githubEnvironment: 'shop' }, false],
])('a service that %s counts with its lock, approvals and wait at a gate', async (_, part, counts) => {
  const settings = settingsOf([blog, { ...shop, ...part }])
  const { release } = new ReleaseDriver({ subject: gateSubject() })
  const { lock } = await blocksOn(tx, release, { settings, now })
  expect(lock).toEqual(counts ? lockOfShop : null)
  expect(currentRules(settings, release)).toMatchObject(
    counts ? { policy: { required: 3 }, waitMs: 5 * minute } : { policy: { required: 2 }, waitMs: 0 },
  )
})

test('a service of another workflow counts with its approvals and wait at a gate, but not with its lock', async () => {
  const settings = settingsOf([blog, { ...shop, workflow: 'shop.yml' }])
  const { release } = new ReleaseDriver({ subject: gateSubject() })
  expect((await blocksOn(tx, release, { settings, now })).lock).toBeNull()
  expect(currentRules(settings, release)).toMatchObject({ policy: { required: 3 }, waitMs: 5 * minute })
})

test.each<[string, object, Lock | null]>([
  ['does not count if twokey does not hold the gate', {}, null],
  ['counts with its lock if its run passes the gate of both', { isGateShared: true }, lockOfShop],
])('a service that shares the GitHub environment of a deploy %s', async (_, part, lock) => {
  const settings = settingsOf([blog, shop])
  const { release } = new ReleaseDriver({ subject: deploySubject(part) })
  expect((await blocksOn(tx, release, { settings, now })).lock).toEqual(lock)
})

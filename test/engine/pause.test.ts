import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startEngine } from '../../src/engine/engine.ts'
import type { Outside } from '../../src/ports/outside.ts'
import type { RolloutVerdict } from '../../src/release/sighting.ts'
import { Signals } from '../../src/runtime/signals.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ben, chloe, ReleaseDriver, sendingBack } from '../release/driver.ts'
import { revision, rolloutSighting, start, target } from '../release/world.ts'
import { ownFolder } from '../store/folder.ts'

const leaseMs = 15_000
const settings = {
  polling: { activeMs: 1, idleMs: 1, settleMs: 1 },
  directMessages: { approvers: false, requester: false },
  serviceEnvironments: [],
} as unknown as Settings

/** A rollback that ECS has accepted, in its own store. */
async function rollingBack() {
  const signals = new Signals()
  const store = await openSqliteStore({ folder: ownFolder(), signals })
  onTestFinished(() => store.close())
  const driver = sendingBack()
  driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
  await store.transact((tx) => tx.create(driver.release, 'current'))
  return { store, driver, signals }
}

test('a process that is paused while it reads drops what it saw and reads again', async () => {
  const { store, driver, signals } = await rollingBack()

  let now = driver.now
  const verdicts: RolloutVerdict[] = []
  const see = (verdict: RolloutVerdict) => {
    verdicts.push(verdict)
    const rollout = rolloutSighting({
      deploymentId: 'ecs-svc/99',
      createdAt: start,
      revision: revision(41),
      verdict,
    })
    return [
      {
        target,
        primary: { id: 'ecs-svc/99', revision: revision(41) },
        serving: revision(41),
        deployments: ['ecs-svc/99'],
        rollouts: [rollout],
      },
    ]
  }
  const ended = Promise.withResolvers<void>()
  signals.on('release', () => {
    if (verdicts.length > 1) ended.resolve()
  })
  const ecs = {
    async rollouts() {
      if (verdicts.length > 0) return see('rolled back')
      now += leaseMs
      return see('succeeded')
    },
  }
  const engine = startEngine({
    store,
    outside: { ecs } as unknown as Outside,
    settings,
    clock: () => now,
    log: pino({ level: 'silent' }),
    owner: 'here',
    checkpoint: () => {},
    leaseMs,
  })
  await ended.promise
  await engine.stop()
  const left = await store.release(driver.release.id)
  expect(verdicts.slice(0, 2)).toEqual(['succeeded', 'rolled back'])
  expect(left?.stage).toMatchObject({ at: 'ended', outcome: 'rolled back' })
})

test('a clock that is set back delays no read', async () => {
  const { store, driver, signals } = await rollingBack()

  let now = driver.now
  let looks = 0
  const looked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  signals.on('release', () => looked[looks - 1]?.resolve())
  const rollouts = async () => {
    looks += 1
    return driver.world.targets
  }
  const engine = startEngine({
    store,
    outside: { ecs: { rollouts } } as unknown as Outside,
    settings: { ...settings, polling: { activeMs: 600_000, idleMs: 600_000, settleMs: 600_000 } },
    clock: () => now,
    log: pino({ level: 'silent' }),
    owner: 'here',
    checkpoint: () => {},
    leaseMs,
  })
  await looked[0]?.promise
  now -= 3_600_000
  engine.wake()
  await looked[1]?.promise
  await engine.stop()
  expect(looks).toBe(2)
})

test('a clock that is set back ends what waits to be sent, because the age of its approvals is not known', async () => {
  const signals = new Signals()
  const store = await openSqliteStore({ folder: ownFolder(), signals })
  onTestFinished(() => store.close())
  const driver = new ReleaseDriver({ waitMs: 600_000 })
  driver.approve(ben)
  driver.approve(chloe)
  await store.transact((tx) => tx.create(driver.release, 'current'))

  let now = driver.now + 300_000
  const ended = Promise.withResolvers<void>()
  signals.on('release', () => ended.resolve())
  const engine = startEngine({
    store,
    outside: {} as unknown as Outside,
    settings,
    clock: () => now,
    log: pino({ level: 'silent' }),
    owner: 'here',
    checkpoint: () => {},
    leaseMs,
  })
  now -= 240_000
  engine.wake()
  await ended.promise
  await engine.stop()
  const left = await store.release(driver.release.id)
  expect(left?.stage).toMatchObject({ at: 'ended', outcome: 'expired' })
})

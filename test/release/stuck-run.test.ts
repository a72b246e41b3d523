import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { looks } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import type { RolloutVerdict } from '../../src/release/sighting.ts'
import { ana, ben, chloe, minute, type ReleaseDriver, underway } from './driver.ts'
import { commit, migrationSighting, unseen } from './world.ts'

describe('a run that GitHub shows for ever', () => {
  /** A run that was cancelled, but has been in progress for longer than configured. */
  function stuck(happens: (driver: ReleaseDriver) => void = () => {}): ReleaseDriver {
    const driver = underway({ migration: null })
    happens(driver)
    driver.later(5_000)
    driver.cancel(ana)
    driver.watch(70 * minute, minute)
    return driver
  }

  const rolledOut =
    (verdict: RolloutVerdict) =>
    ({ world }: ReleaseDriver) =>
      world.rollout({ verdict })

  test('a run cannot be settled before it takes longer than configured', () => {
    const driver = underway()
    expect(driver.settle(ben)).toMatchObject({ code: 'not_cancellable' })
  })

  test.each([
    ['nothing was rolled out', () => {}],
    ['the rollout is complete', rolledOut('succeeded')],
  ])('%s: a settled run ends the release unknown by what ECS shows, and it blocks nobody', (_, happens) => {
    const driver = stuck(happens)
    expect(driver.outcome).toBeNull()
    expect(driver.settle(ben)).toBeNull()
    expect(looks(driver.release, driver.config()).map(({ look }) => look)).not.toContain('run')
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('the run was settled before its result was known')
    expect(driver.release.stage).toMatchObject({ settledBy: ben })
    expect([holdsLane(driver.release), actionsOf(driver.release)]).toEqual([false, ['retry']])
    expect(driver.audit).toContainEqual({ actor: ben, what: 'run settled', detail: { id: 501 } })
  })

  test('a rollout in progress of a settled run is followed, and its end is that of the release', () => {
    const driver = stuck(rolledOut('moving'))
    driver.settle(ben)
    driver.watch(5 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual([null, true])
    driver.world.rollout({ verdict: 'rolled back' })
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['rolled back', false])
  })

  test('a migration of a settled run that still runs is waited for', () => {
    const driver = underway()
    driver.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1` })]
    driver.watch(70 * minute, minute)
    driver.settle(ben)
    driver.watch(5 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual([null, true])
    driver.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' })]
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', false])
  })

  test('a rollout by somebody else after the settlement is not attributed to the run', () => {
    const driver = underway({ migration: null, settleMs: 5 * minute })
    driver.watch(70 * minute, minute)
    driver.settle(ben)
    driver.now += 2 * minute
    driver.world.rollout({ verdict: 'succeeded', createdAt: driver.now })
    driver.later(minute)
    expect([driver.outcome, driver.release.tracks.rollouts]).toMatchObject([null, [{ seen: null }]])
  })

  test.each<readonly [string, (driver: ReleaseDriver) => void]>([
    [
      'ECS shows two rollouts that could be its',
      ({ world, now }) => world.rollout({ verdict: 'moving', arn: 'arn:rollout/44', createdAt: now }),
    ],
    ['ECS cannot be read', ({ world }) => (world.trouble = { rollouts: unseen('terminal') })],
    ['its tasks cannot be listed', ({ world }) => (world.trouble = { migration: unseen('terminal') })],
  ])('%s: settling the run does not free the lane, until somebody settles the release', (_, happens) => {
    const driver = underway()
    driver.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1` })]
    driver.world.rollout({ verdict: 'moving' })
    driver.watch(70 * minute, minute)
    happens(driver)
    if (driver.world.trouble.migration) driver.world.rollout({ verdict: 'succeeded' })
    else
      driver.world.migrations = [
        migrationSighting({ startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' }),
      ]
    expect(driver.settle(ben)).toBeNull()
    driver.watch(5 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
    expect(driver.release.stage).toMatchObject({ settledBy: null })
    expect(actionsOf(driver.release)).toEqual(['look-again', 'settle'])
    expect(driver.settle(ben)).toBeNull()
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('a settled migration followed by an unreadable ECS keeps the lane held', () => {
    const driver = underway()
    driver.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1` })]
    driver.world.rollout({ verdict: 'moving' })
    driver.later(5_000)
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(70 * minute, minute)
    expect(driver.settle(ben)).toBeNull()
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(5 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
    driver.world.trouble = {}
    driver.lookAgain(ben)
    driver.watch(minute)
    expect(driver.outcome).toBeNull()
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(minute)
    expect([driver.outcome, driver.release.stage]).toMatchObject(['unknown', { settledBy: ben }])
  })

  test('changes of a settled run in other service environments are read, as after every run', () => {
    const driver = stuck()
    driver.settle(ben)
    expect(looks(driver.release, driver.config()).map(({ look }) => look)).toContain('beyond')
  })

  test('a settled run that cannot be read is no longer waited for', () => {
    const driver = underway({ migration: null })
    driver.world.rollout({ verdict: 'moving' })
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(3 * minute)
    expect(driver.settle(chloe)).toBeNull()
    expect(driver.release.blind.run).toBeUndefined()
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', false])
  })
})

import { describe, expect, test } from 'vitest'
import type { Checks } from '../../src/release/checks.ts'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { ben, chloe, minute, policy, ReleaseDriver, rollbackSubject } from './driver.ts'
import { unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }
const green: Checks = { source: 'checks', passed: 3, pending: 0, failed: 0, failing: [] }
const pending: Checks = { ...green, passed: 2, pending: 1 }
const red: Checks = { ...green, passed: 2, failed: 1, failing: ['e2e'] }

const asks = (driver: ReleaseDriver) => looks(driver.release, driver.config()).map(({ look }) => look)
const untilNext = (driver: ReleaseDriver) =>
  (nextLook(driver.release, driver.now, polling) ?? Number.NaN) - driver.now

describe('the checks of a commit while approvals are missing', () => {
  test('the checks are read every two minutes while one is pending, then every ten', () => {
    const driver = new ReleaseDriver({ facts: { checks: pending } })
    driver.world.checks = pending
    driver.look()
    expect([asks(driver), untilNext(driver)]).toEqual([['checks'], 2 * minute])
    driver.world.checks = red
    driver.later(2 * minute)
    expect(driver.release.facts?.checks).toEqual({ ...red, at: driver.now })
    expect(untilNext(driver)).toBe(10 * minute)
  })

  test('the checks change the release only if they changed, with one audit row', () => {
    const driver = new ReleaseDriver({ facts: { checks: pending, succeededIn: [] } })
    driver.world.checks = pending
    const before = driver.release
    driver.watch(10 * minute, minute)
    expect(driver.release).toEqual(before)
    driver.world.checks = green
    driver.watch(10 * minute, minute)
    expect(driver.release.facts).toMatchObject({ checks: green, succeededIn: [] })
    expect(driver.audit.filter(({ what }) => what === 'checks changed')).toEqual([
      { actor: 'twokey', what: 'checks changed', detail: { checks: green } },
    ])
  })

  test('the checks stay as they were while GitHub cannot be read, which is neither posted nor stored', () => {
    const driver = new ReleaseDriver({ facts: { checks: green } })
    const before = driver.release
    driver.world.trouble = { checks: unseen('passing', 'GitHub answered 502') }
    driver.watch(10 * minute, minute)
    driver.world.trouble = {}
    driver.world.checks = { ...green, passed: 0, unread: 'GitHub answered 403' }
    driver.watch(10 * minute, minute)
    expect(driver.release).toEqual(before)
  })

  test.each([
    ['that no card shows', {}],
    ['of a deploy that needs no approval', { policy: policy({ required: 0 }), facts: { checks: green } }],
    ['of a rollback', { subject: rollbackSubject() }],
  ])('the checks are not read: those %s', (_, part) => {
    expect(asks(new ReleaseDriver(part))).not.toContain('checks')
  })
})

describe('the checks of a commit before the dispatch', () => {
  function approved(): ReleaseDriver {
    const driver = new ReleaseDriver({ facts: { checks: green } })
    driver.approve(ben)
    driver.approve(chloe)
    return driver
  }

  test('the checks are read once more, and delay nothing', () => {
    const driver = approved()
    driver.world.checks = red
    expect(asks(driver)).toContain('checks')
    driver.look()
    expect([driver.release.stage.at, driver.release.facts?.checks?.failed]).toEqual(['sending', 1])
    const other = approved()
    other.world.trouble = { checks: unseen('passing', 'GitHub answered 502') }
    other.look()
    expect(other.release.stage.at).toBe('sending')
  })

  test('the checks are not read again while the release waits for another check', () => {
    const driver = approved()
    driver.world.trouble = { tip: unseen('passing', 'GitHub answered 502') }
    driver.look()
    expect(asks(driver)).not.toContain('checks')
  })

  test('the checks do not delay a release whose last approval came while they were read', () => {
    const driver = new ReleaseDriver({ facts: { checks: green } })
    const seen = driver.world.observe(looks(driver.release, driver.config()), driver.now)
    driver.approve(ben)
    driver.approve(chloe)
    driver.input({ on: 'look', seen })
    expect(untilNext(driver)).toBe(0)
    expect(driver.audit.filter(({ what }) => what === 'waiting')).toEqual([])
    driver.look()
    expect(driver.release.stage.at).toBe('sending')
  })
})

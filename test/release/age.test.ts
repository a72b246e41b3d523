import { describe, expect, test } from 'vitest'
import { nextLook } from '../../src/release/next-look.ts'
import { markFreshMs, sentWithinMs } from '../../src/release/preconditions/age.ts'
import { ben, chloe, clicker, minute, policy, ReleaseDriver, rollbackSubject, sending } from './driver.ts'
import { unseen } from './world.ts'

const polling = { activeMs: 5_000, idleMs: 30_000 }
const bound = sentWithinMs

/** The release has both approvals, and something delays its dispatch. */
function heldUp(part: ConstructorParameters<typeof ReleaseDriver>[0] = {}): ReleaseDriver {
  const driver = new ReleaseDriver(part)
  driver.world.trouble = { before: unseen('passing', 'AWS did not answer') }
  if (driver.state === 'awaiting approval') {
    driver.approve(ben)
    driver.now += minute
    driver.approve(chloe)
  }
  return driver
}

describe('nothing is sent long after the last approval', () => {
  test('a release is sent at the last moment, and not a moment later', () => {
    const early = heldUp()
    early.now += bound
    early.world.trouble = {}
    early.look()
    expect(early.effectsOf('dispatch')).toHaveLength(1)

    const late = heldUp()
    late.now += bound + 1
    late.world.trouble = {}
    late.look()
    expect(late.outcome).toBe('expired')
    expect(late.effectsOf('dispatch')).toEqual([])
  })

  test('a release expires while something cannot be read, and says what that was', () => {
    const driver = heldUp()
    driver.watch(bound + minute)
    expect(driver.outcome).toBe('expired')
    expect(driver.reason).toContain('AWS did not answer')
    expect(driver.release.sentAt).toBeNull()
  })

  test('the wait is added to the time in which a release may be sent', () => {
    const driver = heldUp({ waitMs: 10 * minute })
    driver.later(10 * minute)
    expect(driver.state).toBe('dispatching')
    driver.now += bound
    driver.world.trouble = {}
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a release that became too old while twokey was down ends at the first look', () => {
    const driver = new ReleaseDriver({ waitMs: 10 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.later(3 * 60 * minute)
    expect(driver.state).toBe('dispatching')
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('the age of a release without approvals counts from its request', () => {
    const driver = heldUp({ policy: policy({ required: 0 }) })
    driver.now += bound + 1
    driver.world.trouble = {}
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.reason).toContain('after the request')
  })

  test('the age counts from the approval click, even if it is handled late', () => {
    const driver = new ReleaseDriver()
    const pressedAt = driver.now
    driver.now += bound + 1
    for (const id of [ben, chloe])
      driver.input({ on: 'approve', by: clicker(id), round: driver.release.round, pressedAt })
    expect(driver.state).toBe('dispatching')
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('the dispatch carries the time until which it may be sent', () => {
    const fresh = sending()
    expect(fresh.effectsOf('dispatch').map(({ sendBy }) => sendBy)).toEqual([fresh.now + markFreshMs])
    const old = heldUp()
    const latest = old.now + bound
    old.now = latest - 1_000
    old.world.trouble = {}
    old.look()
    expect(old.effectsOf('dispatch').map(({ sendBy }) => sendBy)).toEqual([latest])
  })

  test('a rollback expires as a deploy does', () => {
    const driver = heldUp({ subject: rollbackSubject() })
    driver.now += bound + 1
    driver.world.trouble = {}
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.effectsOf('update')).toEqual([])
  })

  test('the time that a deploy takes to stop for its rollback does not count', () => {
    const deploy = sending()
    const driver = new ReleaseDriver({ id: 'r2', subject: rollbackSubject(), settleMs: 2 * minute }, [
      deploy.release,
    ])
    driver.approve(ben)
    driver.approve(chloe)
    driver.now += bound - minute
    driver.look()
    expect(driver.effectsOf('supersede')).toHaveLength(1)
    driver.watch(2 * minute)
    expect(driver.outcome).toBeNull()
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a delay after the replaced deploy has stopped counts', () => {
    const deploy = sending()
    const driver = new ReleaseDriver({ id: 'r2', subject: rollbackSubject(), settleMs: 2 * minute }, [
      deploy.release,
    ])
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    driver.world.trouble = { before: unseen('passing', 'AWS did not answer') }
    driver.watch(bound + 3 * minute)
    expect(driver.outcome).toBe('expired')
  })
})

describe('GitHub answers the dispatch with a rate limit', () => {
  const limit = (driver: ReleaseDriver, ms: number) =>
    driver.answer({ to: 'dispatch', answer: 'limited', until: driver.now + ms, reason: 'slow down (403)' })
  const heldFor = ({ release: { stage }, now }: ReleaseDriver) =>
    (stage.at === 'ready' ? (stage.notBefore ?? now) : now) - now
  const marks = (driver: ReleaseDriver) => driver.audit.filter(({ what }) => what === 'dispatch marked')

  test('a dispatch is sent again after a rate limit, under a new mark, with the same approvals', () => {
    const driver = sending()
    const { approvals } = driver.release
    limit(driver, 10 * minute)
    expect(driver.release).toMatchObject({ sentAt: null, approvals, voided: null })
    expect(driver.posts('limited')).toHaveLength(1)
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + 10 * minute)
    driver.later(10 * minute - 1)
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
    driver.later(1)
    expect(driver.effectsOf('dispatch')).toHaveLength(2)
    expect(marks(driver)).toHaveLength(2)
    expect(driver.release).toMatchObject({ stage: { at: 'sending' }, sentAt: driver.now, approvals })
  })

  test('everything is read again before the second dispatch', () => {
    const driver = sending()
    limit(driver, minute)
    driver.world.people = { [ben]: { eligible: false, why: 'not_an_approver', sentence: 'left' } }
    driver.later(minute)
    expect(driver.state).toBe('awaiting approval')
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('each of many rate limits leads to a new mark, until the release is too old', () => {
    const driver = sending()
    for (let times = 2; times <= 6; times += 1) {
      limit(driver, 4 * minute)
      driver.later(heldFor(driver))
      expect(marks(driver)).toHaveLength(times)
    }
    limit(driver, 10 * minute)
    expect(driver.outcome).toBe('expired')
    expect(driver.reason).toContain('slow down')
    expect(marks(driver)).toHaveLength(6)
  })

  test('a rate limit that ends at once each time is retried ever more rarely', () => {
    const driver = sending()
    const waits: number[] = []
    while (driver.outcome === null) {
      limit(driver, 1_000)
      if (driver.outcome !== null) break
      waits.push(heldFor(driver) / minute)
      driver.later(heldFor(driver))
    }
    expect(waits).toEqual([1_000 / minute, 1, 2, 4, 8])
    expect(driver.outcome).toBe('expired')
    expect(driver.posts('limited')).toHaveLength(5)
  })

  test('a rate limit that ends too late expires the release at once, and nothing was sent', () => {
    const driver = sending()
    limit(driver, bound + 1)
    expect(driver.outcome).toBe('expired')
    expect(driver.posts('limited')).toEqual([])
    expect(driver.release.sentAt).toBeNull()
  })

  test.each(['cancelled', 'superseded'] as const)('%s while it was sent: it ends so', (outcome) => {
    const driver = sending()
    if (outcome === 'cancelled') driver.cancel(ben)
    else driver.supersede({ id: 'r2', requester: chloe })
    limit(driver, minute)
    expect(driver.outcome).toBe(outcome)
    driver.later(2 * minute)
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test.each(['cancelled', 'rejected', 'superseded'] as const)('%s while it waits: it ends so', (outcome) => {
    const driver = sending()
    limit(driver, 5 * minute)
    if (outcome === 'cancelled') driver.cancel(ben)
    else if (outcome === 'rejected') driver.reject(chloe)
    else driver.supersede({ id: 'r2', requester: chloe })
    expect(driver.outcome).toBe(outcome)
  })

  test('a longer wait configured meanwhile does not end before the rate limit does', () => {
    const driver = sending()
    limit(driver, 20 * minute)
    const { stage } = driver.release
    driver.waitMs = 5 * minute
    driver.later(minute)
    expect(driver.release.stage).toEqual({ at: 'wait', until: stage.at === 'ready' ? stage.notBefore : 0 })
  })

  test('an answer that comes after the run was found changes nothing', () => {
    const driver = sending()
    driver.world.runs()
    driver.look()
    limit(driver, minute)
    expect(driver.state).toBe('running')
  })
})

describe('a server refuses to name the run', () => {
  const refuse = (driver: ReleaseDriver) =>
    driver.answer({ to: 'dispatch', answer: 'details refused', reason: 'not a permitted key' })

  test('the dispatch is sent again without `return_run_details`, under a new mark', () => {
    const driver = sending()
    refuse(driver)
    driver.look()
    expect(driver.effectsOf('dispatch').map(({ details }) => details)).toEqual(['asked', 'omitted'])
    expect(driver.audit.filter(({ what }) => what === 'dispatch marked')).toHaveLength(2)
  })

  test('a release cancelled during a refused dispatch ends cancelled', () => {
    const driver = sending()
    driver.cancel(ben)
    refuse(driver)
    expect(driver.outcome).toBe('cancelled')
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })
})

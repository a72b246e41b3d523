import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { sentWithinMs } from '../../src/release/preconditions/age.ts'
import { holdsLane } from '../../src/release/release.ts'
import type { Hindrance } from '../../src/release/sighting.ts'
import { followedAfterEnd } from '../../src/release/stages/ended.ts'
import { ben, chloe, minute, policy, ReleaseDriver, sendingBack, underway } from './driver.ts'
import { runSighting, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }
const hour = 60 * minute
const bare = { migration: null } as const

/** The run has succeeded and changed nothing: the release is watched for later rollouts. */
function unchanged(driver = underway(bare)): ReleaseDriver {
  driver.world.runs({ verdict: 'succeeded' })
  driver.watch(2 * minute)
  expect(driver.outcome).toBe('unchanged')
  return driver
}

/** A deploy under way that was sent while our clock was this far ahead of AWS's. */
function sentAhead(aheadMs: number): ReleaseDriver {
  const driver = new ReleaseDriver(bare)
  driver.world.awsAheadMs = -aheadMs
  driver.approve(ben)
  driver.approve(chloe)
  driver.look()
  driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
  driver.world.runs()
  driver.look()
  return driver
}

/** Our clock, which was this far ahead of AWS's, is corrected. */
function putRight(driver: ReleaseDriver): void {
  const byMs = -driver.world.awsAheadMs
  driver.world.awsAheadMs = 0
  driver.setBack(byMs)
}

const asked = (driver: ReleaseDriver) => looks(driver.release, driver.config())

describe('before anything is sent', () => {
  test('a clock corrected during downtime, in the wait, sends nothing when the time comes again', () => {
    const driver = new ReleaseDriver({ waitMs: 5 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    driver.now -= 12 * hour
    driver.look()
    expect(driver.outcome).toBe('expired')
    driver.watch(13 * hour, 10 * minute)
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('a clock corrected between two approvals does not extend the time to send', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.setBack(12 * hour)
    driver.world.trouble = { before: unseen('passing', 'AWS did not answer') }
    driver.approve(chloe)
    driver.later(sentWithinMs + minute)
    expect(driver.outcome).toBe('expired')
  })

  test('a clock corrected while approvals are missing does not extend the time to approve', () => {
    const expireAfterMs = 4 * hour
    const driver = new ReleaseDriver({ policy: policy({ expireAfterMs }) })
    driver.setBack(12 * hour)
    driver.later(expireAfterMs)
    expect(driver.outcome).toBe('expired')
  })

  test('a marked rollback is not sent again if the age of its mark is unknown', () => {
    const driver = sendingBack()
    driver.setBack(12 * hour)
    driver.watch(13 * hour, 10 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('update')).toHaveLength(1)
  })
})

describe('under way', () => {
  test('an unreadable run can be settled as soon as usual, and is reported once', () => {
    const driver = underway(bare)
    driver.world.trouble = { run: unseen('terminal', '404') }
    driver.watch(10_000)
    driver.setBack(12 * hour)
    driver.watch(2 * minute)
    expect(actionsOf(driver.release)).toContain('settle')
    expect(driver.posts('blind')).toHaveLength(1)
  })

  test('a run without end can be settled as soon as usual', () => {
    const driver = underway(bare)
    driver.setBack(12 * hour)
    driver.watch(61 * minute, minute)
    expect(actionsOf(driver.release)).toContain('settle')
  })

  test('a run that was late by a wrong clock is late as soon as usual after the correction', () => {
    const driver = sentAhead(hour)
    driver.watch(50 * minute, minute)
    putRight(driver)
    driver.watch(11 * minute, minute)
    expect(driver.posts('late')).toMatchObject([{ track: 'run' }])
  })

  test('a blocked run is reported as soon as usual, and once', () => {
    const gate: Hindrance = { kind: 'gate', words: 'it waits for a review by ana' }
    const driver = underway(bare)
    driver.world.runs({ heldBy: gate })
    driver.watch(minute)
    driver.setBack(12 * hour)
    driver.watch(2 * minute)
    expect(driver.posts('run-held')).toHaveLength(1)
    driver.setBack(12 * hour)
    driver.watch(5 * minute)
    expect(driver.posts('run-held')).toHaveLength(1)
  })

  test('a blocked rollout is reported as soon as usual', () => {
    const driver = underway(bare)
    driver.world.rollout({ heldBy: { kind: 'ecs', words: 'the service was unable to place a task' } })
    driver.watch(minute)
    driver.setBack(12 * hour)
    driver.watch(2 * minute)
    expect(driver.posts('rollout-held')).toHaveLength(1)
  })

  test('a rollback of which ECS shows nothing ends as soon as usual', () => {
    const driver = sendingBack()
    driver.answer({
      to: 'update',
      target: driver.release.targets[0]!,
      answer: 'accepted',
      deploymentId: 'ecs-svc/99',
    })
    driver.later(5_000)
    driver.setBack(12 * hour)
    driver.watch(3 * minute)
    expect(driver.outcome).not.toBeNull()
  })
})

describe('what AWS dates is searched in the same time as before', () => {
  test.each([
    ['under way', () => sentAhead(12 * hour)],
    ['once its run has ended', () => unchanged(sentAhead(12 * hour))],
  ])('a rollout of the run is found: %s', (_, made) => {
    const driver = made()
    const before = asked(driver)
    putRight(driver)
    expect(asked(driver)).toEqual(before)
  })

  test('a rollout that began after the clock was put right is the run’s', () => {
    const driver = sentAhead(12 * hour)
    putRight(driver)
    driver.later(minute)
    driver.world.rollout({ createdAt: driver.now, verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a clock that was wrong only after the mark leaves the mark as it is', () => {
    const driver = underway(bare)
    const { sentAt } = driver.release
    driver.now += 12 * hour
    driver.look()
    driver.setBack(12 * hour - minute)
    expect(driver.release).toMatchObject({ sentAt, tracks: { run: { inProgressAt: driver.now } } })
  })
})

describe('after the end', () => {
  test('the lane of an unreadable run can be settled as soon as usual', () => {
    const driver = underway(bare)
    driver.world.rollout({ verdict: 'rolled back' })
    driver.world.trouble = { run: unseen('terminal', '404') }
    driver.later(5_000)
    driver.setBack(24 * hour)
    driver.watch(3 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['rolled back', true])
    expect(actionsOf(driver.release)).toContain('settle')
  })

  test('late rollouts are looked for no more often, and not for longer', () => {
    const driver = unchanged()
    driver.watch(10 * hour, 10 * minute)
    driver.setBack(12 * hour)
    let made = 0
    const setBackAt = driver.now
    for (;;) {
      const at = nextLook(driver.release, driver.now, polling)
      if (at === null) break
      made += 1
      driver.later(at - driver.now)
    }
    expect(followedAfterEnd(driver.release)).toEqual([])
    expect(driver.now - setBackAt).toBeLessThanOrEqual(24 * hour + 30 * minute)
    expect(made).toBeLessThan(150)
  })
})

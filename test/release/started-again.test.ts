import { describe, expect, test } from 'vitest'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import { minute, type ReleaseDriver, underway } from './driver.ts'
import { runSighting, unseen } from './world.ts'

const bare = { migration: null } as const
const hour = 60 * minute
const polling = { activeMs: 3_000, idleMs: 30_000 }

const later = (part: Parameters<typeof runSighting>[0] = {}) => ({
  run: runSighting({ attempt: 2, ...part }),
  login: 'chloe',
})

const asks = (driver: ReleaseDriver) =>
  looks(driver.release, driver.config()).filter(({ look }) => look === 'laterAttempt').length

/** Its run failed, and nothing was rolled out. */
function failed(): ReleaseDriver {
  const driver = underway(bare)
  driver.world.runs({ verdict: 'failed' })
  driver.watch(3 * minute)
  expect(driver.outcome).toBe('failed')
  return driver
}

describe('a run that is started again after the end', () => {
  test('each new attempt is reported once it has ended; the release keeps its end and holds no lane', () => {
    const driver = failed()
    const { stage } = driver.release
    expect(asks(driver)).toBe(1)
    driver.world.laterAttempt = later()
    driver.watch(5 * minute)
    expect(driver.posts('started-again')).toEqual([])
    expect(driver.release.tracks.again).toMatchObject({ login: 'chloe', endedAt: null })
    driver.world.laterAttempt = later({ verdict: 'succeeded' })
    driver.watch(5 * minute)
    expect(driver.posts('started-again')).toMatchObject([{ login: 'chloe', run: { attempt: 2 } }])
    driver.world.laterAttempt = later({ attempt: 3, verdict: 'failed' })
    driver.watch(5 * minute)
    expect(driver.posts('started-again')).toHaveLength(2)
    expect(driver.release.stage).toEqual(stage)
    expect(holdsLane(driver.release)).toBe(false)
    expect(driver.release.tracks.run?.attempt).toBe(1)
  })

  test.each<readonly [string, Partial<ReleaseDriver['world']>]>([
    ['that never ends', {}],
    ['whose run is deleted', { trouble: { laterAttempt: unseen('terminal', 'GitHub answers 404') } }],
  ])(
    'an attempt %s is followed for 24 hours and the deadline, and one post says when that ends',
    (_, world) => {
      const driver = failed()
      driver.world.laterAttempt = later()
      driver.watch(5 * minute)
      Object.assign(driver.world, world)
      driver.watch(24 * hour, 5 * minute)
      expect([asks(driver), driver.posts('given-up')]).toEqual([1, []])
      driver.watch(2 * hour, 5 * minute)
      expect(driver.posts('given-up')).toEqual([{ tell: 'given-up', what: 'later attempt' }])
      expect(nextLook(driver.release, driver.now, polling)).toBeNull()
    },
  )

  test('new attempts are looked for ever more rarely, for 24 hours; one in progress by then is followed to its end', () => {
    const driver = failed()
    let count = 0
    const endedAt = driver.now
    for (let at = nextLook(driver.release, driver.now, polling); at !== null && count < 999; count += 1) {
      driver.later(at - driver.now)
      if (driver.now - endedAt > 23 * hour) driver.world.laterAttempt = later()
      if (driver.now - endedAt > 24.2 * hour) driver.world.laterAttempt = later({ verdict: 'succeeded' })
      at = nextLook(driver.release, driver.now, polling)
    }
    expect(count).toBeLessThan(200)
    expect(driver.posts('started-again')).toHaveLength(1)
    expect(asks(driver)).toBe(0)
  })

  test('an unreadable GitHub makes no report of new attempts', () => {
    const driver = failed()
    driver.world.trouble.laterAttempt = unseen('terminal')
    driver.watch(10 * minute)
    expect(driver.posts('blind')).toEqual([])
    expect(driver.release.tracks.again).toBeUndefined()
  })

  test('new attempts are not attributed while the run itself is in progress, and after an unknown end', () => {
    const driver = underway(bare)
    expect(asks(driver)).toBe(0)
    driver.world.rollout({ arn: 'arn:rollout/43', verdict: 'succeeded' })
    driver.world.rollout({ arn: 'arn:rollout/44', verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(asks(driver)).toBe(0)
  })
})

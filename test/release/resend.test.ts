import { describe, expect, test } from 'vitest'
import { markFreshMs, sentWithinMs } from '../../src/release/preconditions/age.ts'
import { ben, chloe, minute, ReleaseDriver, sending, sendingBack, underway } from './driver.ts'
import { image, revision, target, unseen } from './world.ts'

const second = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
const day = 24 * 60 * minute
const fix = {
  arn: 'arn:rollout/fix',
  deploymentId: 'ecs-svc/77',
  revision: revision(44),
  commits: [],
} as const
const ours = {
  arn: 'arn:rollout/back',
  deploymentId: 'ecs-svc/99',
  revision: revision(41),
  commits: [],
} as const

function diesBeforeItSends(part: Parameters<typeof sendingBack>[0] = {}): ReleaseDriver {
  const driver = sendingBack(part)
  expect(driver.effectsOf('update').length).toBeGreaterThan(0)
  return driver
}

function updates(driver: ReleaseDriver): number {
  return driver.effectsOf('update').length
}

describe('an update that was marked, and that ECS does not show', () => {
  test('an update is sent again while its mark is fresh and nothing else was rolled out', () => {
    const driver = diesBeforeItSends()
    driver.later(markFreshMs)
    expect(updates(driver)).toBe(2)
    expect(driver.effectsOf('update').at(-1)?.sendBy).toBe(driver.now)
  })

  test('an update is not sent again once its mark is old, and the release fails', () => {
    const driver = diesBeforeItSends()
    driver.later(markFreshMs + 1)
    expect(driver.outcome).toBe('failed')
    expect(updates(driver)).toBe(1)
  })

  test('an update is not sent again days later over a rollout by hand, and the release is unknown', () => {
    const driver = diesBeforeItSends()
    driver.now += 3 * day
    driver.world.rollout({ ...fix, createdAt: driver.now - day, verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('another deployment')
    expect(updates(driver)).toBe(1)
  })

  test('an update is not sent again over a rollout that somebody began seconds after the mark', () => {
    const driver = diesBeforeItSends()
    driver.world.rollout({ ...fix, createdAt: driver.now + 1_000 })
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(updates(driver)).toBe(1)
  })

  test('an update is not sent again if that rollout left the list and only its deployment shows', () => {
    const driver = diesBeforeItSends()
    driver.world.targets = driver.world.targets.map((each) => ({
      ...each,
      primary: { id: fix.deploymentId, revision: fix.revision },
    }))
    driver.watch(10_000)
    expect(driver.outcome).toBe('unknown')
    expect(updates(driver)).toBe(1)
  })

  test('an update that was sent after all is followed, however long twokey was away', () => {
    const driver = diesBeforeItSends()
    driver.world.rollout({ ...ours, createdAt: driver.now, verdict: 'succeeded' })
    driver.later(day)
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(updates(driver)).toBe(1)
  })

  test('an update whose deployment shows but is not listed yet is waited for', () => {
    const driver = diesBeforeItSends()
    const before = driver.world.targets
    driver.world.targets = before.map((each) => ({
      ...each,
      primary: { id: ours.deploymentId, revision: ours.revision },
    }))
    driver.later(10_000)
    expect(driver.outcome).toBeNull()
    expect(updates(driver)).toBe(1)
    driver.world.rollout({ ...ours, createdAt: driver.now, verdict: 'succeeded' })
    driver.watch(10_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('an update is not sent again after an ECS outage that outlasted the mark', () => {
    const driver = diesBeforeItSends()
    driver.answer({ to: 'update', target, answer: 'unclear', reason: '502' })
    driver.world.trouble = { rollouts: unseen('passing') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBeNull()
    driver.world.trouble = {}
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
    expect(updates(driver)).toBe(1)
  })

  test('an update of two targets, one with another deployment, follows the other and ends unknown', () => {
    const driver = diesBeforeItSends({ targets: [target, second] })
    driver.world.rollout({ ...ours, createdAt: driver.now })
    driver.world.rollout({ ...fix, createdAt: driver.now }, second)
    driver.watch(minute)
    expect(driver.outcome).toBeNull()
    expect(updates(driver)).toBe(2)
    driver.world.rollout({ ...ours, createdAt: driver.now, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('blog-worker')
  })

  test('an update of two targets, one with an old mark, follows the other and fails', () => {
    const driver = diesBeforeItSends({ targets: [target, second] })
    driver.world.rollout({ ...ours, createdAt: driver.now })
    driver.later(day)
    expect(driver.outcome).toBeNull()
    driver.world.rollout({ ...ours, createdAt: driver.now - day, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
    expect(updates(driver)).toBe(2)
  })

  test('an update is not sent again to one target if another already runs an unapproved image', () => {
    const driver = diesBeforeItSends({ targets: [target, second] })
    const images = [{ ...image, digest: `sha256:${'c'.repeat(64)}` }]
    driver.world.rollout({ ...ours, createdAt: driver.now, images })
    driver.watch(minute)
    expect(driver.posts('unapproved')).toHaveLength(1)
    driver.world.rollout({ ...ours, createdAt: driver.now, images, verdict: 'succeeded' })
    driver.watch(10_000)
    expect(driver.outcome).toBe('failed')
    expect(updates(driver)).toBe(2)
  })

  test('an update never returns to approval or waiting', () => {
    const driver = diesBeforeItSends()
    driver.watch(5 * minute)
    expect(driver.audit.map(({ what }) => what).filter((what) => what.startsWith('stage'))).not.toContain(
      'stage approval',
    )
    expect(driver.audit.filter(({ what }) => what === 'update marked')).toHaveLength(1)
  })
})

describe('a dispatch that was held back before it could leave', () => {
  const heldBack = { to: 'dispatch', answer: 'held back', reason: 'held up' } as const

  test('a held dispatch gets a new mark after another check', () => {
    const driver = sending()
    driver.answer(heldBack)
    expect(driver.release).toMatchObject({ stage: { at: 'ready' }, sentAt: null })
    driver.later(5_000)
    expect(driver.effectsOf('dispatch')).toHaveLength(2)
    expect(driver.audit.filter(({ what }) => what === 'dispatch marked')).toHaveLength(2)
  })

  test('a held dispatch that was cancelled meanwhile ends cancelled, and nothing was started', () => {
    const driver = sending()
    driver.cancel(ben)
    driver.answer(heldBack)
    expect(driver.outcome).toBe('cancelled')
    driver.later(5_000)
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a dispatch that is held too long expires', () => {
    const driver = sending()
    driver.now += sentWithinMs + 1
    driver.answer(heldBack)
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })
})

describe('a clock that is set back', () => {
  test('a clock set back expires approvals that may be older than they seem', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    driver.now -= 2 * minute
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('a clock set back during the wait sends nothing, because the age of the approvals is not known', () => {
    const driver = new ReleaseDriver({ waitMs: 10 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.later(9 * minute)
    driver.setBack(5 * minute)
    expect(driver.outcome).toBe('expired')
    driver.watch(20 * minute, minute)
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('a clock set back during a rate limit sends nothing again', () => {
    const driver = sending()
    driver.answer({
      to: 'dispatch',
      answer: 'limited',
      until: driver.now + 20 * minute,
      reason: 'a rate limit',
    })
    driver.watch(15 * minute, minute)
    driver.setBack(14 * minute)
    expect(driver.outcome).toBe('expired')
  })

  test('a clock set back before the last approval changes nothing', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.later(5 * minute)
    driver.setBack(4 * minute)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a clock set back after the end of the run delays the end only by the usual wait for a rollout', () => {
    const driver = underway({ migration: null })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    driver.setBack(60 * minute)
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('a clock set back does not delay the next cancellation', () => {
    const driver = underway({ migration: null })
    driver.cancel(ben)
    driver.later(5_000)
    const asked = driver.effectsOf('cancel-run').length
    driver.setBack(60 * minute)
    driver.watch(minute)
    expect(driver.effectsOf('cancel-run').length).toBeGreaterThan(asked)
  })

  test('a clock set back by a second changes nothing', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    driver.now -= 1_000
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a clock set back makes a mark too old to be sent again', () => {
    const driver = sendingBack()
    driver.now -= 60 * minute
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a clock set back does not change how long a dispatch is searched for', () => {
    const driver = sending()
    driver.now -= 60 * minute
    driver.look()
    expect(driver.outcome).toBeNull()
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
  })
})

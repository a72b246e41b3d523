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
  expect(driver.wanted('update').length).toBeGreaterThan(0)
  return driver
}

function updates(driver: ReleaseDriver): number {
  return driver.wanted('update').length
}

describe('an update that was marked, and that ECS does not show', () => {
  test('is sent again while its mark is fresh and nothing else was rolled out', () => {
    const driver = diesBeforeItSends()
    driver.later(markFreshMs)
    expect(updates(driver)).toBe(2)
    expect(driver.wanted('update').at(-1)?.sendBy).toBe(driver.now)
  })

  test('is not sent again once its mark is old: failed, and nothing was sent', () => {
    const driver = diesBeforeItSends()
    driver.later(markFreshMs + 1)
    expect(driver.outcome).toBe('failed')
    expect(updates(driver)).toBe(1)
  })

  test('is not sent again days later over what was rolled out by hand meanwhile: unknown', () => {
    const driver = diesBeforeItSends()
    driver.now += 3 * day
    driver.world.rollout({ ...fix, createdAt: driver.now - day, verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('another deployment')
    expect(updates(driver)).toBe(1)
  })

  test('is not sent again over a rollout that somebody began seconds after the mark', () => {
    const driver = diesBeforeItSends()
    driver.world.rollout({ ...fix, createdAt: driver.now + 1_000 })
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(updates(driver)).toBe(1)
  })

  test('is not sent again where that rollout has left the list and its deployment alone shows', () => {
    const driver = diesBeforeItSends()
    driver.world.targets = driver.world.targets.map((each) => ({
      ...each,
      primary: { id: fix.deploymentId, revision: fix.revision },
    }))
    driver.watch(10_000)
    expect(driver.outcome).toBe('unknown')
    expect(updates(driver)).toBe(1)
  })

  test('is followed where it was sent after all, however long twokey was away', () => {
    const driver = diesBeforeItSends()
    driver.world.rollout({ ...ours, createdAt: driver.now, verdict: 'succeeded' })
    driver.later(day)
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(updates(driver)).toBe(1)
  })

  test('is waited for where its deployment shows and is not listed yet', () => {
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

  test('is not sent again after an outage of ECS that outlasted the mark', () => {
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

  test('in one of two targets, where another deployment began: the other is followed, then unknown', () => {
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

  test('in one of two targets, once the mark is old: the other is followed, then failed', () => {
    const driver = diesBeforeItSends({ targets: [target, second] })
    driver.world.rollout({ ...ours, createdAt: driver.now })
    driver.later(day)
    expect(driver.outcome).toBeNull()
    driver.world.rollout({ ...ours, createdAt: driver.now - day, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
    expect(updates(driver)).toBe(2)
  })

  test('is not sent again to one target where another already runs an image that nobody approved', () => {
    const driver = diesBeforeItSends({ targets: [target, second] })
    const images = [{ ...image, digest: `sha256:${'c'.repeat(64)}` }]
    driver.world.rollout({ ...ours, createdAt: driver.now, images })
    driver.watch(minute)
    expect(driver.stories('unapproved')).toHaveLength(1)
    driver.world.rollout({ ...ours, createdAt: driver.now, images, verdict: 'succeeded' })
    driver.watch(10_000)
    expect(driver.outcome).toBe('failed')
    expect(updates(driver)).toBe(2)
  })

  test('never goes back to asking or waiting', () => {
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

  test('is marked anew after another check', () => {
    const driver = sending()
    driver.answer(heldBack)
    expect(driver.release).toMatchObject({ stage: { at: 'ready' }, sentAt: null })
    driver.later(5_000)
    expect(driver.wanted('dispatch')).toHaveLength(2)
    expect(driver.audit.filter(({ what }) => what === 'dispatch marked')).toHaveLength(2)
  })

  test('and was cancelled meanwhile, ends so: nothing was started', () => {
    const driver = sending()
    driver.cancel(ben)
    driver.answer(heldBack)
    expect(driver.outcome).toBe('cancelled')
    driver.later(5_000)
    expect(driver.wanted('dispatch')).toHaveLength(1)
  })

  test('for too long expires', () => {
    const driver = sending()
    driver.now += sentWithinMs + 1
    driver.answer(heldBack)
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.wanted('dispatch')).toHaveLength(1)
  })
})

describe('a clock that is set back', () => {
  test('leaves no approval that may be older than it seems: expired', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    driver.now -= 2 * minute
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.wanted('dispatch')).toEqual([])
  })

  test('during the wait: how old the approvals are is not known, so nothing is sent', () => {
    const driver = new ReleaseDriver({ waitMs: 10 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.later(9 * minute)
    driver.setBack(5 * minute)
    expect(driver.outcome).toBe('expired')
    driver.watch(20 * minute, minute)
    expect(driver.wanted('dispatch')).toEqual([])
  })

  test('while GitHub asks to wait: nothing is sent again', () => {
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

  test('before the last approval changes nothing', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.later(5 * minute)
    driver.setBack(4 * minute)
    driver.approve(chloe)
    driver.look()
    expect(driver.wanted('dispatch')).toHaveLength(1)
  })

  test('after the run has ended delays the end by no more than is waited for a rollout as ever', () => {
    const driver = underway({ migration: null })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    driver.setBack(60 * minute)
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('lets GitHub be asked to cancel again as soon as always', () => {
    const driver = underway({ migration: null })
    driver.cancel(ben)
    driver.later(5_000)
    const asked = driver.wanted('cancel-run').length
    driver.setBack(60 * minute)
    driver.watch(minute)
    expect(driver.wanted('cancel-run').length).toBeGreaterThan(asked)
  })

  test('by a second changes nothing', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    driver.now -= 1_000
    driver.look()
    expect(driver.wanted('dispatch')).toHaveLength(1)
  })

  test('leaves no mark that may be sent again', () => {
    const driver = sendingBack()
    driver.now -= 60 * minute
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('lets a dispatch be looked for as long as always', () => {
    const driver = sending()
    driver.now -= 60 * minute
    driver.look()
    expect(driver.outcome).toBeNull()
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
  })
})

import { describe, expect, test } from 'vitest'
import { markFreshMs, sentWithinMs } from '../../src/release/steps/age.ts'
import { ben, chloe, minute, sending, sendingBack, Tale, underway } from './driver.ts'
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

function diesBeforeItSends(part: Parameters<typeof sendingBack>[0] = {}): Tale {
  const tale = sendingBack(part)
  expect(tale.wanted('update').length).toBeGreaterThan(0)
  return tale
}

function updates(tale: Tale): number {
  return tale.wanted('update').length
}

describe('an update that was marked, and that ECS does not show', () => {
  test('is sent again while its mark is fresh and nothing else was rolled out', () => {
    const tale = diesBeforeItSends()
    tale.later(markFreshMs)
    expect(updates(tale)).toBe(2)
    expect(tale.wanted('update').at(-1)?.sendBy).toBe(tale.now)
  })

  test('is not sent again once its mark is old: failed, and nothing was sent', () => {
    const tale = diesBeforeItSends()
    tale.later(markFreshMs + 1)
    expect(tale.outcome).toBe('failed')
    expect(updates(tale)).toBe(1)
  })

  test('is not sent again days later over what was rolled out by hand meanwhile: unknown', () => {
    const tale = diesBeforeItSends()
    tale.now += 3 * day
    tale.world.rollout({ ...fix, createdAt: tale.now - day, verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
    expect(tale.reason).toContain('another deployment')
    expect(updates(tale)).toBe(1)
  })

  test('is not sent again over a rollout that somebody began seconds after the mark', () => {
    const tale = diesBeforeItSends()
    tale.world.rollout({ ...fix, createdAt: tale.now + 1_000 })
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
    expect(updates(tale)).toBe(1)
  })

  test('is not sent again where that rollout has left the list and its deployment alone shows', () => {
    const tale = diesBeforeItSends()
    tale.world.targets = tale.world.targets.map((each) => ({
      ...each,
      primary: { id: fix.deploymentId, revision: fix.revision },
    }))
    tale.watch(10_000)
    expect(tale.outcome).toBe('unknown')
    expect(updates(tale)).toBe(1)
  })

  test('is followed where it was sent after all, however long twokey was away', () => {
    const tale = diesBeforeItSends()
    tale.world.rollout({ ...ours, createdAt: tale.now, verdict: 'succeeded' })
    tale.later(day)
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
    expect(updates(tale)).toBe(1)
  })

  test('is waited for where its deployment shows and is not listed yet', () => {
    const tale = diesBeforeItSends()
    const before = tale.world.targets
    tale.world.targets = before.map((each) => ({
      ...each,
      primary: { id: ours.deploymentId, revision: ours.revision },
    }))
    tale.later(10_000)
    expect(tale.outcome).toBeNull()
    expect(updates(tale)).toBe(1)
    tale.world.rollout({ ...ours, createdAt: tale.now, verdict: 'succeeded' })
    tale.watch(10_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test('is not sent again after an outage of ECS that outlasted the mark', () => {
    const tale = diesBeforeItSends()
    tale.answer({ to: 'update', target, answer: 'unclear', reason: '502' })
    tale.world.trouble = { rollouts: unseen('passing') }
    tale.watch(5 * minute)
    expect(tale.outcome).toBeNull()
    tale.world.trouble = {}
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
    expect(updates(tale)).toBe(1)
  })

  test('in one of two targets, where another deployment began: the other is followed, then unknown', () => {
    const tale = diesBeforeItSends({ targets: [target, second] })
    tale.world.rollout({ ...ours, createdAt: tale.now })
    tale.world.rollout({ ...fix, createdAt: tale.now }, second)
    tale.watch(minute)
    expect(tale.outcome).toBeNull()
    expect(updates(tale)).toBe(2)
    tale.world.rollout({ ...ours, createdAt: tale.now, verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('unknown')
    expect(tale.reason).toContain('blog-worker')
  })

  test('in one of two targets, once the mark is old: the other is followed, then failed', () => {
    const tale = diesBeforeItSends({ targets: [target, second] })
    tale.world.rollout({ ...ours, createdAt: tale.now })
    tale.later(day)
    expect(tale.outcome).toBeNull()
    tale.world.rollout({ ...ours, createdAt: tale.now - day, verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
    expect(updates(tale)).toBe(2)
  })

  test('is not sent again to one target where another already runs an image that nobody approved', () => {
    const tale = diesBeforeItSends({ targets: [target, second] })
    const images = [{ ...image, digest: `sha256:${'c'.repeat(64)}` }]
    tale.world.rollout({ ...ours, createdAt: tale.now, images })
    tale.watch(minute)
    expect(tale.stories('unapproved')).toHaveLength(1)
    tale.world.rollout({ ...ours, createdAt: tale.now, images, verdict: 'succeeded' })
    tale.watch(10_000)
    expect(tale.outcome).toBe('failed')
    expect(updates(tale)).toBe(2)
  })

  test('never goes back to asking or waiting', () => {
    const tale = diesBeforeItSends()
    tale.watch(5 * minute)
    expect(tale.audit.map(({ what }) => what).filter((what) => what.startsWith('stage'))).not.toContain(
      'stage approval',
    )
    expect(tale.audit.filter(({ what }) => what === 'update marked')).toHaveLength(1)
  })
})

describe('a dispatch that was held back before it could leave', () => {
  const heldBack = { to: 'dispatch', answer: 'held back', reason: 'held up' } as const

  test('is marked anew after another check', () => {
    const tale = sending()
    tale.answer(heldBack)
    expect(tale.release).toMatchObject({ stage: { at: 'ready' }, sentAt: null })
    tale.later(5_000)
    expect(tale.wanted('dispatch')).toHaveLength(2)
    expect(tale.audit.filter(({ what }) => what === 'dispatch marked')).toHaveLength(2)
  })

  test('and was cancelled meanwhile, ends so: nothing was started', () => {
    const tale = sending()
    tale.cancel(ben)
    tale.answer(heldBack)
    expect(tale.outcome).toBe('cancelled')
    tale.later(5_000)
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('for too long expires', () => {
    const tale = sending()
    tale.now += sentWithinMs + 1
    tale.answer(heldBack)
    tale.look()
    expect(tale.outcome).toBe('expired')
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })
})

describe('a clock that is set back', () => {
  test('leaves no approval that may be older than it seems: expired', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.approve(chloe)
    tale.now -= 2 * minute
    tale.look()
    expect(tale.outcome).toBe('expired')
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test('during the wait: how old the approvals are is not known, so nothing is sent', () => {
    const tale = new Tale({ waitMs: 10 * minute })
    tale.approve(ben)
    tale.approve(chloe)
    tale.later(9 * minute)
    tale.setBack(5 * minute)
    expect(tale.outcome).toBe('expired')
    tale.watch(20 * minute, minute)
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test('while GitHub asks to wait: nothing is sent again', () => {
    const tale = sending()
    tale.answer({ to: 'dispatch', answer: 'limited', until: tale.now + 20 * minute, reason: 'a rate limit' })
    tale.watch(15 * minute, minute)
    tale.setBack(14 * minute)
    expect(tale.outcome).toBe('expired')
  })

  test('before the last approval changes nothing', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.later(5 * minute)
    tale.setBack(4 * minute)
    tale.approve(chloe)
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('after the run has ended delays the end by no more than is waited for a rollout as ever', () => {
    const tale = underway({ migration: null })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    tale.setBack(60 * minute)
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unchanged')
  })

  test('lets GitHub be asked to cancel again as soon as always', () => {
    const tale = underway({ migration: null })
    tale.cancel(ben)
    tale.later(5_000)
    const asked = tale.wanted('cancel-run').length
    tale.setBack(60 * minute)
    tale.watch(minute)
    expect(tale.wanted('cancel-run').length).toBeGreaterThan(asked)
  })

  test('by a second changes nothing', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.approve(chloe)
    tale.now -= 1_000
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('leaves no mark that may be sent again', () => {
    const tale = sendingBack()
    tale.now -= 60 * minute
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('update')).toHaveLength(1)
  })

  test('lets a dispatch be looked for as long as always', () => {
    const tale = sending()
    tale.now -= 60 * minute
    tale.look()
    expect(tale.outcome).toBeNull()
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
  })
})

import { describe, expect, test } from 'vitest'
import { holdsLane } from '../../src/release/release.ts'
import { looks, nextLook } from '../../src/release/watch.ts'
import { minute, type Tale, underway } from './driver.ts'
import { runSighting, unseen } from './world.ts'

const bare = { migration: null } as const
const hour = 60 * minute
const polling = { activeMs: 3_000, idleMs: 30_000 }

const later = (part: Parameters<typeof runSighting>[0] = {}) => ({
  run: runSighting({ attempt: 2, ...part }),
  login: 'chloe',
})

const asks = (tale: Tale) =>
  looks(tale.release, tale.config()).filter(({ look }) => look === 'later-attempt').length

/** Its run failed, and nothing was rolled out. */
function failed(): Tale {
  const tale = underway(bare)
  tale.world.runs({ verdict: 'failed' })
  tale.watch(3 * minute)
  expect(tale.outcome).toBe('failed')
  return tale
}

describe('a run that is started again after the end', () => {
  test('is told once it has ended, each attempt once; the end stays, and no lane is held', () => {
    const tale = failed()
    const { stage } = tale.release
    expect(asks(tale)).toBe(1)
    tale.world.laterAttempt = later()
    tale.watch(5 * minute)
    expect(tale.stories('started-again')).toEqual([])
    expect(tale.release.tracks.again).toMatchObject({ login: 'chloe', endedAt: null })
    tale.world.laterAttempt = later({ verdict: 'succeeded' })
    tale.watch(5 * minute)
    expect(tale.stories('started-again')).toMatchObject([{ login: 'chloe', run: { attempt: 2 } }])
    tale.world.laterAttempt = later({ attempt: 3, verdict: 'failed' })
    tale.watch(5 * minute)
    expect(tale.stories('started-again')).toHaveLength(2)
    expect(tale.release.stage).toEqual(stage)
    expect(holdsLane(tale.release)).toBe(false)
    expect(tale.release.tracks.run?.attempt).toBe(1)
  })

  test('is looked for ever more rarely, for 24 hours; one in progress by then is followed to its end', () => {
    const tale = failed()
    let count = 0
    const endedAt = tale.now
    for (let at = nextLook(tale.release, tale.now, polling); at !== null && count < 999; count += 1) {
      tale.later(at - tale.now)
      if (tale.now - endedAt > 23 * hour) tale.world.laterAttempt = later()
      if (tale.now - endedAt > 25 * hour) tale.world.laterAttempt = later({ verdict: 'succeeded' })
      at = nextLook(tale.release, tale.now, polling)
    }
    expect(count).toBeLessThan(200)
    expect(tale.stories('started-again')).toHaveLength(1)
    expect(asks(tale)).toBe(0)
  })

  test('is no trouble where GitHub cannot be read', () => {
    const tale = failed()
    tale.world.trouble.laterAttempt = unseen('terminal')
    tale.watch(10 * minute)
    expect(tale.stories('blind')).toEqual([])
    expect(tale.release.tracks.again).toBeUndefined()
  })

  test('is nobody’s while the run itself goes on, and after an end that is unknown', () => {
    const tale = underway(bare)
    expect(asks(tale)).toBe(0)
    tale.world.rollout({ arn: 'arn:rollout/43', verdict: 'succeeded' })
    tale.world.rollout({ arn: 'arn:rollout/44', verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(3 * minute)
    expect(tale.outcome).toBe('unknown')
    expect(asks(tale)).toBe(0)
  })
})

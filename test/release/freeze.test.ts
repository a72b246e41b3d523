import { describe, expect, it } from 'vitest'
import { effectOf, type Freeze } from '../../src/release/freeze.ts'
import { request } from '../../src/release/request.ts'
import {
  asked,
  ben,
  chloe,
  deploySubject,
  minute,
  policy,
  rollbackSubject,
  Tale,
  underway,
} from './driver.ts'
import { start } from './world.ts'

const dana = 'U0DANA'
const emergency = { why: 'checkout is down', usual: policy() }

/** Until an hour after the start. */
function freeze(approvals: number | null, reason: string | null = null): Freeze {
  return { until: start + 60 * minute, approvals, reason }
}

function refusalOf(part: Parameters<typeof asked>[0], met: Freeze | null) {
  const requested = request(asked(part), { holders: [], lock: null, freeze: met }, start)
  return 'refused' in requested ? requested.refused : null
}

describe('what a freeze does', () => {
  const deploy = { subject: deploySubject(), policy: policy() }
  it.each([
    ['none holds', null, deploy, 'none'],
    ['a deploy, nothing opens it', freeze(null), deploy, 'held'],
    ['a deploy, more keys open it', freeze(3), deploy, 'raised'],
    ['a deploy that needs as many keys anyway', freeze(2), deploy, 'none'],
    ['a rollback', freeze(null), { ...deploy, subject: rollbackSubject() }, 'passed'],
    ['a rollback, where keys open it', freeze(3), { ...deploy, subject: rollbackSubject() }, 'passed'],
    ['an emergency', freeze(null), { ...deploy, emergency }, 'passed'],
  ])('%s', (_, met, release, effect) => {
    expect(effectOf(met, release)).toBe(effect)
  })
})

describe('asked for in a freeze', () => {
  it('that nothing opens: a deploy is refused, until when and why', () => {
    const refused = refusalOf({}, freeze(null, 'nobody is here'))
    expect(refused?.code).toBe('frozen')
    expect(refused?.sentence).toContain('2026-11-23 13:00 UTC (nobody is here)')
    expect(refused?.next).toContain('`/rollback blog-api prod`')
    expect(refused?.next).not.toContain('--emergency')
  })

  it('the way of an emergency is named where there is one', () => {
    const refused = refusalOf({ emergencies: 'allowed' }, freeze(null))
    expect(refused?.next).toContain('`/deploy prod blog-api --emergency <reason>`')
  })

  it('that more keys open: three are asked for instead of two', () => {
    const tale = new Tale({ eligible: 3 }, [], { freeze: freeze(3) })
    expect(tale.release.policy.required).toBe(3)
    expect(tale.stories('frozen')).toMatchObject([{ effect: 'raised', usual: 2 }])
    tale.approve(ben)
    tale.approve(chloe)
    expect(tale.state).toBe('awaiting approval')
    tale.approve(dana)
    expect(tale.state).toBe('dispatching')
  })

  it('that asks for more keys than there are people is refused', () => {
    expect(refusalOf({ eligible: 2 }, freeze(3))?.code).toBe('policy_unsatisfiable')
  })

  it('the keys that it asked for are asked for on when it is over', () => {
    const tale = new Tale({ eligible: 3 }, [], { freeze: freeze(3) })
    tale.freeze = null
    tale.later(61 * minute)
    tale.approve(ben)
    tale.approve(chloe)
    expect(tale.state).toBe('awaiting approval')
  })

  it.each([
    ['a rollback', { subject: rollbackSubject() }, 'channel'],
    ['an emergency', { emergency }, 'thread'],
  ])('%s passes, with the keys it needs anyway, and it is told', (_, part, where) => {
    const tale = new Tale(part, [], { freeze: freeze(null) })
    expect(tale.release.policy.required).toBe(2)
    expect(
      tale.effects.filter((effect) => effect.do === 'tell' && effect.story.tell === 'frozen'),
    ).toMatchObject([{ where, story: { effect: 'passed' } }])
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.release.sentAt).not.toBeNull()
    expect(tale.stories('frozen')).toHaveLength(1)
    expect(tale.release.freeze?.until).toBe(start + 60 * minute)
  })
})

describe('a freeze that begins before it went out', () => {
  it('with a number of approvals: asked again, the keys that are in are kept', () => {
    const tale = new Tale({ waitMs: 10 * minute })
    tale.approve(ben)
    tale.approve(chloe)
    tale.freeze = freeze(3)
    tale.later(10 * minute)
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.approvals.map(({ by }) => by)).toEqual([ben, chloe])
    expect(tale.last.some(({ do: done }) => done === 'dispatch')).toBe(false)
    tale.approve(dana)
    tale.later(10 * minute)
    tale.look()
    expect(tale.effects.filter((effect) => effect.do === 'dispatch')).toHaveLength(1)
    expect(tale.stories('frozen')).toMatchObject([{ effect: 'raised', usual: 2 }])
  })

  it('while keys are awaited: the next one is counted against the raised number', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.freeze = freeze(3)
    tale.approve(chloe)
    expect(tale.state).toBe('awaiting approval')
    expect(tale.stories('approved').at(-1)?.missing).toBe(1)
  })

  it('that nothing opens: it ends expired, nothing sent', () => {
    const tale = new Tale({ waitMs: 10 * minute })
    tale.approve(ben)
    tale.approve(chloe)
    tale.freeze = freeze(null, 'the holidays')
    tale.later(10 * minute)
    tale.look()
    expect(tale.outcome).toBe('expired')
    expect(tale.reason).toContain('2026-11-23 13:00 UTC (the holidays)')
    expect(tale.release.sentAt).toBeNull()
    expect(tale.effects.some((effect) => effect.do === 'dispatch')).toBe(false)
  })

  it('that nothing opens, and is over before the keys are in: it goes out', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.freeze = freeze(null)
    tale.later(minute)
    expect(tale.release.freeze).not.toBeNull()
    tale.freeze = null
    tale.later(60 * minute)
    expect(tale.release.freeze).toBeNull()
    tale.approve(chloe)
    tale.look()
    expect(tale.release.sentAt).not.toBeNull()
  })

  it('over another that had raised the keys: they stay raised when it is over', () => {
    const tale = new Tale({ eligible: 3 }, [], { freeze: freeze(3) })
    tale.freeze = freeze(null)
    tale.later(minute)
    expect(tale.release.freeze).toMatchObject({ approvals: null, usual: 2 })
    tale.freeze = freeze(3)
    tale.later(minute)
    expect(tale.release.freeze).toMatchObject({ approvals: 3, usual: 2 })
    expect(tale.release.policy.required).toBe(3)
  })

  it('after it was sent it changes nothing', () => {
    const tale = underway()
    tale.freeze = freeze(null)
    tale.later(minute)
    expect(tale.state).toBe('running')
    expect(tale.release.freeze).toBeNull()
  })
})

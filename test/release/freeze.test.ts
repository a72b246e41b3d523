import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/release/policy/approval.ts'
import type { CurrentRules } from '../../src/release/policy/current-rules.ts'
import { effectOf, type Freeze } from '../../src/release/policy/freeze.ts'
import { request } from '../../src/release/request.ts'
import {
  ben,
  chloe,
  deploySubject,
  minute,
  policy,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
  underway,
} from './driver.ts'
import { start } from './world.ts'

const dana = 'U0DANA'
const emergency = { why: 'checkout is down', usual: policy() }

/** A freeze until an hour after the start. */
function freeze(approvals: number | null, reason: string | null = null): Freeze {
  return { until: start + 60 * minute, approvals, reason }
}

function refusalOf(met: Freeze | null, rules: Partial<CurrentRules> = {}) {
  const config = new ReleaseDriver().config()
  const currentRules = config && { ...config, ...rules }
  const requested = request(requestOf(), { holders: [], lock: null, freeze: met, currentRules }, start)
  return 'refused' in requested ? requested.refused : null
}

describe('the effect of a freeze', () => {
  const deploy = { subject: deploySubject(), policy: policy() }
  it.each([
    ['none holds', null, deploy, 'none'],
    ['a deploy, nothing opens it', freeze(null), deploy, 'held'],
    ['a deploy, more approvals open it', freeze(3), deploy, 'raised'],
    ['a deploy that needs as many approvals anyway', freeze(2), deploy, 'none'],
    ['a rollback', freeze(null), { ...deploy, subject: rollbackSubject() }, 'passed'],
    ['a rollback, where keys open it', freeze(3), { ...deploy, subject: rollbackSubject() }, 'passed'],
    ['an emergency', freeze(null), { ...deploy, emergency }, 'passed'],
  ])('a freeze affects a release: %s', (_, met, release, effect) => {
    expect(effectOf(met, release)).toBe(effect)
  })
})

describe('a request during a freeze', () => {
  it('a deploy is refused in a freeze without exceptions, with its end and reason', () => {
    const refused = refusalOf(freeze(null, 'nobody is here'))
    expect(refused?.code).toBe('frozen')
    expect(refused?.sentence).toContain('2026-11-23 13:00 UTC (nobody is here)')
    expect(refused?.next).toContain('`/rollback blog-api prod`')
    expect(refused?.next).not.toContain('--emergency')
  })

  it('the refusal names the emergency command if there is one', () => {
    const refused = refusalOf(freeze(null), { emergencies: 'allowed' })
    expect(refused?.next).toContain('`/deploy prod blog-api --emergency <reason>`')
  })

  it('a freeze that raises approvals asks for three instead of two', () => {
    const driver = new ReleaseDriver({ eligible: 3 }, [], { freeze: freeze(3) })
    expect(driver.release.policy.required).toBe(3)
    expect(driver.posts('frozen')).toMatchObject([{ effect: 'raised', usual: 2 }])
    driver.approve(ben)
    driver.approve(chloe)
    expect(driver.state).toBe('awaiting approval')
    driver.approve(dana)
    expect(driver.state).toBe('dispatching')
  })

  it('a freeze that needs more approvals than there are people refuses the deploy', () => {
    expect(refusalOf(freeze(3))?.code).toBe('policy_unsatisfiable')
  })

  it('the raised number of approvals stays when the freeze is over', () => {
    const driver = new ReleaseDriver({ eligible: 3 }, [], { freeze: freeze(3) })
    driver.freeze = null
    driver.later(61 * minute)
    driver.approve(ben)
    driver.approve(chloe)
    expect(driver.state).toBe('awaiting approval')
  })

  it.each([
    ['a rollback', { subject: rollbackSubject() }, 'channel'],
    ['an emergency', { emergency }, 'thread'],
  ])('%s passes a freeze with its usual approvals, and that is posted', (_, part, where) => {
    const driver = new ReleaseDriver(part, [], { freeze: freeze(null) })
    expect(driver.release.policy.required).toBe(2)
    expect(
      driver.effects.filter((effect) => effect.do === 'tell' && effect.story.tell === 'frozen'),
    ).toMatchObject([{ where, story: { effect: 'passed' } }])
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.release.sentAt).not.toBeNull()
    expect(driver.posts('frozen')).toHaveLength(1)
    expect(driver.release.freeze?.until).toBe(start + 60 * minute)
  })
})

describe('a freeze that begins before the dispatch', () => {
  it('a freeze that raises approvals asks for more and keeps those that are in', () => {
    const driver = new ReleaseDriver({ waitMs: 10 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.freeze = freeze(3)
    driver.later(10 * minute)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([ben, chloe])
    expect(driver.last.some(({ do: done }) => done === 'dispatch')).toBe(false)
    driver.approve(dana)
    driver.later(10 * minute)
    driver.look()
    expect(driver.effects.filter((effect) => effect.do === 'dispatch')).toHaveLength(1)
    expect(driver.posts('frozen')).toMatchObject([{ effect: 'raised', usual: 2 }])
  })

  it('an approval during the freeze is counted against the raised number', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.freeze = freeze(3)
    driver.approve(chloe)
    expect(driver.state).toBe('awaiting approval')
    expect(evaluate(driver.release)).toMatchObject({ required: 3, missing: 1 })
  })

  it('a freeze without exceptions expires the release, and nothing is sent', () => {
    const driver = new ReleaseDriver({ waitMs: 10 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.freeze = freeze(null, 'the holidays')
    driver.later(10 * minute)
    driver.look()
    expect(driver.outcome).toBe('expired')
    expect(driver.reason).toContain('2026-11-23 13:00 UTC (the holidays)')
    expect(driver.release.sentAt).toBeNull()
    expect(driver.effects.some((effect) => effect.do === 'dispatch')).toBe(false)
  })

  it('a freeze that is over before the last approval does not stop the release', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.freeze = freeze(null)
    driver.later(minute)
    expect(driver.release.freeze).not.toBeNull()
    driver.freeze = null
    driver.later(60 * minute)
    expect(driver.release.freeze).toBeNull()
    driver.approve(chloe)
    driver.look()
    expect(driver.release.sentAt).not.toBeNull()
  })

  it('a second freeze keeps the number of approvals that the first one raised', () => {
    const driver = new ReleaseDriver({ eligible: 3 }, [], { freeze: freeze(3) })
    driver.freeze = freeze(null)
    driver.later(minute)
    expect(driver.release.freeze).toMatchObject({ approvals: null, usual: 2 })
    driver.freeze = freeze(3)
    driver.later(minute)
    expect(driver.release.freeze).toMatchObject({ approvals: 3, usual: 2 })
    expect(driver.release.policy.required).toBe(3)
  })

  it('a freeze after the dispatch changes nothing', () => {
    const driver = underway()
    driver.freeze = freeze(null)
    driver.later(minute)
    expect(driver.state).toBe('running')
    expect(driver.release.freeze).toBeNull()
  })
})

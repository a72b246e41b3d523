import { describe, expect, test } from 'vitest'
import {
  type Checks,
  type ChecksVerdict,
  checksVerdict,
  type RequiredChecks,
} from '../../src/release/checks.ts'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { checksRuleOf, stricterChecks } from '../../src/release/policy/checks-rule.ts'
import { request } from '../../src/release/request.ts'
import {
  ben,
  chloe,
  deploySubject,
  gateSubject,
  minute,
  policy,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
} from './driver.ts'
import { start, unseen } from './world.ts'

const dana = 'U0DANA'
const emergency = { why: 'checkout is down', usual: policy() }
const refused = { redCommit: null }
const withThree = { redCommit: 3 }

const none = { count: 0, names: [] }
const one = (name: string) => ({ count: 1, names: [name] })

/** The checks of the commit, with this verdict on the required ones. */
function checks(verdict: ChecksVerdict): Checks {
  const parts: Record<ChecksVerdict, Partial<RequiredChecks>> = {
    green: { passed: 2 },
    pending: { passed: 1, pending: one('e2e') },
    red: { passed: 1, failed: one('e2e') },
    none: {},
    unreadable: { passed: 1, unread: { kind: 'passing', reason: 'GitHub answered 502' } },
  }
  const required: RequiredChecks = { by: 'branch', passed: 0, pending: none, failed: none, ...parts[verdict] }
  const { passed, pending, failed } = required
  return {
    source: 'checks',
    passed,
    pending: pending.count,
    failed: failed.count,
    failing: failed.names,
    required,
  }
}

type Part = NonNullable<ConstructorParameters<typeof ReleaseDriver>[0]>

/** A release that was requested while the checks had a verdict, which they still have. */
function requested(verdict: ChecksVerdict, part: Part = {}): ReleaseDriver {
  const facts = { checks: checks(verdict) }
  const driver = new ReleaseDriver({ facts, checksRule: refused, eligible: 3, ...part })
  driver.world.checks = checks(verdict)
  return driver
}

/** What became of it after the approvals of Ben and Chloe: refused at the request, or its state. */
function outcomeOf(verdict: ChecksVerdict, part: Part): string {
  const facts = { checks: checks(verdict) }
  const asked = requestOf({ facts, eligible: 3, ...part })
  const answer = request(asked, { holders: [], lock: null, freeze: null, currentRules: null }, start)
  if ('refused' in answer) return answer.refused.code
  const driver = new ReleaseDriver(asked)
  driver.world.checks = checks(verdict)
  driver.approve(ben)
  driver.approve(chloe)
  driver.look()
  const { stage } = driver.release
  return stage.at === 'ready' ? `waits for ${stage.waiting?.precondition}` : driver.state
}

const deploy: Part = { checksRule: refused }
const deployUnderRed: Part = { checksRule: withThree }
const gate: Part = { subject: gateSubject(), checksRule: refused }
const gateUnderRed: Part = { subject: gateSubject(), checksRule: withThree }
// The config has no rule for these.
const inEmergency: Part = { emergency }
const rollback: Part = { subject: rollbackSubject() }

describe('the required checks of a commit after two approvals', () => {
  test.each<[ChecksVerdict, string, Part, string]>([
    ['green', 'a deploy', deploy, 'dispatching'],
    ['green', 'a deploy, redCommit set', deployUnderRed, 'dispatching'],
    ['green', 'a gate', gate, 'dispatching'],
    ['green', 'a gate, redCommit set', gateUnderRed, 'dispatching'],
    ['pending', 'a deploy', deploy, 'waits for checks'],
    ['pending', 'a deploy, redCommit set', deployUnderRed, 'waits for checks'],
    ['pending', 'a gate', gate, 'waits for checks'],
    ['pending', 'a gate, redCommit set', gateUnderRed, 'waits for checks'],
    ['none', 'a deploy', deploy, 'waits for checks'],
    ['none', 'a deploy, redCommit set', deployUnderRed, 'waits for checks'],
    ['none', 'a gate', gate, 'waits for checks'],
    ['none', 'a gate, redCommit set', gateUnderRed, 'waits for checks'],
    ['unreadable', 'a deploy', deploy, 'waits for checks'],
    ['unreadable', 'a deploy, redCommit set', deployUnderRed, 'waits for checks'],
    ['unreadable', 'a gate', gate, 'waits for checks'],
    ['unreadable', 'a gate, redCommit set', gateUnderRed, 'waits for checks'],
    ['red', 'a deploy', deploy, 'checks_failed'],
    ['red', 'a deploy, redCommit set', deployUnderRed, 'awaiting approval'],
    ['red', 'a gate', gate, 'checks_failed'],
    ['red', 'a gate, redCommit set', gateUnderRed, 'awaiting approval'],
    ['red', 'an emergency', inEmergency, 'dispatching'],
    ['red', 'a rollback', rollback, 'dispatching'],
    ['pending', 'an emergency', inEmergency, 'dispatching'],
    ['none', 'a rollback', rollback, 'dispatching'],
    ['red', 'a deploy where no checks are required', {}, 'dispatching'],
  ])('%s checks, %s: %s', (verdict, _, part, outcome) => {
    expect(outcomeOf(verdict, part)).toBe(outcome)
  })
})

describe('a commit whose checks have failed at the request', () => {
  test('it is refused with what failed, the page of the checks and the next step', () => {
    const red = checks('red')
    const url = 'https://github.com/myorg/blog-api/commit/3f2c1ab/checks'
    const facts = { checks: { ...red, required: { ...red.required!, url } } }
    const answer = request(
      requestOf({ facts, checksRule: refused }),
      { holders: [], lock: null, freeze: null, currentRules: null },
      start,
    )
    expect(answer).toMatchObject({
      refused: { code: 'checks_failed', sentence: expect.stringContaining('e2e'), link: { url } },
    })
  })

  test('redCommit asks for three approvals in place of two, and the third sends it', () => {
    const driver = requested('red', deployUnderRed)
    expect(driver.release).toMatchObject({ policy: { required: 3 }, redCommit: { usual: 2 } })
    for (const by of [ben, chloe, dana]) driver.approve(by)
    driver.look()
    expect(driver.state).toBe('dispatching')
    const row = driver.audit.find(({ what }) => what === 'preconditions')
    expect(row?.detail).toMatchObject({ checks: { is: 'open', verdict: 'red', failed: { names: ['e2e'] } } })
  })

  test('redCommit that nobody can satisfy refuses the request', () => {
    const asked = requestOf({ facts: { checks: checks('red') }, checksRule: withThree, eligible: 2 })
    const answer = request(asked, { holders: [], lock: null, freeze: null, currentRules: null }, start)
    expect(answer).toMatchObject({ refused: { code: 'policy_unsatisfiable' } })
  })

  test.each([
    [4, 4],
    [2, 3],
  ])(
    'the larger number counts of a freeze with %d approvals and a red commit with three',
    (approvals, most) => {
      const freeze = { until: start + 60 * minute, approvals, reason: null }
      const facts = { checks: checks('red') }
      const driver = new ReleaseDriver({ facts, checksRule: withThree, eligible: 4 }, [], { freeze })
      expect(driver.release.policy.required).toBe(most)
    },
  )

  test('a commit that turns green keeps the approvals that were asked for', () => {
    const driver = requested('red', deployUnderRed)
    driver.world.checks = checks('green')
    driver.later(20 * minute)
    driver.approve(ben)
    driver.approve(chloe)
    expect(driver.state).toBe('awaiting approval')
    driver.approve(dana)
    driver.look()
    expect(driver.state).toBe('dispatching')
  })
})

describe('required checks that fail after the request', () => {
  test('while approvals are missing, the release ends and nothing is sent', () => {
    const driver = requested('pending')
    driver.approve(ben)
    driver.world.checks = checks('red')
    driver.later(2 * minute)
    expect([driver.outcome, driver.release.sentAt]).toEqual(['failed', null])
    expect(driver.reason).toMatch(/checks of 3f2c1ab failed: .e2e.; nothing was sent/)
  })

  test('while approvals are missing, redCommit voids those that were given and asks for three', () => {
    const driver = requested('pending', deployUnderRed)
    driver.approve(ben)
    driver.world.checks = checks('red')
    driver.later(2 * minute)
    expect(driver.release).toMatchObject({ approvals: [], policy: { required: 3 }, round: 1 })
    expect(driver.posts('voided')).toHaveLength(1)
    driver.later(20 * minute)
    expect(driver.posts('voided')).toHaveLength(1)
  })

  test('after the approvals, the release ends and nothing is sent', () => {
    const driver = requested('green')
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.checks = checks('red')
    driver.look()
    expect([driver.outcome, driver.release.sentAt]).toEqual(['failed', null])
    expect(driver.effects.some((effect) => effect.do === 'dispatch')).toBe(false)
  })

  test('after the approvals, redCommit asks for three new ones', () => {
    const driver = requested('green', deployUnderRed)
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.checks = checks('red')
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release).toMatchObject({ approvals: [], policy: { required: 3 } })
    for (const by of [ben, chloe, dana]) driver.approve(by)
    driver.look()
    expect(driver.effects.filter((effect) => effect.do === 'dispatch')).toHaveLength(1)
  })

  test('redCommit asks again also where it needs no more approvals than usual', () => {
    const driver = requested('green', { checksRule: { redCommit: 1 } })
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.checks = checks('red')
    driver.look()
    expect(driver.release).toMatchObject({
      stage: { at: 'approval' },
      approvals: [],
      policy: { required: 2 },
    })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.state).toBe('dispatching')
  })
})

describe('required checks that are pending after the approvals', () => {
  function waiting(verdict: ChecksVerdict = 'pending'): ReleaseDriver {
    const driver = requested(verdict)
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    return driver
  }

  test('the release waits for them by name, and is sent once they pass', () => {
    const driver = waiting()
    const { stage } = driver.release
    expect(stage.at === 'ready' && stage.waiting?.why).toMatch(/^required checks to pass: .e2e.$/)
    expect(nextLook(driver.release, driver.now, { activeMs: 3_000, idleMs: 30_000 })).toBe(
      driver.now + 30_000,
    )
    driver.later(minute)
    expect(driver.audit.filter(({ what }) => what === 'waiting')).toHaveLength(1)
    driver.world.checks = checks('green')
    driver.later(minute)
    expect(driver.state).toBe('dispatching')
  })

  test('the release expires with its approvals, and says what it waited for', () => {
    const driver = waiting()
    driver.watch(31 * minute, minute)
    expect([driver.outcome, driver.release.sentAt]).toEqual(['expired', null])
    expect(driver.reason).toMatch(/it waited for required checks to pass: .e2e./)
  })

  test.each<[ChecksVerdict, RegExp]>([
    ['none', /^checks of 3f2c1ab to be reported: there are none$/],
    ['unreadable', /could not be read: .GitHub answered 502.$/],
  ])('the release says that it waits for checks that are %s', (verdict, why) => {
    const { stage } = waiting(verdict).release
    expect(stage.at === 'ready' && stage.waiting?.why).toMatch(why)
  })

  test('the release waits while the look at the checks fails', () => {
    const driver = requested('green')
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.trouble = { checks: unseen('passing', 'GitHub answered 502') }
    driver.look()
    expect(driver.release.sentAt).toBeNull()
    driver.world.trouble = {}
    driver.look()
    expect(driver.state).toBe('dispatching')
  })

  test('a release that needs no approval waits for its checks too', () => {
    const driver = requested('pending', { ...deploy, policy: policy({ required: 0 }) })
    driver.look()
    expect(driver.release.stage).toMatchObject({ at: 'ready', waiting: { precondition: 'checks' } })
  })
})

describe('the rule for the checks of a commit', () => {
  test.each([
    [null, null, null],
    [null, withThree, withThree],
    [withThree, null, withThree],
    [withThree, refused, refused],
    [withThree, { redCommit: 4 }, { redCommit: 4 }],
  ])('the stricter one of %j and %j is %j', (one_, other, stricter) => {
    expect(stricterChecks(one_, other)).toEqual(stricter)
    expect(stricterChecks(other, one_)).toEqual(stricter)
  })

  test('a rule that the config gets later applies to a release that waits', () => {
    const driver = new ReleaseDriver({ facts: {} })
    driver.world.checks = checks('pending')
    driver.checks = refused
    expect(looks(driver.release, driver.config())).toMatchObject([{ look: 'checks', requiredOn: 'main' }])
    driver.look()
    expect(checksRuleOf(driver.release, null)).toEqual(refused)
    driver.checks = null
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.release.sentAt).toBeNull()
    expect(driver.audit.some(({ what }) => what === 'checks rule tightened')).toBe(true)
  })

  test('checks that failed are red also if others could not be read', () => {
    const unread = { kind: 'terminal', reason: 'GitHub answered 403' } as const
    expect(checksVerdict({ ...checks('red').required!, unread })).toBe('red')
    expect(checksVerdict({ ...checks('green').required!, unread })).toBe('unreadable')
  })

  test('a subject of a deploy names its branch for the look', () => {
    const driver = new ReleaseDriver({ subject: deploySubject({ branch: 'release/1' }), checksRule: refused })
    expect(looks(driver.release, driver.config())).toMatchObject([{ requiredOn: 'release/1' }])
  })
})

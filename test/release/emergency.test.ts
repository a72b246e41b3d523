import { describe, expect, it } from 'vitest'
import { request } from '../../src/release/request.ts'
import { actionsOf } from '../../src/release/state.ts'
import { nextLook } from '../../src/release/watch.ts'
import { ana, asked, ben, chloe, clicker, eli, minute, policy, Tale } from './driver.ts'
import { start } from './world.ts'

const hour = 60 * minute
const oncall = 'S0ONCALL'
const emergency = { why: 'checkout is down', usual: policy() }
const fewer = policy({ required: 1, approvers: [oncall] })

/** An emergency that Ben approved and that was sent, and then refused by GitHub. */
function ended(asking = emergency): Tale {
  const tale = new Tale({ emergency: asking, policy: fewer })
  tale.approve(ben)
  tale.look()
  tale.answer({ to: 'dispatch', answer: 'refused', reason: 'it is disabled' })
  return tale
}

describe('a deploy in an emergency', () => {
  it('goes out with the keys of the emergency', () => {
    const tale = new Tale({ emergency, policy: fewer })
    tale.approve(ben)
    tale.look()
    expect(tale.effects.filter((effect) => effect.do === 'dispatch')).toHaveLength(1)
  })

  it('is loud: told in the channel, for all who would have turned a key', () => {
    const tale = new Tale({ emergency, policy: fewer })
    expect(
      tale.effects.find((effect) => effect.do === 'tell' && effect.story.tell === 'emergency'),
    ).toMatchObject({
      where: 'channel',
      story: {
        by: ana,
        why: 'checkout is down',
        required: 1,
        usual: 2,
        mention: ['S0DEPLOYERS', 'U0APPROVER', oncall],
      },
    })
  })

  it('stands in the audit as what it is, with both policies', () => {
    const tale = new Tale({ emergency, policy: fewer })
    expect(tale.audit[0]).toMatchObject({
      actor: ana,
      what: 'requested in emergency',
      detail: { why: 'checkout is down', policy: { required: 1 }, usual: { required: 2 } },
    })
  })

  it('is held to today’s policy where that is stricter', () => {
    const tale = new Tale({ emergency, policy: fewer })
    tale.today = policy()
    tale.approve(ben)
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.policy.required).toBe(2)
  })

  it('with no key at all goes out at once', () => {
    const tale = new Tale({ emergency, policy: policy({ required: 0 }) })
    tale.look()
    expect(tale.release.sentAt).not.toBeNull()
  })

  it('a usual deploy is none', () => {
    const requested = request(asked(), { holders: [], lock: null, freeze: null }, start)
    expect('release' in requested && requested.release.emergency).toBeNull()
    expect('release' in requested && requested.audit[0]?.what).toBe('requested')
  })
})

describe('afterwards', () => {
  const acknowledge = (tale: Tale, id: string) => tale.input({ on: 'acknowledge', by: clicker(id) })

  it.each([
    ['whoever asked', ana, 'may_not_acknowledge'],
    ['whoever gave a key of it', ben, 'may_not_acknowledge'],
    ['who is no approver', eli, 'not_an_approver'],
  ])('%s may not acknowledge it', (_, id, code) => {
    const tale = ended()
    expect(acknowledge(tale, id)?.code).toBe(code)
    expect(tale.release.emergency?.acknowledged).toBeNull()
  })

  it('nor under another account', () => {
    const people = [{ slack: [ana, 'U0ANAS'] }, { slack: [ben, 'U0BENS'] }]
    const tale = new Tale({ emergency: { ...emergency, usual: policy({ people }) }, policy: fewer })
    tale.approve(ben)
    tale.look()
    tale.answer({ to: 'dispatch', answer: 'refused', reason: 'it is disabled' })
    expect(acknowledge(tale, 'U0ANAS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(tale, 'U0BENS')?.code).toBe('may_not_acknowledge')
  })

  it('nor under an account that the config joins to theirs since', () => {
    const tale = ended()
    tale.people = [{ slack: [ana, 'U0ANAS'] }, { slack: [ben, 'U0BENS'] }]
    expect(acknowledge(tale, 'U0ANAS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(tale, 'U0BENS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(tale, chloe)).toBeNull()
  })

  it('nor under an account that is theirs by two configs, of which each knows half', () => {
    const people = [{ slack: [ana, 'U0ANAS'] }, { slack: [ben, 'U0BENS'] }]
    const tale = ended({ ...emergency, usual: policy({ people }) })
    tale.people = [{ slack: ['U0ANAS', 'U0ANA3'] }, { slack: ['U0BENS', 'U0BEN3'] }]
    expect(acknowledge(tale, 'U0ANA3')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(tale, 'U0BEN3')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(tale, chloe)).toBeNull()
  })

  it('nor under such an account where the config allows no emergencies any more', () => {
    const tale = ended()
    tale.today = null
    tale.people = [{ slack: [ana, 'U0ANAS'] }]
    expect(acknowledge(tale, 'U0ANAS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(tale, chloe)).toBeNull()
  })

  it('one approver is enough, once, with who and when', () => {
    const tale = ended()
    expect(actionsOf(tale.release)).toContain('acknowledge')
    expect(acknowledge(tale, chloe)).toBeNull()
    expect(tale.release.emergency?.acknowledged).toEqual({ by: chloe, at: tale.now })
    expect(tale.audit.at(-1)).toMatchObject({ actor: chloe, what: 'acknowledged' })
    expect(tale.stories('acknowledged')).toHaveLength(1)
    expect(actionsOf(tale.release)).not.toContain('acknowledge')
    expect(acknowledge(tale, chloe)?.code).toBe('already_acknowledged')
  })

  it('of what was never sent nothing is to be acknowledged', () => {
    const tale = new Tale({ emergency, policy: fewer })
    tale.reject(ben)
    expect(actionsOf(tale.release)).not.toContain('acknowledge')
    expect(acknowledge(tale, chloe)?.code).toBe('already_acknowledged')
    expect(nextLook(tale.release, tale.now, { activeMs: 1, idleMs: 1 })).toBeNull()
  })

  it('it is reminded of in the channel after 4 hours and then each day, until then', () => {
    const tale = ended()
    const due = () => nextLook(tale.release, tale.now, { activeMs: 1, idleMs: 1 })
    const reminders = () => tale.stories('unacknowledged').length
    const since = tale.now
    expect(due()).toBe(since + 4 * hour)
    tale.later(4 * hour - 1)
    expect(reminders()).toBe(0)
    tale.later(1)
    expect(reminders()).toBe(1)
    expect(due()).toBe(since + 28 * hour)
    tale.look()
    tale.later(24 * hour)
    tale.look()
    expect(reminders()).toBe(2)
    acknowledge(tale, chloe)
    expect(due()).toBeNull()
    tale.later(24 * hour)
    expect(reminders()).toBe(2)
  })

  it('a reminder that was missed is due now; of several one is told', () => {
    const tale = ended()
    tale.now += 60 * hour
    expect(nextLook(tale.release, tale.now, { activeMs: 1, idleMs: 1 })).toBe(tale.now)
    tale.look()
    expect(tale.stories('unacknowledged')).toHaveLength(1)
    expect(nextLook(tale.release, tale.now, { activeMs: 1, idleMs: 1 })).toBe(tale.now + 16 * hour)
  })
})

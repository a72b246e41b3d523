import { describe, expect, it } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { nextLook } from '../../src/release/next-look.ts'
import { request } from '../../src/release/request.ts'
import { click } from './click.ts'
import { ana, ben, chloe, clicker, eli, minute, policy, ReleaseDriver, requestOf } from './driver.ts'
import { start } from './world.ts'

const hour = 60 * minute
const oncall = 'S0ONCALL'
const emergency = { why: 'checkout is down', usual: policy() }
const fewer = policy({ required: 1, approvers: [oncall] })

/** An emergency that Ben approved and that was sent, and then refused by GitHub. */
function ended(asking = emergency): ReleaseDriver {
  const driver = new ReleaseDriver({ emergency: asking, policy: fewer })
  driver.approve(ben)
  driver.look()
  driver.answer({ to: 'dispatch', answer: 'refused', reason: 'it is disabled' })
  return driver
}

describe('a deploy in an emergency', () => {
  it('an emergency deploy is sent with the approvals of the emergency policy', () => {
    const driver = new ReleaseDriver({ emergency, policy: fewer })
    driver.approve(ben)
    driver.look()
    expect(driver.effects.filter((effect) => effect.do === 'dispatch')).toHaveLength(1)
  })

  it('an emergency deploy is announced in the channel to everyone who would have approved', () => {
    const driver = new ReleaseDriver({ emergency, policy: fewer })
    expect(
      driver.effects.find((effect) => effect.do === 'tell' && effect.story.tell === 'emergency'),
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

  it('the audit names an emergency deploy as such, with both policies', () => {
    const driver = new ReleaseDriver({ emergency, policy: fewer })
    expect(driver.audit[0]).toMatchObject({
      actor: ana,
      what: 'requested in emergency',
      detail: { why: 'checkout is down', policy: { required: 1 }, usual: { required: 2 } },
    })
  })

  it('an emergency deploy follows the current policy if that is stricter', () => {
    const driver = new ReleaseDriver({ emergency, policy: fewer })
    driver.currentRules = policy()
    driver.approve(ben)
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.policy.required).toBe(2)
  })

  it('an emergency deploy that needs no approval is sent at once', () => {
    const driver = new ReleaseDriver({ emergency, policy: policy({ required: 0 }) })
    driver.look()
    expect(driver.release.sentAt).not.toBeNull()
  })

  it('a normal deploy is no emergency', () => {
    const requested = request(
      requestOf(),
      { holders: [], lock: null, freeze: null, currentRules: null },
      start,
    )
    expect('release' in requested && requested.release.emergency).toBeNull()
    expect('release' in requested && requested.audit[0]?.what).toBe('requested')
  })
})

describe('the acknowledgement of an emergency', () => {
  const acknowledge = (driver: ReleaseDriver, id: string) => driver.input(click('acknowledge', clicker(id)))

  it.each([
    ['whoever asked', ana, 'may_not_acknowledge'],
    ['whoever gave a key of it', ben, 'may_not_acknowledge'],
    ['who is no approver', eli, 'not_an_approver'],
  ])('%s may not acknowledge it', (_, id, code) => {
    const driver = ended()
    expect(acknowledge(driver, id)?.code).toBe(code)
    expect(driver.release.emergency?.acknowledged).toBeNull()
  })

  it('the requester may not acknowledge it under another account', () => {
    const people = [{ slack: [ana, 'U0ANAS'] }, { slack: [ben, 'U0BENS'] }]
    const driver = new ReleaseDriver({
      emergency: { ...emergency, usual: policy({ people }) },
      policy: fewer,
    })
    driver.approve(ben)
    driver.look()
    driver.answer({ to: 'dispatch', answer: 'refused', reason: 'it is disabled' })
    expect(acknowledge(driver, 'U0ANAS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(driver, 'U0BENS')?.code).toBe('may_not_acknowledge')
  })

  it('the requester may not acknowledge it under an account that the config joins to theirs later', () => {
    const driver = ended()
    driver.people = [{ slack: [ana, 'U0ANAS'] }, { slack: [ben, 'U0BENS'] }]
    expect(acknowledge(driver, 'U0ANAS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(driver, 'U0BENS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(driver, chloe)).toBeNull()
  })

  it('the requester may not acknowledge it under an account that two configs together join to theirs', () => {
    const people = [{ slack: [ana, 'U0ANAS'] }, { slack: [ben, 'U0BENS'] }]
    const driver = ended({ ...emergency, usual: policy({ people }) })
    driver.people = [{ slack: ['U0ANAS', 'U0ANA3'] }, { slack: ['U0BENS', 'U0BEN3'] }]
    expect(acknowledge(driver, 'U0ANA3')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(driver, 'U0BEN3')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(driver, chloe)).toBeNull()
  })

  it('the requester may not acknowledge it under such an account if the config no longer allows emergencies', () => {
    const driver = ended()
    driver.currentRules = null
    driver.people = [{ slack: [ana, 'U0ANAS'] }]
    expect(acknowledge(driver, 'U0ANAS')?.code).toBe('may_not_acknowledge')
    expect(acknowledge(driver, chloe)).toBeNull()
  })

  it('one approver acknowledges it once, with name and time', () => {
    const driver = ended()
    expect(actionsOf(driver.release)).toContain('acknowledge')
    expect(acknowledge(driver, chloe)).toBeNull()
    expect(driver.release.emergency?.acknowledged).toEqual({ by: chloe, at: driver.now })
    expect(driver.audit.at(-1)).toMatchObject({ actor: chloe, what: 'acknowledged' })
    expect(driver.posts('acknowledged')).toHaveLength(1)
    expect(actionsOf(driver.release)).not.toContain('acknowledge')
    expect(acknowledge(driver, chloe)?.code).toBe('already_acknowledged')
  })

  it('an emergency that was never sent needs no acknowledgement', () => {
    const driver = new ReleaseDriver({ emergency, policy: fewer })
    driver.reject(ben)
    expect(actionsOf(driver.release)).not.toContain('acknowledge')
    expect(acknowledge(driver, chloe)?.code).toBe('already_acknowledged')
    expect(nextLook(driver.release, driver.now, { activeMs: 1, idleMs: 1 })).toBeNull()
  })

  it('the channel gets a reminder after 4 hours and then each day, until the acknowledgement', () => {
    const driver = ended()
    const due = () => nextLook(driver.release, driver.now, { activeMs: 1, idleMs: 1 })
    const reminders = () => driver.posts('unacknowledged').length
    const since = driver.now
    expect(due()).toBe(since + 4 * hour)
    driver.later(4 * hour - 1)
    expect(reminders()).toBe(0)
    driver.later(1)
    expect(reminders()).toBe(1)
    expect(due()).toBe(since + 28 * hour)
    driver.look()
    driver.later(24 * hour)
    driver.look()
    expect(reminders()).toBe(2)
    acknowledge(driver, chloe)
    expect(due()).toBeNull()
    driver.later(24 * hour)
    expect(reminders()).toBe(2)
  })

  it('a missed reminder is due now, and several missed ones make one post', () => {
    const driver = ended()
    driver.now += 60 * hour
    expect(nextLook(driver.release, driver.now, { activeMs: 1, idleMs: 1 })).toBe(driver.now)
    driver.look()
    expect(driver.posts('unacknowledged')).toHaveLength(1)
    expect(nextLook(driver.release, driver.now, { activeMs: 1, idleMs: 1 })).toBe(driver.now + 16 * hour)
  })
})

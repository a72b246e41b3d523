import { describe, expect, test } from 'vitest'
import { ana, ben, chloe, clicker, eli, minute, policy, ReleaseDriver } from './driver.ts'
import { no } from './world.ts'

const ben2 = 'U0BEN2'

function withOneKey(part: ConstructorParameters<typeof ReleaseDriver>[0] = {}): ReleaseDriver {
  const driver = new ReleaseDriver(part)
  driver.approve(ben)
  return driver
}

function outlive(driver: ReleaseDriver): void {
  driver.now += driver.release.policy.expireAfterMs
}

describe('an approver withdraws their approval', () => {
  test('a withdrawal before the last approval removes the approval, with a post and an audit row', () => {
    const driver = withOneKey()
    expect(driver.withdraw(ben)).toBeNull()
    expect(driver.release).toMatchObject({ approvals: [], stage: { at: 'approval' } })
    expect(driver.posts('withdrawn')).toEqual([{ tell: 'withdrawn', by: ben, missing: 2 }])
    expect(driver.audit.at(-1)).toEqual({ actor: ben, what: 'withdrew', detail: { missing: 2 } })
  })

  test('a withdrawal keeps the approvals of others, and the same person may approve again', () => {
    const driver = withOneKey({ policy: policy({ required: 3 }), eligible: 3 })
    driver.approve(chloe)
    driver.withdraw(ben)
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([chloe])
    expect(driver.approve(ben)).toBeNull()
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([chloe, ben])
  })

  test('an approver may withdraw with another account of theirs', () => {
    const driver = withOneKey({ policy: policy({ people: [{ slack: [ben, ben2] }] }) })
    expect(driver.withdraw(ben2)).toBeNull()
    expect(driver.release.approvals).toEqual([])
  })

  test('a release is not sent by the approvals left after a withdrawal', () => {
    const driver = withOneKey()
    driver.withdraw(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test.each<readonly [string, (driver: ReleaseDriver) => void, string]>([
    ['somebody who turned none', () => {}, 'nothing_to_withdraw'],
    ['after the last approval was counted', (driver) => driver.approve(chloe), 'already_decided'],
    ['after it was rejected', (driver) => driver.reject(chloe), 'already_decided'],
    ['after its time', outlive, 'already_decided'],
  ])('an approval cannot be withdrawn %s', (who, happens, code) => {
    const driver = withOneKey({ waitMs: minute })
    happens(driver)
    expect(driver.withdraw(who.startsWith('somebody') ? eli : ben)?.code).toBe(code)
  })
})

describe('an approval withdrawn before the last one was counted, and handled after it', () => {
  const second = 1_000
  const takenBack = (driver: ReleaseDriver) => {
    const pressedAt = driver.now
    driver.now += 2 * second
    driver.approve(chloe)
    driver.now += second
    return { pressedAt }
  }

  test.each([
    ['in the wait', minute, 'waiting'],
    ['in the last look', 0, 'dispatching'],
  ])('a withdrawn approval does not count %s: it is missing again, in a new round', (_, waitMs, state) => {
    const driver = withOneKey({ waitMs })
    const { pressedAt } = takenBack(driver)
    expect(driver.state).toBe(state)
    const { round } = driver.release
    expect(driver.withdraw(ben, pressedAt)).toBeNull()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([chloe])
    expect(driver.release.round).toBe(round + 1)
    driver.look()
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('a stored withdrawal delays the dispatch until it is handled', () => {
    const driver = withOneKey()
    const { pressedAt } = takenBack(driver)
    driver.hasPendingStop = true
    driver.look()
    expect(driver.effectsOf('dispatch')).toEqual([])
    driver.hasPendingStop = false
    driver.withdraw(ben, pressedAt)
    driver.watch(minute)
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('a withdrawal comes too late once the dispatch is marked', () => {
    const driver = withOneKey()
    const { pressedAt } = takenBack(driver)
    driver.look()
    expect(driver.withdraw(ben, pressedAt)?.code).toBe('already_decided')
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })
})

describe('a click that does not count', () => {
  test('a click that does not count is named on the release with its reason, once per person and reason', () => {
    const driver = new ReleaseDriver()
    driver.approve(ana)
    driver.approve(ana)
    driver.input({ on: 'approve', by: { id: eli, standing: no }, round: 0, pressedAt: driver.now })
    expect(driver.release.discounted.map(({ by }) => by)).toEqual([ana, eli])
    expect(driver.release.discounted.every(({ why }) => why !== '')).toBe(true)
    expect(driver.release.approvals).toEqual([])
  })

  test('only the last clicks that do not count are kept, and only the first few are posted', () => {
    const driver = new ReleaseDriver()
    for (let n = 0; n < 40; n++)
      driver.input({
        on: 'approve',
        by: { id: `U0STRANGER${n}`, standing: no },
        round: 0,
        pressedAt: driver.now,
      })
    const strangers = Array.from({ length: 40 }, (_, n) => `U0STRANGER${n}`)
    expect(driver.release.discounted.map(({ by }) => by)).toEqual(strangers.slice(20))
    expect(driver.posts('discounted').map(({ by }) => by)).toEqual(strangers.slice(0, 5))
  })

  test('clicks that do not count are forgotten when approvals are requested again, and lost approvals are named then', () => {
    const driver = new ReleaseDriver()
    driver.approve(ana)
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.people[chloe] = no
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.discounted).toEqual([{ by: chloe, why: 'not among the approvers', at: driver.now }])
  })

  test('an approval click after the expiry ends the release there and then', () => {
    const driver = new ReleaseDriver()
    outlive(driver)
    expect(driver.approve(ben)?.code).toBe('already_decided')
    expect(driver.outcome).toBe('expired')
    expect(driver.posts('ended')).toHaveLength(1)
  })
})

test.each<readonly [string, (driver: ReleaseDriver) => void, readonly string[]]>([
  ['rejected', (driver) => driver.reject(chloe), ['rejected', `<@${chloe}>`, '2026-11-23 12:']],
  ['cancelled', (driver) => driver.cancel(ana), ['cancelled', `<@${ana}>`, '2026-11-23 12:']],
  ['past its approvals', (driver) => driver.approve(chloe), [`<@${ben}>`, `<@${chloe}>`, '2026-11-23 12:']],
])('a click on a release that is %s is answered with who decided and when', (_, happens, facts) => {
  const driver = withOneKey()
  happens(driver)
  const refusal = driver.input({ on: 'approve', by: clicker(eli), round: 0, pressedAt: driver.now })
  expect(refusal?.code).toBe('already_decided')
  for (const fact of facts) expect(refusal?.sentence).toContain(fact)
})

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
  test('before the last one is in: it is missing again, told and audited', () => {
    const driver = withOneKey()
    expect(driver.withdraw(ben)).toBeNull()
    expect(driver.release).toMatchObject({ approvals: [], stage: { at: 'approval' } })
    expect(driver.stories('withdrawn')).toEqual([{ tell: 'withdrawn', by: ben, missing: 2 }])
    expect(driver.audit.at(-1)).toEqual({ actor: ben, what: 'withdrew', detail: { missing: 2 } })
  })

  test('the others’ approvals stay, and the same person may approve again', () => {
    const driver = withOneKey({ policy: policy({ required: 3 }), eligible: 3 })
    driver.approve(chloe)
    driver.withdraw(ben)
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([chloe])
    expect(driver.approve(ben)).toBeNull()
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([chloe, ben])
  })

  test('with another account of theirs', () => {
    const driver = withOneKey({ policy: policy({ people: [{ slack: [ben, ben2] }] }) })
    expect(driver.withdraw(ben2)).toBeNull()
    expect(driver.release.approvals).toEqual([])
  })

  test('the approvals left do not ship it', () => {
    const driver = withOneKey()
    driver.withdraw(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.wanted('dispatch')).toEqual([])
  })

  test.each<readonly [string, (driver: ReleaseDriver) => void, string]>([
    ['somebody who turned none', () => {}, 'nothing_to_withdraw'],
    ['after the last approval was counted', (driver) => driver.approve(chloe), 'already_decided'],
    ['after it was rejected', (driver) => driver.reject(chloe), 'already_decided'],
    ['after its time', outlive, 'already_decided'],
  ])('not %s', (who, happens, code) => {
    const driver = withOneKey({ waitMs: minute })
    happens(driver)
    expect(driver.withdraw(who.startsWith('somebody') ? eli : ben)?.code).toBe(code)
  })
})

describe('an approval that was taken back before the last one was counted, and is worked on after it', () => {
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
  ])('does not count %s: it is missing again, under a new round', (_, waitMs, state) => {
    const driver = withOneKey({ waitMs })
    const { pressedAt } = takenBack(driver)
    expect(driver.state).toBe(state)
    const { round } = driver.release
    expect(driver.withdraw(ben, pressedAt)).toBeNull()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([chloe])
    expect(driver.release.round).toBe(round + 1)
    driver.look()
    expect(driver.wanted('dispatch')).toEqual([])
  })

  test('holds the dispatch until it was worked on', () => {
    const driver = withOneKey()
    const { pressedAt } = takenBack(driver)
    driver.stopping = 'somebody'
    driver.look()
    expect(driver.wanted('dispatch')).toEqual([])
    driver.stopping = 'nobody'
    driver.withdraw(ben, pressedAt)
    driver.watch(minute)
    expect(driver.wanted('dispatch')).toEqual([])
  })

  test('comes too late once the dispatch is marked', () => {
    const driver = withOneKey()
    const { pressedAt } = takenBack(driver)
    driver.look()
    expect(driver.withdraw(ben, pressedAt)?.code).toBe('already_decided')
    expect(driver.wanted('dispatch')).toHaveLength(1)
  })
})

describe('a click that does not count', () => {
  test('is named on the release with its reason, once a person and reason', () => {
    const driver = new ReleaseDriver()
    driver.approve(ana)
    driver.approve(ana)
    driver.input({ on: 'approve', by: { id: eli, standing: no }, round: 0, pressedAt: driver.now })
    expect(driver.release.discounted.map(({ by }) => by)).toEqual([ana, eli])
    expect(driver.release.discounted.every(({ why }) => why !== '')).toBe(true)
    expect(driver.release.approvals).toEqual([])
  })

  test('the last few are kept, however many press', () => {
    const driver = new ReleaseDriver()
    for (let n = 0; n < 40; n++)
      driver.input({
        on: 'approve',
        by: { id: `U0STRANGER${n}`, standing: no },
        round: 0,
        pressedAt: driver.now,
      })
    expect(driver.release.discounted.map(({ by }) => by)).toEqual(
      [35, 36, 37, 38, 39].map((n) => `U0STRANGER${n}`),
    )
  })

  test('is forgotten where approvals are requested again; those that lost their standing are named then', () => {
    const driver = new ReleaseDriver()
    driver.approve(ana)
    driver.approve(ben)
    driver.approve(chloe)
    driver.world.people[chloe] = no
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.discounted).toEqual([{ by: chloe, why: 'not among the approvers', at: driver.now }])
  })

  test('one that comes after its time ends the release there and then', () => {
    const driver = new ReleaseDriver()
    outlive(driver)
    expect(driver.approve(ben)?.code).toBe('already_decided')
    expect(driver.outcome).toBe('expired')
    expect(driver.stories('ended')).toHaveLength(1)
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

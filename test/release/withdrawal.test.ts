import { describe, expect, test } from 'vitest'
import { ana, ben, chloe, clicker, eli, minute, policy, Tale } from './driver.ts'
import { no } from './world.ts'

const ben2 = 'U0BEN2'

function withOneKey(part: ConstructorParameters<typeof Tale>[0] = {}): Tale {
  const tale = new Tale(part)
  tale.approve(ben)
  return tale
}

function outlive(tale: Tale): void {
  tale.now += tale.release.policy.expireAfterMs
}

describe('an approver takes their key back', () => {
  test('before the last one is in: it is missing again, told and audited', () => {
    const tale = withOneKey()
    expect(tale.withdraw(ben)).toBeNull()
    expect(tale.release).toMatchObject({ approvals: [], stage: { at: 'approval' } })
    expect(tale.stories('withdrawn')).toEqual([{ tell: 'withdrawn', by: ben, missing: 2 }])
    expect(tale.audit.at(-1)).toEqual({ actor: ben, what: 'withdrew', detail: { missing: 2 } })
  })

  test('the others’ keys stay, and the same person may approve again', () => {
    const tale = withOneKey({ policy: policy({ required: 3 }), eligible: 3 })
    tale.approve(chloe)
    tale.withdraw(ben)
    expect(tale.release.approvals.map(({ by }) => by)).toEqual([chloe])
    expect(tale.approve(ben)).toBeNull()
    expect(tale.release.approvals.map(({ by }) => by)).toEqual([chloe, ben])
  })

  test('with another account of theirs', () => {
    const tale = withOneKey({ policy: policy({ people: [{ slack: [ben, ben2] }] }) })
    expect(tale.withdraw(ben2)).toBeNull()
    expect(tale.release.approvals).toEqual([])
  })

  test('the keys left do not ship it', () => {
    const tale = withOneKey()
    tale.withdraw(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test.each<readonly [string, (tale: Tale) => void, string]>([
    ['somebody who turned none', () => {}, 'nothing_to_withdraw'],
    ['after the last approval was counted', (tale) => tale.approve(chloe), 'already_decided'],
    ['after it was rejected', (tale) => tale.reject(chloe), 'already_decided'],
    ['after its time', outlive, 'already_decided'],
  ])('not %s', (who, happens, code) => {
    const tale = withOneKey({ waitMs: minute })
    happens(tale)
    expect(tale.withdraw(who.startsWith('somebody') ? eli : ben)?.code).toBe(code)
  })
})

describe('an approval that was taken back before the last one was counted, and is worked on after it', () => {
  const second = 1_000
  const takenBack = (tale: Tale) => {
    const pressedAt = tale.now
    tale.now += 2 * second
    tale.approve(chloe)
    tale.now += second
    return { pressedAt }
  }

  test.each([
    ['in the wait', minute, 'waiting'],
    ['in the last look', 0, 'dispatching'],
  ])('does not count %s: it is missing again, under a new round', (_, waitMs, state) => {
    const tale = withOneKey({ waitMs })
    const { pressedAt } = takenBack(tale)
    expect(tale.state).toBe(state)
    const { round } = tale.release
    expect(tale.withdraw(ben, pressedAt)).toBeNull()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.approvals.map(({ by }) => by)).toEqual([chloe])
    expect(tale.release.round).toBe(round + 1)
    tale.look()
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test('holds the dispatch until it was worked on', () => {
    const tale = withOneKey()
    const { pressedAt } = takenBack(tale)
    tale.stopping = 'somebody'
    tale.look()
    expect(tale.wanted('dispatch')).toEqual([])
    tale.stopping = 'nobody'
    tale.withdraw(ben, pressedAt)
    tale.watch(minute)
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test('comes too late once the dispatch is marked', () => {
    const tale = withOneKey()
    const { pressedAt } = takenBack(tale)
    tale.look()
    expect(tale.withdraw(ben, pressedAt)?.code).toBe('already_decided')
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })
})

describe('a click that does not count', () => {
  test('is named on the release with its reason, once a person and reason', () => {
    const tale = new Tale()
    tale.approve(ana)
    tale.approve(ana)
    tale.input({ on: 'approve', by: { id: eli, standing: no }, round: 0, pressedAt: tale.now })
    expect(tale.release.discounted.map(({ by }) => by)).toEqual([ana, eli])
    expect(tale.release.discounted.every(({ why }) => why !== '')).toBe(true)
    expect(tale.release.approvals).toEqual([])
  })

  test('the last few are kept, however many press', () => {
    const tale = new Tale()
    for (let n = 0; n < 40; n++)
      tale.input({ on: 'approve', by: { id: `U0STRANGER${n}`, standing: no }, round: 0, pressedAt: tale.now })
    expect(tale.release.discounted.map(({ by }) => by)).toEqual(
      [35, 36, 37, 38, 39].map((n) => `U0STRANGER${n}`),
    )
  })

  test('is forgotten where keys are asked for anew; those that lost their standing are named then', () => {
    const tale = new Tale()
    tale.approve(ana)
    tale.approve(ben)
    tale.approve(chloe)
    tale.world.people[chloe] = no
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.discounted).toEqual([{ by: chloe, why: 'not among the approvers', at: tale.now }])
  })

  test('one that comes after its time ends the release there and then', () => {
    const tale = new Tale()
    outlive(tale)
    expect(tale.approve(ben)?.code).toBe('already_decided')
    expect(tale.outcome).toBe('expired')
    expect(tale.stories('ended')).toHaveLength(1)
  })
})

test.each<readonly [string, (tale: Tale) => void, readonly string[]]>([
  ['rejected', (tale) => tale.reject(chloe), ['rejected', `<@${chloe}>`, '2026-11-23 12:']],
  ['cancelled', (tale) => tale.cancel(ana), ['cancelled', `<@${ana}>`, '2026-11-23 12:']],
  ['past its keys', (tale) => tale.approve(chloe), [`<@${ben}>`, `<@${chloe}>`, '2026-11-23 12:']],
])('a click on a release that is %s is answered with who decided and when', (_, happens, facts) => {
  const tale = withOneKey()
  happens(tale)
  const refusal = tale.input({ on: 'approve', by: clicker(eli), round: 0, pressedAt: tale.now })
  expect(refusal?.code).toBe('already_decided')
  for (const fact of facts) expect(refusal?.sentence).toContain(fact)
})

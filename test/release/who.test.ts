import { describe, expect, test } from 'vitest'
import type { Eligibility, Ineligible } from '../../src/release/approval.ts'
import type { Input } from '../../src/release/decide.ts'
import { ana, ben, chloe, policy, Tale } from './driver.ts'
import { yes } from './world.ts'

const unfit: readonly Ineligible[] = [
  'not_a_member',
  'not_an_approver',
  'identity_unknown',
  'group_unknown',
  'channel_shared',
  'channel_unknown',
]

function standing(why: Ineligible): Eligibility {
  return { eligible: false, why, sentence: `it is ${why}` }
}

describe.each(unfit)('a click of somebody who is %s', (why) => {
  const by = { id: ben, standing: standing(why) }
  const clicks: readonly (readonly [string, Input])[] = [
    ['turns no key', { on: 'approve', by, round: 0, pressedAt: 0 }],
    ['rejects nothing', { on: 'reject', by, reason: 'no' }],
    ['cancels nothing', { on: 'cancel', by }],
  ]

  test.each(clicks)('%s: refused with the reason, audited, nothing moved', (_, input) => {
    const tale = new Tale()
    tale.approve(chloe)
    const before = tale.audit.length
    const { approvals, stage, round } = tale.release
    expect(tale.input(input)).not.toBeNull()
    expect(tale.release).toMatchObject({ approvals, stage, round })
    expect(tale.audit.slice(before)).toMatchObject([{ actor: ben, what: `${input.on} refused` }])
  })
})

describe('the requester', () => {
  test.each<readonly [Ineligible, string | undefined]>([
    ['not_an_approver', undefined],
    ['group_unknown', undefined],
    ['not_a_member', 'not_a_member'],
    ['identity_unknown', 'identity_unknown'],
  ])('cancels while being %s: %s', (why, code) => {
    const tale = new Tale()
    const refusal = tale.input({ on: 'cancel', by: { id: ana, standing: standing(why) } })
    expect(refusal?.code).toBe(code)
    expect(tale.outcome).toBe(code === undefined ? 'cancelled' : null)
  })
})

test('the reason of a rejection is not taken from who is nobody here any more', () => {
  const tale = new Tale()
  tale.reject(chloe)
  const by = { id: chloe, standing: standing('not_a_member') }
  expect(tale.input({ on: 'explain', by, why: 'because' })?.code).toBe('reason_not_taken')
  expect(tale.input({ on: 'explain', by: { id: chloe, standing: yes }, why: 'because' })).toBeNull()
})

test('a shared channel is allowed only where the policy of the release and that of today allow it', () => {
  const shared = { externalChannels: 'allowed' } as const
  const tale = new Tale({ policy: policy(shared) })
  tale.today = policy(shared)
  tale.approve(ben)
  expect(tale.release.policy.externalChannels).toBe('allowed')
  tale.today = policy()
  tale.approve(chloe)
  expect(tale.release.policy.externalChannels).toBe('refused')
})

import { describe, expect, test } from 'vitest'
import type { Input } from '../../src/release/input.ts'
import type { Eligibility, Ineligible } from '../../src/release/policy/approval.ts'
import { click } from './click.ts'
import { ana, ben, chloe, policy, ReleaseDriver } from './driver.ts'
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
    ['approves nothing', { on: 'approve', by, round: 0, pressedAt: 0 }],
    ['rejects nothing', click('reject', by)],
    ['cancels nothing', click('cancel', by)],
  ]

  test.each(clicks)('%s: refused with the reason, audited, nothing moved', (_, input) => {
    const driver = new ReleaseDriver()
    driver.approve(chloe)
    const before = driver.audit.length
    const { approvals, stage, round } = driver.release
    expect(driver.input(input)).not.toBeNull()
    expect(driver.release).toMatchObject({ approvals, stage, round })
    expect(driver.audit.slice(before)).toMatchObject([{ actor: ben, what: `${input.on} refused` }])
  })
})

describe('the requester', () => {
  test.each<readonly [Ineligible, string | undefined]>([
    ['not_an_approver', undefined],
    ['group_unknown', undefined],
    ['not_a_member', 'not_a_member'],
    ['identity_unknown', 'identity_unknown'],
  ])('a requester who is %s cancels: %s', (why, code) => {
    const driver = new ReleaseDriver()
    const refusal = driver.input(click('cancel', { id: ana, standing: standing(why) }))
    expect(refusal?.code).toBe(code)
    expect(driver.outcome).toBe(code === undefined ? 'cancelled' : null)
  })
})

test('a person who left may not give the reason of a rejection', () => {
  const driver = new ReleaseDriver()
  driver.reject(chloe)
  const by = { id: chloe, standing: standing('not_a_member') }
  expect(driver.input({ on: 'explain', by, why: 'because' })?.code).toBe('reason_not_taken')
  expect(driver.input({ on: 'explain', by: { id: chloe, standing: yes }, why: 'because' })).toBeNull()
})

test('a shared channel is allowed only if the policy of the release and the current one allow it', () => {
  const shared = { externalChannels: 'allowed' } as const
  const driver = new ReleaseDriver({ policy: policy(shared) })
  driver.currentRules = policy(shared)
  driver.approve(ben)
  expect(driver.release.policy.externalChannels).toBe('allowed')
  driver.currentRules = policy()
  driver.approve(chloe)
  expect(driver.release.policy.externalChannels).toBe('refused')
})

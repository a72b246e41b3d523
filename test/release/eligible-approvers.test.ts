import { describe, expect, test } from 'vitest'
import type { Policy } from '../../src/release/policy/approval.ts'
import {
  type EligibleApprovers,
  eligibleApproversAsk,
  unsatisfiable,
} from '../../src/release/policy/eligible-approvers.ts'
import type { Subject } from '../../src/release/subject.ts'
import { ana, ben, chloe, deploySubject, policy, rollbackSubject } from './driver.ts'

const ana2 = 'W0ANA2'
const ben2 = 'U0BEN2'
const people = [
  { slack: [ana, ana2], github: 'ana' },
  { slack: [ben, ben2], github: 'Dana' },
  { slack: [chloe], github: 'chloe' },
]

describe('the approver that a click stands for', () => {
  test.each<readonly [string, Partial<Policy>, Subject, Readonly<Record<string, string | null>>]>([
    [
      'each account of one person is that person, the requester nobody under any of theirs',
      { people },
      deploySubject(),
      { [ana]: null, [ana2]: null, [ben]: ben, [ben2]: ben, [chloe]: chloe, U0ELI: 'U0ELI' },
    ],
    [
      'the requester counts where that is allowed, once',
      { people, requesterMayApprove: true },
      deploySubject(),
      { [ana]: ana, [ana2]: ana },
    ],
    [
      'authors are nobody under any account, and so is who has no login',
      { people, authorsMayApprove: false },
      deploySubject(),
      { [ben]: null, [ben2]: null, [chloe]: chloe, U0ELI: null },
    ],
    [
      'a rollback has no authors',
      { people, authorsMayApprove: false },
      rollbackSubject(),
      { [ben]: ben, U0ELI: 'U0ELI' },
    ],
  ])('a click stands for one eligible person: %s', (_, part, subject, persons) => {
    const { voter } = eligibleApproversAsk({ policy: policy(part), requester: ana, subject })
    expect(Object.fromEntries(Object.keys(persons).map((id) => [id, voter(id)]))).toEqual(persons)
  })

  test('counting stops at the number of approvals needed', () => {
    const ask = eligibleApproversAsk({
      policy: policy({ required: 3 }),
      requester: ana,
      subject: deploySubject(),
    })
    expect(ask.enough).toBe(3)
  })
})

describe('a policy that nobody can satisfy', () => {
  const enough: EligibleApprovers = {
    persons: 2,
    accounts: [],
    groups: [],
    looked: 2,
    candidates: 2,
  }
  const told = (
    part: Partial<EligibleApprovers>,
    policyPart: Partial<Policy> = {},
    subject = deploySubject(),
  ) =>
    unsatisfiable(
      { policy: policy(policyPart), subject, environment: 'prod' },
      { ...enough, persons: 1, ...part },
    )
  const group = { id: 'S0DEPLOYERS', members: 3 }
  const unknownAuthor = deploySubject({ authorship: { known: false, why: 'GitHub did not say' } })

  test('a policy can be satisfied if there are enough people, or no approvals are needed', () => {
    expect(told({ persons: 2 })).toBeNull()
    expect(told({ persons: 0 }, { required: 0 })).toBeNull()
  })

  test.each<readonly [string, ReturnType<typeof told>, RegExp]>([
    ['an empty list', told({ persons: 0 }, { approvers: [] }), /lists no approvers/],
    ['too few people', told({ groups: [group] }), /2 approvals, but only 1 of its approvers.*S0DEPLOYERS/],
    ['nobody at all', told({ persons: 0 }), /none of its approvers/],
    [
      'a group with nobody in it',
      told({ groups: [group, { id: 'S0EMPTY', members: 0 }] }),
      /S0EMPTY\) is empty/,
    ],
    [
      'a group that is gone',
      told({ groups: [group, { id: 'S0GONE', members: null }] }),
      /no user group S0GONE/,
    ],
    ['too many to look at', told({ groups: [group], looked: 100, candidates: 9_000 }), /9000 accounts, 100/],
    [
      'unknown authors',
      told({ persons: 0 }, { authorsMayApprove: false }, unknownAuthor),
      /authors of some commits/,
    ],
  ])('%s is reported as such, with a next step', (_, refusal, words) => {
    expect(refusal?.code).toBe('policy_unsatisfiable')
    expect(refusal?.sentence).toMatch(words)
    expect(refusal?.next).not.toBe('')
  })

  test('each cause has its own next step', () => {
    const nexts = [
      told({}, { approvers: [] }),
      told({}),
      told({ groups: [{ id: 'S0EMPTY', members: 0 }] }),
      told({ groups: [{ id: 'S0GONE', members: null }] }),
      told({ looked: 100, candidates: 9_000 }),
    ].map((refusal) => refusal?.next)
    expect(new Set(nexts).size).toBe(nexts.length)
  })
})

import { describe, expect, test } from 'vitest'
import {
  type Approval,
  type Eligibility,
  evaluate,
  isSamePerson,
  type Policy,
  stricter,
  whyBarred,
} from '../../src/release/policy/approval.ts'
import type { Subject } from '../../src/release/subject.ts'
import { ana, ben, chloe, deploySubject, eli, policy, ReleaseDriver, rollbackSubject } from './driver.ts'
import { commit, no, oldCommit, yes } from './world.ts'

const ben2 = 'U0BEN2'
const ana2 = 'U0ANA2'
const joined = policy({
  people: [
    { slack: [ben, ben2], github: 'ben-login' },
    { slack: [ana, ana2], github: 'ana-login' },
    { slack: [chloe], github: 'Chloe-Login' },
  ],
})

function keys(...by: string[]): readonly Approval[] {
  return by.map((id, at) => ({ by: id, at, via: 'S0DEPLOYERS' }))
}

function written(...logins: readonly string[]): Subject {
  return deploySubject({ authorship: { known: true, logins, since: [oldCommit] } })
}

type Case = {
  readonly policy?: Policy
  readonly subject?: Subject
  readonly keys: readonly Approval[]
  readonly standing?: Readonly<Record<string, Eligibility>>
}

function count({ policy: asked = joined, subject = deploySubject(), keys: approvals, standing }: Case) {
  const verdict = evaluate({ policy: asked, requester: ana, subject, approvals, standing })
  return [verdict.status, verdict.counted.map(({ by }) => by), verdict.dismissed.map(({ by }) => by)]
}

const noAuthors = policy({ ...joined, authorsMayApprove: false })

describe('the approvals that count', () => {
  test.each<readonly [string, Case, 'approved' | 'pending', readonly string[], readonly string[]]>([
    ['two people', { keys: keys(ben, chloe) }, 'approved', [ben, chloe], []],
    ['one person', { keys: keys(ben) }, 'pending', [ben], []],
    ['one person twice', { keys: keys(ben, ben) }, 'pending', [ben], [ben]],
    ['one person with two accounts', { keys: keys(ben, ben2) }, 'pending', [ben], [ben2]],
    ['the second account first', { keys: keys(ben2, ben, chloe) }, 'approved', [ben2, chloe], [ben]],
    ['the requester', { keys: keys(ana, ben) }, 'pending', [ben], [ana]],
    ['the requester by another account', { keys: keys(ana2, ben) }, 'pending', [ben], [ana2]],
    [
      'the requester where the policy lets them',
      { policy: policy({ ...joined, requesterMayApprove: true }), keys: keys(ana, ben) },
      'approved',
      [ana, ben],
      [],
    ],
    [
      'the requester counts once there too',
      { policy: policy({ ...joined, requesterMayApprove: true }), keys: keys(ana, ana2) },
      'pending',
      [ana],
      [ana2],
    ],
    [
      'no approvals where none is asked for',
      { policy: policy({ required: 0 }), keys: [] },
      'approved',
      [],
      [],
    ],
    [
      'one who lost standing since',
      { keys: keys(ben, chloe), standing: { [ben]: yes, [chloe]: no } },
      'pending',
      [ben],
      [chloe],
    ],
    [
      'one whom nobody can tell',
      { keys: keys(ben, chloe), standing: { [ben]: yes } },
      'pending',
      [ben],
      [chloe],
    ],
    [
      'an author',
      { policy: noAuthors, subject: written('ben-login'), keys: keys(ben, chloe) },
      'pending',
      [chloe],
      [ben],
    ],
    [
      'an author by another account and in other letters',
      { policy: noAuthors, subject: written('chloe-login', 'ben-login'), keys: keys(ben2, chloe) },
      'pending',
      [],
      [ben2, chloe],
    ],
    [
      'one without a GitHub login, where authors may not',
      { policy: noAuthors, subject: written('dana'), keys: keys(eli, chloe) },
      'pending',
      [chloe],
      [eli],
    ],
    [
      'anyone, where not all authors are known',
      {
        policy: noAuthors,
        subject: deploySubject({ authorship: { known: false, why: 'nothing runs' } }),
        keys: keys(ben, chloe),
      },
      'pending',
      [],
      [ben, chloe],
    ],
    [
      'nobody writes a rollback',
      { policy: noAuthors, subject: rollbackSubject(), keys: keys(ben, chloe) },
      'approved',
      [ben, chloe],
      [],
    ],
  ])('approvals are counted by the policy: %s', (_, asked, status, counted, dismissed) => {
    expect(count(asked)).toEqual([status, counted, dismissed])
  })

  test('the verdict says how many approvals are missing, and why each dismissed one does not count', () => {
    const verdict = evaluate({
      policy: joined,
      requester: ana,
      subject: deploySubject(),
      approvals: keys(ana, ben2, ben),
    })
    expect(verdict).toMatchObject({ missing: 1, required: 2 })
    for (const { why } of verdict.dismissed) expect(why).not.toBe('')
  })
})

describe('accounts of one person', () => {
  test.each<readonly [string, Policy['people'], string, string, boolean]>([
    ['the same account', [], ben, ben, true],
    ['two accounts nobody joined', [], ben, ben2, false],
    ['two accounts of an entry', joined.people, ben, ben2, true],
    ['accounts of different entries', joined.people, ben2, ana2, false],
    ['joined by the second entry alone', [{ slack: [ben] }, { slack: [ben, ben2] }], ben, ben2, true],
    ['the same, asked the other way', [{ slack: [ben] }, { slack: [ben, ben2] }], ben2, ben, true],
  ])('accounts are joined to one person: %s', (_, people, one, other, same) => {
    expect(isSamePerson(policy({ people }), one, other)).toBe(same)
  })

  test('a GitHub login named in either config makes its person an author', () => {
    const people = [{ slack: [ben] }, { slack: [ben], github: 'ben-login' }]
    const both = policy({ authorsMayApprove: false, people })
    expect(whyBarred({ policy: both, requester: ana, subject: written('ben-login'), by: ben })).not.toBeNull()
    expect(whyBarred({ policy: both, requester: ana, subject: written('dana'), by: ben })).toBeNull()
  })
})

describe('the stricter of two policies', () => {
  const lax = policy({ required: 1, requesterMayApprove: true, authorsMayApprove: true })
  const strict = policy({
    required: 3,
    requesterMayApprove: false,
    authorsMayApprove: false,
    expireAfterMs: 5,
  })

  test.each([
    ['asked strictly', strict, lax],
    ['strict today', lax, strict],
  ])('%s: every rule of the stricter policy applies', (_, asked, currentRules) => {
    expect(stricter(asked, currentRules)).toMatchObject({
      required: 3,
      requesterMayApprove: false,
      authorsMayApprove: false,
    })
  })

  test('accounts joined in either config are one person', () => {
    const asked = policy({ people: [{ slack: [ben, ben2] }] })
    const currentRules = policy({ people: [{ slack: [ben, 'U0BEN3'] }] })
    const both = stricter(asked, currentRules)
    expect(isSamePerson(both, ben, ben2) && isSamePerson(both, ben2, ben)).toBe(true)
    expect(isSamePerson(both, ben, 'U0BEN3')).toBe(true)
    expect(isSamePerson(both, ben2, 'U0BEN3')).toBe(true)
    expect(isSamePerson(both, ben2, chloe)).toBe(false)
    expect(stricter(both, currentRules)).toEqual(both)
  })
})

describe('approvals counted again before the dispatch', () => {
  function keyed(): ReleaseDriver {
    const driver = new ReleaseDriver({ policy: policy({ ...joined, requesterMayApprove: true }) })
    driver.approve(ben)
    driver.approve(ana)
    return driver
  }

  test('a release is sent if all approvals still count', () => {
    const driver = keyed()
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('an approval of somebody who left the group is dropped and reported, the other stays, and one more is needed', () => {
    const driver = keyed()
    driver.world.people = { [ben]: no }
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    expect(driver.state).toBe('awaiting approval')
    expect(driver.posts('dismissed').map(({ by }) => by)).toEqual([ben])
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([ana])
    driver.world.people = {}
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('an approval of a requester who may no longer approve stays dropped', () => {
    const driver = keyed()
    driver.currentRules = joined
    driver.look()
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([ben])
    expect(driver.approve(ana)?.code).toBe('may_not_approve')
  })

  test('a policy that now needs more approvals asks again', () => {
    const driver = keyed()
    driver.currentRules = policy({ ...joined, requesterMayApprove: true, required: 3 })
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a policy that now needs approvals asks for them if none were needed', () => {
    const driver = new ReleaseDriver({ policy: policy({ required: 0 }), eligible: 0 })
    driver.currentRules = policy({ required: 1 })
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test('a policy that now needs fewer approvals keeps those of the request', () => {
    const driver = new ReleaseDriver()
    driver.currentRules = policy({ required: 0 })
    driver.approve(ben)
    driver.look()
    expect(driver.state).toBe('awaiting approval')
  })

  test('accounts joined after the approvals are one person', () => {
    const driver = new ReleaseDriver({ policy: policy({ people: [] }) })
    driver.approve(ben)
    driver.approve(ben2)
    driver.currentRules = joined
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([ben])
    expect(driver.approve(ben2)?.code).toBe('already_approved')
  })
})

describe('a click on Approve', () => {
  test.each<readonly [string, string, Partial<Policy>, string]>([
    ['nobody’s approver', eli, {}, 'not_an_approver'],
    ['the requester', ana, {}, 'may_not_approve'],
    ['the requester’s other account', ana2, { people: joined.people }, 'may_not_approve'],
  ])('an approval is refused: %s', (_, by, part, code) => {
    const driver = new ReleaseDriver({ policy: policy(part) })
    expect(driver.approve(by)?.code).toBe(code)
    expect(driver.release.approvals).toEqual([])
    expect(driver.audit.at(-1)).toMatchObject({ actor: by, detail: { code } })
  })

  test('a second approval of one person is refused, from any of their accounts', () => {
    const driver = new ReleaseDriver({ policy: joined })
    expect(driver.approve(ben)).toBeNull()
    expect(driver.approve(ben)?.code).toBe('already_approved')
    expect(driver.approve(ben2)?.code).toBe('already_approved')
    expect(driver.release.approvals).toHaveLength(1)
  })

  test('stricter current rules already apply at the click', () => {
    const driver = new ReleaseDriver({ policy: policy({ requesterMayApprove: true }) })
    driver.currentRules = policy()
    expect(driver.approve(ana)?.code).toBe('may_not_approve')
  })

  test('the last approval alone is posted', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    expect(driver.posts('approved')).toEqual([])
    driver.approve(chloe)
    expect(driver.posts('approved')).toEqual([{ tell: 'approved', by: chloe, missing: 0, required: 2 }])
  })

  test('each approval is audited with what it is bound to', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    expect(driver.audit.find(({ what }) => what === 'approved')).toMatchObject({
      actor: ben,
      detail: {
        repository: 'myorg/blog-api',
        commit,
        githubTree: 'tree-1',
        paths: [],
        environment: 'prod',
        targets: ['blog-cluster-prod/blog-api'],
        policy: driver.release.policy,
      },
    })
  })
})

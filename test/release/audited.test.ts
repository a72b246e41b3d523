import { describe, expect, test } from 'vitest'
import {
  ana,
  ben,
  chloe,
  minute,
  policy,
  ReleaseDriver,
  rollbackSubject,
  sending,
  underway,
} from './driver.ts'
import { commit, image, migrationSighting, no, revision, unseen } from './world.ts'

/** The audit rows of these actions, in order. */
function rows({ audit }: ReleaseDriver, ...whats: readonly string[]) {
  return audit.filter(({ what }) => whats.includes(what))
}

function keyed(part: ConstructorParameters<typeof ReleaseDriver>[0] = {}): ReleaseDriver {
  const driver = new ReleaseDriver(part)
  driver.approve(ben)
  driver.approve(chloe)
  return driver
}

describe('the audit of the request', () => {
  test('the row of a request has commit, tree, targets, policy and authors, without the commits shown on the card', () => {
    const [requested] = new ReleaseDriver().audit
    expect(requested).toMatchObject({
      actor: ana,
      what: 'requested',
      detail: {
        targets: ['blog-cluster-prod/blog-api'],
        subject: { commit: { sha: commit }, githubTree: 'tree-1', authorship: { logins: ['dana'] } },
        policy: { required: 2 },
      },
    })
    expect(requested?.detail.subject).not.toHaveProperty('changes.commits')
  })

  test('the row of a rollback request names the revision and its images', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject() })
    expect(driver.audit[0]?.detail.subject).toMatchObject({
      revision: { name: 'blog-api:41' },
      images: [image],
    })
  })
})

describe('the audit of the approvals', () => {
  test('approvals are audited once as counted at the dispatch, however often they were checked', () => {
    const driver = keyed()
    driver.world.trouble = { before: unseen('passing') }
    driver.watch(minute / 2)
    expect(rows(driver, 'keys counted')).toEqual([])
    driver.world.trouble = {}
    driver.look()
    const [counted, marked, ...more] = rows(driver, 'keys counted', 'dispatch marked')
    expect(more).toEqual([])
    expect(counted).toMatchObject({
      actor: 'twokey',
      detail: {
        required: 2,
        missing: 0,
        counted: [
          { by: ben, via: 'S0DEPLOYERS' },
          { by: chloe, via: 'S0DEPLOYERS' },
        ],
        dismissed: [],
        policy: { required: 2, requesterMayApprove: false },
        approversToday: ['S0DEPLOYERS', 'U0APPROVER'],
      },
    })
    expect(marked?.detail).toMatchObject({
      commit,
      githubTree: 'tree-1',
      tip: commit,
      targets: ['blog-cluster-prod/blog-api'],
      before: [{ deployment: 'ecs-svc/42' }],
    })
  })

  test('an approval dropped because its approver left the group is audited with who and why, and nothing is marked', () => {
    const driver = keyed()
    driver.world.people = { [ben]: no }
    driver.look()
    const [counted, ...more] = rows(driver, 'keys counted', 'dispatch marked')
    expect(more).toEqual([])
    expect(counted?.detail).toMatchObject({ missing: 1, counted: [{ by: chloe }], dismissed: [{ by: ben }] })
  })

  test('the row says so if no approvals are needed', () => {
    const driver = sending({ policy: policy({ required: 0 }), eligible: 0 })
    expect(rows(driver, 'keys counted')).toMatchObject([{ detail: { required: 0, counted: [] } }])
  })

  test('a policy that became stricter is audited once', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.currentRules = policy({ required: 3 })
    driver.look()
    driver.watch(minute)
    expect(rows(driver, 'policy tightened')).toMatchObject([
      { actor: 'twokey', detail: { from: { required: 2 }, to: { required: 3 } } },
    ])
  })

  test.each<[string, (driver: ReleaseDriver) => void, string]>([
    ['whoever asked', (driver) => driver.approve(ana), 'may_not_approve'],
    ['a card of an earlier round', (driver) => driver.approve(ben, 7), 'card_outdated'],
  ])('a click of %s that does not count is a row, with its reason', (_, click, code) => {
    const driver = new ReleaseDriver()
    click(driver)
    expect(driver.audit.at(-1)).toMatchObject({
      what: 'approve refused',
      detail: { code, why: expect.stringContaining(' ') },
    })
  })

  test('a rejection is audited with the group that allowed it', () => {
    const driver = new ReleaseDriver()
    driver.reject(ben)
    expect(rows(driver, 'rejected', 'ended rejected')).toMatchObject([
      { actor: ben, detail: { via: 'S0DEPLOYERS' } },
      { actor: ben },
    ])
  })
})

describe('the audit of the end', () => {
  test('the end of a deploy names the run, the migration and the rollout that decided it', () => {
    const driver = underway()
    driver.world.migrations = [migrationSighting({ verdict: 'succeeded' })]
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    const [decided, ended] = rows(driver, 'end decided', `ended ${driver.outcome}`)
    expect(driver.outcome).toBe('succeeded')
    expect(decided?.detail).toMatchObject({
      outcome: 'succeeded',
      run: { id: 501, attempt: 1, head: 'approved', headSha: commit, verdict: 'succeeded' },
      migration: { tasks: [{ task: 'arn:task/1', exitCode: 0, verdict: 'succeeded' }], verdict: 'succeeded' },
      rollouts: [{ rollout: 'arn:rollout/43', revision: revision(43).arn, serving: revision(43).arn }],
    })
    expect(ended).toEqual(driver.audit.at(-1))
  })

  test('the end after ECS rolled back a rollout says which one, and why', () => {
    const driver = underway()
    driver.world.rollout({ verdict: 'rolled back', reason: 'the circuit breaker took it back' })
    driver.later(5_000)
    expect(rows(driver, 'end decided')[0]?.detail).toMatchObject({
      outcome: 'rolled back',
      rollouts: [
        { rollout: 'arn:rollout/43', verdict: 'rolled back', reason: 'the circuit breaker took it back' },
      ],
    })
  })

  test('an end before the dispatch says where the branch was', () => {
    const driver = keyed()
    driver.world.tip = { ...driver.world.tip, commitOnBranch: false }
    driver.look()
    expect(rows(driver, 'branch differs', 'ended failed')).toMatchObject([
      { detail: { commitOnBranch: false, sha: commit } },
      {},
    ])
  })

  test('the row of an update names the revision, its images and what ran before', () => {
    const driver = sending({ subject: rollbackSubject(), policy: policy({ required: 0 }), eligible: 0 })
    expect(rows(driver, 'update marked')).toMatchObject([
      {
        detail: {
          revision: revision(41).arn,
          images: [image],
          before: [{ deployment: 'ecs-svc/42', revision: revision(42).arn }],
        },
      },
    ])
  })
})

import { describe, expect, test } from 'vitest'
import { ana, ben, chloe, minute, policy, rollbackSubject, sending, Tale, underway } from './driver.ts'
import { commit, image, migrationSighting, no, revision, unseen } from './world.ts'

/** Rows of these deeds, in order. */
function rows({ audit }: Tale, ...whats: readonly string[]) {
  return audit.filter(({ what }) => whats.includes(what))
}

function keyed(part: ConstructorParameters<typeof Tale>[0] = {}): Tale {
  const tale = new Tale(part)
  tale.approve(ben)
  tale.approve(chloe)
  return tale
}

describe('the audit of what was asked for', () => {
  test('says commit, tree, targets and policy, and who wrote it, without the commits that are shown beside', () => {
    const [requested] = new Tale().audit
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

  test('of a rollback names the revision and its images', () => {
    const tale = new Tale({ subject: rollbackSubject() })
    expect(tale.audit[0]?.detail.subject).toMatchObject({
      revision: { name: 'blog-api:41' },
      images: [image],
    })
  })
})

describe('the audit of the keys', () => {
  test('as they were counted at the dispatch, once, however often it was looked before', () => {
    const tale = keyed()
    tale.world.trouble = { before: unseen('passing') }
    tale.watch(minute / 2)
    expect(rows(tale, 'keys counted')).toEqual([])
    tale.world.trouble = {}
    tale.look()
    const [counted, marked, ...more] = rows(tale, 'keys counted', 'dispatch marked')
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

  test('of somebody who left the group says who, and why; nothing is marked', () => {
    const tale = keyed()
    tale.world.people = { [ben]: no }
    tale.look()
    const [counted, ...more] = rows(tale, 'keys counted', 'dispatch marked')
    expect(more).toEqual([])
    expect(counted?.detail).toMatchObject({ missing: 1, counted: [{ by: chloe }], dismissed: [{ by: ben }] })
  })

  test('where none are asked for says so', () => {
    const tale = sending({ policy: policy({ required: 0 }), eligible: 0 })
    expect(rows(tale, 'keys counted')).toMatchObject([{ detail: { required: 0, counted: [] } }])
  })

  test('a policy that became stricter meanwhile is a row, once', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.today = policy({ required: 3 })
    tale.look()
    tale.watch(minute)
    expect(rows(tale, 'policy tightened')).toMatchObject([
      { actor: 'twokey', detail: { from: { required: 2 }, to: { required: 3 } } },
    ])
  })

  test.each<[string, (tale: Tale) => void, string]>([
    ['whoever asked', (tale) => tale.approve(ana), 'may_not_approve'],
    ['a card of an earlier round', (tale) => tale.approve(ben, 7), 'card_outdated'],
  ])('a click of %s that does not count is a row, with its reason', (_, click, code) => {
    const tale = new Tale()
    click(tale)
    expect(tale.audit.at(-1)).toMatchObject({
      what: 'approve refused',
      detail: { code, why: expect.stringContaining(' ') },
    })
  })

  test('a rejection says by which group', () => {
    const tale = new Tale()
    tale.reject(ben)
    expect(rows(tale, 'rejected', 'ended rejected')).toMatchObject([
      { actor: ben, detail: { via: 'S0DEPLOYERS' } },
      { actor: ben },
    ])
  })
})

describe('the audit of the end', () => {
  test('of a deploy names the run, the migration and the rollout whose verdicts made it', () => {
    const tale = underway()
    tale.world.migrations = [migrationSighting({ verdict: 'succeeded' })]
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    const [decided, ended] = rows(tale, 'end decided', `ended ${tale.outcome}`)
    expect(tale.outcome).toBe('succeeded')
    expect(decided?.detail).toMatchObject({
      outcome: 'succeeded',
      run: { id: 501, attempt: 1, head: 'approved', headSha: commit, verdict: 'succeeded' },
      migration: { tasks: [{ task: 'arn:task/1', exitCode: 0, verdict: 'succeeded' }], verdict: 'succeeded' },
      rollouts: [{ rollout: 'arn:rollout/43', revision: revision(43).arn, serving: revision(43).arn }],
    })
    expect(ended).toEqual(tale.audit.at(-1))
  })

  test('of a rollout that was taken back says which, and why', () => {
    const tale = underway()
    tale.world.rollout({ verdict: 'rolled back', reason: 'the circuit breaker took it back' })
    tale.later(5_000)
    expect(rows(tale, 'end decided')[0]?.detail).toMatchObject({
      outcome: 'rolled back',
      rollouts: [
        { rollout: 'arn:rollout/43', verdict: 'rolled back', reason: 'the circuit breaker took it back' },
      ],
    })
  })

  test('before the dispatch says what the branch was', () => {
    const tale = keyed()
    tale.world.tip = { ...tale.world.tip, commitOnBranch: false }
    tale.look()
    expect(rows(tale, 'branch differs', 'ended failed')).toMatchObject([
      { detail: { commitOnBranch: false, sha: commit } },
      {},
    ])
  })

  test('of an update names revision, images and what served before', () => {
    const tale = sending({ subject: rollbackSubject(), policy: policy({ required: 0 }), eligible: 0 })
    expect(rows(tale, 'update marked')).toMatchObject([
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

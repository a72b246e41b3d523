import { describe, expect, test } from 'vitest'
import { decide } from '../../src/release/decide.ts'
import type { RolloutSighting } from '../../src/release/observation.ts'
import { holdsLane, type Outcome } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import { actionsOf } from '../../src/release/state.ts'
import { followedAfterEnd } from '../../src/release/steps/after-end.ts'
import { looks, nextLook } from '../../src/release/watch.ts'
import {
  ana,
  asked,
  ben,
  chloe,
  minute,
  policy,
  prodPolicy,
  rollbackSubject,
  Tale,
  underway,
} from './driver.ts'
import { commit, migrationSighting, oldCommit, revision, start, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }

/** Its rollout is complete while the run goes on, and somebody rolls out 42 by hand. */
function superseded(part: Partial<Request> = {}): Tale {
  const tale = underway({ migration: null, ...part })
  tale.world.rollout({ verdict: 'succeeded' })
  tale.later(5_000)
  tale.world.serves(revision(42))
  tale.later(5_000)
  return tale
}

function rolledOut(verdict: 'rolled back' | 'rollback failed' | 'stopped' | 'failed'): Tale {
  const tale = underway({ migration: null })
  tale.world.rollout({ verdict })
  tale.later(5_000)
  return tale
}

function runEnds(tale: Tale, verdict: 'succeeded' | 'failed' | 'cancelled' = 'succeeded'): void {
  tale.world.runs({ verdict })
  tale.later(5_000)
}

const others = {
  service: 'blog-web',
  environment: 'prod',
  target: { ...target, service: 'blog-web' },
  rollout: { arn: 'arn:rollout/7', revision: revision(7) },
  evidence: 'tag',
} as const

describe('a release that ended while its run is still in progress', () => {
  test.each<readonly [Outcome, () => Tale]>([
    ['superseded', () => superseded()],
    ['rolled back', () => rolledOut('rolled back')],
    ['rollback failed', () => rolledOut('rollback failed')],
    ['stopped', () => rolledOut('stopped')],
    ['failed', () => rolledOut('failed')],
  ])('%s: told at once, blocks other deploys until the run has ended, and never changes', (outcome, make) => {
    const tale = make()
    expect([tale.outcome, holdsLane(tale.release)]).toEqual([outcome, true])
    expect(tale.stories('ended')).toHaveLength(1)
    const end = tale.release.stage
    tale.watch(5 * minute)
    expect(holdsLane(tale.release)).toBe(true)
    expect(actionsOf(tale.release)).toContain('cancel')
    expect(actionsOf(tale.release)).not.toContain('retry')
    runEnds(tale)
    expect(holdsLane(tale.release)).toBe(false)
    expect(actionsOf(tale.release)).not.toContain('cancel')
    tale.watch(minute)
    expect(tale.release.stage).toBe(end)
    expect(tale.stories('ended')).toHaveLength(1)
  })

  test('looks at the run and its own services, as often as at a release in progress, until it has ended', () => {
    const tale = superseded()
    expect(looks(tale.release, tale.config()).map(({ look }) => look)).toEqual(['run', 'rollouts'])
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + polling.activeMs)
    runEnds(tale)
    tale.later(5_000)
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
  })

  test('writes one audit row and one thread post when the run ends', () => {
    const tale = superseded()
    tale.watch(minute)
    runEnds(tale, 'failed')
    tale.watch(minute)
    expect(tale.audit.filter(({ what }) => what.startsWith('run '))).toMatchObject([
      { what: 'run found' },
      { what: 'run failed', detail: { id: 501 } },
    ])
    expect(tale.stories('run-ended')).toMatchObject([{ run: { id: 501, verdict: 'failed' } }])
  })

  test('a run that ends before its release is not announced a second time', () => {
    const tale = underway({ migration: null })
    tale.world.rollout({ verdict: 'moving' })
    runEnds(tale)
    tale.world.rollout({ verdict: 'rolled back' })
    tale.watch(minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['rolled back', false])
    expect(tale.stories('run-ended')).toEqual([])
  })

  test('a run that takes longer than configured is said once, and an approver can settle it', () => {
    const tale = superseded()
    tale.watch(70 * minute, minute)
    expect(tale.stories('late')).toMatchObject([{ track: 'run' }])
    expect(actionsOf(tale.release)).toEqual(['cancel', 'settle'])
    expect(holdsLane(tale.release)).toBe(true)
    expect(tale.settle(ben)).toBeNull()
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['superseded', false])
  })

  test('once the run has ended, reports what it changed in other service environments and keeps the end', () => {
    const tale = superseded()
    const { stage } = tale.release
    tale.world.beyond = [others]
    tale.watch(minute)
    expect(tale.wanted('announce-beyond')).toEqual([])
    runEnds(tale)
    expect(tale.wanted('announce-beyond')).toEqual([{ do: 'announce-beyond', changes: [others] }])
    expect(tale.audit.map(({ what }) => what)).toContain('changed beyond approval')
    expect(tale.release.stage).toBe(stage)
    tale.watch(minute)
    expect(tale.wanted('announce-beyond')).toHaveLength(1)
  })

  test('what it changed elsewhere cannot be read for long: written down, and no longer looked at', () => {
    const tale = superseded()
    tale.world.trouble = { beyond: unseen('terminal') }
    runEnds(tale)
    expect([holdsLane(tale.release), nextLook(tale.release, tale.now, polling)]).toEqual([
      false,
      tale.now + polling.activeMs,
    ])
    tale.watch(2 * minute)
    expect(tale.release.tracks.beyond).toMatchObject({ checked: 'unavailable' })
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
  })

  test('an unacknowledged emergency is still reminded of while its run is followed', () => {
    const emergency = { why: 'prod is down', usual: policy() }
    const tale = superseded({ emergency })
    tale.watch(5 * 60 * minute, minute)
    expect(tale.stories('unacknowledged')).toHaveLength(1)
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + polling.activeMs)
    runEnds(tale)
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + 30 * minute)
  })
})

describe('a run that updates the service again after the end of its release', () => {
  const worker = { ...target, service: 'blog-worker' }

  function again(tale: Tale, part: Partial<RolloutSighting> = {}, of = target): void {
    tale.world.rollout({ arn: 'arn:rollout/again', createdAt: tale.now, verdict: 'succeeded', ...part }, of)
  }

  const told = (tale: Tale) => tale.stories('rolled-out-after-end').flatMap(({ rollouts }) => rollouts)

  test('is told in the channel when it is seen, is in the audit, and changes what serves, not the end', () => {
    const tale = superseded()
    const { stage } = tale.release
    tale.watch(minute)
    again(tale)
    tale.later(5_000)
    const posts = tale.wanted('tell').filter(({ story }) => story.tell === 'rolled-out-after-end')
    expect(posts).toMatchObject([
      {
        where: 'channel',
        story: {
          rollouts: [
            {
              rollout: { deploymentId: 'ecs-svc/again', revision: { name: 'blog-api:43' } },
              over: { name: 'blog-api:42' },
              evidence: 'own',
            },
          ],
          mention: expect.arrayContaining([ana, 'S0ONCALL', ...prodPolicy.approvers]),
        },
      },
    ])
    expect(tale.audit.find(({ what }) => what === 'rolled out after the end')?.detail).toMatchObject({
      deployment: 'ecs-svc/again',
      evidence: 'own',
    })
    expect(tale.release.tracks.rollouts[0]?.serving?.name).toBe('blog-api:43')
    tale.watch(minute)
    runEnds(tale)
    tale.watch(minute)
    expect(told(tale)).toHaveLength(1)
    expect(tale.release.stage).toBe(stage)
  })

  test('right before it ends is told as well, though the lane is free by then', () => {
    const tale = superseded()
    tale.world.runs({ verdict: 'succeeded' })
    tale.lookAndDie()
    expect(holdsLane(tale.release)).toBe(false)
    again(tale)
    tale.later(1_000)
    expect(told(tale)).toHaveLength(1)
    tale.later(1_000)
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
  })

  test.each<readonly [string, Partial<RolloutSighting>, 'own' | 'time' | null]>([
    ['of its revision', { commits: [], revision: revision(43) }, 'own'],
    ['of another revision that carries its commit', { revision: revision(44, commit) }, 'own'],
    [
      'of another revision that carries its tag',
      { revision: revision(44), commits: [], releaseTag: 'r1' },
      'own',
    ],
    ['of another revision that names nothing', { revision: revision(44), commits: [] }, 'time'],
    ['of another commit', { revision: revision(41, oldCommit), commits: [oldCommit] }, null],
    ['of another release', { revision: revision(44), releaseTag: 'r0' }, null],
    ['that began well before the end', { createdAt: start - 2 * minute }, null],
  ])('a rollout %s', (_, part, evidence) => {
    const tale = superseded()
    tale.watch(2 * minute)
    again(tale, part)
    tale.later(5_000)
    expect(told(tale).map((each) => each.evidence)).toEqual(evidence === null ? [] : [evidence])
    const [story] = tale.stories('rolled-out-after-end')
    if (evidence === 'time') expect(story?.mention).toEqual([])
  })

  test('what served at the end, and what was followed before it, is not told again', () => {
    const tale = underway({ migration: null })
    tale.world.rollout({ verdict: 'succeeded', createdAt: tale.now })
    tale.later(5_000)
    tale.world.rollout({
      arn: 'arn:rollout/theirs',
      createdAt: tale.now,
      commits: [],
      revision: revision(44),
    })
    tale.world.rollout({ verdict: 'superseded', createdAt: tale.now - 5_000 })
    tale.world.serves(revision(44))
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('superseded')
    expect(told(tale)).toEqual([])
  })

  test('what a rollback that replaced it rolls out is the rollback’s', () => {
    const tale = superseded()
    tale.supersede({ id: 'r2', requester: ben, subject: rollbackSubject(43) })
    again(tale)
    tale.watch(minute)
    expect(told(tale)).toEqual([])
  })

  test('is followed until ECS is done with it, also once the run has ended', () => {
    const tale = superseded()
    again(tale, { verdict: 'moving' })
    tale.later(5_000)
    runEnds(tale)
    tale.later(5_000)
    expect([told(tale).length, holdsLane(tale.release)]).toEqual([1, false])
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + polling.idleMs)
    again(tale, { verdict: 'rolled back' })
    tale.later(30_000)
    expect(tale.release.tracks.afterEnd?.rollouts).toMatchObject([{ rollout: { verdict: 'rolled back' } }])
    expect(tale.audit.map(({ what }) => what)).toContain('rollout after the end rolled back')
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
  })

  test('and what the next deploy rolls out meanwhile is not told', () => {
    const tale = superseded()
    again(tale, { verdict: 'moving' })
    tale.later(5_000)
    runEnds(tale)
    tale.later(5_000)
    again(tale, { arn: 'arn:rollout/next', releaseTag: null })
    tale.later(30_000)
    expect(told(tale)).toHaveLength(1)
  })

  test('in two targets at once is one post', () => {
    const tale = underway({ migration: null, targets: [target, worker] })
    for (const of of [target, worker]) tale.world.rollout({ verdict: 'rolled back' }, of)
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
    tale.watch(2 * minute)
    for (const of of [target, worker]) again(tale, {}, of)
    tale.later(5_000)
    expect(tale.stories('rolled-out-after-end')).toHaveLength(1)
    expect(told(tale)).toHaveLength(2)
  })

  test('by the clock of AWS, where ours is two minutes ahead', () => {
    const tale = superseded()
    tale.release = { ...tale.release, sentAtAws: tale.release.sentAtAws! - 2 * minute }
    tale.watch(minute)
    again(tale, { createdAt: tale.now - 2 * minute })
    tale.later(5_000)
    expect(told(tale)).toHaveLength(1)
  })

  test('where ECS cannot be read for long is said, and given up once the run has ended', () => {
    const tale = superseded()
    tale.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    tale.watch(3 * minute)
    runEnds(tale)
    tale.watch(minute)
    expect(tale.release.tracks.afterEnd).toMatchObject({ checked: 'unavailable' })
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
    expect(tale.stories('blind')).toMatchObject([{ look: 'rollouts' }])
  })
})

describe('Cancel after the end', () => {
  test.each([
    ['the requester', ana],
    ['an approver', ben],
  ])('by %s: GitHub is asked to cancel the run, again until it has ended', (_, by) => {
    const tale = superseded()
    expect(tale.cancel(by)).toBeNull()
    expect(tale.release.cancelAsked).toMatchObject({ by })
    tale.watch(45_000)
    expect(tale.wanted('cancel-run')).toMatchObject([{ runId: 501 }, { runId: 501 }])
    expect(tale.audit).toContainEqual(expect.objectContaining({ actor: by, what: 'cancel asked' }))
    runEnds(tale, 'cancelled')
    tale.watch(2 * minute)
    expect(tale.wanted('cancel-run')).toHaveLength(2)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['superseded', false])
  })

  test('a second time: refused, since GitHub is being asked already', () => {
    const tale = superseded()
    tale.cancel(ana)
    expect(tale.cancel(ben)).toMatchObject({ code: 'not_cancellable' })
    expect(tale.release.cancelAsked).toMatchObject({ by: ana })
  })

  test('not by somebody else, nor once the run has ended', () => {
    const tale = superseded()
    expect(tale.cancel('U0ELI')).toMatchObject({ code: 'not_allowed' })
    runEnds(tale)
    expect(tale.cancel(ana)).toMatchObject({ code: 'already_ended' })
  })

  test('a cancellation that was asked for before the end is repeated after it', () => {
    const tale = underway({ migration: null })
    tale.cancel(ana)
    tale.world.rollout({ verdict: 'rolled back' })
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
    const before = tale.wanted('cancel-run').length
    tale.watch(minute)
    expect(tale.wanted('cancel-run').length).toBeGreaterThan(before)
    expect(holdsLane(tale.release)).toBe(true)
  })

  test('a run that turns out to carry another commit is cancelled after the end, too', () => {
    const tale = underway({ migration: null })
    tale.world.trouble = { headTree: unseen('passing') }
    tale.world.runs({ headSha: oldCommit })
    tale.release = {
      ...tale.release,
      tracks: { ...tale.release.tracks, run: { ...tale.release.tracks.run!, head: 'unchecked', seen: null } },
    }
    tale.world.rollout({ verdict: 'rolled back' })
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
    tale.world.trouble = {}
    tale.world.head = { ...tale.world.head, githubTree: 'tree-2' }
    tale.later(5_000)
    tale.later(5_000)
    expect(tale.release.tracks.run?.head).toBe('foreign')
    expect(tale.stories('foreign-head')).toHaveLength(1)
    expect(tale.wanted('cancel-run')).not.toEqual([])
    expect(tale.outcome).toBe('rolled back')
  })
})

describe('a run that cannot be read after the end of its release', () => {
  function unreadable(): Tale {
    const tale = superseded()
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(2 * minute)
    return tale
  }

  test('offers Settle, is said in the thread, and is looked at less often', () => {
    const tale = unreadable()
    expect(actionsOf(tale.release)).toEqual(['cancel', 'settle'])
    expect(tale.stories('blind')).toMatchObject([{ look: 'run' }])
    expect(holdsLane(tale.release)).toBe(true)
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + polling.idleMs)
  })

  test('settled by an approver: other releases can start, the end stays, nothing is looked at any more', () => {
    const tale = unreadable()
    expect(tale.settle(ben)).toBeNull()
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['superseded', false])
    expect(tale.release.stage).toMatchObject({ settledBy: ben })
    expect(nextLook(tale.release, tale.now, polling)).toBeNull()
    expect(actionsOf(tale.release)).toEqual(['retry'])
  })

  test('readable again: Settle is withdrawn, and the run is followed to its end', () => {
    const tale = unreadable()
    expect(actionsOf(tale.release)).toContain('settle')
    tale.world.trouble = {}
    tale.later(30_000)
    expect(tale.settle(ben)).toMatchObject({ code: 'already_ended' })
    runEnds(tale)
    expect(holdsLane(tale.release)).toBe(false)
  })

  test('Settle is not offered while the run can be read and is not late', () => {
    expect(superseded().settle(ben)).toMatchObject({ code: 'already_ended' })
  })
})

describe('another request while the run of an ended release is in progress', () => {
  test('a deploy is refused and names the release whose run is in progress', () => {
    const tale = superseded()
    const met = { holders: [tale.release], lock: null, freeze: null }
    const answer = request(asked({ id: 'r2', serving: [revision(42, oldCommit)] }), met, tale.now)
    expect(answer).toMatchObject({ refused: { code: 'in_flight', about: 'r1' } })
    if (!('refused' in answer)) throw new Error('it was taken')
    for (const fact of [/r1/, /superseded/, /run is still in progress/])
      expect(answer.refused.sentence).toMatch(fact)
    expect(answer.refused.next).toContain('Cancel')
  })

  test('a rollback replaces it: its run is cancelled, and nothing is sent before the run has ended', () => {
    const deploy = superseded()
    const back = replacing(deploy)
    back.look()
    expect(back.wanted('supersede')).toEqual([{ do: 'supersede', release: 'r1' }])
    deploy.supersede({ id: 'r2', requester: ana })
    deploy.look()
    expect(deploy.wanted('cancel-run')).toMatchObject([{ runId: 501 }])
    back.holders = [deploy.release]
    back.later(5_000)
    expect(back.wanted('update')).toEqual([])
    runEnds(deploy, 'cancelled')
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['superseded', false])
    back.holders = []
    back.later(5_000)
    expect(back.wanted('update')).toHaveLength(1)
  })

  test('a rollback waits for a run that ignores the cancellation only so long', () => {
    const deploy = superseded()
    const back = replacing(deploy)
    back.look()
    deploy.supersede({ id: 'r2', requester: ana })
    back.holders = [deploy.release]
    back.watch(minute)
    expect(back.wanted('update')).toHaveLength(1)
  })

  function replacing(deploy: Tale): Tale {
    const back = new Tale({ id: 'r2', subject: rollbackSubject(), policy: policy({ required: 1 }) }, [
      deploy.release,
    ])
    back.approve(chloe)
    return back
  }
})

test('the answer to a cancellation after the end is written down and changes nothing else', () => {
  const tale = superseded()
  tale.cancel(ana)
  tale.lookAndDie()
  const context = {
    now: start + minute,
    holders: [],
    today: tale.config(),
    people: [],
    lock: null,
    freeze: null,
    stopping: 'nobody',
    next: null,
  } as const
  const answer = { to: 'cancel-run', answer: 'accepted', reason: 'asked' } as const
  const { next } = decide(tale.release, { on: 'answer', answer }, context)
  expect(next).toEqual({ ...tale.release, cancelSentAt: start + minute })
})

describe('a release that ended while its migration still runs', () => {
  const ours = { startedBy: `deploy-${commit}-r1` }

  /** The workflow does not wait for its migration, and ECS rolls the rollout back. */
  function rolledBackOver(task: Parameters<typeof migrationSighting>[0] = ours): Tale {
    const tale = underway()
    tale.world.migrations = [migrationSighting(task)]
    tale.later(5_000)
    tale.world.rollout({ verdict: 'rolled back' })
    tale.world.runs({ verdict: 'failed' })
    tale.watch(10_000)
    return tale
  }

  function migrationEnds(tale: Tale, part: Parameters<typeof migrationSighting>[0]): void {
    tale.world.migrations = [migrationSighting({ ...ours, ...part })]
    tale.later(5_000)
  }

  test.each<readonly [Outcome, (tale: Tale) => void]>([
    ['rolled back', ({ world }) => world.rollout({ verdict: 'rolled back' })],
    ['rollback failed', ({ world }) => world.rollout({ verdict: 'rollback failed' })],
    ['stopped', ({ world }) => world.rollout({ verdict: 'stopped' })],
    ['failed', ({ world }) => world.rollout({ verdict: 'failed' })],
    [
      'superseded',
      (tale) => {
        tale.world.rollout({ verdict: 'succeeded' })
        tale.later(5_000)
        tale.world.serves(revision(42))
      },
    ],
  ])('%s: told at once, and blocks other deploys until the task has stopped', (outcome, ends) => {
    const tale = underway()
    tale.world.migrations = [migrationSighting(ours)]
    tale.later(5_000)
    ends(tale)
    tale.later(5_000)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual([outcome, true])
    const end = tale.release.stage
    runEnds(tale)
    tale.watch(10 * minute)
    expect(holdsLane(tale.release)).toBe(true)
    expect(looks(tale.release, tale.config())).toMatchObject([
      { look: 'migration', since: null, followed: ['arn:task/1'] },
    ])
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + polling.activeMs)
    expect(actionsOf(tale.release)).not.toContain('retry')
    expect(actionsOf(tale.release)).not.toContain('cancel')
    migrationEnds(tale, { verdict: 'succeeded' })
    expect(holdsLane(tale.release)).toBe(false)
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
    expect(tale.release.stage).toBe(end)
  })

  test('a failure is announced in the channel to the requester and those to notify, and audited', () => {
    const tale = rolledBackOver()
    migrationEnds(tale, { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' })
    expect(tale.wanted('tell').filter(({ story }) => story.tell === 'migration-after-end')).toMatchObject([
      {
        where: 'channel',
        story: { migration: { exitCode: 1 }, mention: [ana, 'S0ONCALL'] },
      },
    ])
    expect(tale.audit).toContainEqual({
      actor: 'twokey',
      what: 'migration failed',
      detail: { task: 'arn:task/1', exitCode: 1, reason: 'migrate exited 1' },
    })
    expect(tale.outcome).toBe('rolled back')
  })

  test('a success is told in the thread, and mentions nobody', () => {
    const tale = rolledBackOver()
    migrationEnds(tale, { verdict: 'succeeded' })
    expect(tale.wanted('tell').filter(({ story }) => story.tell === 'migration-after-end')).toMatchObject([
      { where: 'thread', story: { mention: [] } },
    ])
  })

  test('a migration that starts after the end, while the run goes on, is followed as well', () => {
    const tale = underway()
    tale.world.rollout({ verdict: 'rolled back' })
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
    tale.world.migrations = [migrationSighting(ours)]
    runEnds(tale, 'failed')
    tale.watch(2 * minute)
    expect(holdsLane(tale.release)).toBe(true)
    migrationEnds(tale, { verdict: 'succeeded' })
    expect(holdsLane(tale.release)).toBe(false)
  })

  test('one that takes longer than configured is said once, and an approver can settle it', () => {
    const tale = rolledBackOver()
    tale.watch(59 * minute, minute)
    expect(actionsOf(tale.release)).toEqual([])
    tale.watch(10 * minute, minute)
    expect(tale.stories('late')).toMatchObject([{ track: 'migration' }])
    expect(actionsOf(tale.release)).toEqual(['settle'])
    expect(tale.settle(ben)).toBeNull()
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['rolled back', false])
    expect(followedAfterEnd(tale.release)).toEqual(['again', 'late'])
  })

  test('one that cannot be read any more offers Settle, and is looked at less often', () => {
    const tale = rolledBackOver()
    tale.world.trouble = { migration: unseen('terminal') }
    tale.watch(2 * minute)
    expect(actionsOf(tale.release)).toEqual(['settle'])
    expect(holdsLane(tale.release)).toBe(true)
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + polling.idleMs)
  })

  describe('migrations that were never seen and cannot be read', () => {
    function unlisted(outcome: 'rolled back' | 'cancelled' | 'failed'): Tale {
      const tale = underway()
      tale.world.trouble = { migration: unseen('terminal') }
      tale.watch(2 * minute)
      if (outcome === 'rolled back') tale.world.rollout({ verdict: 'rolled back' })
      runEnds(tale, outcome === 'cancelled' ? 'cancelled' : 'failed')
      tale.watch(2 * minute)
      expect(tale.outcome).toBe(outcome)
      return tale
    }

    test.each(['rolled back', 'cancelled', 'failed'] as const)(
      '%s: block other deploys, since one may run, until a person settles them',
      (outcome) => {
        const tale = unlisted(outcome)
        expect([holdsLane(tale.release), actionsOf(tale.release)]).toEqual([true, ['settle']])
        expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + polling.idleMs)
        expect(tale.settle(ben)).toBeNull()
        expect([tale.outcome, holdsLane(tale.release), actionsOf(tale.release)]).toEqual([
          outcome,
          false,
          ['retry'],
        ])
      },
    )

    test('block nothing any more once they can be read and none is shown', () => {
      const tale = unlisted('cancelled')
      tale.world.trouble = {}
      tale.watch(2 * minute)
      expect([tale.outcome, holdsLane(tale.release)]).toEqual(['cancelled', false])
    })

    test('can be read, and one still runs: it is waited for, and its failure is announced', () => {
      const tale = unlisted('cancelled')
      tale.world.trouble = {}
      tale.world.migrations = [migrationSighting(ours)]
      tale.watch(minute)
      expect([holdsLane(tale.release), actionsOf(tale.release)]).toEqual([true, []])
      migrationEnds(tale, { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' })
      expect(holdsLane(tale.release)).toBe(false)
      expect(tale.stories('migration-after-end')).toMatchObject([{ mention: [ana, 'S0ONCALL'] }])
    })
  })

  test('one of two that name the commit alone blocks nothing longer than it is looked for after the run', () => {
    const tale = rolledBackOver({})
    tale.world.migrations = [
      migrationSighting({ verdict: 'succeeded' }),
      migrationSighting({ taskArn: 'arn:task/2' }),
    ]
    tale.later(5_000)
    expect(holdsLane(tale.release)).toBe(true)
    tale.watch(2 * minute)
    expect(holdsLane(tale.release)).toBe(false)
  })

  test('a deploy is refused and says that the migration still runs; a rollback does not wait for it', () => {
    const tale = rolledBackOver()
    const met = { holders: [tale.release], lock: null, freeze: null }
    const answer = request(asked({ id: 'r2' }), met, tale.now)
    expect(answer).toMatchObject({ refused: { code: 'in_flight', about: 'r1' } })
    if (!('refused' in answer)) throw new Error('it was taken')
    expect(answer.refused.sentence).toMatch(/migration still runs/)
    expect(answer.refused.next).not.toContain('Cancel')
    const back = new Tale({ id: 'r3', subject: rollbackSubject(), policy: policy({ required: 1 }) }, [
      tale.release,
    ])
    back.approve(chloe)
    back.look()
    tale.supersede({ id: 'r3', requester: ana })
    back.holders = [tale.release]
    back.later(5_000)
    expect(back.wanted('update')).toHaveLength(1)
    expect(tale.outcome).toBe('rolled back')
    migrationEnds(tale, { verdict: 'failed', exitCode: 1 })
    expect(tale.stories('migration-after-end')).toHaveLength(1)
  })
})

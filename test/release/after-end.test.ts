import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { decide } from '../../src/release/decide.ts'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import type { RolloutSighting } from '../../src/release/sighting.ts'
import type { Outcome } from '../../src/release/stage.ts'
import { followedAfterEnd } from '../../src/release/stages/ended.ts'
import {
  ana,
  ben,
  chloe,
  minute,
  policy,
  prodPolicy,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
  underway,
} from './driver.ts'
import { commit, migrationSighting, oldCommit, revision, start, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }

/** Its rollout is complete while the run continues, and somebody rolls out 42 by hand. */
function superseded(part: Partial<Request> = {}): ReleaseDriver {
  const driver = underway({ migration: null, ...part })
  driver.world.rollout({ verdict: 'succeeded' })
  driver.later(5_000)
  driver.world.serves(revision(42))
  driver.later(5_000)
  return driver
}

function rolledOut(verdict: 'rolled back' | 'rollback failed' | 'stopped' | 'failed'): ReleaseDriver {
  const driver = underway({ migration: null })
  driver.world.rollout({ verdict })
  driver.later(5_000)
  return driver
}

function runEnds(driver: ReleaseDriver, verdict: 'succeeded' | 'failed' | 'cancelled' = 'succeeded'): void {
  driver.world.runs({ verdict })
  driver.later(5_000)
}

const others = {
  service: 'blog-web',
  environment: 'prod',
  target: { ...target, service: 'blog-web' },
  rollout: { arn: 'arn:rollout/7', revision: revision(7) },
  evidence: 'tag',
} as const

describe('a release that ended while its run is still in progress', () => {
  test.each<readonly [Outcome, () => ReleaseDriver]>([
    ['superseded', () => superseded()],
    ['rolled back', () => rolledOut('rolled back')],
    ['rollback failed', () => rolledOut('rollback failed')],
    ['stopped', () => rolledOut('stopped')],
    ['failed', () => rolledOut('failed')],
  ])(
    '%s: is posted at once, blocks other deploys until the run has ended, and never changes',
    (outcome, make) => {
      const driver = make()
      expect([driver.outcome, holdsLane(driver.release)]).toEqual([outcome, true])
      expect(driver.posts('ended')).toHaveLength(1)
      const end = driver.release.stage
      driver.watch(5 * minute)
      expect(holdsLane(driver.release)).toBe(true)
      expect(actionsOf(driver.release)).toContain('cancel')
      expect(actionsOf(driver.release)).not.toContain('retry')
      runEnds(driver)
      expect(holdsLane(driver.release)).toBe(false)
      expect(actionsOf(driver.release)).not.toContain('cancel')
      driver.watch(minute)
      expect(driver.release.stage).toBe(end)
      expect(driver.posts('ended')).toHaveLength(1)
    },
  )

  test('reads the run and its services until the run has ended, as often as for a release in progress', () => {
    const driver = superseded()
    expect(looks(driver.release, driver.config()).map(({ look }) => look)).toEqual(['run', 'rollouts'])
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + polling.activeMs)
    runEnds(driver)
    driver.later(5_000)
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
  })

  test('writes one audit row and one thread post when the run ends', () => {
    const driver = superseded()
    driver.watch(minute)
    runEnds(driver, 'failed')
    driver.watch(minute)
    expect(driver.audit.filter(({ what }) => what.startsWith('run '))).toMatchObject([
      { what: 'run found' },
      { what: 'run failed', detail: { id: 501 } },
    ])
    expect(driver.posts('run-ended')).toMatchObject([{ run: { id: 501, verdict: 'failed' } }])
  })

  test('a run that ends before its release is not announced a second time', () => {
    const driver = underway({ migration: null })
    driver.world.rollout({ verdict: 'moving' })
    runEnds(driver)
    driver.world.rollout({ verdict: 'rolled back' })
    driver.watch(minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['rolled back', false])
    expect(driver.posts('run-ended')).toEqual([])
  })

  test('a run that takes longer than configured is reported once, and an approver can settle it', () => {
    const driver = superseded()
    driver.watch(70 * minute, minute)
    expect(driver.posts('late')).toMatchObject([{ track: 'run' }])
    expect(actionsOf(driver.release)).toEqual(['cancel', 'settle'])
    expect(holdsLane(driver.release)).toBe(true)
    expect(driver.settle(ben)).toBeNull()
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['superseded', false])
  })

  test('reports what the run changed in other service environments once it has ended, and keeps the end', () => {
    const driver = superseded()
    const { stage } = driver.release
    driver.world.beyond = [others]
    driver.watch(minute)
    expect(driver.effectsOf('announce-beyond')).toEqual([])
    runEnds(driver)
    expect(driver.effectsOf('announce-beyond')).toEqual([{ do: 'announce-beyond', changes: [others] }])
    expect(driver.audit.map(({ what }) => what)).toContain('changed beyond approval')
    expect(driver.release.stage).toBe(stage)
    driver.watch(minute)
    expect(driver.effectsOf('announce-beyond')).toHaveLength(1)
  })

  test('records that changes elsewhere could not be read for long, and stops looking', () => {
    const driver = superseded()
    driver.world.trouble = { beyond: unseen('terminal') }
    runEnds(driver)
    expect([holdsLane(driver.release), nextLook(driver.release, driver.now, polling)]).toEqual([
      false,
      driver.now + polling.activeMs,
    ])
    driver.watch(2 * minute)
    expect(driver.release.tracks.beyond).toMatchObject({ checked: 'unavailable' })
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
  })

  test('an unacknowledged emergency still gets reminders while its run is followed', () => {
    const emergency = { why: 'prod is down', usual: policy() }
    const driver = superseded({ emergency })
    driver.watch(5 * 60 * minute, minute)
    expect(driver.posts('unacknowledged')).toHaveLength(1)
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + polling.activeMs)
    runEnds(driver)
    driver.watch(5 * 60 * minute, minute)
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + 30 * minute)
  })
})

describe('a run that updates the service again after the end of its release', () => {
  const worker = { ...target, service: 'blog-worker' }

  function again(driver: ReleaseDriver, part: Partial<RolloutSighting> = {}, of = target): void {
    driver.world.rollout(
      { arn: 'arn:rollout/again', createdAt: driver.now, verdict: 'succeeded', ...part },
      of,
    )
  }

  const told = (driver: ReleaseDriver) =>
    driver.posts('rolled-out-after-end').flatMap(({ rollouts }) => rollouts)

  test('a rollout after the end is announced in the channel and audited, and changes what runs, not the end', () => {
    const driver = superseded()
    const { stage } = driver.release
    driver.watch(minute)
    again(driver)
    driver.later(5_000)
    const posts = driver.effectsOf('tell').filter(({ story }) => story.tell === 'rolled-out-after-end')
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
    expect(driver.audit.find(({ what }) => what === 'rolled out after the end')?.detail).toMatchObject({
      deployment: 'ecs-svc/again',
      evidence: 'own',
    })
    expect(driver.release.tracks.rollouts[0]?.serving?.name).toBe('blog-api:43')
    driver.watch(minute)
    runEnds(driver)
    driver.watch(minute)
    expect(told(driver)).toHaveLength(1)
    expect(driver.release.stage).toBe(stage)
  })

  test('a rollout right before the run ends is announced too, although the lane is already free', () => {
    const driver = superseded()
    driver.world.runs({ verdict: 'succeeded' })
    driver.lookWithoutEffects()
    expect(holdsLane(driver.release)).toBe(false)
    again(driver)
    driver.later(1_000)
    expect(told(driver)).toHaveLength(1)
    driver.later(1_000)
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
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
  ])('a rollout after the end %s', (_, part, evidence) => {
    const driver = superseded()
    driver.watch(2 * minute)
    again(driver, part)
    driver.later(5_000)
    expect(told(driver).map((each) => each.evidence)).toEqual(evidence === null ? [] : [evidence])
    const [story] = driver.posts('rolled-out-after-end')
    if (evidence === 'time') expect(story?.mention).toEqual([])
  })

  test('rollouts that were followed before the end, and the revision that ran then, are not announced again', () => {
    const driver = underway({ migration: null })
    driver.world.rollout({ verdict: 'succeeded', createdAt: driver.now })
    driver.later(5_000)
    driver.world.rollout({
      arn: 'arn:rollout/theirs',
      createdAt: driver.now,
      commits: [],
      revision: revision(44),
    })
    driver.world.rollout({ verdict: 'superseded', createdAt: driver.now - 5_000 })
    driver.world.serves(revision(44))
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('superseded')
    expect(told(driver)).toEqual([])
  })

  test('a rollout of the rollback that replaced the release belongs to the rollback', () => {
    const driver = superseded()
    driver.supersede({ id: 'r2', requester: ben, subject: rollbackSubject(43) })
    again(driver)
    driver.watch(minute)
    expect(told(driver)).toEqual([])
  })

  test('a rollout after the end is followed until ECS completes it, even once the run has ended', () => {
    const driver = superseded()
    again(driver, { verdict: 'moving' })
    driver.later(5_000)
    runEnds(driver)
    driver.later(5_000)
    expect([told(driver).length, holdsLane(driver.release)]).toEqual([1, false])
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + polling.idleMs)
    again(driver, { verdict: 'rolled back' })
    driver.later(30_000)
    expect(driver.release.tracks.afterEnd?.rollouts).toMatchObject([{ rollout: { verdict: 'rolled back' } }])
    expect(driver.audit.map(({ what }) => what)).toContain('rollout after the end rolled back')
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
  })

  test('a rollout of the next deploy is not announced as one of the ended release', () => {
    const driver = superseded()
    again(driver, { verdict: 'moving' })
    driver.later(5_000)
    runEnds(driver)
    driver.later(5_000)
    again(driver, { arn: 'arn:rollout/next', releaseTag: null })
    driver.later(30_000)
    expect(told(driver)).toHaveLength(1)
  })

  test('rollouts in two targets at once make one post', () => {
    const driver = underway({ migration: null, targets: [target, worker] })
    for (const of of [target, worker]) driver.world.rollout({ verdict: 'rolled back' }, of)
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
    driver.watch(2 * minute)
    for (const of of [target, worker]) again(driver, {}, of)
    driver.later(5_000)
    expect(driver.posts('rolled-out-after-end')).toHaveLength(1)
    expect(told(driver)).toHaveLength(2)
  })

  test('a rollout after the end is found by AWS’s clock if ours is two minutes ahead', () => {
    const driver = superseded()
    driver.release = { ...driver.release, sentAtAws: driver.release.sentAtAws! - 2 * minute }
    driver.watch(minute)
    again(driver, { createdAt: driver.now - 2 * minute })
    driver.later(5_000)
    expect(told(driver)).toHaveLength(1)
  })

  test('reports that ECS cannot be read for long, and gives up once the run has ended', () => {
    const driver = superseded()
    driver.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    driver.watch(3 * minute)
    runEnds(driver)
    driver.watch(minute)
    expect(driver.release.tracks.afterEnd).toMatchObject({ checked: 'unavailable' })
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
    expect(driver.posts('blind')).toMatchObject([{ look: 'rollouts' }])
  })
})

describe('Cancel after the end', () => {
  test.each([
    ['the requester', ana],
    ['an approver', ben],
  ])('%s can cancel: twokey asks GitHub to cancel the run until it has ended', (_, by) => {
    const driver = superseded()
    expect(driver.cancel(by)).toBeNull()
    expect(driver.release.cancelAsked).toMatchObject({ by })
    driver.watch(45_000)
    expect(driver.effectsOf('cancel-run')).toMatchObject([{ runId: 501 }, { runId: 501 }])
    expect(driver.audit).toContainEqual(expect.objectContaining({ actor: by, what: 'cancel asked' }))
    runEnds(driver, 'cancelled')
    driver.watch(2 * minute)
    expect(driver.effectsOf('cancel-run')).toHaveLength(2)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['superseded', false])
  })

  test('a second Cancel is refused, because the first was already sent to GitHub', () => {
    const driver = superseded()
    driver.cancel(ana)
    expect(driver.cancel(ben)).toMatchObject({ code: 'not_cancellable' })
    expect(driver.release.cancelAsked).toMatchObject({ by: ana })
  })

  test('Cancel is refused for other people, and once the run has ended', () => {
    const driver = superseded()
    expect(driver.cancel('U0ELI')).toMatchObject({ code: 'not_allowed' })
    runEnds(driver)
    expect(driver.cancel(ana)).toMatchObject({ code: 'already_ended' })
  })

  test('a cancellation requested before the end is repeated after it', () => {
    const driver = underway({ migration: null })
    driver.cancel(ana)
    driver.world.rollout({ verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
    const before = driver.effectsOf('cancel-run').length
    driver.watch(minute)
    expect(driver.effectsOf('cancel-run').length).toBeGreaterThan(before)
    expect(holdsLane(driver.release)).toBe(true)
  })

  test('a run that turns out to carry another commit is cancelled after the end, too', () => {
    const driver = underway({ migration: null })
    driver.world.trouble = { headTree: unseen('passing') }
    driver.world.runs({ headSha: oldCommit })
    driver.release = {
      ...driver.release,
      tracks: {
        ...driver.release.tracks,
        run: { ...driver.release.tracks.run!, head: 'unchecked', seen: null },
      },
    }
    driver.world.rollout({ verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
    driver.world.trouble = {}
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.later(5_000)
    driver.later(5_000)
    expect(driver.release.tracks.run?.head).toBe('foreign')
    expect(driver.posts('foreign-head')).toHaveLength(1)
    expect(driver.effectsOf('cancel-run')).not.toEqual([])
    expect(driver.outcome).toBe('rolled back')
  })
})

describe('a run that cannot be read after the end of its release', () => {
  function unreadable(): ReleaseDriver {
    const driver = superseded()
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(2 * minute)
    return driver
  }

  test('an unreadable run after the end offers Settle, is reported in the thread, and is read less often', () => {
    const driver = unreadable()
    expect(actionsOf(driver.release)).toEqual(['cancel', 'settle'])
    expect(driver.posts('blind')).toMatchObject([{ look: 'run' }])
    expect(holdsLane(driver.release)).toBe(true)
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + polling.idleMs)
  })

  test('Settle by an approver frees the lane, keeps the end, and the services are watched as after every end', () => {
    const driver = unreadable()
    expect(driver.settle(ben)).toBeNull()
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['superseded', false])
    expect(driver.release.stage).toMatchObject({ settledBy: ben })
    driver.later(5_000)
    driver.later(5_000)
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
    expect(actionsOf(driver.release)).toEqual(['retry'])
  })

  test('Settle is withdrawn once the run can be read again, and the run is followed to its end', () => {
    const driver = unreadable()
    expect(actionsOf(driver.release)).toContain('settle')
    driver.world.trouble = {}
    driver.later(30_000)
    expect(driver.settle(ben)).toMatchObject({ code: 'already_ended' })
    runEnds(driver)
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('Settle is not offered while the run can be read and is not late', () => {
    expect(superseded().settle(ben)).toMatchObject({ code: 'already_ended' })
  })
})

describe('another request while the run of an ended release is in progress', () => {
  test('a deploy is refused and names the release whose run is in progress', () => {
    const driver = superseded()
    const met = { holders: [driver.release], lock: null, freeze: null, currentRules: null }
    const answer = request(requestOf({ id: 'r2', serving: [revision(42, oldCommit)] }), met, driver.now)
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
    expect(back.effectsOf('supersede')).toEqual([{ do: 'supersede', release: 'r1' }])
    deploy.supersede({ id: 'r2', requester: ana })
    deploy.look()
    expect(deploy.effectsOf('cancel-run')).toMatchObject([{ runId: 501 }])
    back.holders = [deploy.release]
    back.later(5_000)
    expect(back.effectsOf('update')).toEqual([])
    runEnds(deploy, 'cancelled')
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['superseded', false])
    back.holders = []
    back.later(5_000)
    expect(back.effectsOf('update')).toHaveLength(1)
  })

  test('a rollback waits only for a limited time for a run that ignores the cancellation', () => {
    const deploy = superseded()
    const back = replacing(deploy)
    back.look()
    deploy.supersede({ id: 'r2', requester: ana })
    back.holders = [deploy.release]
    back.watch(minute)
    expect(back.effectsOf('update')).toHaveLength(1)
  })

  function replacing(deploy: ReleaseDriver): ReleaseDriver {
    const back = new ReleaseDriver(
      { id: 'r2', subject: rollbackSubject(), policy: policy({ required: 1 }) },
      [deploy.release],
    )
    back.approve(chloe)
    return back
  }
})

test('the answer to a cancellation after the end is audited and changes nothing else', () => {
  const driver = superseded()
  driver.cancel(ana)
  driver.lookWithoutEffects()
  const context = {
    now: start + minute,
    holders: [],
    currentRules: driver.config(),
    people: [],
    lock: null,
    freeze: null,
    hasPendingStop: false,
    hasCard: true,
    nextSentAt: null,
  } as const
  const answer = { to: 'cancel-run', answer: 'accepted', reason: 'asked' } as const
  const { next } = decide(driver.release, { on: 'answer', answer }, context)
  expect(next).toEqual({ ...driver.release, cancelSentAt: start + minute })
})

describe('a release that ended while its migration still runs', () => {
  const ours = { startedBy: `deploy-${commit}-r1` }

  /** The workflow does not wait for its migration, and ECS rolls the rollout back. */
  function rolledBackOver(task: Parameters<typeof migrationSighting>[0] = ours): ReleaseDriver {
    const driver = underway()
    driver.world.migrations = [migrationSighting(task)]
    driver.later(5_000)
    driver.world.rollout({ verdict: 'rolled back' })
    driver.world.runs({ verdict: 'failed' })
    driver.watch(10_000)
    return driver
  }

  function migrationEnds(driver: ReleaseDriver, part: Parameters<typeof migrationSighting>[0]): void {
    driver.world.migrations = [migrationSighting({ ...ours, ...part })]
    driver.later(5_000)
  }

  test.each<readonly [Outcome, (driver: ReleaseDriver) => void]>([
    ['rolled back', ({ world }) => world.rollout({ verdict: 'rolled back' })],
    ['rollback failed', ({ world }) => world.rollout({ verdict: 'rollback failed' })],
    ['stopped', ({ world }) => world.rollout({ verdict: 'stopped' })],
    ['failed', ({ world }) => world.rollout({ verdict: 'failed' })],
    [
      'superseded',
      (driver) => {
        driver.world.rollout({ verdict: 'succeeded' })
        driver.later(5_000)
        driver.world.serves(revision(42))
      },
    ],
  ])('%s: is posted at once, and blocks other deploys until the task has stopped', (outcome, ends) => {
    const driver = underway()
    driver.world.migrations = [migrationSighting(ours)]
    driver.later(5_000)
    ends(driver)
    driver.later(5_000)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual([outcome, true])
    const end = driver.release.stage
    runEnds(driver)
    driver.watch(10 * minute)
    expect(holdsLane(driver.release)).toBe(true)
    expect(looks(driver.release, driver.config())).toMatchObject([
      { look: 'migration', since: null, followed: ['arn:task/1'] },
    ])
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + polling.activeMs)
    expect(actionsOf(driver.release)).not.toContain('retry')
    expect(actionsOf(driver.release)).not.toContain('cancel')
    migrationEnds(driver, { verdict: 'succeeded' })
    expect(holdsLane(driver.release)).toBe(false)
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
    expect(driver.release.stage).toBe(end)
  })

  test('a migration that fails after the end is announced to the requester and those to notify, and audited', () => {
    const driver = rolledBackOver()
    migrationEnds(driver, { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' })
    expect(
      driver.effectsOf('tell').filter(({ story }) => story.tell === 'migration-after-end'),
    ).toMatchObject([
      {
        where: 'channel',
        story: { migration: { exitCode: 1 }, mention: [ana, 'S0ONCALL'] },
      },
    ])
    expect(driver.audit).toContainEqual({
      actor: 'twokey',
      what: 'migration failed',
      detail: { task: 'arn:task/1', exitCode: 1, reason: 'migrate exited 1' },
    })
    expect(driver.outcome).toBe('rolled back')
  })

  test('a migration that succeeds after the end is posted in the thread and mentions nobody', () => {
    const driver = rolledBackOver()
    migrationEnds(driver, { verdict: 'succeeded' })
    expect(
      driver.effectsOf('tell').filter(({ story }) => story.tell === 'migration-after-end'),
    ).toMatchObject([{ where: 'thread', story: { mention: [] } }])
  })

  test('a migration that starts after the end, while the run is in progress, is followed too', () => {
    const driver = underway()
    driver.world.rollout({ verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
    driver.world.migrations = [migrationSighting(ours)]
    runEnds(driver, 'failed')
    driver.watch(2 * minute)
    expect(holdsLane(driver.release)).toBe(true)
    migrationEnds(driver, { verdict: 'succeeded' })
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('a migration that takes longer than configured is reported once, and an approver can settle it', () => {
    const driver = rolledBackOver()
    driver.watch(59 * minute, minute)
    expect(actionsOf(driver.release)).toEqual([])
    driver.watch(10 * minute, minute)
    expect(driver.posts('late')).toMatchObject([{ track: 'migration' }])
    expect(actionsOf(driver.release)).toEqual(['settle'])
    expect(driver.settle(ben)).toBeNull()
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['rolled back', false])
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late', 'settled'])
    migrationEnds(driver, { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' })
    expect(
      driver.effectsOf('tell').filter(({ story }) => story.tell === 'migration-after-end'),
    ).toMatchObject([{ where: 'channel', story: { mention: [ana, 'S0ONCALL'] } }])
    expect(followedAfterEnd(driver.release)).toEqual(['again', 'late'])
  })

  test('a settled migration is followed even after the next release was sent, and one post says when twokey gives it up', () => {
    const driver = rolledBackOver()
    driver.watch(70 * minute, minute)
    driver.settle(ben)
    driver.nextSentAt = driver.now
    driver.later(minute)
    expect(followedAfterEnd(driver.release)).toEqual(['settled'])
    driver.watch(24 * 60 * minute, minute)
    expect(driver.posts('given-up')).toEqual([])
    driver.watch(2 * 60 * minute, minute)
    expect(driver.posts('given-up')).toEqual([{ tell: 'given-up', what: 'migration' }])
    expect(nextLook(driver.release, driver.now, polling)).toBeNull()
  })

  test('Settle of an unreadable run leaves the migration blocking others', () => {
    const driver = underway()
    driver.world.migrations = [migrationSighting(ours)]
    driver.later(5_000)
    driver.world.rollout({ verdict: 'rolled back' })
    driver.later(5_000)
    driver.world.beyond = [others]
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(3 * minute)
    expect(driver.settle(ben)).toBeNull()
    expect(driver.posts('run-settled')).toEqual([{ tell: 'run-settled', by: ben, left: 'migration' }])
    driver.watch(minute)
    expect(driver.effectsOf('announce-beyond')).toHaveLength(1)
    expect([holdsLane(driver.release), actionsOf(driver.release)]).toEqual([true, []])
    migrationEnds(driver, { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' })
    expect(driver.posts('migration-after-end')).toMatchObject([{ mention: [ana, 'S0ONCALL'] }])
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['rolled back', false])
  })

  test('an unreadable migration and its unreadable run are settled one by one', () => {
    const driver = underway()
    driver.world.migrations = [migrationSighting(ours)]
    driver.later(5_000)
    driver.world.rollout({ verdict: 'rolled back' })
    driver.world.trouble = { run: unseen('terminal'), migration: unseen('terminal') }
    driver.watch(3 * minute)
    driver.settle(ben)
    driver.watch(minute)
    expect([holdsLane(driver.release), actionsOf(driver.release)]).toEqual([true, ['settle']])
    driver.settle(ben)
    expect([holdsLane(driver.release), actionsOf(driver.release)]).toEqual([false, ['retry']])
  })

  test('a migration that becomes unreadable offers Settle, and is read less often', () => {
    const driver = rolledBackOver()
    driver.world.trouble = { migration: unseen('terminal') }
    driver.watch(2 * minute)
    expect(actionsOf(driver.release)).toEqual(['settle'])
    expect(holdsLane(driver.release)).toBe(true)
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + polling.idleMs)
  })

  describe('migrations that were never found and cannot be read', () => {
    function unlisted(outcome: 'rolled back' | 'cancelled' | 'failed'): ReleaseDriver {
      const driver = underway()
      driver.world.trouble = { migration: unseen('terminal') }
      driver.watch(2 * minute)
      if (outcome === 'rolled back') driver.world.rollout({ verdict: 'rolled back' })
      runEnds(driver, outcome === 'cancelled' ? 'cancelled' : 'failed')
      driver.watch(2 * minute)
      expect(driver.outcome).toBe(outcome)
      return driver
    }

    test.each(['rolled back', 'cancelled', 'failed'] as const)(
      '%s: block other deploys, because one may run, until a person settles them',
      (outcome) => {
        const driver = unlisted(outcome)
        expect([holdsLane(driver.release), actionsOf(driver.release)]).toEqual([true, ['settle']])
        expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + polling.idleMs)
        expect(driver.settle(ben)).toBeNull()
        expect([driver.outcome, holdsLane(driver.release), actionsOf(driver.release)]).toEqual([
          outcome,
          false,
          ['retry'],
        ])
      },
    )

    test('an unseen migration blocks nothing once ECS can be read and shows none', () => {
      const driver = unlisted('cancelled')
      driver.world.trouble = {}
      driver.watch(2 * minute)
      expect([driver.outcome, holdsLane(driver.release)]).toEqual(['cancelled', false])
    })

    test('an unseen migration that still runs is waited for, and its failure is announced', () => {
      const driver = unlisted('cancelled')
      driver.world.trouble = {}
      driver.world.migrations = [migrationSighting(ours)]
      driver.watch(minute)
      expect([holdsLane(driver.release), actionsOf(driver.release)]).toEqual([true, []])
      migrationEnds(driver, { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' })
      expect(holdsLane(driver.release)).toBe(false)
      expect(driver.posts('migration-after-end')).toMatchObject([{ mention: [ana, 'S0ONCALL'] }])
    })
  })

  test('one of two migrations that name only the commit blocks nothing longer than twokey looks for it after the run', () => {
    const driver = rolledBackOver({})
    driver.world.migrations = [
      migrationSighting({ verdict: 'succeeded' }),
      migrationSighting({ taskArn: 'arn:task/2' }),
    ]
    driver.later(5_000)
    expect(holdsLane(driver.release)).toBe(true)
    driver.watch(2 * minute)
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('a deploy is refused and says that the migration still runs; a rollback does not wait for it', () => {
    const driver = rolledBackOver()
    const met = { holders: [driver.release], lock: null, freeze: null, currentRules: null }
    const answer = request(requestOf({ id: 'r2' }), met, driver.now)
    expect(answer).toMatchObject({ refused: { code: 'in_flight', about: 'r1' } })
    if (!('refused' in answer)) throw new Error('it was taken')
    expect(answer.refused.sentence).toMatch(/migration is still running/)
    expect(answer.refused.next).not.toContain('Cancel')
    const back = new ReleaseDriver(
      { id: 'r3', subject: rollbackSubject(), policy: policy({ required: 1 }) },
      [driver.release],
    )
    back.approve(chloe)
    back.look()
    driver.supersede({ id: 'r3', requester: ana })
    back.holders = [driver.release]
    back.later(5_000)
    expect(back.effectsOf('update')).toHaveLength(1)
    expect(driver.outcome).toBe('rolled back')
    migrationEnds(driver, { verdict: 'failed', exitCode: 1 })
    expect(driver.posts('migration-after-end')).toHaveLength(1)
  })
})

import { describe, expect, test } from 'vitest'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import type { Request } from '../../src/release/request.ts'
import type { RolloutSighting } from '../../src/release/sighting.ts'
import { followedAfterEnd } from '../../src/release/stages/ended.ts'
import { ana, minute, prodPolicy, ReleaseDriver, underway } from './driver.ts'
import { commit, oldCommit, revision, start, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }
const hour = 60 * minute

/** Its run only starts something elsewhere: it ends well, and nothing is rolled out until the release has ended. */
function unchanged(part: Partial<Request> = {}): ReleaseDriver {
  const driver = underway({ migration: null, ...part })
  driver.world.runs({ verdict: 'succeeded' })
  driver.watch(2 * minute)
  expect(driver.outcome).toBe('unchanged')
  return driver
}

function elsewhere(driver: ReleaseDriver, part: Partial<RolloutSighting> = {}, of = target): void {
  const rollout = { arn: 'arn:rollout/late', createdAt: driver.now, revision: revision(44, commit), ...part }
  driver.world.rollout(rollout, of)
}

const found = (driver: ReleaseDriver) =>
  (driver.release.tracks.afterEnd?.rollouts ?? []).map(({ rollout }) => rollout)
const told = (driver: ReleaseDriver) =>
  driver
    .effectsOf('tell')
    .flatMap(({ story, where }) => (story.tell === 'rolled-out-late' ? [{ story, where }] : []))

describe('a rollout that the run started elsewhere, after the release had ended', () => {
  test('a late rollout is followed to its end and reported; the release keeps its end and holds no lane', () => {
    const driver = unchanged()
    const { stage } = driver.release
    driver.later(10 * minute)
    elsewhere(driver)
    driver.later(2 * minute)
    expect([found(driver).length, told(driver).length, holdsLane(driver.release)]).toEqual([1, 0, false])
    elsewhere(driver, { createdAt: driver.now - 2 * minute, verdict: 'succeeded' })
    driver.later(minute)
    expect(told(driver)).toMatchObject([
      {
        where: 'thread',
        story: {
          mention: [],
          late: { evidence: 'late', over: { name: 'blog-api:42' }, rollout: { verdict: 'succeeded' } },
        },
      },
    ])
    expect(driver.release.tracks.rollouts[0]?.serving?.name).toBe('blog-api:44')
    driver.watch(hour, minute)
    expect(told(driver)).toHaveLength(1)
    expect(driver.release.stage).toBe(stage)
    expect(
      driver.audit.filter(({ what }) => /late|after the end/.test(what)).map(({ what }) => what),
    ).toEqual(['rolled out late', 'rollout after the end succeeded'])
  })

  test.each(['failed', 'rolled back', 'rollback failed', 'stopped'] as const)(
    'a late rollout that ended %s is posted in the channel, with the approvers mentioned',
    (verdict) => {
      const driver = unchanged()
      elsewhere(driver, { verdict, reason: 'the circuit breaker counted 3 failed tasks' })
      driver.later(minute)
      expect(told(driver)).toMatchObject([
        {
          where: 'channel',
          story: { mention: expect.arrayContaining([ana, 'S0ONCALL', ...prodPolicy.approvers]) },
        },
      ])
    },
  )

  test.each<readonly [string, Partial<RolloutSighting>, boolean]>([
    ['that carries its commit', {}, true],
    ['that carries its tag', { commits: [], revision: revision(44), releaseTag: 'r1' }, true],
    ['that carries its commit and another release’s tag', { releaseTag: 'r0' }, false],
    ['of another commit', { revision: revision(44, oldCommit), commits: [oldCommit] }, false],
    ['that names nothing', { revision: revision(44), commits: [] }, false],
    ['that began before the run', { createdAt: start - hour }, false],
  ])('a late rollout %s', (_, part, isFound) => {
    const driver = unchanged()
    driver.later(10 * minute)
    elsewhere(driver, { verdict: 'succeeded', ...part })
    driver.later(minute)
    expect([found(driver).length, told(driver).length]).toEqual(isFound ? [1, 1] : [0, 0])
  })

  test('rollouts of the release itself are not reported again', () => {
    const driver = underway({ migration: null })
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(minute)
    expect(driver.outcome).toBe('succeeded')
    driver.watch(hour, minute)
    expect(found(driver)).toEqual([])
  })

  test('the first three late rollouts of a service are reported, mentioning people once, and a last post says so', () => {
    const driver = underway({ migration: null })
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    const before = JSON.stringify(driver.release).length
    for (let each = 1; each <= 100; each += 1) {
      driver.later(10 * minute)
      elsewhere(driver, { arn: `arn:rollout/${each}`, verdict: 'failed' })
    }
    driver.later(10 * minute)
    expect(told(driver).map(({ where }) => where)).toEqual(['channel', 'channel', 'channel'])
    expect(told(driver).filter(({ story }) => story.mention.length > 0)).toHaveLength(1)
    expect(
      driver.effectsOf('tell').filter(({ story }) => story.tell === 'more-rolled-out-late'),
    ).toMatchObject([{ where: 'channel' }])
    expect(JSON.stringify(driver.release).length - before).toBeLessThan(5_000)
  })

  describe('late rollouts of a run that a person settled', () => {
    test('late rollouts of a release settled under way are reported, and it stays unknown and blocks nobody', () => {
      const driver = underway({ migration: null })
      driver.watch(70 * minute, minute)
      driver.settle('U0BEN')
      driver.watch(3 * minute)
      expect([driver.outcome, followedAfterEnd(driver.release)]).toEqual(['unknown', ['again', 'late']])
      elsewhere(driver, { verdict: 'succeeded' })
      driver.later(3 * minute)
      expect([told(driver).length, driver.outcome, holdsLane(driver.release)]).toEqual([1, 'unknown', false])
    })

    test('late rollouts of a release settled a day after an unreadable end are reported, for one more day', () => {
      const driver = underway({ migration: null })
      driver.world.trouble = { run: unseen('terminal') }
      driver.watch(3 * minute)
      expect(driver.outcome).toBe('unknown')
      driver.now += 12 * hour
      elsewhere(driver, { arn: 'arn:rollout/meanwhile', verdict: 'succeeded' })
      driver.now += 13 * hour
      driver.settle('U0BEN')
      driver.later(minute)
      expect(told(driver)).toHaveLength(1)
      driver.setBack(5 * hour)
      driver.now += 23 * hour
      elsewhere(driver, { verdict: 'succeeded' })
      driver.later(0)
      expect(told(driver)).toHaveLength(2)
      driver.later(2 * hour)
      expect(nextLook(driver.release, driver.now, polling)).toBeNull()
    })
  })

  test('late rollouts in two targets are reported one by one, as each ends', () => {
    const worker = { ...target, service: 'blog-worker' }
    const driver = unchanged({ targets: [target, worker] })
    elsewhere(driver, { verdict: 'succeeded' })
    elsewhere(driver, { arn: 'arn:rollout/worker' }, worker)
    driver.later(minute)
    elsewhere(driver, { arn: 'arn:rollout/worker', verdict: 'rolled back' }, worker)
    driver.later(minute)
    expect(told(driver).map(({ where, story }) => [where, story.late.target.service])).toEqual([
      ['thread', 'blog-api'],
      ['channel', 'blog-worker'],
    ])
  })
})

describe('the time in which twokey looks for late rollouts', () => {
  const next = (driver: ReleaseDriver, sentAt: number) => {
    driver.nextSentAt = sentAt
  }

  test('twokey looks for 24 hours, ever more rarely: 91 looks at the run and the services', () => {
    const driver = unchanged()
    let looked = 0
    for (let due = nextLook(driver.release, driver.now, polling); due !== null; looked++) {
      expect(looks(driver.release, driver.config()).map(({ look }) => look)).toEqual([
        'laterAttempt',
        'rollouts',
      ])
      driver.now = due
      driver.look()
      due = nextLook(driver.release, driver.now, polling)
    }
    expect(looked).toBeLessThanOrEqual(95)
    expect(driver.now - start).toBeGreaterThanOrEqual(24 * hour)
    expect(driver.now - start).toBeLessThan(25 * hour)
  })

  test('a rollout that begins later is not this release’s', () => {
    const driver = unchanged()
    driver.now += 24 * hour + 10 * minute
    elsewhere(driver, { verdict: 'succeeded' })
    driver.later(0)
    expect([found(driver), followedAfterEnd(driver.release)]).toEqual([[], []])
  })

  test('looking stops at the next dispatch: earlier rollouts are reported, later ones belong to that release', () => {
    const driver = unchanged()
    elsewhere(driver, { verdict: 'superseded' })
    driver.now += 10 * minute
    next(driver, driver.now)
    elsewhere(driver, { arn: 'arn:rollout/next', createdAt: driver.now + 1_000, verdict: 'succeeded' })
    driver.later(minute)
    expect(told(driver)).toMatchObject([
      { where: 'thread', story: { late: { rollout: { arn: 'arn:rollout/late' } } } },
    ])
    expect(nextLook(driver.release, driver.now, polling)).toBeNull()
  })

  test('a rollout that began before the next dispatch is followed to its end', () => {
    const driver = unchanged()
    elsewhere(driver)
    driver.later(minute)
    next(driver, driver.now)
    driver.later(minute)
    expect(followedAfterEnd(driver.release)).toEqual(['late'])
    elsewhere(driver, { verdict: 'rolled back' })
    driver.later(minute)
    expect([told(driver).length, followedAfterEnd(driver.release)]).toEqual([1, []])
  })

  test('the time is counted by AWS’s clock if ours is two minutes ahead', () => {
    const driver = unchanged()
    driver.release = { ...driver.release, sentAtAws: driver.release.sentAtAws! - 2 * minute }
    driver.now += hour
    next(driver, driver.now - 2 * minute)
    elsewhere(driver, { createdAt: driver.now - 2 * minute - 1_000, verdict: 'succeeded' })
    driver.later(minute)
    expect(told(driver)).toHaveLength(1)
  })

  test('a failed look now and then makes no post; if none succeeded, the card says so at the end', () => {
    const driver = unchanged()
    driver.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    driver.watch(hour, minute)
    expect(driver.posts('blind')).toEqual([])
    driver.later(24 * hour)
    expect(driver.release.tracks.afterEnd).toEqual({ checked: 'yes', late: 'over', rollouts: [] })
    expect(driver.audit.at(-1)?.what).toBe('late rollouts not checked')

    const denied = underway({ migration: null })
    denied.world.rollout({ verdict: 'succeeded' })
    denied.world.runs({ verdict: 'succeeded' })
    denied.later(minute)
    denied.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    denied.later(25 * hour)
    expect(denied.release.tracks.afterEnd?.checked).toBe('unavailable')
    expect(nextLook(denied.release, denied.now, polling)).toBeNull()
  })

  test('a rollback, an end without a run, and an unknown end that a person looks into are not watched', () => {
    const rejected = new ReleaseDriver()
    rejected.reject('U0BEN')
    const unknown = underway({ migration: null })
    unknown.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    unknown.world.runs({ verdict: 'succeeded' })
    unknown.watch(3 * minute)
    expect([rejected.outcome, unknown.outcome]).toEqual(['rejected', 'unknown'])
    for (const { release, now } of [rejected, unknown]) expect(nextLook(release, now, polling)).toBeNull()
  })
})

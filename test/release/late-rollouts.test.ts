import { describe, expect, test } from 'vitest'
import type { RolloutSighting } from '../../src/release/observation.ts'
import { holdsLane } from '../../src/release/release.ts'
import type { Request } from '../../src/release/request.ts'
import { followedAfterEnd } from '../../src/release/steps/after-end.ts'
import { looks, nextLook } from '../../src/release/watch.ts'
import { ana, minute, prodPolicy, Tale, underway } from './driver.ts'
import { commit, oldCommit, revision, start, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }
const hour = 60 * minute

/** Its run only starts something elsewhere: it ends well, and nothing is rolled out until the release has ended. */
function unchanged(part: Partial<Request> = {}): Tale {
  const tale = underway({ migration: null, ...part })
  tale.world.runs({ verdict: 'succeeded' })
  tale.watch(2 * minute)
  expect(tale.outcome).toBe('unchanged')
  return tale
}

function elsewhere(tale: Tale, part: Partial<RolloutSighting> = {}, of = target): void {
  const rollout = { arn: 'arn:rollout/late', createdAt: tale.now, revision: revision(44, commit), ...part }
  tale.world.rollout(rollout, of)
}

const found = (tale: Tale) => (tale.release.tracks.afterEnd?.rollouts ?? []).map(({ rollout }) => rollout)
const told = (tale: Tale) =>
  tale
    .wanted('tell')
    .flatMap(({ story, where }) => (story.tell === 'rolled-out-late' ? [{ story, where }] : []))

describe('a rollout that the run set off elsewhere, after the release had ended', () => {
  test('is followed to its end, and told then; the release stays what it was and holds no lane', () => {
    const tale = unchanged()
    const { stage } = tale.release
    tale.later(10 * minute)
    elsewhere(tale)
    tale.later(2 * minute)
    expect([found(tale).length, told(tale).length, holdsLane(tale.release)]).toEqual([1, 0, false])
    elsewhere(tale, { createdAt: tale.now - 2 * minute, verdict: 'succeeded' })
    tale.later(minute)
    expect(told(tale)).toMatchObject([
      {
        where: 'thread',
        story: {
          mention: [],
          late: { evidence: 'late', over: { name: 'blog-api:42' }, rollout: { verdict: 'succeeded' } },
        },
      },
    ])
    expect(tale.release.tracks.rollouts[0]?.serving?.name).toBe('blog-api:44')
    tale.watch(hour, minute)
    expect(told(tale)).toHaveLength(1)
    expect(tale.release.stage).toBe(stage)
    expect(tale.audit.filter(({ what }) => /late|after the end/.test(what)).map(({ what }) => what)).toEqual([
      'rolled out late',
      'rollout after the end succeeded',
    ])
  })

  test.each(['failed', 'rolled back', 'rollback failed', 'stopped'] as const)(
    'that ended %s is told in the channel, with the approvers mentioned',
    (verdict) => {
      const tale = unchanged()
      elsewhere(tale, { verdict, reason: 'the circuit breaker counted 3 failed tasks' })
      tale.later(minute)
      expect(told(tale)).toMatchObject([
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
  ])('one %s', (_, part, isFound) => {
    const tale = unchanged()
    tale.later(10 * minute)
    elsewhere(tale, { verdict: 'succeeded', ...part })
    tale.later(minute)
    expect([found(tale).length, told(tale).length]).toEqual(isFound ? [1, 1] : [0, 0])
  })

  test('what the release itself rolled out is not told again', () => {
    const tale = underway({ migration: null })
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(minute)
    expect(tale.outcome).toBe('succeeded')
    tale.watch(hour, minute)
    expect(found(tale)).toEqual([])
  })

  test('two targets are told of one by one, as each ends', () => {
    const worker = { ...target, service: 'blog-worker' }
    const tale = unchanged({ targets: [target, worker] })
    elsewhere(tale, { verdict: 'succeeded' })
    elsewhere(tale, { arn: 'arn:rollout/worker' }, worker)
    tale.later(minute)
    elsewhere(tale, { arn: 'arn:rollout/worker', verdict: 'rolled back' }, worker)
    tale.later(minute)
    expect(told(tale).map(({ where, story }) => [where, story.late.target.service])).toEqual([
      ['thread', 'blog-api'],
      ['channel', 'blog-worker'],
    ])
  })
})

describe('how long late rollouts are looked for', () => {
  const next = (tale: Tale, sentAt: number) => {
    tale.next = { sentAt, sentAtAws: sentAt }
  }

  test('24 hours, ever more rarely: 91 looks, at the run and at the services', () => {
    const tale = unchanged()
    let looked = 0
    for (let due = nextLook(tale.release, tale.now, polling); due !== null; looked++) {
      expect(looks(tale.release, tale.config()).map(({ look }) => look)).toEqual([
        'later-attempt',
        'rollouts',
      ])
      tale.now = due
      tale.look()
      due = nextLook(tale.release, tale.now, polling)
    }
    expect(looked).toBeLessThanOrEqual(95)
    expect(tale.now - start).toBeGreaterThanOrEqual(24 * hour)
    expect(tale.now - start).toBeLessThan(25 * hour)
  })

  test('what begins later is not this release’s', () => {
    const tale = unchanged()
    tale.now += 24 * hour + 10 * minute
    elsewhere(tale, { verdict: 'succeeded' })
    tale.later(0)
    expect([found(tale), followedAfterEnd(tale.release)]).toEqual([[], []])
  })

  test('until the next release was sent: what began before is told, what began since is that one’s', () => {
    const tale = unchanged()
    elsewhere(tale, { verdict: 'superseded' })
    tale.now += 10 * minute
    next(tale, tale.now)
    elsewhere(tale, { arn: 'arn:rollout/next', createdAt: tale.now + 1_000, verdict: 'succeeded' })
    tale.later(minute)
    expect(told(tale)).toMatchObject([
      { where: 'thread', story: { late: { rollout: { arn: 'arn:rollout/late' } } } },
    ])
    expect(nextLook(tale.release, tale.now, polling)).toBeNull()
  })

  test('what began before is followed to its end after that', () => {
    const tale = unchanged()
    elsewhere(tale)
    tale.later(minute)
    next(tale, tale.now)
    tale.later(minute)
    expect(followedAfterEnd(tale.release)).toEqual(['late'])
    elsewhere(tale, { verdict: 'rolled back' })
    tale.later(minute)
    expect([told(tale).length, followedAfterEnd(tale.release)]).toEqual([1, []])
  })

  test('by AWS’s clock, where ours is two minutes ahead', () => {
    const tale = unchanged()
    tale.release = { ...tale.release, sentAtAws: tale.release.sentAtAws! - 2 * minute }
    tale.now += hour
    next(tale, tale.now - 2 * minute)
    elsewhere(tale, { createdAt: tale.now - 2 * minute - 1_000, verdict: 'succeeded' })
    tale.later(minute)
    expect(told(tale)).toHaveLength(1)
  })

  test('a look that fails now and then is no post; where none succeeded, the card says so at the end', () => {
    const tale = unchanged()
    tale.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    tale.watch(hour, minute)
    expect(tale.stories('blind')).toEqual([])
    tale.later(24 * hour)
    expect(tale.release.tracks.afterEnd).toEqual({ checked: 'yes', late: 'over', rollouts: [] })
    expect(tale.audit.at(-1)?.what).toBe('late rollouts not checked')

    const denied = underway({ migration: null })
    denied.world.rollout({ verdict: 'succeeded' })
    denied.world.runs({ verdict: 'succeeded' })
    denied.later(minute)
    denied.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    denied.later(25 * hour)
    expect(denied.release.tracks.afterEnd?.checked).toBe('unavailable')
    expect(nextLook(denied.release, denied.now, polling)).toBeNull()
  })

  test('a rollback, an end without a run, and one that a person looks into are not watched', () => {
    const rejected = new Tale()
    rejected.reject('U0BEN')
    const unknown = underway({ migration: null })
    unknown.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    unknown.world.runs({ verdict: 'succeeded' })
    unknown.watch(3 * minute)
    expect([rejected.outcome, unknown.outcome]).toEqual(['rejected', 'unknown'])
    for (const { release, now } of [rejected, unknown]) expect(nextLook(release, now, polling)).toBeNull()
  })
})

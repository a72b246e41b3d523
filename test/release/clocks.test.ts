import { describe, expect, test } from 'vitest'
import { looks } from '../../src/release/watch.ts'
import { ben, chloe, minute, rollbackSubject, sending, Tale, type underway } from './driver.ts'
import { commit, migrationSighting, oldCommit, revision, runSighting, unseen } from './world.ts'

const bare = { migration: null } as const
const second = 1_000
const hour = 60 * minute

type Part = Parameters<typeof underway>[0]

/** A deploy whose run moves, while AWS's and GitHub's clocks are so far ahead of ours. */
function deploying(aheadMs: number, part: Part = {}): Tale {
  const tale = new Tale(part)
  tale.world.awsAheadMs = aheadMs
  tale.approve(ben)
  tale.approve(chloe)
  tale.look()
  tale.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
  tale.world.runs()
  tale.later(20 * second)
  return tale
}

/** The time by AWS's clock, and by GitHub's. */
const theirs = ({ now, world }: Tale) => now + world.awsAheadMs

/** The run ends now, and is seen to. */
function runEnds(tale: Tale): void {
  tale.world.runs({ verdict: 'succeeded', endedAt: theirs(tale) })
  tale.watch(3 * minute)
}

describe.each([
  ['two minutes behind ours', -2 * minute],
  ['two minutes ahead of ours', 2 * minute],
  ['an hour behind ours', -hour],
  ['an hour ahead of ours', hour],
])('the clock of AWS is %s', (_, aheadMs) => {
  test('a rollout is late by its own clock', () => {
    const tale = deploying(aheadMs, bare)
    tale.world.rollout({ createdAt: theirs(tale) })
    tale.watch(29 * minute)
    expect(tale.stories('late')).toEqual([])
    tale.watch(2 * minute)
    expect(tale.stories('late')).toMatchObject([{ track: 'rollout' }])
  })

  test.each([
    ['tag', { releaseTag: 'r1' }],
    ['commit', {}],
    ['time alone', { commits: [] }],
  ])('a rollout that the run began is this release’s by its %s', (__, known) => {
    const tale = deploying(aheadMs, bare)
    const rollout = { createdAt: theirs(tale), ...known }
    tale.world.rollout(rollout)
    tale.later(5 * second)
    tale.world.rollout({ ...rollout, verdict: 'succeeded' })
    runEnds(tale)
    expect(tale.outcome).toBe('succeeded')
  })

  test('a rollout that began well before the dispatch and was not listed then is not', () => {
    const tale = deploying(aheadMs, bare)
    tale.world.rollout({ createdAt: theirs(tale) - 5 * minute, verdict: 'succeeded' })
    runEnds(tale)
    expect(tale.outcome).toBe('unchanged')
  })

  test.each([`deploy-${commit}-r1`, `deploy-${commit}`, 'ecs-console/dana'])(
    'a migration that the run began as %s is this release’s',
    (startedBy) => {
      const tale = deploying(aheadMs)
      const task = { startedBy, createdAt: theirs(tale) }
      tale.world.migrations = [migrationSighting(task)]
      tale.later(5 * second)
      tale.world.migrations = [migrationSighting({ ...task, verdict: 'succeeded' })]
      tale.world.rollout({ createdAt: theirs(tale), verdict: 'succeeded' })
      runEnds(tale)
      expect(tale.outcome).toBe('succeeded')
      expect(tale.release.tracks.migration.tasks).toMatchObject([{ startedBy }])
    },
  )

  test('the update of a rollback is found though its answer was lost', () => {
    const tale = new Tale({ subject: rollbackSubject() })
    tale.world.awsAheadMs = aheadMs
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    tale.later(2 * second)
    tale.world.rollout({ createdAt: theirs(tale), revision: revision(41), commits: [], verdict: 'succeeded' })
    tale.watch(10 * second)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.wanted('update')).toHaveLength(1)
  })

  test('all that is looked for is asked for by that clock', () => {
    const tale = deploying(aheadMs)
    const asked = looks(tale.release, tale.config())
    const sentAt = tale.release.sentAt ?? Number.NaN
    const since = asked.flatMap((look) => {
      if (look.look === 'migration') return look.since ?? []
      return look.look === 'rollouts' ? look.targets.map((each) => each.since) : []
    })
    expect(since).toEqual([sentAt + aheadMs - minute, sentAt + aheadMs - minute])
  })

  test('a run whose dispatch was not answered is looked for by that clock', () => {
    const tale = new Tale()
    tale.world.awsAheadMs = aheadMs
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(looks(tale.release, tale.config())).toMatchObject([{ look: 'find-run', since: theirs(tale) }])
  })

  test('what the run changed elsewhere is looked for in the time of the run, by that clock', () => {
    const tale = deploying(aheadMs, bare)
    const endedAt = theirs(tale)
    tale.world.runs({ verdict: 'succeeded', endedAt })
    tale.later(5 * second)
    tale.input({ on: 'look', seen: {} })
    const { sentAtAws, tracks } = tale.release
    const open = { ...tale.release, tracks: { ...tracks, beyond: { checked: 'not yet' } as const } }
    const beyond = looks(open, tale.config()).find(({ look }) => look === 'beyond')
    expect(beyond).toMatchObject({ since: (sentAtAws ?? 0) - 5 * second, until: endedAt + minute })
  })
})

describe('the clock of a runner is five minutes behind, and with it the time at which GitHub says the run ended', () => {
  function runEndsEarlier(tale: Tale, verdict: 'succeeded' | 'failed' = 'succeeded'): void {
    tale.world.runs({ verdict, endedAt: tale.now - 5 * minute })
    tale.watch(3 * minute)
  }

  test.each([
    ['commit', {}],
    ['time alone', { commits: [] }],
  ])(
    'a rollout that was followed by its %s while the run was in progress is still this release’s',
    (_, known) => {
      const tale = deploying(0, bare)
      tale.watch(6 * minute)
      const rollout = { createdAt: tale.now, ...known }
      tale.world.rollout(rollout)
      tale.later(5 * second)
      tale.world.rollout({ ...rollout, verdict: 'succeeded' })
      runEndsEarlier(tale)
      expect(tale.outcome).toBe('succeeded')
    },
  )

  test('and one that it began just before it ended, which was not seen before', () => {
    const tale = deploying(0, bare)
    tale.watch(6 * minute)
    tale.world.rollout({ createdAt: tale.now + 2 * second, verdict: 'succeeded' })
    tale.now += 4 * second
    runEndsEarlier(tale)
    expect(tale.outcome).toBe('succeeded')
  })

  test('and a migration that was seen to fail', () => {
    const tale = deploying(0)
    tale.watch(6 * minute)
    const task = { createdAt: tale.now, verdict: 'failed', exitCode: 1 } as const
    tale.world.migrations = [migrationSighting(task)]
    tale.later(5 * second)
    runEndsEarlier(tale, 'failed')
    expect(tale.outcome).toBe('failed')
    expect(tale.release.tracks.migration.tasks).toHaveLength(1)
  })

  test('what it changed elsewhere is looked for up to when it was seen in progress last', () => {
    const tale = deploying(0, bare)
    tale.watch(6 * minute)
    const seenAt = tale.now
    tale.world.runs({ verdict: 'succeeded', endedAt: tale.now - 5 * minute })
    tale.lookAndDie()
    const beyond = looks(tale.release, tale.config()).find(({ look }) => look === 'beyond')
    expect(beyond?.look === 'beyond' && beyond.until - seenAt).toBeGreaterThan(20 * second)
  })

  test('a rollout by hand while GitHub could not be read, after the end, is not the run’s', () => {
    const tale = deploying(0, bare)
    const endedAt = tale.now
    tale.world.trouble = { run: unseen('passing') }
    tale.watch(10 * minute)
    tale.world.rollout({ createdAt: tale.now, commits: [], verdict: 'succeeded' })
    tale.later(5 * second)
    tale.world.trouble = {}
    tale.world.runs({ verdict: 'succeeded', endedAt })
    tale.watch(3 * minute)
    expect(tale.outcome).toBe('unchanged')
  })

  test('when it was seen in progress is written down twice a minute at most', () => {
    const tale = deploying(0, bare)
    const written = new Set<number | null | undefined>()
    for (let looked = 0; looked < 60; looked += 1) {
      tale.later(5 * second)
      written.add(tale.release.tracks.run?.inProgressAt)
    }
    expect(written.size).toBeLessThanOrEqual(11)
    expect(tale.now - (tale.release.tracks.run?.inProgressAt ?? 0)).toBeLessThan(30 * second)
  })
})

describe('twokey was away for two days while the run ended', () => {
  /** The run ends after five minutes; the day after somebody does this, and a day later twokey looks again. */
  function away(part: Part, nextDay: (tale: Tale, at: number) => void): Tale {
    const tale = deploying(0, part)
    tale.world.runs({ verdict: 'succeeded', endedAt: tale.now + 5 * minute })
    nextDay(tale, tale.now + 24 * hour)
    tale.later(48 * hour)
    tale.watch(3 * minute)
    return tale
  }

  test.each([
    ['an image that names no commit', []],
    ['another commit', [oldCommit]],
    ['the approved commit', [commit]],
  ])('a rollout by hand of %s is not the run’s, and nobody is blamed', (_, commits) => {
    const tale = away(bare, ({ world }, at) =>
      world.rollout({ createdAt: at, revision: revision(50), commits, verdict: 'succeeded' }),
    )
    expect(tale.outcome).toBe('unchanged')
    expect(tale.reason).not.toContain(oldCommit.slice(0, 7))
    expect(tale.audit.map(({ what }) => what)).not.toContain('rollout found')
  })

  test.each(['ecs-console/dana', `deploy-${commit}`])(
    'a task that somebody ran as %s is not the run’s migration',
    (startedBy) => {
      const tale = away({}, (told, at) => {
        told.world.rollout({ createdAt: told.now, verdict: 'succeeded' })
        told.world.migrations = [migrationSighting({ startedBy, createdAt: at, verdict: 'succeeded' })]
      })
      expect(tale.release.tracks.migration).toMatchObject({ binding: 'absent', tasks: [] })
      expect(tale.outcome).toBe('succeeded')
      expect(tale.reason).not.toContain('exited 0')
    },
  )

  test('what the run itself rolled out is found all the same', () => {
    const tale = away(bare, ({ world, now }) =>
      world.rollout({ createdAt: now + 4 * minute, verdict: 'succeeded' }),
    )
    expect(tale.outcome).toBe('succeeded')
  })

  test('where GitHub does not tell when the run ended, it ended when that was first seen', () => {
    const tale = deploying(0, bare)
    tale.world.runs({ verdict: 'succeeded', endedAt: null })
    tale.world.rollout({ createdAt: tale.now + 4 * minute, verdict: 'succeeded' })
    tale.later(5 * minute)
    tale.watch(3 * minute)
    expect(tale.outcome).toBe('succeeded')
  })
})

test('a dispatch that is sent once more is dated anew by AWS', () => {
  const tale = sending(bare)
  tale.world.awsAheadMs = minute
  tale.answer({ to: 'dispatch', answer: 'details refused', reason: 'no such property' })
  expect(tale.release).toMatchObject({ sentAt: null, sentAtAws: null })
  tale.later(5 * second)
  expect(tale.release).toMatchObject({ sentAt: tale.now, sentAtAws: tale.now + minute })
})

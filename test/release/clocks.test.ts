import { describe, expect, test } from 'vitest'
import { looks } from '../../src/release/next-look.ts'
import { ben, chloe, minute, ReleaseDriver, rollbackSubject, sending, type underway } from './driver.ts'
import { commit, migrationSighting, oldCommit, revision, runSighting, unseen } from './world.ts'

const bare = { migration: null } as const
const second = 1_000
const hour = 60 * minute

type Part = Parameters<typeof underway>[0]

/** A deploy whose run is in progress, while AWS's and GitHub's clocks are this far ahead of ours. */
function deploying(aheadMs: number, part: Part = {}): ReleaseDriver {
  const driver = new ReleaseDriver(part)
  driver.world.awsAheadMs = aheadMs
  driver.approve(ben)
  driver.approve(chloe)
  driver.look()
  driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
  driver.world.runs()
  driver.later(20 * second)
  return driver
}

/** The time by AWS's clock, and by GitHub's. */
const theirs = ({ now, world }: ReleaseDriver) => now + world.awsAheadMs

/** The run ends now, and a look shows that. */
function runEnds(driver: ReleaseDriver): void {
  driver.world.runs({ verdict: 'succeeded', endedAt: theirs(driver) })
  driver.watch(3 * minute)
}

describe.each([
  ['two minutes behind ours', -2 * minute],
  ['two minutes ahead of ours', 2 * minute],
  ['an hour behind ours', -hour],
  ['an hour ahead of ours', hour],
])('the clock of AWS is %s', (_, aheadMs) => {
  test('a rollout is overdue by its own clock', () => {
    const driver = deploying(aheadMs, bare)
    driver.world.rollout({ createdAt: theirs(driver) })
    driver.watch(29 * minute)
    expect(driver.posts('late')).toEqual([])
    driver.watch(2 * minute)
    expect(driver.posts('late')).toMatchObject([{ track: 'rollout' }])
  })

  test.each([
    ['tag', { releaseTag: 'r1' }],
    ['commit', {}],
    ['time alone', { commits: [] }],
  ])('a rollout that the run began belongs to this release by its %s', (__, known) => {
    const driver = deploying(aheadMs, bare)
    const rollout = { createdAt: theirs(driver), ...known }
    driver.world.rollout(rollout)
    driver.later(5 * second)
    driver.world.rollout({ ...rollout, verdict: 'succeeded' })
    runEnds(driver)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a rollout that began well before the dispatch and was not listed then is not this release’s', () => {
    const driver = deploying(aheadMs, bare)
    driver.world.rollout({ createdAt: theirs(driver) - 5 * minute, verdict: 'succeeded' })
    runEnds(driver)
    expect(driver.outcome).toBe('unchanged')
  })

  test.each([`deploy-${commit}-r1`, `deploy-${commit}`, 'ecs-console/dana'])(
    'a migration that the run began as %s is this release’s',
    (startedBy) => {
      const driver = deploying(aheadMs)
      const task = { startedBy, createdAt: theirs(driver) }
      driver.world.migrations = [migrationSighting(task)]
      driver.later(5 * second)
      driver.world.migrations = [migrationSighting({ ...task, verdict: 'succeeded' })]
      driver.world.rollout({ createdAt: theirs(driver), verdict: 'succeeded' })
      runEnds(driver)
      expect(driver.outcome).toBe('succeeded')
      expect(driver.release.tracks.migration.tasks).toMatchObject([{ startedBy }])
    },
  )

  test('the update of a rollback is found even if its answer was lost', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject() })
    driver.world.awsAheadMs = aheadMs
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    driver.later(2 * second)
    driver.world.rollout({
      createdAt: theirs(driver),
      revision: revision(41),
      commits: [],
      verdict: 'succeeded',
    })
    driver.watch(10 * second)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('all searches use AWS’s clock', () => {
    const driver = deploying(aheadMs)
    const asked = looks(driver.release, driver.config())
    const sentAt = driver.release.sentAt ?? Number.NaN
    const since = asked.flatMap((look) => {
      if (look.look === 'migration') return look.since ?? []
      return look.look === 'rollouts' ? look.targets.map((each) => each.since) : []
    })
    expect(since).toEqual([sentAt + aheadMs - minute, sentAt + aheadMs - minute])
  })

  test('a run whose dispatch was not answered is searched by GitHub’s clock', () => {
    const driver = new ReleaseDriver()
    driver.world.awsAheadMs = aheadMs
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(looks(driver.release, driver.config())).toMatchObject([{ look: 'findRun', since: theirs(driver) }])
  })

  test('changes elsewhere are searched in the time of the run, by AWS’s clock', () => {
    const driver = deploying(aheadMs, bare)
    const endedAt = theirs(driver)
    driver.world.runs({ verdict: 'succeeded', endedAt })
    driver.later(5 * second)
    driver.input({ on: 'look', seen: {} })
    const { sentAtAws, tracks } = driver.release
    const open = { ...driver.release, tracks: { ...tracks, beyond: { checked: 'not yet' } as const } }
    const beyond = looks(open, driver.config()).find(({ look }) => look === 'beyond')
    expect(beyond).toMatchObject({ since: (sentAtAws ?? 0) - 5 * second, until: endedAt + minute })
  })
})

describe('the clock of a runner is five minutes behind, and with it the time at which GitHub says the run ended', () => {
  function runEndsEarlier(driver: ReleaseDriver, verdict: 'succeeded' | 'failed' = 'succeeded'): void {
    driver.world.runs({ verdict, endedAt: driver.now - 5 * minute })
    driver.watch(3 * minute)
  }

  test.each([
    ['commit', {}],
    ['time alone', { commits: [] }],
  ])(
    'a rollout that was followed by its %s while the run was in progress is still this release’s',
    (_, known) => {
      const driver = deploying(0, bare)
      driver.watch(6 * minute)
      const rollout = { createdAt: driver.now, ...known }
      driver.world.rollout(rollout)
      driver.later(5 * second)
      driver.world.rollout({ ...rollout, verdict: 'succeeded' })
      runEndsEarlier(driver)
      expect(driver.outcome).toBe('succeeded')
    },
  )

  test('a rollout that the run began just before its end, not seen before, is this release’s', () => {
    const driver = deploying(0, bare)
    driver.watch(6 * minute)
    driver.world.rollout({ createdAt: driver.now + 2 * second, verdict: 'succeeded' })
    driver.now += 4 * second
    runEndsEarlier(driver)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a migration that was seen to fail is this release’s', () => {
    const driver = deploying(0)
    driver.watch(6 * minute)
    const task = { createdAt: driver.now, verdict: 'failed', exitCode: 1 } as const
    driver.world.migrations = [migrationSighting(task)]
    driver.later(5 * second)
    runEndsEarlier(driver, 'failed')
    expect(driver.outcome).toBe('failed')
    expect(driver.release.tracks.migration.tasks).toHaveLength(1)
  })

  test('changes elsewhere are searched up to when the run was last seen in progress', () => {
    const driver = deploying(0, bare)
    driver.watch(6 * minute)
    const seenAt = driver.now
    driver.world.runs({ verdict: 'succeeded', endedAt: driver.now - 5 * minute })
    driver.lookWithoutEffects()
    const beyond = looks(driver.release, driver.config()).find(({ look }) => look === 'beyond')
    expect(beyond?.look === 'beyond' && beyond.until - seenAt).toBeGreaterThan(20 * second)
  })

  test('a rollout by hand after the end, while GitHub could not be read, is not the run’s', () => {
    const driver = deploying(0, bare)
    const endedAt = driver.now
    driver.world.trouble = { run: unseen('passing') }
    driver.watch(10 * minute)
    driver.world.rollout({ createdAt: driver.now, commits: [], verdict: 'succeeded' })
    driver.later(5 * second)
    driver.world.trouble = {}
    driver.world.runs({ verdict: 'succeeded', endedAt })
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('the time when a run was seen in progress is stored twice a minute at most', () => {
    const driver = deploying(0, bare)
    const written = new Set<number | null | undefined>()
    for (let looked = 0; looked < 60; looked += 1) {
      driver.later(5 * second)
      written.add(driver.release.tracks.run?.inProgressAt)
    }
    expect(written.size).toBeLessThanOrEqual(11)
    expect(driver.now - (driver.release.tracks.run?.inProgressAt ?? 0)).toBeLessThan(30 * second)
  })
})

describe('twokey was away for two days while the run ended', () => {
  /** The run ends after five minutes; a day later somebody does this, and another day later twokey looks again. */
  function away(part: Part, nextDay: (driver: ReleaseDriver, at: number) => void): ReleaseDriver {
    const driver = deploying(0, part)
    driver.world.runs({ verdict: 'succeeded', endedAt: driver.now + 5 * minute })
    nextDay(driver, driver.now + 24 * hour)
    driver.later(48 * hour)
    driver.watch(3 * minute)
    return driver
  }

  test.each([
    ['an image that carries no commit', []],
    ['another commit', [oldCommit]],
    ['the approved commit', [commit]],
  ])('a rollout by hand of %s is not attributed to the run, and nobody is blamed', (_, commits) => {
    const driver = away(bare, ({ world }, at) =>
      world.rollout({ createdAt: at, revision: revision(50), commits, verdict: 'succeeded' }),
    )
    expect(driver.outcome).toBe('unchanged')
    expect(driver.reason).not.toContain(oldCommit.slice(0, 7))
    expect(driver.audit.map(({ what }) => what)).not.toContain('rollout found')
  })

  test.each(['ecs-console/dana', `deploy-${commit}`])(
    'a task that somebody ran as %s is not the run’s migration',
    (startedBy) => {
      const driver = away({}, (told, at) => {
        told.world.rollout({ createdAt: told.now, verdict: 'succeeded' })
        told.world.migrations = [migrationSighting({ startedBy, createdAt: at, verdict: 'succeeded' })]
      })
      expect(driver.release.tracks.migration).toMatchObject({ binding: 'absent', tasks: [] })
      expect(driver.outcome).toBe('succeeded')
      expect(driver.reason).not.toMatch(/exited 0|migration succeeded/)
    },
  )

  test('a rollout of the run itself is found anyway', () => {
    const driver = away(bare, ({ world, now }) =>
      world.rollout({ createdAt: now + 4 * minute, verdict: 'succeeded' }),
    )
    expect(driver.outcome).toBe('succeeded')
  })

  test('a run whose end GitHub does not date ended when that was first seen', () => {
    const driver = deploying(0, bare)
    driver.world.runs({ verdict: 'succeeded', endedAt: null })
    driver.world.rollout({ createdAt: driver.now + 4 * minute, verdict: 'succeeded' })
    driver.later(5 * minute)
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('succeeded')
  })
})

test('a dispatch that is sent again gets a new date from AWS', () => {
  const driver = sending(bare)
  driver.world.awsAheadMs = minute
  driver.answer({ to: 'dispatch', answer: 'details refused', reason: 'no such property' })
  expect(driver.release).toMatchObject({ sentAt: null, sentAtAws: null })
  driver.later(5 * second)
  expect(driver.release).toMatchObject({ sentAt: driver.now, sentAtAws: driver.now + minute })
})

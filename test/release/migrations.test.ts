import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import type { MigrationSighting } from '../../src/release/sighting.ts'
import { ana, ben, chloe, minute, ReleaseDriver, sending, underway } from './driver.ts'
import { commit, migrationSighting, runSighting, start, unseen } from './world.ts'

const ours = `deploy-${commit}-r1`
const one = (part: Parameters<typeof migrationSighting>[0]) =>
  migrationSighting({ taskArn: 'arn:task/one', startedBy: ours, ...part })
const two = (part: Parameters<typeof migrationSighting>[0]) =>
  migrationSighting({ taskArn: 'arn:task/two', startedBy: ours, ...part })
const exits0 = { verdict: 'succeeded' } as const
const exits1 = { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' } as const

/** The run and its rollout end well. */
function done(driver: ReleaseDriver): void {
  driver.world.rollout({ verdict: 'succeeded' })
  driver.world.runs({ verdict: 'succeeded' })
  driver.later(5_000)
}

describe('several migrations of one release', () => {
  test.each<[string, readonly MigrationSighting[], readonly MigrationSighting[]]>([
    ['both are there at the first look', [one(exits0), two(exits1)], [one(exits0), two(exits1)]],
    ['the second starts after the first was seen to end', [one(exits0)], [one(exits0), two(exits1)]],
    ['both show only once the run has ended', [], [one(exits0), two(exits1)]],
    ['ECS has forgotten the first by the end', [one(exits1)], [two(exits0)]],
    ['the first failed, and a second one exited 0', [one(exits1)], [one(exits1), two(exits0)]],
  ])('one of two migrations with our id fails, so the release fails and names both: %s', (_, first, last) => {
    const driver = underway()
    driver.world.migrations = first
    driver.later(5_000)
    driver.world.migrations = last
    done(driver)
    expect(driver.outcome).toBe('failed')
    for (const name of ['one', 'two']) expect(driver.reason).toContain(`task ${name}`)
    expect(driver.reason).toContain('migrate exited 1')
    const failing = [...first, ...last].find(({ verdict }) => verdict === 'failed')
    expect(driver.posts('ended')[0]?.log).toMatchObject({ taskArn: failing?.taskArn })
    expect(
      driver
        .posts('migration')
        .map(({ migration }) => migration.verdict)
        .sort(),
    ).toEqual(['failed', 'succeeded'])
  })

  test('a migration that starts as the run ends still counts', () => {
    const driver = underway()
    driver.world.migrations = [one(exits0)]
    driver.later(5_000)
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.now += 5_000
    driver.lookWithoutEffects()
    expect(driver.outcome).toBeNull()
    driver.world.migrations = [one(exits0), two(exits1)]
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
  })

  test('two migrations with our id that both exit 0 succeed, and each is posted once', () => {
    const driver = underway()
    driver.world.migrations = [one(exits0)]
    driver.later(5_000)
    driver.world.migrations = [one(exits0), two({})]
    driver.later(5_000)
    expect(driver.state).toBe('migrating')
    driver.world.migrations = [one(exits0), two(exits0)]
    done(driver)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.posts('migration').map(({ migration }) => migration.taskArn)).toEqual([
      'arn:task/one',
      'arn:task/two',
    ])
  })

  test('a second migration with our id that still runs after the run is waited for, and read alone', () => {
    const driver = underway()
    driver.world.migrations = [one(exits0), two({})]
    done(driver)
    driver.watch(2 * minute)
    expect(driver.outcome).toBeNull()
    expect(looks(driver.release, driver.config())).toContainEqual(
      expect.objectContaining({ look: 'migration', since: null, followed: ['arn:task/two'] }),
    )
    driver.world.migrations = [two(exits1), migrationSighting({ taskArn: 'arn:task/later', startedBy: ours })]
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
    expect(driver.release.tracks.migration.tasks).toHaveLength(2)
  })

  test('a second migration that ECS no longer shows never makes a success', () => {
    const driver = underway()
    driver.world.migrations = [one(exits0), two({})]
    driver.later(5_000)
    driver.world.migrations = [one(exits0)]
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('a migration that exited 0 never makes a success if ECS could not be read until the run ended', () => {
    const driver = underway()
    driver.world.migrations = [one(exits0)]
    driver.later(5_000)
    driver.world.trouble = { migration: unseen('terminal', 'AccessDenied') }
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('a failed migration decides, even if ECS cannot be read afterwards', () => {
    const driver = underway()
    driver.world.migrations = [one(exits1)]
    driver.later(5_000)
    driver.world.trouble = { migration: unseen('terminal', 'AccessDenied') }
    driver.world.runs({ verdict: 'failed' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('migrate exited 1')
  })
})

const ofCommit = (part: Parameters<typeof migrationSighting>[0]) => [
  migrationSighting({ taskArn: 'arn:task/one', ...part }),
  migrationSighting({ taskArn: 'arn:task/two', ...exits0 }),
]

describe('several migrations that name the commit alone', () => {
  test('two migrations that name only the commit and both exit 0 need no choice', () => {
    const driver = underway()
    driver.world.migrations = ofCommit(exits0)
    done(driver)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.posts('migration')).toHaveLength(2)
  })

  test('two migrations that name only the commit, of which one fails, are unknown, and no log of another release is shown', () => {
    const driver = underway()
    driver.world.migrations = ofCommit(exits1)
    done(driver)
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('task one failed (migrate exited 1), task two exited 0')
    expect(driver.posts('ended')[0]?.log).toBeNull()
    expect(driver.posts('migration')).toEqual([])
  })

  test('two migrations that name only the commit, of which one still runs, are unknown soon after the run; Look again sees its end', () => {
    const driver = underway()
    driver.world.migrations = ofCommit({})
    done(driver)
    driver.watch(50_000)
    expect(driver.outcome).toBeNull()
    driver.watch(20_000)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('task two exited 0')
    expect(driver.reason).toContain('task one still runs')
    driver.world.migrations = ofCommit(exits0)
    driver.lookAgain(ben)
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })
})

/** A release with two approvals, its dispatch, its run, and the end of the run. */
function approved(part: (driver: ReleaseDriver) => void): ReleaseDriver {
  const driver = new ReleaseDriver()
  part(driver)
  driver.approve(ben)
  driver.approve(chloe)
  driver.look()
  driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
  driver.world.runs()
  return driver
}

describe('a migration that was there before the dispatch', () => {
  const old = migrationSighting({ taskArn: 'arn:task/old', createdAt: start - 20_000, ...exits1 })
  const fresh = migrationSighting({ taskArn: 'arn:task/new', createdAt: start + 20_000, ...exits0 })

  test.each([
    ['of a failed release of the same commit, dated within the error of clocks', old],
    ['dated after the dispatch, by a clock that is fast', { ...old, createdAt: start + 5_000 }],
    ['that names neither release nor commit', { ...old, startedBy: 'nightly', createdAt: start }],
  ])('a migration from before the dispatch is left out, and the new one counts: %s', (_, before) => {
    const driver = approved(({ world }) => (world.tasksBefore = [old.taskArn]))
    driver.world.migrations = [before, fresh]
    done(driver)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.posts('migration')).toMatchObject([{ migration: { taskArn: fresh.taskArn } }])
    expect(driver.audit.find(({ what }) => what === 'dispatch marked')?.detail.tasksBefore).toEqual([
      old.taskArn,
    ])
  })

  test('a migration dated before the dispatch is left out if ECS did not list earlier ones, and the audit says why', () => {
    const driver = approved(({ world }) => (world.trouble = { tasksBefore: unseen('passing', 'throttled') }))
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
    driver.world.migrations = [old, fresh]
    done(driver)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.audit).toContainEqual({
      actor: 'twokey',
      what: 'could not see',
      detail: { look: 'tasksBefore', reason: 'throttled' },
    })
  })

  test('two migrations that could be this release’s are unknown if ECS did not list earlier ones', () => {
    const driver = approved(({ world }) => (world.trouble = { tasksBefore: unseen('passing', 'throttled') }))
    driver.world.migrations = [{ ...old, createdAt: start }, fresh]
    done(driver)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('before the dispatch')
  })

  test('earlier migrations are listed again for each dispatch', () => {
    const driver = sending()
    driver.answer({ to: 'dispatch', answer: 'limited', until: driver.now + minute, reason: 'rate limit' })
    driver.world.tasksBefore = ['arn:task/meanwhile']
    driver.later(2 * minute)
    expect(driver.release.tracks.migration.before).toEqual(['arn:task/meanwhile'])
  })

  test('a release without a migration does not list earlier ones', () => {
    const names = looksBeforeSending({ migration: null })
    expect(names).not.toContain('tasksBefore')
    expect(looksBeforeSending({})).toContain('tasksBefore')
  })
})

function looksBeforeSending(part: ConstructorParameters<typeof ReleaseDriver>[0]): readonly string[] {
  const driver = new ReleaseDriver(part)
  driver.approve(ben)
  driver.approve(chloe)
  return looks(driver.release, driver.config()).map(({ look }) => look)
}

test('Look again counts a migration that was never seen before, once a lost run is found', () => {
  const driver = underway()
  driver.world.trouble = { run: unseen('terminal') }
  driver.watch(5 * minute)
  expect(driver.outcome).toBe('unknown')
  driver.world.trouble = {}
  driver.world.migrations = [one(exits1)]
  driver.lookAgain(ben)
  done(driver)
  expect(driver.outcome).toBe('failed')
})

describe('a migration that does not stop after the end of its run', () => {
  /** It hangs, for example on a lock in the database, and the workflow's step that waits for it gives up. */
  function hanging(verdict: 'succeeded' | 'failed' | 'cancelled'): ReleaseDriver {
    const driver = underway()
    driver.world.migrations = [one({})]
    driver.later(5_000)
    driver.world.runs({ verdict })
    return driver
  }

  test('a migration that takes longer than a run may is reported, and its exit code still decides', () => {
    const driver = hanging('succeeded')
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(59 * minute, minute)
    expect([driver.posts('late'), actionsOf(driver.release)]).toEqual([[], ['roll-back']])
    driver.watch(24 * 60 * minute, minute)
    expect([driver.outcome, driver.posts('late')]).toMatchObject([null, [{ track: 'migration' }]])
    expect(actionsOf(driver.release)).toEqual(['settle', 'roll-back'])
    driver.world.migrations = [one(exits0)]
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test.each([
    ['succeeded', 'unknown', ['retry']],
    ['failed', 'failed', ['retry']],
    ['cancelled', 'cancelled', ['retry']],
  ] as const)(
    'the run %s, nothing was rolled out: settled, it ends %s and blocks nobody',
    (verdict, outcome, actions) => {
      const driver = hanging(verdict)
      driver.watch(70 * minute, minute)
      expect([driver.outcome, actionsOf(driver.release)]).toEqual([null, ['settle']])
      expect(driver.settle(ben)).toBeNull()
      driver.watch(2 * minute)
      expect([driver.outcome, holdsLane(driver.release), actionsOf(driver.release)]).toEqual([
        outcome,
        false,
        actions,
      ])
      expect(driver.reason).toContain('still runs when a person settled it')
      expect(driver.posts('migration-settled')).toMatchObject([{ by: ben }])
      driver.world.migrations = [one(exits1)]
      driver.later(minute)
      expect(
        driver.effectsOf('tell').filter(({ story }) => story.tell === 'migration-after-end'),
      ).toMatchObject([{ where: 'channel', story: { mention: [ana, 'S0ONCALL'] } }])
    },
  )

  /** The rollout continues while somebody settles the migration. */
  function settledBesideRollout(): ReleaseDriver {
    const driver = hanging('succeeded')
    driver.world.rollout({ verdict: 'moving' })
    driver.watch(70 * minute, minute)
    expect(driver.settle(ben)).toBeNull()
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual([null, true])
    return driver
  }

  test('a settled migration that exits 1 before the end fails the release', () => {
    const driver = settledBesideRollout()
    driver.world.migrations = [one(exits1)]
    driver.later(5_000)
    expect(driver.posts('migration')).toMatchObject([{ migration: { exitCode: 1 } }])
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('updated although the migration failed')
  })

  test('a settled migration whose task ECS no longer shows makes no report', () => {
    const driver = settledBesideRollout()
    driver.world.migrations = []
    driver.watch(5 * minute)
    expect(driver.posts('blind')).toEqual([])
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect([driver.outcome, driver.release.stage]).toMatchObject(['unknown', { settledBy: ben }])
  })

  test('a settled migration that exits 1 after the end is announced, while the lane is free', () => {
    const driver = settledBesideRollout()
    driver.world.rollout({ verdict: 'rolled back' })
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['rolled back', false])
    expect(nextLook(driver.release, driver.now, { activeMs: 1_000, idleMs: minute })).toBe(
      driver.now + minute,
    )
    driver.world.migrations = [one(exits1)]
    driver.later(minute)
    expect(
      driver.effectsOf('tell').filter(({ story }) => story.tell === 'migration-after-end'),
    ).toMatchObject([{ where: 'channel', story: { mention: [ana, 'S0ONCALL'] } }])
    expect(looks(driver.release, driver.config()).map(({ look }) => look)).not.toContain('migration')
  })

  test('a migration that stops before anybody settled it withdraws Settle', () => {
    const driver = hanging('succeeded')
    driver.world.rollout({ verdict: 'moving' })
    driver.watch(70 * minute, minute)
    expect(actionsOf(driver.release)).toContain('settle')
    driver.world.migrations = [one(exits0)]
    driver.later(5_000)
    expect([driver.outcome, actionsOf(driver.release)]).toEqual([null, ['stop-rollout']])
    expect(driver.settle(ben)).toMatchObject({ code: 'not_cancellable' })
  })

  test('a migration and a run that cannot be read are settled one by one', () => {
    const driver = hanging('succeeded')
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(3 * 60 * minute, minute)
    driver.settle(ben)
    driver.watch(2 * minute)
    expect([driver.outcome, actionsOf(driver.release)]).toEqual([null, ['settle']])
    driver.settle(ben)
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', false])
  })

  test('a replaced deploy ends superseded once nothing was rolled out, whatever its task does', () => {
    const driver = hanging('cancelled')
    driver.supersede({ id: 'r9', requester: ben })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('superseded')
    driver.world.migrations = [one(exits1)]
    driver.later(5_000)
    expect(driver.posts('migration-after-end')).toMatchObject([{ migration: { exitCode: 1 } }])
  })
})

describe('a task that a schedule started during the run', () => {
  const nightly = (part: Parameters<typeof migrationSighting>[0]) =>
    migrationSighting({ taskArn: 'arn:task/nightly', startedBy: 'events-rule/nightly', ...part })
  const loose = { taskArn: 'arn:task/loose', startedBy: 'GitHub-Actions' }

  test.each([
    ['exits 0', exits0],
    ['exits 1', exits1],
    ['runs on', {}],
  ])('a scheduled task does not decide beside the release’s own migration: %s', (_, part) => {
    const driver = underway()
    driver.world.migrations = [nightly(part), migrationSighting({ ...loose, ...exits0 })]
    done(driver)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.release.tracks.migration.tasks).toMatchObject([loose])
    expect(driver.audit.filter(({ what }) => what === 'migration left out')).toMatchObject([
      { detail: { task: 'arn:task/nightly', startedBy: 'events-rule/nightly', starter: 'schedule' } },
    ])
  })

  test('a scheduled task alone counts as no migration, and the end names the task', () => {
    const driver = underway()
    driver.world.migrations = [nightly(exits1)]
    done(driver)
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.release.tracks.migration.binding).toBe('absent')
    expect(driver.reason).toContain('no migration was found')
    expect(driver.reason).toContain('task nightly failed')
  })

  test('a scheduled task before or long after the run is not mentioned', () => {
    const driver = underway()
    const late = { taskArn: 'arn:task/late', createdAt: driver.now + 10 * minute }
    driver.world.migrations = [nightly({ createdAt: start - minute }), nightly(late)]
    done(driver)
    driver.watch(2 * minute)
    expect(driver.release.tracks.migration.leftOut).toEqual([])
  })

  test('the first of hundreds of scheduled tasks are stored, and each is audited once', () => {
    const driver = underway()
    driver.world.migrations = Array.from({ length: 300 }, (_, index) =>
      nightly({ taskArn: `arn:task/${index}`, ...exits0 }),
    )
    driver.later(5_000)
    done(driver)
    const { leftOut } = driver.release.tracks.migration
    expect(leftOut).toHaveLength(20)
    expect(driver.audit.filter(({ what }) => what === 'migration left out')).toHaveLength(20)
  })
})

describe('a task without the release’s id beside one with it', () => {
  test.each([`deploy-${commit}`, `deploy-${commit}-seed`, 'GitHub-Actions', ''])(
    'started by “%s” and failed: left out, and audited',
    (startedBy) => {
      const driver = underway()
      driver.world.migrations = [one(exits0), two({ startedBy, ...exits1 })]
      done(driver)
      expect(driver.outcome).toBe('succeeded')
      expect(driver.release.tracks.migration.leftOut).toMatchObject([{ taskArn: 'arn:task/two' }])
    },
  )

  test('a task without our id that was followed first is left out once one with our id starts', () => {
    const driver = underway()
    driver.world.migrations = [two({ startedBy: '', ...exits1 })]
    driver.later(5_000)
    expect(driver.release.tracks.migration.binding).toBe('weak')
    driver.world.migrations = [one(exits0)]
    done(driver)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.release.tracks.migration.leftOut).toMatchObject([{ taskArn: 'arn:task/two' }])
  })
})

test.each([
  ['both exit 0', exits0, exits0, 'succeeded'],
  ['both fail', exits1, exits1, 'failed'],
  ['one of each', exits0, exits1, 'unknown'],
  ['one exits 0, one runs on', exits0, {}, 'unknown'],
  ['one fails, one runs on', exits1, {}, 'unknown'],
])('two tasks that name neither release nor commit, %s: %s', (_, first, second, outcome) => {
  const driver = underway()
  driver.world.migrations = [
    one({ startedBy: 'GitHub-Actions', ...first }),
    two({ startedBy: '', ...second }),
  ]
  done(driver)
  driver.watch(2 * minute)
  expect(driver.outcome).toBe(outcome)
})

test.each([
  ['all exit 0', 0, 'succeeded'],
  ['the last of them fails', 1, 'unknown'],
])('hundreds of tasks of the family, %s: only those that matter are stored', (_, failing, outcome) => {
  const driver = underway()
  const of = (index: number) =>
    migrationSighting({ taskArn: `arn:task/${1_000 + index}`, startedBy: 'jobs', ...exits0 })
  const all = Array.from({ length: 400 }, (_each, index) => of(index))
  driver.world.migrations = [...all, ...(failing > 0 ? [{ ...of(400), ...exits1 }] : [])]
  driver.later(5_000)
  done(driver)
  expect(driver.outcome).toBe(outcome)
  expect(driver.release.tracks.migration.tasks).toHaveLength(50 + failing)
})

test('a migration whose startedBy continues after the commit counts as one that names the commit', () => {
  const driver = underway()
  driver.world.migrations = [one({ startedBy: `deploy-${commit}-26831540771`, ...exits1 })]
  done(driver)
  expect(driver.outcome).toBe('failed')
})

import { describe, expect, test } from 'vitest'
import type { MigrationSighting } from '../../src/release/observation.ts'
import { holdsLane } from '../../src/release/release.ts'
import { actionsOf } from '../../src/release/state.ts'
import { looks, nextLook } from '../../src/release/watch.ts'
import { ana, ben, chloe, minute, sending, Tale, underway } from './driver.ts'
import { commit, migrationSighting, runSighting, start, unseen } from './world.ts'

const ours = `deploy-${commit}-r1`
const one = (part: Parameters<typeof migrationSighting>[0]) =>
  migrationSighting({ taskArn: 'arn:task/one', startedBy: ours, ...part })
const two = (part: Parameters<typeof migrationSighting>[0]) =>
  migrationSighting({ taskArn: 'arn:task/two', startedBy: ours, ...part })
const exits0 = { verdict: 'succeeded' } as const
const exits1 = { verdict: 'failed', exitCode: 1, reason: 'migrate exited 1' } as const

/** The run and its rollout end well. */
function done(tale: Tale): void {
  tale.world.rollout({ verdict: 'succeeded' })
  tale.world.runs({ verdict: 'succeeded' })
  tale.later(5_000)
}

describe('several migrations of one release', () => {
  test.each<[string, readonly MigrationSighting[], readonly MigrationSighting[]]>([
    ['both are there at the first look', [one(exits0), two(exits1)], [one(exits0), two(exits1)]],
    ['the second starts after the first was seen to end', [one(exits0)], [one(exits0), two(exits1)]],
    ['both show only once the run has ended', [], [one(exits0), two(exits1)]],
    ['ECS has forgotten the first by the end', [one(exits1)], [two(exits0)]],
    ['the first failed, and a second one exited 0', [one(exits1)], [one(exits1), two(exits0)]],
  ])('one of two with our id fails: failed, both named; %s', (_, first, last) => {
    const tale = underway()
    tale.world.migrations = first
    tale.later(5_000)
    tale.world.migrations = last
    done(tale)
    expect(tale.outcome).toBe('failed')
    for (const name of ['one', 'two']) expect(tale.reason).toContain(`task ${name}`)
    expect(tale.reason).toContain('migrate exited 1')
    const failing = [...first, ...last].find(({ verdict }) => verdict === 'failed')
    expect(tale.stories('ended')[0]?.log).toMatchObject({ taskArn: failing?.taskArn })
    expect(
      tale
        .stories('migration')
        .map(({ migration }) => migration.verdict)
        .sort(),
    ).toEqual(['failed', 'succeeded'])
  })

  test('one that starts while the run is seen to end still counts', () => {
    const tale = underway()
    tale.world.migrations = [one(exits0)]
    tale.later(5_000)
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.now += 5_000
    tale.lookAndDie()
    expect(tale.outcome).toBeNull()
    tale.world.migrations = [one(exits0), two(exits1)]
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
  })

  test('two with our id that both exit 0: succeeded, each told once', () => {
    const tale = underway()
    tale.world.migrations = [one(exits0)]
    tale.later(5_000)
    tale.world.migrations = [one(exits0), two({})]
    tale.later(5_000)
    expect(tale.state).toBe('migrating')
    tale.world.migrations = [one(exits0), two(exits0)]
    done(tale)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.stories('migration').map(({ migration }) => migration.taskArn)).toEqual([
      'arn:task/one',
      'arn:task/two',
    ])
  })

  test('a second one with our id that still runs when the run has ended is waited for, and looked at alone', () => {
    const tale = underway()
    tale.world.migrations = [one(exits0), two({})]
    done(tale)
    tale.watch(2 * minute)
    expect(tale.outcome).toBeNull()
    expect(looks(tale.release, tale.config())).toContainEqual(
      expect.objectContaining({ look: 'migration', since: null, followed: ['arn:task/two'] }),
    )
    tale.world.migrations = [two(exits1), migrationSighting({ taskArn: 'arn:task/later', startedBy: ours })]
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
    expect(tale.release.tracks.migration.tasks).toHaveLength(2)
  })

  test('a second one that ECS does not show any more: never a success', () => {
    const tale = underway()
    tale.world.migrations = [one(exits0), two({})]
    tale.later(5_000)
    tale.world.migrations = [one(exits0)]
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('one that exited 0, and ECS may not be asked until the run has ended: never a success', () => {
    const tale = underway()
    tale.world.migrations = [one(exits0)]
    tale.later(5_000)
    tale.world.trouble = { migration: unseen('terminal', 'AccessDenied') }
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('one that failed decides, whatever ECS may not be asked after it', () => {
    const tale = underway()
    tale.world.migrations = [one(exits1)]
    tale.later(5_000)
    tale.world.trouble = { migration: unseen('terminal', 'AccessDenied') }
    tale.world.runs({ verdict: 'failed' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain('migrate exited 1')
  })
})

const ofCommit = (part: Parameters<typeof migrationSighting>[0]) => [
  migrationSighting({ taskArn: 'arn:task/one', ...part }),
  migrationSighting({ taskArn: 'arn:task/two', ...exits0 }),
]

describe('several migrations that name the commit alone', () => {
  test('two that name the commit alone, and both exit 0: none has to be chosen', () => {
    const tale = underway()
    tale.world.migrations = ofCommit(exits0)
    done(tale)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.stories('migration')).toHaveLength(2)
  })

  test('two that name the commit alone, and one fails: unknown, and no log of what may be another’s', () => {
    const tale = underway()
    tale.world.migrations = ofCommit(exits1)
    done(tale)
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
    expect(tale.reason).toContain('task one failed (migrate exited 1), task two exited 0')
    expect(tale.stories('ended')[0]?.log).toBeNull()
    expect(tale.stories('migration')).toEqual([])
  })

  test('two that name the commit alone, and one runs on: unknown soon after the run, Look again sees its end', () => {
    const tale = underway()
    tale.world.migrations = ofCommit({})
    done(tale)
    tale.watch(50_000)
    expect(tale.outcome).toBeNull()
    tale.watch(20_000)
    expect(tale.outcome).toBe('unknown')
    expect(tale.reason).toContain('task two exited 0')
    expect(tale.reason).toContain('task one still runs')
    tale.world.migrations = ofCommit(exits0)
    tale.lookAgain(ben)
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })
})

/** Two keys are in; the dispatch, a run, and its end follow. */
function approved(part: (tale: Tale) => void): Tale {
  const tale = new Tale()
  part(tale)
  tale.approve(ben)
  tale.approve(chloe)
  tale.look()
  tale.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
  tale.world.runs()
  return tale
}

describe('a migration that was there before the dispatch', () => {
  const old = migrationSighting({ taskArn: 'arn:task/old', createdAt: start - 20_000, ...exits1 })
  const fresh = migrationSighting({ taskArn: 'arn:task/new', createdAt: start + 20_000, ...exits0 })

  test.each([
    ['of a failed release of the same commit, dated within the error of clocks', old],
    ['dated after the dispatch, by a clock that is fast', { ...old, createdAt: start + 5_000 }],
    ['that names neither release nor commit', { ...old, startedBy: 'nightly', createdAt: start }],
  ])('%s: left out, and the new one counts', (_, before) => {
    const tale = approved(({ world }) => (world.tasksBefore = [old.taskArn]))
    tale.world.migrations = [before, fresh]
    done(tale)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.stories('migration')).toMatchObject([{ migration: { taskArn: fresh.taskArn } }])
    expect(tale.audit.find(({ what }) => what === 'dispatch marked')?.detail.tasksBefore).toEqual([
      old.taskArn,
    ])
  })

  test('ECS did not list them: one that is dated before the dispatch is left out, and the audit says why', () => {
    const tale = approved(({ world }) => (world.trouble = { tasksBefore: unseen('passing', 'throttled') }))
    expect(tale.wanted('dispatch')).toHaveLength(1)
    tale.world.migrations = [old, fresh]
    done(tale)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.audit).toContainEqual({
      actor: 'twokey',
      what: 'could not see',
      detail: { look: 'tasksBefore', reason: 'throttled' },
    })
  })

  test('ECS did not list them, and two could be this release’s: unknown, and said', () => {
    const tale = approved(({ world }) => (world.trouble = { tasksBefore: unseen('passing', 'throttled') }))
    tale.world.migrations = [{ ...old, createdAt: start }, fresh]
    done(tale)
    expect(tale.outcome).toBe('unknown')
    expect(tale.reason).toContain('before the dispatch')
  })

  test('they are listed anew for each dispatch', () => {
    const tale = sending()
    tale.answer({ to: 'dispatch', answer: 'limited', until: tale.now + minute, reason: 'rate limit' })
    tale.world.tasksBefore = ['arn:task/meanwhile']
    tale.later(2 * minute)
    expect(tale.release.tracks.migration.before).toEqual(['arn:task/meanwhile'])
  })

  test('a release without a migration asks for no list', () => {
    const names = looksBeforeSending({ migration: null })
    expect(names).not.toContain('tasks-before')
    expect(looksBeforeSending({})).toContain('tasks-before')
  })
})

function looksBeforeSending(part: ConstructorParameters<typeof Tale>[0]): readonly string[] {
  const tale = new Tale(part)
  tale.approve(ben)
  tale.approve(chloe)
  return looks(tale.release, tale.config()).map(({ look }) => look)
}

test('somebody looks again once a lost run shows: a migration that was never seen before counts', () => {
  const tale = underway()
  tale.world.trouble = { run: unseen('terminal') }
  tale.watch(5 * minute)
  expect(tale.outcome).toBe('unknown')
  tale.world.trouble = {}
  tale.world.migrations = [one(exits1)]
  tale.lookAgain(ben)
  done(tale)
  expect(tale.outcome).toBe('failed')
})

describe('a migration that does not stop after the end of its run', () => {
  /** It hangs, for example on a lock in the database, and the workflow's step that waits for it gives up. */
  function hanging(verdict: 'succeeded' | 'failed' | 'cancelled'): Tale {
    const tale = underway()
    tale.world.migrations = [one({})]
    tale.later(5_000)
    tale.world.runs({ verdict })
    return tale
  }

  test('is said once it takes longer than a run may, which ends nothing: its exit code decides', () => {
    const tale = hanging('succeeded')
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(59 * minute, minute)
    expect([tale.stories('late'), actionsOf(tale.release)]).toEqual([[], ['roll-back']])
    tale.watch(24 * 60 * minute, minute)
    expect([tale.outcome, tale.stories('late')]).toMatchObject([null, [{ track: 'migration' }]])
    expect(actionsOf(tale.release)).toEqual(['settle', 'roll-back'])
    tale.world.migrations = [one(exits0)]
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test.each([
    ['succeeded', 'unknown', ['retry']],
    ['failed', 'failed', ['retry']],
    ['cancelled', 'cancelled', ['retry']],
  ] as const)(
    'the run %s, nothing was rolled out: settled, it ends %s and blocks nobody',
    (verdict, outcome, actions) => {
      const tale = hanging(verdict)
      tale.watch(70 * minute, minute)
      expect([tale.outcome, actionsOf(tale.release)]).toEqual([null, ['settle']])
      expect(tale.settle(ben)).toBeNull()
      tale.watch(2 * minute)
      expect([tale.outcome, holdsLane(tale.release), actionsOf(tale.release)]).toEqual([
        outcome,
        false,
        actions,
      ])
      expect(tale.reason).toContain('still runs when a person settled it')
      expect(tale.stories('migration-settled')).toMatchObject([{ by: ben }])
    },
  )

  /** The rollout goes on while somebody settles the migration. */
  function settledBesideRollout(): Tale {
    const tale = hanging('succeeded')
    tale.world.rollout({ verdict: 'moving' })
    tale.watch(70 * minute, minute)
    expect(tale.settle(ben)).toBeNull()
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual([null, true])
    return tale
  }

  test('settled, and it exits 1 before the end: the release is failed by it', () => {
    const tale = settledBesideRollout()
    tale.world.migrations = [one(exits1)]
    tale.later(5_000)
    expect(tale.stories('migration')).toMatchObject([{ migration: { exitCode: 1 } }])
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain('over a failed migration')
  })

  test('settled, and ECS does not show its task any more: nobody is told that it cannot be read', () => {
    const tale = settledBesideRollout()
    tale.world.migrations = []
    tale.watch(5 * minute)
    expect(tale.stories('blind')).toEqual([])
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect([tale.outcome, tale.release.stage]).toMatchObject(['unknown', { settledBy: ben }])
  })

  test('settled, and it exits 1 after the end: announced, while the lane is free', () => {
    const tale = settledBesideRollout()
    tale.world.rollout({ verdict: 'rolled back' })
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['rolled back', false])
    expect(nextLook(tale.release, tale.now, { activeMs: 1_000, idleMs: minute })).toBe(tale.now + minute)
    tale.world.migrations = [one(exits1)]
    tale.later(minute)
    expect(tale.wanted('tell').filter(({ story }) => story.tell === 'migration-after-end')).toMatchObject([
      { where: 'channel', story: { mention: [ana, 'S0ONCALL'] } },
    ])
    expect(looks(tale.release, tale.config()).map(({ look }) => look)).not.toContain('migration')
  })

  test('one that stopped after all, before anybody settled it, takes Settle away', () => {
    const tale = hanging('succeeded')
    tale.world.rollout({ verdict: 'moving' })
    tale.watch(70 * minute, minute)
    expect(actionsOf(tale.release)).toContain('settle')
    tale.world.migrations = [one(exits0)]
    tale.later(5_000)
    expect([tale.outcome, actionsOf(tale.release)]).toEqual([null, ['roll-back']])
    expect(tale.settle(ben)).toMatchObject({ code: 'not_cancellable' })
  })

  test('the run cannot be read either: each of them is settled', () => {
    const tale = hanging('succeeded')
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(3 * 60 * minute, minute)
    tale.settle(ben)
    tale.watch(2 * minute)
    expect([tale.outcome, actionsOf(tale.release)]).toEqual([null, ['settle']])
    tale.settle(ben)
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', false])
  })

  test('a rollback replaces the deploy: superseded once nothing was rolled out, whatever the task does', () => {
    const tale = hanging('cancelled')
    tale.supersede({ id: 'r9', requester: ben })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('superseded')
    tale.world.migrations = [one(exits1)]
    tale.later(5_000)
    expect(tale.stories('migration-after-end')).toMatchObject([{ migration: { exitCode: 1 } }])
  })
})

describe('a task that a schedule started in the run’s time', () => {
  const nightly = (part: Parameters<typeof migrationSighting>[0]) =>
    migrationSighting({ taskArn: 'arn:task/nightly', startedBy: 'events-rule/nightly', ...part })
  const loose = { taskArn: 'arn:task/loose', startedBy: 'GitHub-Actions' }

  test.each([
    ['exits 0', exits0],
    ['exits 1', exits1],
    ['runs on', {}],
  ])('%s: the release goes by its own migration', (_, part) => {
    const tale = underway()
    tale.world.migrations = [nightly(part), migrationSighting({ ...loose, ...exits0 })]
    done(tale)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.release.tracks.migration.tasks).toMatchObject([loose])
    expect(tale.audit.filter(({ what }) => what === 'migration left out')).toMatchObject([
      { detail: { task: 'arn:task/nightly', startedBy: 'events-rule/nightly', starter: 'schedule' } },
    ])
  })

  test('and no other was seen: none was seen, and the end names the task', () => {
    const tale = underway()
    tale.world.migrations = [nightly(exits1)]
    done(tale)
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.release.tracks.migration.binding).toBe('absent')
    expect(tale.reason).toContain('no migration was found')
    expect(tale.reason).toContain('task nightly failed')
  })

  test('before the run, or long after it: not even told', () => {
    const tale = underway()
    const late = { taskArn: 'arn:task/late', createdAt: tale.now + 10 * minute }
    tale.world.migrations = [nightly({ createdAt: start - minute }), nightly(late)]
    done(tale)
    tale.watch(2 * minute)
    expect(tale.release.tracks.migration.leftOut).toEqual([])
  })

  test('hundreds of them: the first are remembered, each is audited once', () => {
    const tale = underway()
    tale.world.migrations = Array.from({ length: 300 }, (_, index) =>
      nightly({ taskArn: `arn:task/${index}`, ...exits0 }),
    )
    tale.later(5_000)
    done(tale)
    const { leftOut } = tale.release.tracks.migration
    expect(leftOut).toHaveLength(20)
    expect(tale.audit.filter(({ what }) => what === 'migration left out')).toHaveLength(20)
  })
})

describe('a task without the release’s id beside one with it', () => {
  test.each([`deploy-${commit}`, `deploy-${commit}-seed`, 'GitHub-Actions', ''])(
    'started by “%s” and failed: left out, and audited',
    (startedBy) => {
      const tale = underway()
      tale.world.migrations = [one(exits0), two({ startedBy, ...exits1 })]
      done(tale)
      expect(tale.outcome).toBe('succeeded')
      expect(tale.release.tracks.migration.leftOut).toMatchObject([{ taskArn: 'arn:task/two' }])
    },
  )

  test('that was followed before the other one came: left out from then on', () => {
    const tale = underway()
    tale.world.migrations = [two({ startedBy: '', ...exits1 })]
    tale.later(5_000)
    expect(tale.release.tracks.migration.binding).toBe('weak')
    tale.world.migrations = [one(exits0)]
    done(tale)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.release.tracks.migration.leftOut).toMatchObject([{ taskArn: 'arn:task/two' }])
  })
})

test.each([
  ['both exit 0', exits0, exits0, 'succeeded'],
  ['both fail', exits1, exits1, 'failed'],
  ['one of each', exits0, exits1, 'unknown'],
  ['one exits 0, one runs on', exits0, {}, 'unknown'],
  ['one fails, one runs on', exits1, {}, 'unknown'],
])('two tasks that name nothing, %s: %s', (_, first, second, outcome) => {
  const tale = underway()
  tale.world.migrations = [one({ startedBy: 'GitHub-Actions', ...first }), two({ startedBy: '', ...second })]
  done(tale)
  tale.watch(2 * minute)
  expect(tale.outcome).toBe(outcome)
})

test.each([
  ['all exit 0', 0, 'succeeded'],
  ['the last of them fails', 1, 'unknown'],
])(
  'hundreds of tasks of the family by anybody, %s: as many are remembered as make a difference',
  (_, failing, outcome) => {
    const tale = underway()
    const of = (index: number) =>
      migrationSighting({ taskArn: `arn:task/${1_000 + index}`, startedBy: 'jobs', ...exits0 })
    const all = Array.from({ length: 400 }, (_each, index) => of(index))
    tale.world.migrations = [...all, ...(failing > 0 ? [{ ...of(400), ...exits1 }] : [])]
    tale.later(5_000)
    done(tale)
    expect(tale.outcome).toBe(outcome)
    expect(tale.release.tracks.migration.tasks).toHaveLength(50 + failing)
  },
)

test('a migration whose startedBy goes on after the commit counts as one that names the commit', () => {
  const tale = underway()
  tale.world.migrations = [one({ startedBy: `deploy-${commit}-26831540771`, ...exits1 })]
  done(tale)
  expect(tale.outcome).toBe('failed')
})

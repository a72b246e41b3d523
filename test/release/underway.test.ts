import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { nextLook } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import { ana, ben, minute, policy, prodPolicy, ReleaseDriver, underway } from './driver.ts'
import { commit, migrationSighting, oldCommit, revision, start, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }
const bare = { migration: null } as const

function migrated(driver: ReleaseDriver): void {
  driver.world.migrations = [migrationSighting({ verdict: 'succeeded' })]
}

function done(driver: ReleaseDriver): void {
  migrated(driver)
  driver.world.runs({ verdict: 'succeeded' })
  driver.world.rollout({ verdict: 'succeeded' })
}

describe('a deploy that goes well', () => {
  test('a deploy goes through running, migrating, rolling out and succeeded, each posted once', () => {
    const driver = underway()
    expect(driver.state).toBe('running')
    driver.world.migrations = [migrationSighting()]
    driver.later(5_000)
    expect(driver.state).toBe('migrating')
    migrated(driver)
    driver.watch(10_000)
    expect(driver.posts('migration')).toHaveLength(1)
    driver.world.rollout()
    driver.watch(10_000)
    expect(driver.state).toBe('rolling out')
    expect(driver.posts('rollout')).toEqual([])
    driver.world.rollout({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBeNull()
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    const [ended, ...more] = driver.posts('ended')
    expect(more).toEqual([])
    expect(ended).toMatchObject({ mention: [], serving: [{ target, revision: { name: 'blog-api:43' } }] })
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('a deploy ends once, and later observations change nothing', () => {
    const driver = underway()
    done(driver)
    driver.later(5_000)
    driver.later(5_000)
    const before = driver.release
    driver.world.rollout({ verdict: 'rolled back' })
    driver.watch(minute)
    expect(driver.release).toEqual(before)
  })

  test('a baking or paused rollout has its own state, and is read less often', () => {
    for (const verdict of ['baking', 'paused'] as const) {
      const driver = underway(bare)
      driver.world.runs({ verdict: 'succeeded' })
      driver.world.rollout({ verdict })
      driver.watch(5 * minute)
      expect(driver.state).toBe(verdict)
      expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + 30_000)
    }
  })

  test('a bake time is read often again shortly before it ends, and until ECS shows its end', () => {
    const driver = underway(bare)
    driver.world.runs({ verdict: 'succeeded' })
    const shift = { strategy: 'blue/green', production: 100, lastsMs: minute } as const
    driver.world.rollout({ verdict: 'baking', shift })
    driver.later(5_000)
    const since = driver.now
    driver.later(50_000)
    expect(nextLook(driver.release, driver.now, polling)).toBe(since + minute - polling.activeMs)
    driver.later(10_000)
    const next = nextLook(driver.release, driver.now, polling) ?? 0
    expect(next - driver.now).toBeLessThanOrEqual(1.5 * polling.activeMs)
  })

  test('a deploy that rolled out nothing long enough after the end of its run is unchanged', () => {
    const driver = underway()
    migrated(driver)
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    driver.watch(55_000)
    expect(driver.outcome).toBeNull()
    driver.later(5_000)
    expect(driver.outcome).toBe('unchanged')
  })

  test('a completed deploy is superseded, not succeeded, if another revision runs', () => {
    const driver = underway()
    done(driver)
    driver.world.serves(revision(44))
    driver.later(5_000)
    expect(driver.outcome).toBe('superseded')
  })
})

describe('the migration', () => {
  test('a migration that exits 1 fails the deploy, and nothing was rolled out', () => {
    const driver = underway()
    driver.world.migrations = [migrationSighting({ verdict: 'failed', exitCode: 1 })]
    driver.world.runs({ verdict: 'failed' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.posts('migration')).toHaveLength(1)
    expect(driver.posts('ended')[0]).toMatchObject({
      log: { log: 'migration', taskArn: 'arn:task/1' },
      mention: [ana, 'S0ONCALL'],
    })
  })

  test('a migration without an exit code fails the deploy with an announcement, although the workflow rolled out', () => {
    const driver = underway()
    done(driver)
    driver.world.migrations = [migrationSighting({ verdict: 'failed', exitCode: null })]
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('tell').at(-1)?.where).toBe('channel')
  })

  test('a migration with our id beside one with only the commit is ours', () => {
    const driver = underway()
    done(driver)
    driver.world.migrations = [
      migrationSighting({ taskArn: 'arn:task/other', verdict: 'failed', exitCode: 1 }),
      migrationSighting({ taskArn: 'arn:task/ours', startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' }),
    ]
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a migration with our id is ours, whatever became of an earlier one with only the commit', () => {
    const driver = underway()
    const first = migrationSighting({ taskArn: 'arn:task/other', verdict: 'failed', exitCode: 1 })
    driver.world.migrations = [first]
    driver.later(5_000)
    done(driver)
    driver.world.migrations = [
      first,
      migrationSighting({ taskArn: 'arn:task/ours', startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' }),
    ]
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a migration of another release of the same commit is not ours', () => {
    const driver = underway()
    done(driver)
    driver.world.migrations = [
      migrationSighting({ startedBy: `deploy-${commit}-r-000000000`, verdict: 'failed', exitCode: 1 }),
    ]
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.release.tracks.migration).toMatchObject({ binding: 'absent', tasks: [] })
  })

  test('a migration that names neither release nor commit is ours after the run if it is the only one in its time', () => {
    const driver = underway()
    const silent = migrationSighting({ startedBy: '', createdAt: driver.now, verdict: 'failed', exitCode: 1 })
    driver.world.migrations = [silent]
    driver.later(5_000)
    expect(driver.release.tracks.migration.binding).toBe('weak')
    done(driver)
    driver.world.migrations = [silent]
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
  })

  test('a migration that names neither is not ours beside one that does, nor from before or after the run', () => {
    const driver = underway()
    const silent = { startedBy: '', verdict: 'failed', exitCode: 1 } as const
    const before = migrationSighting({ ...silent, taskArn: 'arn:task/2', createdAt: driver.now - minute })
    const during = migrationSighting({ ...silent, taskArn: 'arn:task/3', createdAt: driver.now })
    done(driver)
    driver.world.migrations = [before, during, migrationSighting({ verdict: 'succeeded' })]
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    const other = underway()
    const after = migrationSighting({ ...silent, createdAt: other.now + minute })
    done(other)
    other.world.migrations = [before, after]
    other.watch(2 * minute)
    expect(other.release.tracks.migration).toMatchObject({ binding: 'absent', tasks: [] })
  })

  const two = [
    migrationSighting({ verdict: 'succeeded' }),
    migrationSighting({ taskArn: 'arn:task/2', verdict: 'succeeded' }),
  ]

  test('two possible migrations of a run that became unreadable are unknown, and not waited for without end', () => {
    const driver = underway()
    driver.world.migrations = two
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('a migration matched only by its commit, of a run that became unreadable, is unknown, and not waited for without end', () => {
    const driver = underway()
    migrated(driver)
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('a migration that is never found is searched for long enough, then the rest decides, with a report', () => {
    const driver = underway()
    done(driver)
    driver.world.migrations = []
    driver.later(5_000)
    expect(driver.outcome).toBeNull()
    driver.watch(minute)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.reason).toContain('migration')
  })

  test('a migration that twokey may not read is reported, and never a success', () => {
    const driver = underway()
    done(driver)
    driver.world.trouble = { migration: unseen('terminal', 'AccessDenied') }
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.posts('blind')).toHaveLength(1)
  })

  test('a migration that still runs after the rollout is waited for', () => {
    const driver = underway()
    done(driver)
    driver.world.migrations = [migrationSighting()]
    driver.watch(3 * minute)
    expect(driver.outcome).toBeNull()
    migrated(driver)
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })
})

describe('the rollout of the release', () => {
  test('a rollout is ours by its tag, beside one that carries no commit', () => {
    const driver = underway(bare)
    driver.world.rollout({ arn: 'arn:theirs', commits: [], verdict: 'failed' })
    driver.world.rollout({ arn: 'arn:ours', releaseTag: 'r1' })
    driver.later(5_000)
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ binding: 'firm', seen: { arn: 'arn:ours' } })
  })

  test.each([
    ['carries no commit', []],
    ['names another', [oldCommit]],
  ])(
    'a rollout with our tag on a revision that %s, beside one of our commit: neither is ours',
    (_, commits) => {
      const driver = underway(bare)
      driver.world.rollout({ arn: 'arn:ours' })
      driver.later(5_000)
      driver.world.rollout({ arn: 'arn:tagged', releaseTag: 'r1', commits, verdict: 'succeeded' })
      driver.world.runs({ verdict: 'succeeded' })
      driver.watch(2 * minute)
      expect(driver.outcome).toBe('unknown')
    },
  )

  test.each([
    ['without a tag', null],
    ['with our tag', 'r1'],
  ])(
    'a rollout of another commit of the repository %s, and nothing else, fails the deploy and names both commits',
    (_, releaseTag) => {
      const driver = underway(bare)
      driver.world.rollout({ commits: [oldCommit], releaseTag, verdict: 'succeeded' })
      driver.watch(minute)
      expect(driver.outcome).toBeNull()
      driver.world.runs({ verdict: 'succeeded' })
      driver.watch(2 * minute)
      expect(driver.outcome).toBe('failed')
      expect(driver.reason).toContain(oldCommit.slice(0, 7))
      expect(driver.reason).toContain(commit.slice(0, 7))
      expect(driver.posts('ended')[0]?.mention).toEqual(
        expect.arrayContaining(['U0ANA', 'S0ONCALL', ...prodPolicy.approvers]),
      )
    },
  )

  test('a rollout of the rollback that replaced the deploy ends it superseded, not failed', () => {
    const driver = underway(bare)
    driver.supersede({ id: 'r2', requester: ben })
    driver.world.rollout({ revision: revision(41), commits: [oldCommit], verdict: 'succeeded' })
    driver.world.runs({ verdict: 'cancelled' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('superseded')
  })

  test('a rollout of another commit on another revision than that rollback’s fails the deploy', () => {
    const driver = underway(bare)
    driver.supersede({ id: 'r2', requester: ben })
    driver.world.rollout({ revision: revision(44), commits: [oldCommit], verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect([driver.outcome, driver.reason]).toEqual([
      'failed',
      expect.stringContaining(oldCommit.slice(0, 7)),
    ])
  })

  test('a rollout of our commit is ours after one of another commit', () => {
    const driver = underway(bare)
    driver.world.rollout({ arn: 'arn:other', commits: [oldCommit] })
    driver.later(5_000)
    driver.world.rollout({ arn: 'arn:ours', verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a rollout is ours by its commit, even if shortened', () => {
    const driver = underway(bare)
    driver.world.rollout({ commits: [commit.slice(0, 7)] })
    driver.later(5_000)
    expect(driver.release.tracks.rollouts[0]?.seen?.arn).toBe('arn:rollout/43')
  })

  test('a rollout matched by its time only counts once the run has ended', () => {
    const driver = underway(bare)
    driver.world.rollout({ commits: [], verdict: 'rolled back' })
    driver.watch(minute)
    expect([driver.outcome, driver.release.tracks.rollouts[0]?.binding]).toEqual([null, 'weak'])
    driver.world.runs({ verdict: 'failed' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
  })

  test('a rollout matched by time of a run that became unreadable is unknown, and not waited for without end', () => {
    const driver = underway(bare)
    driver.world.rollout({ commits: [], verdict: 'succeeded' })
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('two rollouts matched by time are both not ours', () => {
    const driver = underway(bare)
    driver.world.rollout({ commits: [] })
    driver.later(5_000)
    driver.world.rollout({ arn: 'arn:second', commits: [] })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ binding: 'ambiguous', seen: null })
    expect(driver.outcome).toBe('unknown')
  })

  test.each([
    ['two with our commit', [commit], null],
    ['two with our tag', [], 'r1'],
  ] as const)('%s: unknown', (_, commits, releaseTag) => {
    const driver = underway(bare)
    for (const arn of ['arn:a', 'arn:b'])
      driver.world.rollout({ arn, commits, releaseTag, verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(holdsLane(driver.release)).toBe(true)
  })

  test('a rollout from before the dispatch is not ours, although it has the commit', () => {
    const driver = new ReleaseDriver({ ...bare, policy: policy({ required: 0 }), eligible: 0 })
    driver.world.rollout()
    driver.look()
    driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test.each([
    ['another release’s tag', { releaseTag: 'r0', commits: [commit] }],
    ['from before the dispatch', { createdAt: start - 5 * minute }],
  ])('a rollout is not ours: %s', (_, part) => {
    const driver = underway(bare)
    driver.world.rollout(part)
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('a rollout with our tag is followed alone, and a later one of the same commit is not ours', () => {
    const driver = underway(bare)
    driver.world.rollout({ releaseTag: 'r1' })
    driver.later(5_000)
    driver.world.rollout({ arn: 'arn:later', verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.release.tracks.rollouts[0]?.seen?.arn).toBe('arn:rollout/43')
  })

  test('two rollouts of our commit during the run are both not ours', () => {
    const driver = underway(bare)
    driver.world.rollout()
    driver.later(5_000)
    driver.world.rollout({ arn: 'arn:later', verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('unknown')
  })

  test('a rollout that began well after the end of the run is somebody else’s', () => {
    const driver = underway(bare)
    driver.world.rollout()
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    driver.world.rollout({ arn: 'arn:later', createdAt: driver.now + 2 * minute, verdict: 'succeeded' })
    driver.watch(3 * minute)
    expect(driver.release.tracks.rollouts[0]?.seen?.arn).toBe('arn:rollout/43')
  })
})

describe('what ECS does with the rollout', () => {
  test('a rollback by the circuit breaker is reported at once, ends rolled back, and is never a success', () => {
    const driver = underway(bare)
    driver.world.rollout()
    driver.later(5_000)
    driver.world.rollout({ verdict: 'rolling back' })
    driver.world.serves(revision(42, oldCommit))
    driver.later(5_000)
    expect(driver.state).toBe('rolling back')
    expect(driver.posts('rolling-back')).toHaveLength(1)
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(minute)
    expect(driver.outcome).toBeNull()
    driver.world.rollout({ verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
    expect(driver.posts('ended')[0]).toMatchObject({
      serving: [{ revision: { name: 'blog-api:42' } }],
      log: { log: 'rollout' },
    })
  })

  test.each(['rollback failed', 'superseded', 'stopped', 'failed'] as const)(
    '%s ends it as that',
    (verdict) => {
      const driver = underway(bare)
      driver.world.rollout({ verdict })
      driver.later(5_000)
      expect(driver.outcome).toBe(verdict)
    },
  )

  test('an unknown status of ECS is unknown, never a success', () => {
    const driver = underway(bare)
    driver.world.rollout({ verdict: 'unknown' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('unknown')
  })

  test('a run that fails while ECS continues and succeeds is reported once, followed, and fails the deploy', () => {
    const driver = underway(bare)
    driver.world.rollout()
    driver.later(5_000)
    driver.world.runs({ verdict: 'failed', reason: 'the run timed out' })
    driver.watch(5 * minute)
    expect(driver.state).toBe('rolling out')
    expect(driver.posts('run-ended-early')).toHaveLength(1)
    driver.world.rollout({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('timed out')
  })
})

describe('what cannot be read', () => {
  test('temporary trouble with ECS is neither failure nor success, is reported once, and the deploy continues', () => {
    const driver = underway(bare)
    driver.world.trouble = { rollouts: unseen('passing') }
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(30 * minute)
    expect(driver.outcome).toBeNull()
    expect(driver.posts('blind')).toHaveLength(1)
    driver.world.trouble = {}
    driver.world.rollout({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a short failure to read is not reported', () => {
    const driver = underway(bare)
    driver.world.trouble = { rollouts: unseen('passing') }
    driver.watch(20_000)
    driver.world.trouble = {}
    driver.watch(20_000)
    expect(driver.posts('blind')).toHaveLength(0)
  })

  test('lasting trouble is reported the second time, and ends unknown with the lane held', () => {
    const driver = underway(bare)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.later(5_000)
    expect(driver.posts('blind')).toHaveLength(0)
    driver.later(5_000)
    expect(driver.posts('blind')).toHaveLength(1)
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(holdsLane(driver.release)).toBe(true)
  })

  test('Look again finds the real end once ECS can be read', () => {
    const driver = underway(bare)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    driver.world.trouble = {}
    driver.world.rollout({ verdict: 'succeeded' })
    driver.lookAgain(ben)
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.posts('ended').map(({ outcome }) => outcome)).toEqual(['unknown', 'succeeded'])
  })

  test.each([
    ['the run is gone from GitHub', 'run'],
    ['the service is gone from ECS', 'service'],
  ] as const)('%s: unknown after a while, not waited for without end', (_, gone) => {
    const driver = underway(bare)
    driver.world.rollout()
    driver.later(5_000)
    if (gone === 'run') {
      driver.world.run = { found: 'none' }
      driver.world.rollout({ verdict: 'succeeded' })
    } else {
      driver.world.runs({ verdict: 'succeeded' })
      driver.world.targets = []
    }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('a run that becomes unreadable while nothing was rolled out makes the deploy unknown', () => {
    const driver = underway(bare)
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('a missed deadline is reported once, and ends nothing', () => {
    const driver = underway(bare)
    driver.world.rollout({ createdAt: driver.now })
    driver.watch(90 * minute, 30_000)
    expect(driver.outcome).toBeNull()
    expect(driver.posts('late').map(({ track }) => track)).toEqual(['rollout', 'run'])
  })
})

describe('several targets', () => {
  const second = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
  const both = { ...bare, targets: [target, second] }

  function two(): ReleaseDriver {
    const driver = underway(both)
    driver.world.runs({ verdict: 'succeeded' })
    return driver
  }

  test('a deploy of two targets succeeds if both do', () => {
    const driver = two()
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.rollout({ arn: 'arn:worker', verdict: 'succeeded' }, second)
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test.each(['failed', 'rolled back', 'rollback failed', 'stopped', 'superseded'] as const)(
    'one succeeded, one %s: the worst',
    (verdict) => {
      const driver = two()
      driver.world.rollout({ verdict: 'succeeded' })
      driver.world.rollout({ arn: 'arn:worker', verdict }, second)
      driver.later(5_000)
      expect(driver.outcome).toBe(verdict)
    },
  )

  test('a rollout of one target that ECS rolls back is followed until both targets have ended', () => {
    const driver = two()
    driver.world.rollout({ verdict: 'rolled back' })
    driver.world.rollout({ arn: 'arn:worker' }, second)
    driver.watch(5 * minute)
    expect(driver.outcome).toBeNull()
    driver.world.rollout({ arn: 'arn:worker', verdict: 'succeeded' }, second)
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
  })

  test.each(['failed', 'rolled back', 'rollback failed', 'stopped', 'superseded'] as const)(
    'one %s, and ECS cannot be read while the other moves: unknown, and the lane is held',
    (verdict) => {
      const driver = two()
      driver.world.rollout({ verdict })
      driver.world.rollout({ arn: 'arn:worker' }, second)
      driver.later(5_000)
      driver.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
      driver.watch(3 * minute)
      expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
      expect(driver.reason).toContain(`the rollout is ${verdict}`)
      expect(driver.reason).toContain('AccessDenied')
      expect(actionsOf(driver.release)).toEqual(expect.arrayContaining(['look-again', 'settle']))
      driver.world.trouble = {}
      driver.world.rollout({ arn: 'arn:worker', verdict: 'succeeded' }, second)
      driver.lookAgain(ben)
      driver.later(5_000)
      expect(driver.outcome).toBe(verdict)
    },
  )

  test('a deploy that updated one of two targets fails and names the other', () => {
    const driver = two()
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('blog-worker')
  })
})

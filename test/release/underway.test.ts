import { describe, expect, test } from 'vitest'
import { holdsLane } from '../../src/release/release.ts'
import { nextLook } from '../../src/release/watch.ts'
import { ana, ben, minute, policy, prodPolicy, Tale, underway } from './driver.ts'
import { commit, migrationSighting, oldCommit, revision, start, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }
const bare = { migration: null } as const

function migrated(tale: Tale): void {
  tale.world.migrations = [migrationSighting({ verdict: 'succeeded' })]
}

function done(tale: Tale): void {
  migrated(tale)
  tale.world.runs({ verdict: 'succeeded' })
  tale.world.rollout({ verdict: 'succeeded' })
}

describe('a deploy that goes well', () => {
  test('running, migrating, rolling out, succeeded; each told once', () => {
    const tale = underway()
    expect(tale.state).toBe('running')
    tale.world.migrations = [migrationSighting()]
    tale.later(5_000)
    expect(tale.state).toBe('migrating')
    migrated(tale)
    tale.watch(10_000)
    expect(tale.stories('migration')).toHaveLength(1)
    tale.world.rollout()
    tale.watch(10_000)
    expect(tale.state).toBe('rolling out')
    expect(tale.stories('rollout')).toMatchObject([{ from: { name: 'blog-api:42' } }])
    tale.world.rollout({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBeNull()
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
    const [ended, ...more] = tale.stories('ended')
    expect(more).toEqual([])
    expect(ended).toMatchObject({ mention: [], serving: [{ target, revision: { name: 'blog-api:43' } }] })
    expect(holdsLane(tale.release)).toBe(false)
  })

  test('ends once: what is seen later changes nothing', () => {
    const tale = underway()
    done(tale)
    tale.later(5_000)
    tale.later(5_000)
    const before = tale.release
    tale.world.rollout({ verdict: 'rolled back' })
    tale.watch(minute)
    expect(tale.release).toEqual(before)
  })

  test('bakes and pauses under its own words, and is looked at less often', () => {
    for (const verdict of ['baking', 'paused'] as const) {
      const tale = underway(bare)
      tale.world.runs({ verdict: 'succeeded' })
      tale.world.rollout({ verdict })
      tale.watch(5 * minute)
      expect(tale.state).toBe(verdict)
      expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + 30_000)
    }
  })

  test('nothing rolled out: unchanged, once it was looked for long enough after the run’s end', () => {
    const tale = underway()
    migrated(tale)
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    tale.watch(55_000)
    expect(tale.outcome).toBeNull()
    tale.later(5_000)
    expect(tale.outcome).toBe('unchanged')
  })

  test('completed, but another revision serves: superseded, not succeeded', () => {
    const tale = underway()
    done(tale)
    tale.world.serves(revision(44))
    tale.later(5_000)
    expect(tale.outcome).toBe('superseded')
  })
})

describe('the migration', () => {
  test('exit 1: failed, nothing was rolled out', () => {
    const tale = underway()
    tale.world.migrations = [migrationSighting({ verdict: 'failed', exitCode: 1 })]
    tale.world.runs({ verdict: 'failed' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('failed')
    expect(tale.stories('migration')).toHaveLength(1)
    expect(tale.stories('ended')[0]).toMatchObject({
      log: { log: 'migration', taskArn: 'arn:task/1' },
      mention: [ana, 'S0ONCALL'],
    })
  })

  test('no exit code, and the workflow rolled out all the same: failed, loudly', () => {
    const tale = underway()
    done(tale)
    tale.world.migrations = [migrationSighting({ verdict: 'failed', exitCode: null })]
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('tell').at(-1)?.where).toBe('channel')
  })

  test('with our id beside one of the same commit without: ours', () => {
    const tale = underway()
    done(tale)
    tale.world.migrations = [
      migrationSighting({ taskArn: 'arn:task/other', verdict: 'failed', exitCode: 1 }),
      migrationSighting({ taskArn: 'arn:task/ours', startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' }),
    ]
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test('one of the commit first, then ours: ours, whatever became of the first', () => {
    const tale = underway()
    const first = migrationSighting({ taskArn: 'arn:task/other', verdict: 'failed', exitCode: 1 })
    tale.world.migrations = [first]
    tale.later(5_000)
    done(tale)
    tale.world.migrations = [
      first,
      migrationSighting({ taskArn: 'arn:task/ours', startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' }),
    ]
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test('another release’s of the same commit is not ours', () => {
    const tale = underway()
    done(tale)
    tale.world.migrations = [
      migrationSighting({ startedBy: `deploy-${commit}-r-000000000`, verdict: 'failed', exitCode: 1 }),
    ]
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.release.tracks.migration).toMatchObject({ binding: 'absent', tasks: [] })
  })

  test('that names neither release nor commit, the only one in the run’s time: ours once the run has ended', () => {
    const tale = underway()
    const silent = migrationSighting({ startedBy: '', createdAt: tale.now, verdict: 'failed', exitCode: 1 })
    tale.world.migrations = [silent]
    tale.later(5_000)
    expect(tale.release.tracks.migration.binding).toBe('weak')
    done(tale)
    tale.world.migrations = [silent]
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
  })

  test('that names neither is not ours beside one that does, nor from before or after the run', () => {
    const tale = underway()
    const silent = { startedBy: '', verdict: 'failed', exitCode: 1 } as const
    const before = migrationSighting({ ...silent, taskArn: 'arn:task/2', createdAt: tale.now - minute })
    const during = migrationSighting({ ...silent, taskArn: 'arn:task/3', createdAt: tale.now })
    done(tale)
    tale.world.migrations = [before, during, migrationSighting({ verdict: 'succeeded' })]
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
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

  test('two candidates, and the run is lost from sight: unknown, not waited for without end', () => {
    const tale = underway()
    tale.world.migrations = two
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('known by its commit alone, and the run is lost from sight: unknown, not waited for without end', () => {
    const tale = underway()
    migrated(tale)
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('never seen: looked for long enough, then the rest decides, and that is said', () => {
    const tale = underway()
    done(tale)
    tale.world.migrations = []
    tale.later(5_000)
    expect(tale.outcome).toBeNull()
    tale.watch(minute)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.reason).toContain('migration')
  })

  test('AccessDenied: said, and never called success', () => {
    const tale = underway()
    done(tale)
    tale.world.trouble = { migration: unseen('terminal', 'AccessDenied') }
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
    expect(tale.stories('blind')).toHaveLength(1)
  })

  test('still running when the rollout is done: waited for', () => {
    const tale = underway()
    done(tale)
    tale.world.migrations = [migrationSighting()]
    tale.watch(3 * minute)
    expect(tale.outcome).toBeNull()
    migrated(tale)
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })
})

describe('whose rollout is it', () => {
  test('by tag, beside one that names no commit', () => {
    const tale = underway(bare)
    tale.world.rollout({ arn: 'arn:theirs', commits: [], verdict: 'failed' })
    tale.world.rollout({ arn: 'arn:ours', releaseTag: 'r1' })
    tale.later(5_000)
    expect(tale.release.tracks.rollouts[0]).toMatchObject({ binding: 'firm', seen: { arn: 'arn:ours' } })
  })

  test.each([
    ['names no commit', []],
    ['names another', [oldCommit]],
  ])('a tag of ours on a revision that %s, beside one of our commit: neither', (_, commits) => {
    const tale = underway(bare)
    tale.world.rollout({ arn: 'arn:ours' })
    tale.later(5_000)
    tale.world.rollout({ arn: 'arn:tagged', releaseTag: 'r1', commits, verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test.each([
    ['without a tag', null],
    ['with our tag', 'r1'],
  ])('another commit of the repository %s, and nothing else: failed, both commits named', (_, releaseTag) => {
    const tale = underway(bare)
    tale.world.rollout({ commits: [oldCommit], releaseTag, verdict: 'succeeded' })
    tale.watch(minute)
    expect(tale.outcome).toBeNull()
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain(oldCommit.slice(0, 7))
    expect(tale.reason).toContain(commit.slice(0, 7))
    expect(tale.stories('ended')[0]?.mention).toEqual(
      expect.arrayContaining(['U0ANA', 'S0ONCALL', ...prodPolicy.approvers]),
    )
  })

  test('another commit that the rollback brings which replaces it: superseded, not a failure of the run', () => {
    const tale = underway(bare)
    tale.supersede({ id: 'r2', requester: ben })
    tale.world.rollout({ revision: revision(41), commits: [oldCommit], verdict: 'succeeded' })
    tale.world.runs({ verdict: 'cancelled' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('superseded')
  })

  test('another commit on another revision than that rollback brings: failed, as the run’s doing', () => {
    const tale = underway(bare)
    tale.supersede({ id: 'r2', requester: ben })
    tale.world.rollout({ revision: revision(44), commits: [oldCommit], verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect([tale.outcome, tale.reason]).toEqual(['failed', expect.stringContaining(oldCommit.slice(0, 7))])
  })

  test('another commit first, then one of ours: ours', () => {
    const tale = underway(bare)
    tale.world.rollout({ arn: 'arn:other', commits: [oldCommit] })
    tale.later(5_000)
    tale.world.rollout({ arn: 'arn:ours', verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test('by commit, also a short one', () => {
    const tale = underway(bare)
    tale.world.rollout({ commits: [commit.slice(0, 7)] })
    tale.later(5_000)
    expect(tale.release.tracks.rollouts[0]?.seen?.arn).toBe('arn:rollout/43')
  })

  test('by its time alone: only believed once the run has ended', () => {
    const tale = underway(bare)
    tale.world.rollout({ commits: [], verdict: 'rolled back' })
    tale.watch(minute)
    expect([tale.outcome, tale.release.tracks.rollouts[0]?.binding]).toEqual([null, 'weak'])
    tale.world.runs({ verdict: 'failed' })
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
  })

  test('by its time alone, and the run is lost from sight: unknown, not waited for without end', () => {
    const tale = underway(bare)
    tale.world.rollout({ commits: [], verdict: 'succeeded' })
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('a second one by its time: neither', () => {
    const tale = underway(bare)
    tale.world.rollout({ commits: [] })
    tale.later(5_000)
    tale.world.rollout({ arn: 'arn:second', commits: [] })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.release.tracks.rollouts[0]).toMatchObject({ binding: 'ambiguous', seen: null })
    expect(tale.outcome).toBe('unknown')
  })

  test.each([
    ['two with our commit', [commit], null],
    ['two with our tag', [], 'r1'],
  ] as const)('%s: unknown', (_, commits, releaseTag) => {
    const tale = underway(bare)
    for (const arn of ['arn:a', 'arn:b'])
      tale.world.rollout({ arn, commits, releaseTag, verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
    expect(holdsLane(tale.release)).toBe(true)
  })

  test('one that was there before the dispatch: not ours, though it carries the commit', () => {
    const tale = new Tale({ ...bare, policy: policy({ required: 0 }), eligible: 0 })
    tale.world.rollout()
    tale.look()
    tale.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unchanged')
  })

  test.each([
    ['another release’s tag', { releaseTag: 'r0', commits: [commit] }],
    ['from before the dispatch', { createdAt: start - 5 * minute }],
  ])('%s: not ours', (_, part) => {
    const tale = underway(bare)
    tale.world.rollout(part)
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unchanged')
  })

  test('one that carries our tag is followed alone: a later one of the same commit is not ours', () => {
    const tale = underway(bare)
    tale.world.rollout({ releaseTag: 'r1' })
    tale.later(5_000)
    tale.world.rollout({ arn: 'arn:later', verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.release.tracks.rollouts[0]?.seen?.arn).toBe('arn:rollout/43')
  })

  test('a second one of our commit while the run moves: neither', () => {
    const tale = underway(bare)
    tale.world.rollout()
    tale.later(5_000)
    tale.world.rollout({ arn: 'arn:later', verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('unknown')
  })

  test('one that began well after the run’s end is somebody else’s', () => {
    const tale = underway(bare)
    tale.world.rollout()
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    tale.world.rollout({ arn: 'arn:later', createdAt: tale.now + 2 * minute, verdict: 'succeeded' })
    tale.watch(3 * minute)
    expect(tale.release.tracks.rollouts[0]?.seen?.arn).toBe('arn:rollout/43')
  })
})

describe('what ECS does with it', () => {
  test('the breaker takes it back: said at once, rolled back in the end, never success', () => {
    const tale = underway(bare)
    tale.world.rollout()
    tale.later(5_000)
    tale.world.rollout({ verdict: 'rolling back' })
    tale.world.serves(revision(42, oldCommit))
    tale.later(5_000)
    expect(tale.state).toBe('rolling back')
    expect(tale.stories('rolling-back')).toHaveLength(1)
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(minute)
    expect(tale.outcome).toBeNull()
    tale.world.rollout({ verdict: 'rolled back' })
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
    expect(tale.stories('ended')[0]).toMatchObject({
      serving: [{ revision: { name: 'blog-api:42' } }],
      log: { log: 'rollout' },
    })
  })

  test.each(['rollback failed', 'superseded', 'stopped', 'failed'] as const)(
    '%s ends it as that',
    (verdict) => {
      const tale = underway(bare)
      tale.world.rollout({ verdict })
      tale.later(5_000)
      expect(tale.outcome).toBe(verdict)
    },
  )

  test('an unknown word of ECS is unknown, never success', () => {
    const tale = underway(bare)
    tale.world.rollout({ verdict: 'unknown' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('unknown')
  })

  test('the run gives up while ECS goes on and succeeds: said once, followed, failed', () => {
    const tale = underway(bare)
    tale.world.rollout()
    tale.later(5_000)
    tale.world.runs({ verdict: 'failed', reason: 'the run timed out' })
    tale.watch(5 * minute)
    expect(tale.state).toBe('rolling out')
    expect(tale.stories('run-ended-early')).toHaveLength(1)
    tale.world.rollout({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain('timed out')
  })
})

describe('what cannot be read', () => {
  test('passing trouble with ECS is neither failure nor success: said once, and it goes on', () => {
    const tale = underway(bare)
    tale.world.trouble = { rollouts: unseen('passing') }
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(30 * minute)
    expect(tale.outcome).toBeNull()
    expect(tale.stories('blind')).toHaveLength(1)
    tale.world.trouble = {}
    tale.world.rollout({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test('a short hiccup is not said', () => {
    const tale = underway(bare)
    tale.world.trouble = { rollouts: unseen('passing') }
    tale.watch(20_000)
    tale.world.trouble = {}
    tale.watch(20_000)
    expect(tale.stories('blind')).toHaveLength(0)
  })

  test('terminal trouble is said the second time, and ends unknown with the lane held', () => {
    const tale = underway(bare)
    tale.world.trouble = { rollouts: unseen('terminal') }
    tale.later(5_000)
    expect(tale.stories('blind')).toHaveLength(0)
    tale.later(5_000)
    expect(tale.stories('blind')).toHaveLength(1)
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
    expect(holdsLane(tale.release)).toBe(true)
  })

  test('looked at again once it can be seen: how it really ended', () => {
    const tale = underway(bare)
    tale.world.trouble = { rollouts: unseen('terminal') }
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    tale.world.trouble = {}
    tale.world.rollout({ verdict: 'succeeded' })
    tale.lookAgain(ben)
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.stories('ended').map(({ outcome }) => outcome)).toEqual(['unknown', 'succeeded'])
  })

  test.each([
    ['the run is gone from GitHub', 'run'],
    ['the service is gone from ECS', 'service'],
  ] as const)('%s: unknown after a while, not waited for without end', (_, gone) => {
    const tale = underway(bare)
    tale.world.rollout()
    tale.later(5_000)
    if (gone === 'run') {
      tale.world.run = { found: 'none' }
      tale.world.rollout({ verdict: 'succeeded' })
    } else {
      tale.world.runs({ verdict: 'succeeded' })
      tale.world.targets = []
    }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('a run lost from sight while nothing is rolled out: unknown', () => {
    const tale = underway(bare)
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('deadlines are said once, and end nothing', () => {
    const tale = underway(bare)
    tale.world.rollout({ createdAt: tale.now })
    tale.watch(90 * minute, 30_000)
    expect(tale.outcome).toBeNull()
    expect(tale.stories('late').map(({ track }) => track)).toEqual(['rollout', 'run'])
  })
})

describe('several targets', () => {
  const second = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
  const both = { ...bare, targets: [target, second] }

  function two(): Tale {
    const tale = underway(both)
    tale.world.runs({ verdict: 'succeeded' })
    return tale
  }

  test('both succeeded', () => {
    const tale = two()
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.rollout({ arn: 'arn:worker', verdict: 'succeeded' }, second)
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test.each(['failed', 'rolled back', 'rollback failed', 'stopped', 'superseded'] as const)(
    'one succeeded, one %s: the worst',
    (verdict) => {
      const tale = two()
      tale.world.rollout({ verdict: 'succeeded' })
      tale.world.rollout({ arn: 'arn:worker', verdict }, second)
      tale.later(5_000)
      expect(tale.outcome).toBe(verdict)
    },
  )

  test('one taken back while the other moves: followed on until both are still', () => {
    const tale = two()
    tale.world.rollout({ verdict: 'rolled back' })
    tale.world.rollout({ arn: 'arn:worker' }, second)
    tale.watch(5 * minute)
    expect(tale.outcome).toBeNull()
    tale.world.rollout({ arn: 'arn:worker', verdict: 'succeeded' }, second)
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
  })

  test('one never updated: failed, the other is named', () => {
    const tale = two()
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain('blog-worker')
  })
})

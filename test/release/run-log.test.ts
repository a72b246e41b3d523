import { describe, expect, test } from 'vitest'
import { looks } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import type {
  JobSighting,
  RolloutSighting,
  RolloutVerdict,
  RunLogSighting,
} from '../../src/release/sighting.ts'
import type { Outcome } from '../../src/release/stage.ts'
import { ben, deploySubject, minute, type ReleaseDriver, sending, underway } from './driver.ts'
import { commit, oldCommit, revision, start, target, unseen } from './world.ts'

const bare = { migration: null } as const
const second = { ...target, service: 'blog-worker' }
const head = '5555555000000000000000000000000000000000'

const ours = { arn: 'arn:rollout/44', revision: revision(44), commits: [], verdict: 'succeeded' } as const
const theirs = { arn: 'arn:rollout/45', revision: revision(45), commits: [], verdict: 'succeeded' } as const

const masked = (arn: string) => arn.replace('123456789012', '***')

function job(id: number, part: Partial<JobSighting> = {}): JobSighting {
  return {
    id,
    name: `job ${id}`,
    verdict: 'succeeded',
    startedAt: 1,
    completedAt: 2,
    url: '',
    step: null,
    ...part,
  }
}

/** Only what the store has survives from one look to the next. */
function restarted(driver: ReleaseDriver): void {
  driver.release = JSON.parse(JSON.stringify(driver.release))
}

/** The run has succeeded, and these were rolled out meanwhile; the second serves. */
function tied(
  driver: ReleaseDriver,
  rollouts: readonly Partial<RolloutSighting>[] = [theirs, ours],
  run: { readonly headSha?: string; readonly endedAt?: number } = {},
): ReleaseDriver {
  for (const each of rollouts) driver.world.rollout(each)
  driver.world.runs({ ...run, verdict: 'succeeded', jobs: [job(1), job(2)] })
  driver.watch(minute)
  restarted(driver)
  return driver
}

/** The names in a log, printed this long after the rollouts began. */
function printed(names: readonly string[], afterMs = 0): RunLogSighting {
  return { names: names.map((name) => ({ name, at: start + afterMs })), extent: 'whole' }
}

/** The log names our revision at these times, from five minutes after the start. */
function ours44(...afterMs: readonly number[]): RunLogSighting {
  const [at = null, ...later] = afterMs.map((ms) => start + 5 * minute + ms)
  return { names: [{ name: 'blog-api:44', at, later }], extent: 'whole' }
}

function named(...names: readonly string[]): ReleaseDriver {
  const driver = underway(bare)
  driver.world.runLog = printed(names)
  return driver
}

describe('the log of a run in whose time two rollouts could be the release’s', () => {
  test.each<readonly [string, readonly string[], Outcome]>([
    ['names neither', [], 'unknown'],
    ['names ours by its ARN', [ours.revision.arn], 'succeeded'],
    ['names ours by its ARN, with the account masked', [masked(ours.revision.arn)], 'succeeded'],
    ['names ours by family and revision', ['blog-api:44'], 'succeeded'],
    ['names the deployment of ours', ['ecs-svc/44'], 'succeeded'],
    ['names the service deployment of ours', ['arn:rollout/44'], 'succeeded'],
    ['names ours, and what served before', ['blog-api:44', 'blog-api:42', 'ecs-svc/42'], 'succeeded'],
    ['names ours, and another family', ['blog-api:44', 'blog-worker:45'], 'succeeded'],
    ['names the other, which no longer serves', ['blog-api:45'], 'superseded'],
    ['names both', ['blog-api:44', 'blog-api:45'], 'unknown'],
    ['names ours, and the deployment of the other', ['blog-api:44', 'ecs-svc/45'], 'unknown'],
    ['names ours, and a revision that nobody knows', ['blog-api:44', 'blog-api:47'], 'unknown'],
    ['names another release’s revision alone', ['blog-api:47'], 'unknown'],
    [
      'names the same revision of another account',
      [ours.revision.arn.replace('123456789012', '210987654321')],
      'unknown',
    ],
    [
      'names the same revision in another region',
      [ours.revision.arn.replace('ap-northeast-2', 'eu-west-1')],
      'unknown',
    ],
  ])('%s: by that it ends', (_, names, outcome) => {
    const driver = tied(named(...names))
    expect([driver.outcome, holdsLane(driver.release)]).toEqual([outcome, outcome === 'unknown'])
    const isTold = outcome !== 'unknown'
    expect(driver.reason).toMatch(isTold && outcome !== 'superseded' ? /run’s log/ : /blog-api/)
    const detail = driver.audit.find(({ what }) => what === 'end decided')?.detail
    expect(detail).toMatchObject({
      runLog: { checked: 'yes', log: printed(names) },
      rollouts: [{ decidedBy: isTold ? 'log' : null, evidence: isTold ? 'time' : null }],
    })
    expect(driver.audit.filter(({ what }) => what === 'run log read')).toHaveLength(1)
  })

  test.each<readonly [string, readonly Partial<RolloutSighting>[], Outcome]>([
    ['two of our commit', [theirs, ours].map((each) => ({ ...each, commits: [commit] })), 'succeeded'],
    ['two with our tag', [theirs, ours].map((each) => ({ ...each, releaseTag: 'r1' })), 'succeeded'],
    [
      'our tag on both, and our commit on the other',
      [
        { ...theirs, releaseTag: 'r1', commits: [commit] },
        { ...ours, releaseTag: 'r1' },
      ],
      'unknown',
    ],
    ['our tag on the other', [{ ...theirs, releaseTag: 'r1' }, ours], 'unknown'],
    [
      'our tag on the other, ours of our commit',
      [
        { ...theirs, releaseTag: 'r1' },
        { ...ours, commits: [commit] },
      ],
      'unknown',
    ],
    ['two of other commits', [theirs, ours].map((each) => ({ ...each, commits: [oldCommit] })), 'unknown'],
  ])('the log decides only between rollouts that match equally well: %s', (_, rollouts, outcome) => {
    expect(tied(named('blog-api:44'), rollouts).outcome).toBe(outcome)
  })

  test.each<readonly [string, readonly Partial<RolloutSighting>[]]>([
    [
      'our tag',
      [
        { ...theirs, releaseTag: 'r1', commits: [commit] },
        { ...ours, releaseTag: 'r0' },
      ],
    ],
    ['our commit', [{ ...theirs, commits: [commit] }, ours]],
    ['its being alone', [theirs]],
  ])('the log is not read if %s decides', (_, rollouts) => {
    const driver = tied(named('blog-api:44'), rollouts)
    expect(driver.release.tracks.rollouts[0]?.seen?.arn).toBe(theirs.arn)
    expect(driver.release.tracks.runLog).toBeUndefined()
  })

  test.each<readonly [string, RunLogSighting, Outcome]>([
    ['half a minute before it began, as it was registered', ours44(-minute / 2), 'succeeded'],
    ['seconds after it began, as ECS answered', ours44(5_000), 'succeeded'],
    [
      'when it was registered, and after a migration again, as ECS answered',
      ours44(-3 * minute, 0),
      'succeeded',
    ],
    ['minutes before it began', ours44(-3 * minute), 'unknown'],
    ['minutes before it began, and once it may serve', ours44(-3 * minute, minute), 'unknown'],
    ['a minute after it began, as it may by then serve', ours44(minute), 'unknown'],
    ['at no known time', { names: [{ name: 'blog-api:44', at: null }], extent: 'whole' }, 'unknown'],
  ])('the log names our rollout %s, which decides the end', (_, log, outcome) => {
    const driver = underway(bare)
    driver.world.runLog = log
    driver.watch(5 * minute)
    const createdAt = start + 5 * minute
    expect(
      tied(
        driver,
        [theirs, ours].map((each) => ({ ...each, createdAt })),
      ).outcome,
    ).toBe(outcome)
  })

  test('a log that dates a name before the dispatch decides nothing, because its runner’s clock is behind', () => {
    const driver = underway(bare)
    driver.world.runLog = {
      names: [
        { name: 'blog-api:42', at: start - minute / 2 },
        { name: 'blog-api:44', at: start },
      ],
      extent: 'whole',
    }
    tied(driver)
    expect([driver.outcome, driver.reason]).toEqual(['unknown', expect.stringContaining('clock')])
  })

  test('a log of a run that continued long after its runner dates the end decides nothing', () => {
    const driver = named('blog-api:44')
    driver.watch(3 * minute)
    const createdAt = driver.now
    driver.world.runLog = printed(['blog-api:44'], 3 * minute)
    tied(
      driver,
      [theirs, ours].map((each) => ({ ...each, createdAt })),
      { endedAt: start + minute },
    )
    expect([driver.outcome, driver.reason]).toEqual(['unknown', expect.stringContaining('clock')])
  })

  test('a log that names the manual rollout, dated early by a clock that is behind, makes the release unknown', () => {
    const driver = underway(bare)
    driver.world.runLog = ours44(-5.5 * minute)
    driver.watch(minute)
    tied(driver, [
      { ...theirs, createdAt: start + minute },
      { ...ours, createdAt: start + minute + 10_000 },
    ])
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
  })

  test.each<readonly [RolloutVerdict, Outcome]>([
    ['succeeded', 'succeeded'],
    ['superseded', 'succeeded'],
    ['rolling back', 'unknown'],
    ['rolled back', 'unknown'],
    ['rollback failed', 'unknown'],
    ['failed', 'unknown'],
    ['stopped', 'unknown'],
    ['unknown', 'unknown'],
  ])('a log that names one rollout, while the other may be ours and is %s: %s', (verdict, outcome) => {
    const driver = named('blog-api:44')
    tied(driver, [{ ...theirs, verdict, createdAt: start + 6_000 }, ours])
    expect(driver.outcome).toBe(outcome)
  })

  test('a log that names one rollout, while a later one is in progress that ECS then rolls back, makes the release unknown', () => {
    const driver = named('blog-api:44')
    tied(driver, [ours, { ...theirs, verdict: 'moving', createdAt: start + 6_000 }])
    expect(driver.outcome).toBe('unknown')
    driver.world.rollout({ ...theirs, verdict: 'rolled back', createdAt: start + 6_000 })
    driver.world.serves(ours.revision)
    driver.lookAgain(ben)
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('a log that names the later rollout decides while the earlier one, which it replaces, is in progress', () => {
    const driver = tied(named('blog-api:44'), [
      { ...theirs, verdict: 'moving' },
      { ...ours, createdAt: start + 6_000 },
    ])
    expect(driver.outcome).toBe('succeeded')
  })

  test('a log that was too large to read completely decides nothing, and the end says so', () => {
    const driver = named('blog-api:44')
    driver.world.runLog = { ...printed(['blog-api:44']), extent: 'part' }
    tied(driver)
    expect([driver.outcome, driver.reason]).toEqual(['unknown', expect.stringContaining('too large')])
  })

  test('a log decides nothing if the run started on another commit and no image names one', () => {
    const driver = sending({ ...bare, subject: deploySubject({ tip: head }) }, { sha: head })
    driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    driver.world.runs({ headSha: head })
    driver.later(5_000)
    driver.world.runLog = printed(['blog-api:44'])
    tied(driver, [theirs, ours], { headSha: head })
    expect([driver.outcome, driver.reason]).toEqual(['unknown', expect.stringContaining(head.slice(0, 7))])
  })

  test('the log is read once, after the end of the run, of the jobs that ran', () => {
    const driver = named('blog-api:44')
    for (const each of [theirs, ours]) driver.world.rollout(each)
    driver.watch(minute)
    const asked = () => looks(driver.release, null).filter(({ look }) => look === 'runLog')
    expect(asked()).toEqual([])
    const jobs = [job(1), job(2, { verdict: 'skipped' }), job(3, { startedAt: null }), job(4)]
    // Another look is still due, so the release does not end.
    driver.world.trouble = { beyond: unseen('passing') }
    driver.world.runs({ verdict: 'succeeded', jobs })
    driver.lookWithoutEffects()
    expect(asked()).toMatchObject([{ repository: 'myorg/blog-api', jobs: [4, 1], families: ['blog-api'] }])
    driver.later(5_000)
    expect(asked()).toEqual([])
  })

  test.each(['passing', 'terminal'] as const)(
    'a log that cannot be read (%s trouble) is tried four times within two minutes, then the release is unknown; Look again reads it',
    (kind) => {
      const driver = named('blog-api:44')
      let reads = 0
      driver.world.trouble = {
        get runLog() {
          reads += 1
          return unseen(kind, 'fetch failed')
        },
      }
      for (const each of [theirs, ours]) driver.world.rollout(each)
      driver.world.runs({ verdict: 'succeeded', jobs: [job(1)] })
      const begun = driver.now
      while (driver.outcome === null && reads < 100) {
        driver.later(3_000)
        restarted(driver)
      }
      expect([driver.outcome, driver.reason]).toEqual(['unknown', expect.stringContaining('fetch failed')])
      expect([reads, driver.now - begun > minute, driver.now - begun < 2.1 * minute]).toEqual([4, true, true])
      driver.world.trouble = {}
      driver.lookAgain(ben)
      driver.watch(minute)
      expect(driver.outcome).toBe('succeeded')
    },
  )

  test('an unreadable log is read again at once if the clock was set back', () => {
    const driver = named('blog-api:44')
    driver.world.trouble = { runLog: unseen('passing') }
    for (const each of [theirs, ours]) driver.world.rollout(each)
    driver.world.runs({ verdict: 'succeeded', jobs: [job(1)] })
    driver.watch(10_000)
    expect(driver.release.tracks.runLog?.checked).toBe('not yet')
    driver.world.trouble = {}
    driver.setBack(10 * minute)
    driver.watch(15_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a log does not decide by family and revision in several regions, because they may be of any region', () => {
    const abroad = { ...target, region: 'eu-west-1' }
    const driver = underway({ ...bare, targets: [target, abroad] })
    driver.world.runLog = printed(['blog-api:44'])
    driver.world.rollout(ours, abroad)
    expect(tied(driver).outcome).toBe('unknown')
  })

  test('the log distinguishes two deployments of one revision by their ids', () => {
    const again = { ...theirs, revision: ours.revision }
    expect(tied(named('blog-api:44'), [again, ours]).outcome).toBe('unknown')
    const driver = tied(named('blog-api:44', 'ecs-svc/44'), [again, ours])
    expect([driver.outcome, driver.release.tracks.rollouts[0]?.seen?.arn]).toEqual(['succeeded', ours.arn])
  })

  test('the log decides in one of two targets, and the commit in the other', () => {
    const driver = underway({ ...bare, targets: [target, second] })
    driver.world.runLog = printed(['blog-api:44'])
    driver.world.rollout({ ...ours, commits: [commit] }, second)
    const rollouts = [theirs, ours].map((each) => ({ ...each, commits: [commit] }))
    expect(tied(driver, rollouts).outcome).toBe('succeeded')
  })

  test('a log that names a rollout which ECS rolls back ends the release rolled back', () => {
    const driver = tied(named('blog-api:44'), [theirs, { ...ours, verdict: 'rolled back' }])
    expect(driver.outcome).toBe('rolled back')
  })

  test('the log of a settled run is not read', () => {
    const driver = named('blog-api:44')
    for (const each of [theirs, ours]) driver.world.rollout(each)
    driver.watch(61 * minute)
    driver.settle(ben)
    driver.watch(2 * minute)
    expect([driver.outcome, driver.release.tracks.runLog]).toEqual(['unknown', undefined])
  })
})

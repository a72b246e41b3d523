import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { rerun } from '../../src/release/actions/rerun.ts'
import type { Answer } from '../../src/release/answer.ts'
import type { AttemptSearch, LastAttempt } from '../../src/release/attempts.ts'
import { looks } from '../../src/release/next-look.ts'
import type { Request } from '../../src/release/request.ts'
import type { JobSighting, RunSighting } from '../../src/release/sighting.ts'
import {
  ana,
  ben,
  chloe,
  deploySubject,
  gateSubject,
  minute,
  ReleaseDriver,
  rerunSubject,
  rollbackSubject,
  sending,
  underway,
} from './driver.ts'
import {
  commit,
  migrationSighting,
  oldCommit,
  revision,
  rolloutSighting,
  runSighting,
  start,
  unseen,
} from './world.ts'

function job(name: string, verdict: JobSighting['verdict']): JobSighting {
  return { id: name.length, name, verdict, startedAt: start, completedAt: start, url: '', step: null }
}

const jobs = [job('build', 'succeeded'), job('deploy', 'failed'), job('smoke', 'skipped')]

/** A release whose run ended like this, with nothing rolled out. */
function ended(run: Partial<RunSighting>, part: Partial<Request> = {}): ReleaseDriver {
  const driver = underway(part)
  driver.world.runs({ jobs, ...run })
  driver.watch(3 * minute)
  return driver
}

const failed = (part: Partial<Request> = {}) => ended({ verdict: 'failed' }, part)

describe('the button Re-run failed jobs', () => {
  test('the card offers it once the run has failed, and it requests the next attempt of that run', () => {
    const { release } = failed({ migration: null })
    expect(actionsOf(release)).toEqual(['retry', 're-run'])
    expect(rerun.request(release)).toEqual({
      request: 'rerun',
      run: {
        id: 501,
        url: runSighting().url,
        attempt: 1,
        first: { release: 'r1', kind: 'deploy' },
        failed: { count: 1, names: ['deploy'] },
        migration: 'none',
        rolledOut: [],
      },
    })
  })

  test('a request keeps the release of the first attempt when a re-run has failed too', () => {
    const driver = sent({ id: 'r2', migration: null })
    driver.world.attempts = { found: 'one', run: second({ verdict: 'failed', jobs }) }
    driver.world.run = { found: 'one', run: second({ verdict: 'failed', jobs }) }
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('failed')
    expect(actionsOf(driver.release)).toEqual(['re-run'])
    expect(rerun.request(driver.release)).toMatchObject({ run: { attempt: 2, first: { release: 'r1' } } })
  })

  test('the card offers it for a run that was cancelled on GitHub', () => {
    const driver = ended({ verdict: 'cancelled', jobs: [job('deploy', 'cancelled')] })
    expect(driver.outcome).toBe('cancelled')
    expect(actionsOf(driver.release)).toContain('re-run')
  })

  test('the card offers it for a push whose run failed behind its gate', () => {
    const driver = new ReleaseDriver({ subject: gateSubject(), migration: null })
    driver.world.gate = { gate: 'passed', by: [] }
    driver.look()
    driver.world.runs({ verdict: 'failed', jobs })
    driver.watch(3 * minute)
    expect(actionsOf(driver.release)).toEqual(['re-run'])
    expect(rerun.request(driver.release)).toMatchObject({ run: { first: { release: 'r1', kind: 'gate' } } })
  })

  test.each<readonly [string, () => ReleaseDriver]>([
    ['a run that succeeded', () => ended({ verdict: 'succeeded' })],
    ['a run without a failed job', () => ended({ verdict: 'failed', jobs: [] })],
    ['a run that was settled', () => settledRun()],
    ['a run on something else than was approved', () => foreign()],
    ['a run that somebody started again on GitHub', () => startedAgain()],
    ['a release that was never sent', () => rejected()],
  ])('the card does not offer it for %s', (_, made) => {
    const { release } = made()
    expect(release.stage.at).toBe('ended')
    expect(actionsOf(release)).not.toContain('re-run')
    expect(rerun.request(release)).toMatchObject({ refused: { code: 'run_not_rerunnable' } })
  })

  test.each([
    ['failed', 'failed', /may have been applied in part/],
    ['succeeded', 'succeeded', /own approvals/],
  ] as const)('the confirmation says what a migration that %s left', (verdict, kept, words) => {
    const driver = underway()
    driver.world.migrations = [migrationSighting({ verdict, startedBy: `deploy-${commit}-r1` })]
    driver.world.runs({ verdict: 'failed', jobs })
    driver.watch(3 * minute)
    expect(rerun.request(driver.release)).toMatchObject({ run: { migration: kept } })
    expect(rerun.confirm?.(driver.release)?.text).toMatch(words)
  })
})

function settledRun(): ReleaseDriver {
  const driver = underway({ migration: null })
  driver.world.runs({ jobs })
  driver.watch(70 * minute, minute)
  driver.settle(ben)
  driver.watch(3 * minute)
  return driver
}

/** The branch moved between the last check and the dispatch, and the workflow pins no commit. */
function foreign(): ReleaseDriver {
  const driver = sending({ subject: deploySubject({ inputs: [] }), migration: null })
  driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
  driver.world.runs({ headSha: oldCommit, verdict: 'failed', jobs })
  driver.watch(3 * minute)
  return driver
}

function startedAgain(): ReleaseDriver {
  const driver = failed()
  driver.world.laterAttempt = { run: second(), login: 'chloe' }
  driver.watch(minute)
  return driver
}

function rejected(): ReleaseDriver {
  const driver = new ReleaseDriver()
  driver.reject(ben)
  return driver
}

/** Attempt 2 of run 501. */
function second(part: Partial<RunSighting> = {}): RunSighting {
  return runSighting({ attempt: 2, ...part })
}

const request: Partial<Request> = { id: 'r2', subject: rerunSubject() }

/** A re-run with its approvals, which was just sent. */
function sent(part: Partial<Request> = {}): ReleaseDriver {
  return sending({ ...request, ...part })
}

const answer = (is: Exclude<Extract<Answer, { to: 'rerun' }>['answer'], 'limited'>): Answer => ({
  to: 'rerun',
  answer: is,
  reason: 'GitHub answered',
})

describe('a re-run with its approvals', () => {
  test('a re-run asks for its own approvals, then is sent once for that attempt of that run', () => {
    const driver = new ReleaseDriver(request)
    expect(driver.state).toBe('awaiting approval')
    driver.look()
    expect(driver.effectsOf('rerun')).toEqual([])
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('rerun')).toMatchObject([
      { repository: 'myorg/blog-api', runId: 501, attempt: 1, sendBy: start + minute },
    ])
    expect(driver.effectsOf('dispatch')).toEqual([])
    expect(driver.effectsOf('take-lanes')).toHaveLength(1)
    driver.answer(answer('accepted'))
    driver.watch(minute)
    expect(driver.effectsOf('rerun')).toHaveLength(1)
  })

  test('a re-run does not depend on where its branch has moved', () => {
    const driver = new ReleaseDriver(request)
    driver.world.tip = { ...driver.world.tip, sha: oldCommit, githubTree: 'tree-2' }
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('rerun')).toHaveLength(1)
  })

  test('a re-run follows the attempt that twokey started', () => {
    const driver = sent()
    driver.answer(answer('accepted'))
    driver.world.attempts = { found: 'one', run: second() }
    driver.look()
    driver.world.run = { found: 'one', run: second() }
    driver.look()
    expect(driver.state).toBe('running')
    expect(driver.release.tracks.run).toMatchObject({ id: 501, attempt: 2, head: 'approved' })
  })

  test('a re-run finds its attempt after a crash in which the answer was lost, and sends nothing again', () => {
    const driver = sent()
    driver.watch(30_000)
    driver.world.attempts = { found: 'one', run: second() }
    driver.look()
    expect(driver.state).toBe('running')
    expect(driver.effectsOf('rerun')).toHaveLength(1)
  })

  test.each<readonly [string, AttemptSearch, RegExp]>([
    ['no attempt appears', { found: 'none' }, /no attempt after 1/],
    [
      'somebody else started the next attempt',
      { found: 'others', attempts: [{ attempt: 2, login: 'ben-login' }] },
      /attempt 2 by .ben-login/,
    ],
    [
      'two attempts could be its own',
      {
        found: 'others',
        attempts: [
          { attempt: 2, login: 'twokey-bot' },
          { attempt: 3, login: 'twokey-bot' },
        ],
      },
      /attempt 2 by .twokey-bot.+attempt 3/,
    ],
  ])('a re-run is unknown if %s, and claims none', (_, attempts, why) => {
    const driver = sent()
    driver.answer(answer('unclear'))
    driver.world.attempts = attempts
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toMatch(why)
    expect(driver.release.tracks.run).toBeNull()
    expect(actionsOf(driver.release)).toEqual(['look-again', 'settle'])
    driver.lookAgain(ana)
    driver.world.attempts = { found: 'one', run: second() }
    driver.look()
    expect(driver.state).toBe('running')
    expect(driver.effectsOf('rerun')).toHaveLength(1)
  })

  test('a re-run is unknown if the run cannot be read for long', () => {
    const driver = sent()
    driver.world.trouble = { run: unseen('terminal', 'the token was revoked') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.reason).toContain('the token was revoked')
  })

  test('a re-run fails if GitHub refuses it', () => {
    const driver = sent()
    driver.answer(answer('refused'))
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toBe('GitHub did not run the failed jobs again: GitHub answered')
  })

  test('a re-run checks everything again before another mark if it was held back or met a rate limit', () => {
    const driver = sent()
    driver.answer(answer('held back'))
    expect(driver.release.stage.at).toBe('ready')
    driver.look()
    driver.answer({ to: 'rerun', answer: 'limited', until: driver.now + minute, reason: 'too many' })
    expect(driver.posts('limited')).toHaveLength(1)
    driver.later(30_000)
    expect(driver.effectsOf('rerun')).toHaveLength(2)
    driver.later(minute)
    expect(driver.effectsOf('rerun')).toHaveLength(3)
  })

  test('a re-run opens the gate of its attempt with its own approvals', () => {
    const driver = sent()
    const opens = ['production']
    driver.world.attempts = { found: 'one', run: second({ opens }) }
    driver.world.run = { found: 'one', run: second({ opens }) }
    driver.look()
    driver.look()
    expect(driver.effectsOf('review-gate')).toMatchObject([
      { runId: 501, attempt: 2, environment: 'production', verdict: 'approved' },
    ])
  })
})

describe('a re-run before it is sent', () => {
  const last = (part: Partial<Extract<LastAttempt, { found: 'run' }>>): LastAttempt => ({
    found: 'run',
    attempt: 1,
    verdict: 'failed',
    login: 'twokey-bot',
    createdAt: start,
    ...part,
  })

  test.each<readonly [string, LastAttempt, string, RegExp]>([
    [
      'somebody started it again',
      last({ attempt: 2, login: 'ben-login' }),
      'superseded',
      /ben-login. started attempt 2/,
    ],
    ['it was deleted', { found: 'none' }, 'failed', /no longer has the run/],
    ['it is more than 30 days old', last({ createdAt: start - 31 * 24 * 60 * minute }), 'failed', /30 days/],
    ['it has no failed job', last({ verdict: 'succeeded' }), 'failed', /no failed jobs/],
    ['it is in progress', last({ verdict: 'moving' }), 'failed', /in progress/],
  ])('a re-run ends if the run cannot be run again: %s', (_, seen, outcome, why) => {
    const driver = new ReleaseDriver(request)
    driver.world.failedRun = seen
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.outcome).toBe(outcome)
    expect(driver.reason).toMatch(why)
    expect(driver.effectsOf('rerun')).toEqual([])
  })

  test('a re-run ends while its approvals are missing once somebody has started the run again', () => {
    const driver = new ReleaseDriver(request)
    driver.world.failedRun = last({ attempt: 2, login: null })
    driver.look()
    expect(driver.outcome).toBe('superseded')
    expect(driver.reason).toBe('somebody started attempt 2 of the run on GitHub; nothing was sent')
  })

  test('a re-run waits while the run cannot be read', () => {
    const driver = new ReleaseDriver(request)
    driver.world.trouble = { failedRun: unseen('passing') }
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.release.stage).toMatchObject({ at: 'ready', waiting: { precondition: 'failed run' } })
  })

  test('a re-run ends if something else was deployed after its request', () => {
    const driver = new ReleaseDriver(request)
    const known = { known: true, commits: [], total: 1, direction: 'back', url: '' } as const
    driver.world.changesNow = {
      serving: revision(45),
      changes: known,
      authorship: { known: true, logins: [], since: [] },
    }
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.outcome).toBe('superseded')
    expect(driver.reason).toBe('blog-api:45 was deployed after the request; nothing was sent')
  })

  test('a re-run holds its lanes from its request on, as a deploy does', () => {
    const holder = { ...underway().release, id: 'r0' }
    expect(() => new ReleaseDriver(request, [holder])).toThrow('in_flight')
  })
})

describe('what a re-run started in AWS', () => {
  /** The new attempt is in progress. */
  function running(part: Partial<Request> = {}): ReleaseDriver {
    const driver = sent(part)
    driver.world.attempts = { found: 'one', run: second() }
    driver.world.run = { found: 'one', run: second() }
    driver.look()
    return driver
  }

  test('a rollout is recognized by the id of the first attempt', () => {
    const driver = running({ migration: null })
    driver.now += minute
    driver.world.rollout({ releaseTag: 'r1', commits: [], createdAt: driver.now, verdict: 'succeeded' })
    driver.world.run = { found: 'one', run: second({ verdict: 'succeeded', jobs }) }
    driver.watch(2 * minute)
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ binding: 'firm' })
    expect(driver.outcome).toBe('succeeded')
  })

  test('what the first attempt had rolled out before is not the rollout of a re-run', () => {
    const driver = new ReleaseDriver({ ...request, migration: null })
    const early = rolloutSighting({ releaseTag: 'r1', verdict: 'succeeded', createdAt: start })
    driver.world.rollout(early)
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    driver.world.attempts = { found: 'one', run: second() }
    driver.world.run = { found: 'one', run: second({ verdict: 'succeeded', jobs }) }
    driver.watch(3 * minute)
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ seen: null })
  })

  test.each([
    ['listed before the re-run', 'listed'],
    ['dated before the re-run, which could not list them', 'not listed'],
  ] as const)('a re-run leaves out the migration of the first attempt, %s', (_, listing) => {
    const mine = { startedBy: `deploy-${commit}-r1` }
    const old = migrationSighting({
      ...mine,
      taskArn: 'arn:task/1',
      verdict: 'failed',
      createdAt: start - minute,
    })
    const driver = new ReleaseDriver(request)
    driver.world.tasksBefore = [old.taskArn]
    if (listing === 'not listed') driver.world.trouble = { tasksBefore: unseen('passing') }
    driver.now += 2 * minute
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    driver.world.attempts = { found: 'one', run: second() }
    driver.world.run = { found: 'one', run: second() }
    driver.look()
    const done = migrationSighting({
      ...mine,
      taskArn: 'arn:task/2',
      verdict: 'succeeded',
      createdAt: driver.now,
    })
    driver.world.migrations = [old, done]
    driver.later(5_000)
    expect(driver.release.tracks.migration).toMatchObject({
      binding: 'found',
      tasks: [{ taskArn: 'arn:task/2', verdict: 'succeeded' }],
    })
  })
})

describe('a re-run of the jobs after the rollout', () => {
  /** What attempt 1 rolled out, and how its migration ended. */
  function rerunAfter(migration: 'succeeded' | 'failed', serves = revision(43, commit)): ReleaseDriver {
    const driver = underway({ migration: null })
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'failed', jobs })
    driver.watch(3 * minute)
    const requested = rerun.request(driver.release)
    if (!('run' in requested)) throw new Error('nothing to run again')
    const subject = rerunSubject({ ...requested.run, migration })
    const again = new ReleaseDriver({ ...request, subject, migration: null, serving: [revision(43, commit)] })
    again.world.serves(serves)
    again.approve(ben)
    again.approve(chloe)
    again.look()
    again.world.attempts = { found: 'one', run: second() }
    again.world.run = { found: 'one', run: second({ verdict: 'succeeded', jobs }) }
    again.watch(3 * minute)
    return again
  }

  test('a re-run succeeds while what an earlier attempt rolled out serves', () => {
    const driver = rerunAfter('succeeded')
    expect(driver.outcome).toBe('succeeded')
    expect(driver.reason).toBe(
      'the failed jobs have succeeded, and blog-api:43, which an earlier attempt rolled out, is serving',
    )
  })

  test.each([
    ['the migration had failed', () => rerunAfter('failed')],
    ['something else serves', () => rerunAfter('succeeded', revision(42, oldCommit))],
  ])('a re-run is unchanged if %s', (_, made) => {
    expect(made().outcome).toBe('unchanged')
  })
})

test('a release whose run twokey runs again does not report that as started on GitHub', () => {
  const driver = failed()
  driver.nextSentAt = driver.now
  driver.world.laterAttempt = { run: second({ verdict: 'succeeded' }), login: 'twokey-bot' }
  driver.watch(minute)
  expect(driver.release.tracks.again).toBeUndefined()
  expect(driver.posts('started-again')).toEqual([])
})

test('a rollback that replaces a re-run cancels its run', () => {
  const driver = sent()
  driver.world.attempts = { found: 'one', run: second() }
  driver.world.run = { found: 'one', run: second() }
  driver.look()
  driver.supersede({ id: 'r3', requester: chloe, subject: rollbackSubject() })
  driver.look()
  expect(driver.effectsOf('cancel-run')).toMatchObject([{ runId: 501 }])
})

test('a re-run that waits for approvals reads its run, nothing else of it', () => {
  const { release } = new ReleaseDriver(request)
  expect(looks(release, null).map(({ look }) => look)).toEqual(['failedRun'])
})

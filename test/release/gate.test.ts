import { describe, expect, test } from 'vitest'
import { actions } from '../../src/release/actions/actions.ts'
import type { Answer } from '../../src/release/answer.ts'
import { githubPerson, type PersonId, somebodyOnGitHub } from '../../src/release/names.ts'
import { nextLook } from '../../src/release/next-look.ts'
import type { Policy } from '../../src/release/policy/approval.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import type { ChangesSighting, GateSighting } from '../../src/release/sighting.ts'
import { laterJobSince } from '../../src/release/tracks/later-job.ts'
import {
  ana,
  ben,
  chloe,
  gateSubject,
  minute,
  policy,
  ReleaseDriver,
  rollbackSubject,
  sending,
  underway,
} from './driver.ts'
import { oldCommit, revision, runSighting, start } from './world.ts'

/** Dana pushed: a run waits at the gate of production. Ben and Chloe have logins on GitHub. */
const logins: Policy['people'] = [
  { slack: [ben], github: 'ben-login' },
  { slack: [chloe], github: 'chloe-login' },
]

function pushed({
  by = githubPerson('dana'),
  people = logins,
  attempt = 1,
}: {
  by?: PersonId
  people?: Policy['people']
  attempt?: number
} = {}): ReleaseDriver {
  return new ReleaseDriver({ subject: gateSubject(attempt), requester: by, policy: policy({ people }) })
}

function approveBoth(driver: ReleaseDriver): void {
  driver.approve(ben)
  driver.approve(chloe)
}

function approved(driver = pushed()): ReleaseDriver {
  approveBoth(driver)
  driver.look()
  return driver
}

const review = (answer: Extract<Answer, { to: 'review-gate' }>['answer']): Answer => ({
  to: 'review-gate',
  verdict: 'approved',
  answer,
  reason: 'GitHub answered',
})

const passed: GateSighting = { gate: 'passed', by: ['some-admin'] }

describe('a run that waits at a gate', () => {
  test('a run passes once it has its approvals, with the names of the approvers', () => {
    const driver = pushed()
    driver.look()
    expect(driver.effectsOf('review-gate')).toEqual([])
    approved(driver)
    expect(driver.effectsOf('review-gate')).toMatchObject([
      {
        runId: 501,
        environment: 'production',
        verdict: 'approved',
        comment: expect.stringContaining('ben-login'),
      },
    ])
    expect(driver.effectsOf('hold-lanes')).toHaveLength(1)
    driver.answer(review('taken'))
    expect(driver.state).toBe('running')
    expect(driver.release.tracks.run).toMatchObject({ id: 501, attempt: 1 })
  })

  test('a run waits for the wait timer after the last approval', () => {
    const driver = pushed()
    driver.release = { ...driver.release, waitMs: 5 * minute }
    approved(driver)
    expect(driver.state).toBe('waiting')
    driver.later(5 * minute)
    driver.look()
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
  })

  test('a run that passed is followed to its true end', () => {
    const driver = approved()
    driver.answer(review('taken'))
    driver.world.runs()
    driver.world.run = { found: 'one', run: runSighting({ verdict: 'failed' }) }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('failed')
  })

  test.each<['passing' | 'terminal', 'before' | 'after']>([
    ['passing', 'before'],
    ['passing', 'after'],
    ['terminal', 'before'],
    ['terminal', 'after'],
  ])(
    'a gate that cannot be read for ten minutes, %s, is told and opened afterwards: %s the approvals',
    (kind, when) => {
      const driver = pushed()
      if (when === 'after') approveBoth(driver)
      driver.world.trouble.gate = { seen: false, kind, reason: 'GitHub answered 503' }
      driver.watch(10 * minute)
      if (when === 'before') approveBoth(driver)
      driver.watch(minute)
      expect(driver.effectsOf('review-gate')).toEqual([])
      expect(driver.outcome).toBe(null)
      // Once before the approvals, and once when they are in and it still cannot be read.
      expect(driver.posts('blind')).toHaveLength(when === 'before' ? 2 : 1)
      delete driver.world.trouble.gate
      driver.watch(minute)
      expect(driver.effectsOf('review-gate')[0]).toMatchObject({ verdict: 'approved' })
    },
  )

  test('a gate that expires is closed with the names of those who had approved', () => {
    const driver = pushed()
    driver.approve(ben)
    driver.later(121 * minute)
    driver.look()
    expect(driver.effectsOf('review-gate')).toMatchObject([
      { verdict: 'rejected', comment: expect.stringContaining('ben-login') },
    ])
  })

  test('a run fails if its head is not the commit that was approved', () => {
    const driver = approved()
    driver.answer(review('taken'))
    driver.world.run = { found: 'one', run: runSighting({ headSha: 'f'.repeat(40) }) }
    driver.look()
    expect(driver.effectsOf('cancel-run')).toHaveLength(1)
  })

  test.each([
    ['reject', (driver: ReleaseDriver) => driver.reject(ben), 'rejected'],
    ['cancel', (driver: ReleaseDriver) => driver.cancel(ben), 'cancelled'],
    ['time', (driver: ReleaseDriver) => driver.later(121 * minute), 'expired'],
    ['a rollback', (driver: ReleaseDriver) => driver.supersede({ id: 'r9', requester: ana }), 'superseded'],
  ])('a run is rejected on GitHub when its release ends before that: by %s', (_, ends, outcome) => {
    const driver = pushed()
    ends(driver)
    driver.look()
    expect(driver.outcome).toBe(outcome)
    expect(driver.effectsOf('review-gate')).toMatchObject([{ verdict: 'rejected', runId: 501 }])
    driver.later(1_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
    driver.later(10_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(2)
    driver.world.gate = { gate: 'rejected', by: [] }
    driver.watch(5 * minute)
    expect(driver.effectsOf('review-gate')).toHaveLength(2)
    expect(driver.release.tracks.gate?.is).toBe('closed')
  })

  test.each<[GateSighting, string]>([
    [{ gate: 'rejected', by: ['some-admin'] }, 'rejected'],
    [{ gate: 'run ended', verdict: 'cancelled', reason: 'it was cancelled' }, 'cancelled'],
    [{ gate: 'run ended', verdict: 'failed', reason: 'the job test failed' }, 'failed'],
    [
      {
        gate: 'run ended',
        verdict: 'cancelled',
        reason: 'GitHub cancelled the run for workflow run #58',
        newer: { id: 502, number: 58, url: 'https://github.example/runs/502', group: 'ship' },
      },
      'superseded',
    ],
    [{ gate: 'started again', attempt: 2 }, 'superseded'],
  ])('a release ends with its run on GitHub: %j', (gate, outcome) => {
    for (const driver of [pushed(), approved(waiting())]) {
      driver.world.gate = gate
      driver.look()
      expect(driver.outcome).toBe(outcome)
      expect(driver.effectsOf('review-gate')).toEqual([])
    }

    function waiting() {
      const driver = pushed()
      driver.release = { ...driver.release, waitMs: minute }
      return driver
    }
  })

  test('a gate that somebody opens on GitHub is reported, and the run followed', () => {
    const driver = pushed()
    driver.approve(ben)
    driver.world.gate = passed
    driver.look()
    expect(driver.posts('gate-opened-outside')).toMatchObject([
      { by: ['some-admin'], missing: 1, required: 2 },
    ])
    expect(driver.state).toBe('running')
    expect(driver.effectsOf('review-gate')).toEqual([])
  })

  test('a gate that somebody opens on GitHub after the rejection is reported', () => {
    const driver = pushed()
    driver.reject(ben)
    driver.world.gate = passed
    driver.look()
    expect(driver.posts('gate-opened-outside')).toHaveLength(1)
    expect(driver.outcome).toBe('rejected')
    expect(driver.audit.filter(({ what }) => what === 'gate opened on GitHub')).toMatchObject([
      { detail: { by: ['some-admin'], after: 'rejected' } },
    ])
  })

  test('a run that somebody lets through on GitHub after the rejection is followed to its end, not cancelled', () => {
    const driver = pushed()
    driver.reject(ben)
    driver.world.gate = passed
    driver.look()
    expect(driver.effectsOf('hold-lanes')).toHaveLength(1)
    driver.world.runs({ verdict: 'succeeded', endedAt: driver.now })
    driver.watch(3 * minute)
    expect(driver.posts('run-ended')).toHaveLength(1)
    expect(driver.effectsOf('cancel-run')).toEqual([])
    expect(driver.outcome).toBe('rejected')
  })

  test('a run that somebody lets through on GitHub after a rollback replaced it is cancelled', () => {
    const driver = pushed()
    driver.supersede({ id: 'r9', requester: ana })
    driver.world.gate = passed
    driver.look()
    expect(driver.posts('gate-opened-outside')).toMatchObject([{ run: 'is cancelled' }])
    expect(driver.effectsOf('cancel-run')).toMatchObject([{ runId: 501 }])
  })

  test('a rejection that GitHub does not take is sent ever less often', () => {
    const driver = pushed()
    driver.reject(ben)
    driver.watch(60 * minute)
    const sent = driver.effectsOf('review-gate').length
    expect(sent).toBeGreaterThan(5)
    expect(sent).toBeLessThan(20)
  })

  test('the release shows why twokey cannot open the gate while approvals are missing, until it can', () => {
    const driver = pushed()
    const notAllowed: GateSighting = { gate: 'waiting', may: { not: 'the rule is not enabled' } }
    for (const gate of [notAllowed, { gate: 'waiting', may: 'unlisted' } as const, notAllowed]) {
      driver.world.gate = gate
      driver.look()
      expect(driver.release.tracks.gate?.mayNot).toBe('the rule is not enabled')
    }
    expect(driver.audit.filter(({ what }) => what === 'cannot open the gate')).toHaveLength(1)
    driver.world.gate = { gate: 'waiting', may: 'review' }
    driver.look()
    expect(driver.release.tracks.gate?.mayNot).toBeUndefined()
  })

  test('a gate that twokey may not close is not rejected', () => {
    const driver = pushed()
    driver.reject(ben)
    driver.world.gate = { gate: 'waiting', may: { not: 'the rule is not enabled' } }
    driver.watch(minute)
    expect(driver.effectsOf('review-gate')).toEqual([])
  })

  test('a reason mentions nobody on GitHub', () => {
    const driver = pushed()
    driver.reject(ben)
    driver.release = {
      ...driver.release,
      stage: { ...driver.release.stage, reason: 'ask @myorg/payments' } as Release['stage'],
    }
    driver.look()
    expect(driver.effectsOf('review-gate')).toMatchObject([{ comment: expect.not.stringContaining('@m') }])
  })

  test('a run waits for another release that holds the lane, without stopping it', () => {
    const driver = pushed()
    driver.holders = [underway({ id: 'r0' }).release]
    approved(driver)
    expect(driver.state).toBe('queued')
    expect(driver.effectsOf('supersede')).toEqual([])
    driver.holders = []
    driver.later(3_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
  })

  test('a run expires in the queue, and is rejected on GitHub', () => {
    const driver = pushed()
    driver.holders = [underway({ id: 'r0' }).release]
    approved(driver)
    driver.watch(31 * minute, minute)
    expect(driver.outcome).toBe('expired')
    expect(driver.effectsOf('review-gate').every(({ verdict }) => verdict === 'rejected')).toBe(true)
  })
})

describe('a later job at a gate that somebody opened on GitHub for an earlier one', () => {
  const waitedSince = start + minute

  /** Its later job waits there for the time. */
  function openedOutside(forMs: number): ReleaseDriver {
    const driver = pushed()
    driver.world.gate = passed
    driver.look()
    driver.world.runs({
      heldBy: { kind: 'gate', words: 'it waits', since: waitedSince },
      opens: ['Production'],
    })
    driver.later(2 * minute)
    driver.look()
    driver.later(forMs)
    driver.look()
    return driver
  }

  test('the later job is asked for once it has waited for a while, and is not opened by the release of the earlier one', () => {
    const driver = openedOutside(2 * minute)
    expect(laterJobSince(driver.release, driver.now)).toBe(waitedSince)
    expect(driver.effectsOf('review-gate')).toEqual([])
  })

  test.each<[string, (driver: ReleaseDriver) => void]>([
    ['its run goes on', ({ world }) => world.runs()],
    [
      'it waits at another gate',
      ({ world }) => world.runs({ heldBy: { kind: 'gate', words: 'it waits' }, opens: ['staging'] }),
    ],
    ['its run is being cancelled', (driver) => driver.cancel(ben)],
    ['a rollback replaces it', (driver) => driver.supersede({ id: 'r9', requester: ana })],
  ])('nobody is asked again: %s', (_, happens) => {
    const driver = openedOutside(2 * minute)
    happens(driver)
    driver.look()
    expect(laterJobSince(driver.release, driver.now)).toBeNull()
  })

  test('the release for the later job waits for other releases, but not for that of the earlier job', () => {
    const earlier = openedOutside(2 * minute).release
    const subject = gateSubject()
    if (subject.kind !== 'gate') throw new Error('no gate')
    const driver = new ReleaseDriver({
      id: 'r2',
      subject: { ...subject, run: { ...subject.run, since: waitedSince } },
      requester: githubPerson('dana'),
      policy: policy({ people: logins }),
    })
    const other = underway({ id: 'r0' }).release
    driver.holders = [
      earlier,
      { ...other, tracks: { ...other.tracks, run: { ...other.tracks.run!, id: 500 } } },
    ]
    approved(driver)
    expect(driver.state).toBe('queued')
    driver.holders = [earlier]
    driver.later(3_000)
    expect(driver.effectsOf('review-gate')).toMatchObject([{ verdict: 'approved', runId: 501 }])
    expect(driver.effectsOf('hold-lanes')).toMatchObject([{ beside: [earlier.id] }])
  })
})

describe('a run that waited while another release was deployed', () => {
  const changed = (direction: 'forward' | 'back'): ChangesSighting => ({
    serving: revision(43, oldCommit),
    changes: { known: true, commits: [], total: 1, direction, url: '' },
    authorship: { known: true, logins: ['dana'], since: [oldCommit] },
  })

  test('a run that only adds commits passes with its approvals, and shows what it changes now', () => {
    const driver = pushed()
    driver.world.changesNow = changed('forward')
    approved(driver)
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
    expect(driver.release).toMatchObject({
      subject: { changes: { total: 1 } },
      servingBefore: { name: 'blog-api:43' },
    })
  })

  test('a run whose commit is no longer on the branch ends, and is rejected on GitHub', () => {
    const driver = pushed()
    driver.world.changesNow = 'off branch'
    approved(driver)
    expect(driver.outcome).toBe('failed')
    driver.look()
    expect(driver.effectsOf('review-gate')).toMatchObject([{ verdict: 'rejected' }])
  })

  test('a run that would remove commits asks again, with a confirmation', () => {
    const driver = pushed()
    driver.world.changesNow = changed('back')
    approved(driver)
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.approvals).toEqual([])
    expect(driver.effectsOf('review-gate')).toEqual([])
    expect(actions.approve.confirm?.(driver.release)).not.toBeNull()
    driver.world.changesNow = null
    approved(driver)
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
  })
})

describe('a run that waited while another release was deployed, where authors may not approve', () => {
  const newCommit = 'a'.repeat(40)

  function meanwhile(authors: readonly string[]): ReleaseDriver {
    const driver = new ReleaseDriver({
      subject: gateSubject(),
      requester: githubPerson('dana'),
      policy: policy({ people: logins, authorsMayApprove: false }),
    })
    driver.world.serves(revision(43, newCommit))
    driver.world.changesNow = {
      serving: revision(43, newCommit),
      changes: { known: true, commits: [], total: 1, direction: 'forward', url: '' },
      authorship: { known: true, logins: authors, since: [newCommit] },
    }
    return approved(driver)
  }

  test('a run that only adds commits of others passes with its approvals', () => {
    const driver = meanwhile(['dana'])
    expect(driver.effectsOf('review-gate')).toMatchObject([{ verdict: 'approved' }])
  })

  test('a run that adds commits of an approver asks again', () => {
    const driver = meanwhile(['dana', 'ben-login'])
    expect(driver.state).toBe('awaiting approval')
    expect(driver.effectsOf('review-gate')).toEqual([])
    expect(driver.approve(ben)).toMatchObject({ code: 'may_not_approve' })
  })
})

describe('a review of a gate whose answer is not clear', () => {
  test('an unclear review counts once GitHub shows that the run went on, and is no bypass', () => {
    const driver = approved()
    driver.answer(review('unclear'))
    driver.world.gate = { gate: 'passed', by: 'twokey' }
    driver.later(1_000)
    expect(driver.state).toBe('running')
    expect(driver.posts('gate-opened-outside')).toEqual([])
  })

  test('an unclear review is sent again only after everything was checked again', () => {
    const driver = approved()
    driver.answer(review('unclear'))
    driver.later(2_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
    driver.world.people = { [ben]: { eligible: false, why: 'not_an_approver', sentence: 'Ben left' } }
    driver.watch(30_000)
    expect(driver.state).toBe('awaiting approval')
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
  })

  test('a review that was held back is not sent again at once', () => {
    const driver = approved()
    driver.answer(review('held back'))
    driver.look()
    driver.later(1_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
    driver.watch(6_000, 1_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(2)
  })

  test.each<[string, GateSighting]>([
    ['as GitHub shows', { gate: 'passed', by: 'twokey' }],
    ['of which GitHub shows no review', { gate: 'passed', by: [] }],
  ])('a run that starts on an approval of twokey after the rejection is cancelled: %s', (_, gate) => {
    const driver = approvedTooLate()
    driver.world.gate = gate
    driver.look()
    expect(driver.posts('gate-opened-outside')).toEqual([])
    expect(driver.posts('gate-opened-late')).toHaveLength(1)
    expect(driver.effectsOf('cancel-run')).toMatchObject([{ runId: 501 }])
    driver.world.runs()
    driver.watch(2 * minute)
    expect(driver.effectsOf('cancel-run').length).toBeGreaterThan(1)
    driver.world.runs({ verdict: 'cancelled', endedAt: driver.now })
    driver.watch(3 * minute)
    expect(driver.posts('run-ended')).toHaveLength(1)
    expect(driver.outcome).toBe('rejected')
  })

  test('a run that starts on an approval of twokey after the rejection holds the lane until it ends', () => {
    const driver = approvedTooLate()
    driver.world.gate = { gate: 'passed', by: 'twokey' }
    driver.look()
    expect(driver.effectsOf('hold-lanes')).toHaveLength(2)
    expect(holdsLane(driver.release)).toBe(true)
    driver.world.runs({ verdict: 'cancelled', endedAt: driver.now })
    driver.watch(3 * minute)
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('a run that somebody else lets through after an approval of twokey came to nothing is reported', () => {
    const driver = approvedTooLate()
    driver.world.gate = passed
    driver.look()
    expect(driver.posts('gate-opened-outside')).toMatchObject([{ by: ['some-admin'] }])
    expect(driver.effectsOf('cancel-run')).toEqual([])
  })

  /** GitHub did not answer the approval and shows that the run still waits; then somebody rejects the release. */
  function approvedTooLate(): ReleaseDriver {
    const driver = approved()
    driver.answer(review('unclear'))
    driver.holders = [underway({ id: 'r0' }).release]
    driver.watch(10_000)
    expect(driver.state).toBe('queued')
    driver.holders = []
    driver.reject(ben)
    expect(driver.outcome).toBe('rejected')
    return driver
  }

  test('a refused review fails the release', () => {
    const driver = approved()
    driver.answer(review('refused'))
    expect(driver.outcome).toBe('failed')
  })

  test('no review is sent while twokey may not review the gate', () => {
    const driver = pushed()
    driver.world.gate = { gate: 'waiting', may: { not: 'the rule is not enabled' } }
    approved(driver)
    expect(driver.effectsOf('review-gate')).toEqual([])
  })
})

describe('a run that cannot be asked about any more', () => {
  const unreadable = { seen: false, kind: 'terminal', reason: 'the GitHub App is not installed' } as const

  test('a release expires by its policy, and holds no lane', () => {
    const driver = pushed()
    driver.approve(ben)
    driver.world.trouble.gate = unreadable
    driver.watch(121 * minute, minute)
    expect(driver.outcome).toBe('expired')
    expect(holdsLane(driver.release)).toBe(false)
    expect(driver.posts('blind')).toHaveLength(1)
  })

  test('a release that has its approvals expires soon after them', () => {
    const driver = pushed()
    approveBoth(driver)
    driver.world.trouble.gate = unreadable
    driver.watch(32 * minute, minute)
    expect(driver.outcome).toBe('expired')
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('a release ends if GitHub no longer shows its run, though not by the first look', () => {
    const driver = pushed()
    driver.world.gate = { gate: 'gone' }
    driver.look()
    expect(driver.outcome).toBe(null)
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('cancelled')
    expect(holdsLane(driver.release)).toBe(false)
    expect(driver.effectsOf('review-gate')).toEqual([])
  })

  test('a run that is shown again is still asked about', () => {
    const driver = pushed()
    driver.world.gate = { gate: 'gone' }
    driver.look()
    driver.world.gate = { gate: 'waiting', may: 'review' }
    driver.look()
    expect(driver.release.tracks.gate?.goneSince).toBeUndefined()
    expect(driver.outcome).toBe(null)
  })

  test.each<[string, (driver: ReleaseDriver) => void]>([
    [
      'GitHub no longer shows',
      ({ world }) => {
        world.gate = { gate: 'gone' }
      },
    ],
    [
      'cannot be read',
      ({ world }) => {
        world.trouble.gate = unreadable
      },
    ],
  ])('a release whose approval was sent ends as unknown if its run is one that %s', (_, happens) => {
    const driver = approved()
    driver.answer(review('unclear'))
    happens(driver)
    driver.watch(120 * minute, minute)
    expect(driver.outcome).toBe('unknown')
    driver.lookAgain(ana)
    driver.watch(120 * minute, minute)
    expect(driver.outcome).toBe('unknown')
    driver.settle(ana)
    expect(holdsLane(driver.release)).toBe(false)
  })

  test('a gate that stays unreadable after the end is read for as long as GitHub keeps it, but less often', () => {
    const driver = pushed()
    driver.reject(ben)
    driver.world.trouble.gate = unreadable
    driver.watch(minute)
    const polling = { activeMs: 3_000, idleMs: 30_000 }
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + 30_000)
    driver.later(31 * 24 * 60 * minute)
    driver.look()
    expect(driver.release.tracks.gate?.is).toBe('closed')
  })
})

describe('who may approve a run that somebody started on GitHub', () => {
  test.each([
    ['the person with that login', [{ slack: [ben], github: 'Dana' }], false],
    ['somebody whose login is not known', [], false],
    ['somebody with another login', logins, true],
  ])('approvals of a push count by GitHub login: %s', (_, people, may) => {
    const driver = pushed({ people })
    expect(driver.approve(ben) === null).toBe(may)
  })

  test('nobody may approve a run if GitHub does not say who started it', () => {
    expect(pushed({ by: somebodyOnGitHub }).approve(ben)).toMatchObject({ code: 'may_not_approve' })
  })

  test('the Slack account of whoever started it may not approve', () => {
    const driver = pushed({ by: ben })
    expect(driver.approve(ben)).toMatchObject({ code: 'may_not_approve' })
  })
})

describe('the gate of a run that twokey dispatched', () => {
  const atGate = (opens?: readonly string[]) =>
    runSighting({ heldBy: { kind: 'gate', words: 'it waits' }, ...(opens && { opens }) })

  test('the own gate is opened with the approvals of the dispatch, and again for a later job', () => {
    const driver = underway()
    driver.world.run = { found: 'one', run: atGate(['Production']) }
    driver.look()
    expect(driver.effectsOf('review-gate')).toMatchObject([{ verdict: 'approved', runId: 501 }])
    driver.later(5_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(1)
    driver.later(20_000)
    expect(driver.effectsOf('review-gate')).toHaveLength(2)
  })

  test('the own gate is opened while other jobs of the run are in progress', () => {
    const driver = underway()
    driver.world.runs({ opens: ['production'] })
    driver.look()
    expect(driver.effectsOf('review-gate')).toMatchObject([{ verdict: 'approved', runId: 501 }])
  })

  test('the own gate is opened ever less often while another reviewer or a timer holds the run', () => {
    const driver = underway()
    driver.world.run = { found: 'one', run: atGate(['production']) }
    driver.watch(60 * minute)
    const sent = driver.effectsOf('review-gate').length
    expect(sent).toBeGreaterThan(5)
    expect(sent).toBeLessThan(20)
  })

  test('a dispatched run that GitHub cancels for a newer one is superseded', () => {
    const driver = underway()
    const newer = { id: 502, number: 58, url: 'https://github.example/runs/502', group: 'ship' }
    driver.world.runs({ verdict: 'cancelled', endedAt: driver.now, newer })
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('superseded')
  })

  test('a dispatched run that a person cancels is cancelled, though a newer one came', () => {
    const driver = underway()
    driver.cancel(ben)
    const newer = { id: 502, number: 58, url: 'https://github.example/runs/502', group: 'ship' }
    driver.world.runs({ verdict: 'cancelled', endedAt: driver.now, newer })
    driver.watch(3 * minute)
    expect(driver.outcome).toBe('cancelled')
  })

  test.each<[string, (driver: ReleaseDriver) => void]>([
    [
      'another environment',
      ({ world }) => {
        world.run = { found: 'one', run: atGate(['staging']) }
      },
    ],
    [
      'a gate that twokey may not open',
      ({ world }) => {
        world.run = { found: 'one', run: atGate() }
      },
    ],
    [
      'a run that is being cancelled',
      (driver) => {
        driver.cancel(ben)
        driver.world.run = { found: 'one', run: atGate(['production']) }
      },
    ],
    [
      'a run that a rollback replaces',
      (driver) => {
        driver.supersede({ id: 'r9', requester: ana, subject: rollbackSubject() })
        driver.world.run = { found: 'one', run: atGate(['production']) }
      },
    ],
  ])('the own gate is not opened: %s', (_, happens) => {
    const driver = underway()
    happens(driver)
    driver.watch(minute)
    expect(driver.effectsOf('review-gate')).toEqual([])
  })

  test('the own gate is not opened for a run on another head', () => {
    const driver = sending()
    driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
    driver.world.head = { githubTree: 'other', paths: [], onBranch: true }
    driver.world.run = { found: 'one', run: { ...atGate(['production']), headSha: 'f'.repeat(40) } }
    driver.watch(minute)
    expect(driver.effectsOf('review-gate')).toEqual([])
  })
})

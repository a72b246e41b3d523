import { describe, expect, test } from 'vitest'
import { looks, nextLook } from '../../src/release/next-look.ts'
import type { Policy } from '../../src/release/policy/approval.ts'
import { markFreshMs } from '../../src/release/preconditions/age.ts'
import type { TipSighting } from '../../src/release/sighting.ts'
import type { WorkflowPath } from '../../src/release/workflow-path.ts'
import {
  ana,
  ben,
  bound,
  chloe,
  deploySubject,
  eli,
  minute,
  policy,
  ReleaseDriver,
  rollbackSubject,
  sending,
} from './driver.ts'
import { commit, no, oldCommit, revision, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }

describe('from the request to the approvals', () => {
  test('a release with two approvals and no timer is checked again, then sent', () => {
    const driver = new ReleaseDriver()
    expect(driver.state).toBe('awaiting approval')
    driver.approve(ben)
    expect(driver.state).toBe('awaiting approval')
    driver.approve(chloe)
    expect(driver.state).toBe('dispatching')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    driver.look()
    expect(driver.effectsOf('dispatch')).toEqual([
      {
        do: 'dispatch',
        subject: driver.release.subject,
        inputs: { environment: 'production', sha: commit, release_id: 'r1' },
        details: 'asked',
        sendBy: driver.now + markFreshMs,
      },
    ])
    expect(driver.release.sentAt).toBe(driver.now)
  })

  test('twokey sends only inputs that the workflow declares', () => {
    const [dispatch] = sending({ subject: deploySubject({ inputs: bound('environment') }) }).effectsOf(
      'dispatch',
    )
    expect(dispatch?.inputs).toEqual({ environment: 'production' })
  })

  test('a release that needs no approvals goes straight to the last check', () => {
    const driver = new ReleaseDriver({ policy: policy({ required: 0 }), eligible: 0 })
    expect(driver.state).toBe('dispatching')
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a release that needs no approvals waits for its timer', () => {
    expect(new ReleaseDriver({ policy: policy({ required: 0 }), waitMs: minute }).state).toBe('waiting')
  })

  test('the timer runs its whole time after the last approval', () => {
    const driver = new ReleaseDriver({ waitMs: 5 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    expect(driver.state).toBe('waiting')
    expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now + 5 * minute)
    driver.later(5 * minute - 1)
    expect(driver.state).toBe('waiting')
    driver.later(1)
    expect(driver.state).toBe('dispatching')
  })

  test('a clock that steps back by less than a minute only waits longer', () => {
    const driver = new ReleaseDriver({ waitMs: minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.later(-minute)
    expect(driver.state).toBe('waiting')
    driver.later(2 * minute)
    expect(driver.state).toBe('dispatching')
  })
})

describe('an end before anything is sent', () => {
  test('a rejection while approvals are missing is final, and the requester is notified', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.reject(chloe)
    driver.explain(chloe, 'not on a Friday')
    expect(driver.outcome).toBe('rejected')
    expect(driver.approve(chloe)?.code).toBe('already_decided')
    const [ended] = driver.posts('ended')
    expect(ended?.mention).toEqual([ana])
  })

  test('a rejection while the timer runs ends the release', () => {
    const driver = new ReleaseDriver({ waitMs: minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.reject(ben)
    expect(driver.outcome).toBe('rejected')
    driver.later(minute)
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test('a rejection during the last check ends the release: what was read meanwhile sends nothing', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    driver.reject(ben)
    driver.input({ on: 'look', seen: driver.world.observe([], driver.now) })
    expect(driver.outcome).toBe('rejected')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test('nothing is sent while twokey still looks up whether a person may reject', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    driver.hasPendingStop = true
    driver.watch(minute)
    expect(driver.release.stage.at).toBe('ready')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    driver.hasPendingStop = false
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a person who may not approve may not reject', () => {
    expect(new ReleaseDriver().reject(eli)?.code).toBe('not_an_approver')
  })

  test('a rejection may get its reason later, and it is posted once', () => {
    const driver = new ReleaseDriver()
    driver.reject(chloe)
    expect(driver.posts('explained')).toEqual([])
    expect(driver.explain(chloe, 'not on a Friday')).toBeNull()
    expect(driver.posts('explained')).toEqual([{ tell: 'explained', by: chloe, why: 'not on a Friday' }])
    expect(driver.outcome).toBe('rejected')
    expect(driver.explain(chloe, 'or a Saturday')?.code).toBe('reason_not_taken')
  })

  test.each([
    ['by somebody else', ben, 0],
    ['an hour later', chloe, 61 * minute],
  ])('a reason of a rejection is refused %s', (_, by, afterMs) => {
    const driver = new ReleaseDriver()
    driver.reject(chloe)
    driver.now += afterMs
    expect(driver.explain(by, 'me too')?.code).toBe('reason_not_taken')
    expect(driver.posts('explained')).toEqual([])
  })

  test('a release that was not rejected takes no reason', () => {
    const driver = new ReleaseDriver()
    expect(driver.explain(chloe, 'no')?.code).toBe('reason_not_taken')
    driver.cancel(ana)
    expect(driver.explain(ana, 'no')?.code).toBe('reason_not_taken')
  })

  test('the requester and approvers can cancel, others cannot', () => {
    for (const by of [ana, ben]) {
      const driver = new ReleaseDriver()
      expect(driver.cancel(by)).toBeNull()
      expect(driver.outcome).toBe('cancelled')
    }
    expect(new ReleaseDriver().cancel(eli)?.code).toBe('not_allowed')
  })

  test('a release expires on time, not earlier', () => {
    const driver = new ReleaseDriver()
    const due = nextLook(driver.release, driver.now, polling)
    expect(due).toBe(driver.now + 120 * minute)
    driver.later(120 * minute - 1)
    expect(driver.outcome).toBeNull()
    driver.later(1)
    expect(driver.outcome).toBe('expired')
  })

  test('the clock decides between the last approval and the expiry', () => {
    const inTime = new ReleaseDriver()
    inTime.approve(ben)
    inTime.now += 120 * minute - 1
    expect(inTime.approve(chloe)).toBeNull()
    inTime.later(minute)
    expect(inTime.effectsOf('dispatch')).toHaveLength(1)

    const late = new ReleaseDriver()
    late.approve(ben)
    late.now += 120 * minute
    expect(late.approve(chloe)?.code).toBe('already_decided')
    late.look()
    expect(late.outcome).toBe('expired')
  })

  test('a release that did not get its lane ends', () => {
    const driver = new ReleaseDriver()
    driver.supersede({ id: 'r2', requester: ben })
    expect(driver.outcome).toBe('superseded')
  })
})

describe('the last check before the dispatch', () => {
  function keyed(part: Parameters<typeof deploySubject>[0] = {}): ReleaseDriver {
    const driver = new ReleaseDriver({ subject: deploySubject(part) })
    driver.approve(ben)
    driver.approve(chloe)
    return driver
  }

  test('another .github tree voids the approvals, and asks for new ones of the new workflow', () => {
    const driver = keyed()
    driver.world.tip = { ...driver.world.tip, sha: 'new-tip', githubTree: 'tree-2' }
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.approvals).toEqual([])
    expect(driver.release.subject).toMatchObject({ githubTree: 'tree-2', tip: 'new-tip' })
    expect(driver.posts('voided')).toHaveLength(1)
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  const ship = { path: 'ci/ship', sha: 'object-1' }

  test.each<[string, readonly WorkflowPath[], readonly WorkflowPath[]]>([
    ['is another object by now', [ship], [{ ...ship, sha: 'object-2' }]],
    ['is no longer there', [ship], [{ ...ship, sha: null }]],
    ['is run by the workflow only now', [], [ship]],
    ['is no longer run by the workflow', [ship, { path: 'ci/lib', sha: 'object-3' }], [ship]],
  ])('a path outside .github that %s voids the approvals and asks again', (_, before, now) => {
    const driver = keyed({ paths: before })
    driver.world.tip = { ...driver.world.tip, sha: 'new-tip', paths: now }
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.approvals).toEqual([])
    expect(driver.release.subject).toMatchObject({ paths: now, tip: 'new-tip' })
    expect(driver.effectsOf('dispatch')).toEqual([])
    expect(driver.posts('voided')[0]?.why).toContain('ci/')
    expect(driver.audit.find(({ what }) => what === 'branch differs')?.detail).toMatchObject({ paths: now })
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('the order of bound paths outside .github does not matter', () => {
    const lib = { path: 'ci/lib', sha: 'object-3' }
    const driver = keyed({ paths: [ship, lib] })
    driver.world.tip = { ...driver.world.tip, sha: 'new-tip', paths: [lib, ship] }
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('an approval click on a card with the earlier workflow does not count', () => {
    const driver = keyed()
    driver.world.tip = { ...driver.world.tip, githubTree: 'tree-2' }
    driver.look()
    expect(driver.approve(ben, 0)?.code).toBe('card_outdated')
    expect(driver.approve(ben, null)?.code).toBe('card_outdated')
    expect(driver.release.approvals).toEqual([])
    expect(driver.approve(ben)).toBeNull()
  })

  test('nothing is sent to an environment that the config no longer names', () => {
    const driver = keyed()
    driver.currentRules = null
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('a release whose approvals were voided has its whole time again', () => {
    const driver = keyed()
    driver.now += 29 * minute
    driver.world.tip = { ...driver.world.tip, githubTree: 'tree-2' }
    driver.look()
    driver.later(119 * minute)
    expect(driver.outcome).toBeNull()
  })

  test('another tree without approvals is checked again, then sent', () => {
    const driver = new ReleaseDriver({ policy: policy({ required: 0 }), eligible: 0 })
    driver.world.tip = { ...driver.world.tip, githubTree: 'tree-2' }
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a moved branch does not stop a workflow that takes a SHA', () => {
    const driver = keyed()
    driver.world.tip = { ...driver.world.tip, sha: 'new-tip' }
    driver.look()
    expect(driver.effectsOf('dispatch')[0]?.inputs).toMatchObject({ sha: commit })
    expect(driver.release.subject).toMatchObject({ tip: 'new-tip' })
  })

  test('a moved branch fails the release of a workflow without a SHA input, and nothing is sent', () => {
    const driver = keyed({ inputs: bound('release_id') })
    driver.world.tip = { ...driver.world.tip, sha: 'new-tip' }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test('a commit that is no longer on the branch fails the release, and nothing is sent', () => {
    const driver = keyed()
    driver.world.tip = { ...driver.world.tip, commitOnBranch: false }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test('a changed workflow without an input for the commit fails the release if the branch moved on', () => {
    const driver = keyed()
    const inputs = driver.world.tip.inputs.filter(({ name }) => name !== 'sha')
    driver.world.tip = { ...driver.world.tip, sha: 'new-tip', githubTree: 'tree-2', inputs }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test.each<[string, Partial<TipSighting>]>([
    [
      'an input has another value',
      { inputs: bound('environment', 'sha').map((input) => ({ ...input, value: 'other' })) },
    ],
    ['an input has gone', { inputs: bound('sha', 'release_id') }],
    [
      'an input is left to the workflow',
      {
        inputs: [
          ...bound('environment', 'sha', 'release_id'),
          { name: 'size', from: 'default', value: 'large' },
        ],
      },
    ],
  ])('%s than was approved, with the same files: voids the approvals and asks again', (_, part) => {
    const driver = keyed()
    driver.world.tip = { ...driver.world.tip, ...part }
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    expect(driver.release.approvals).toEqual([])
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    expect(driver.release.subject).toMatchObject({ inputs: driver.world.tip.inputs })
  })

  test('a missing service fails the release, and nothing is sent', () => {
    const driver = keyed()
    driver.world.targets = []
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test.each(['tip', 'before'] as const)('%s cannot be read: nothing is sent until it can', (part) => {
    const driver = keyed()
    driver.world.trouble = { [part]: unseen('passing') }
    driver.watch(5 * minute)
    expect(driver.state).toBe('dispatching')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
    expect(driver.posts('blind')).toHaveLength(1)
    driver.world.trouble = {}
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test.each(['people', 'requester', 'tip', 'before'] as const)(
    '%s cannot be read in time: failed, nothing sent',
    (part) => {
      const driver = keyed()
      driver.world.trouble = { [part]: unseen('terminal', 'no permission') }
      driver.look()
      expect(driver.outcome).toBeNull()
      driver.watch(2 * minute)
      expect(driver.outcome).toBe('failed')
      expect(driver.effectsOf('dispatch')).toHaveLength(0)
    },
  )

  test.each(['people', 'requester', 'channel'] as const)(
    '%s cannot be read: the approvals wait as long as one settles, then it ends with nothing sent',
    (part) => {
      const driver = keyed()
      driver.world.trouble = { [part]: unseen('passing', 'Slack returned status 500') }
      driver.watch(minute - 10_000)
      expect(driver.state).toBe('dispatching')
      expect(driver.effectsOf('dispatch')).toHaveLength(0)
      driver.watch(30_000)
      expect(driver.outcome).toBe('failed')
      expect(driver.reason).toContain('Slack returned status 500')
      expect(driver.effectsOf('dispatch')).toHaveLength(0)
    },
  )

  test.each(['people', 'requester', 'channel'] as const)(
    '%s can be read again in time: sent once',
    (part) => {
      const driver = keyed()
      driver.world.trouble = { [part]: unseen('passing') }
      driver.watch(minute / 2)
      driver.world.trouble = {}
      driver.look()
      expect(driver.effectsOf('dispatch')).toHaveLength(1)
    },
  )

  describe('the running revision changes outside twokey during approval: the deploy has more commits than listed', () => {
    const logins = [ben, chloe].map((id) => ({ slack: [id], github: `${id}-login` }))

    test.each<readonly [string, Partial<Policy>, string | null, string | null]>([
      [
        'where authors may not approve, and no commit can be told any more',
        { authorsMayApprove: false },
        null,
        'failed',
      ],
      ['where authors may not approve, to an older commit', { authorsMayApprove: false }, 'older', 'failed'],
      [
        'where authors may not approve, to another revision of the same commit',
        { authorsMayApprove: false },
        oldCommit,
        null,
      ],
      ['where authors may approve', {}, 'older', null],
    ])('a deploy of more commits than listed is checked: %s', (_, part, serving, outcome) => {
      const driver = new ReleaseDriver({ policy: policy({ people: logins, ...part }) })
      expect(driver.approve(ben)).toBeNull()
      driver.world.serves(revision(40, serving))
      expect(driver.approve(chloe)).toBeNull()
      driver.look()
      expect(driver.outcome).toBe(outcome)
      expect(driver.effectsOf('dispatch')).toHaveLength(outcome === null ? 1 : 0)
    })

    test.each([
      [false, 'needed'],
      [true, 'shown'],
    ] as const)(
      'a commit that cannot be looked up holds it, unless authors may approve (%s)',
      (may, commits) => {
        const driver = new ReleaseDriver({ policy: policy({ people: logins, authorsMayApprove: may }) })
        for (const id of [ben, chloe]) driver.approve(id)
        expect(looks(driver.release, driver.config())).toContainEqual({
          look: 'before',
          targets: [target],
          source: { repository: 'myorg/blog-api', containers: ['api'] },
          commits,
        })
      },
    )

    test('a change in any target voids the approvals if authors may not approve', () => {
      const worker = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
      const driver = new ReleaseDriver({
        targets: [target, worker],
        policy: policy({ people: logins, authorsMayApprove: false }),
      })
      driver.world.serves(revision(40, 'older'), worker)
      expect([driver.approve(ben), driver.approve(chloe)]).toEqual([null, null])
      driver.look()
      expect(driver.outcome).toBe('failed')
      expect(driver.effectsOf('dispatch')).toHaveLength(0)
    })
  })

  test('a requester who may no longer request releases there fails the release, and nothing is sent', () => {
    const driver = keyed()
    driver.requesters = ['S0DEVELOPERS']
    driver.world.requester = no
    expect(looks(driver.release, driver.config())).toContainEqual({
      look: 'requester',
      id: ana,
      requesters: ['S0DEVELOPERS'],
    })
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('not among the approvers')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  describe('the commit now has to succeed in another environment first', () => {
    function asked(missing: string | null) {
      const driver = keyed()
      driver.requires = ['dev']
      driver.world.missing = missing
      return driver
    }

    test.each([
      ['and has not: failed, nothing sent', 'dev', 'failed'],
      ['and has: sent', null, null],
    ])('a commit has to succeed elsewhere first: %s', (_, missing, outcome) => {
      const driver = asked(missing)
      driver.look()
      expect(driver.outcome).toBe(outcome)
      expect(driver.effectsOf('dispatch')).toHaveLength(outcome === null ? 1 : 0)
    })

    test('nothing is sent until twokey can determine whether the commit succeeded elsewhere', () => {
      const driver = asked(null)
      driver.world.trouble = { order: unseen('passing') }
      driver.look()
      expect(driver.effectsOf('dispatch')).toHaveLength(0)
      driver.world.trouble = {}
      driver.look()
      expect(driver.effectsOf('dispatch')).toHaveLength(1)
    })
  })

  test('the earlier environment is checked even if no approvals are needed', () => {
    const driver = new ReleaseDriver({ policy: policy({ required: 0 }) })
    driver.world.requester = no
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test('a channel that is now shared with another organization fails the release, and nothing is sent', () => {
    const driver = keyed()
    driver.world.channel = 'outside'
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toHaveLength(0)
  })

  test('the channel is read unless both policies allow a shared one', () => {
    const allowed = policy({ externalChannels: 'allowed' })
    const both = new ReleaseDriver({ policy: allowed })
    both.world.channel = 'outside'
    both.approve(ben)
    both.approve(chloe)
    both.look()
    expect(both.effectsOf('dispatch')).toHaveLength(1)

    const stricterToday = new ReleaseDriver({ policy: allowed })
    stricterToday.currentRules = policy()
    stricterToday.world.channel = 'outside'
    stricterToday.approve(ben)
    stricterToday.approve(chloe)
    stricterToday.look()
    expect(stricterToday.outcome).toBe('failed')
    expect(stricterToday.effectsOf('dispatch')).toHaveLength(0)
  })

  test('a failed read of an earlier last check does not count against a later one', () => {
    const driver = keyed()
    driver.world.trouble = { before: unseen('passing') }
    driver.look()
    driver.world.people = { [ben]: no }
    driver.look()
    expect(driver.state).toBe('awaiting approval')
    driver.now += 90 * minute
    driver.approve('U0DORA')
    driver.look()
    expect(driver.outcome).toBeNull()
    driver.world.trouble = {}
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('something that was not read is not a failed read', () => {
    const driver = keyed()
    for (let times = 0; times < 5; times += 1) driver.input({ on: 'look', seen: {} })
    expect(driver.state).toBe('dispatching')
    expect(driver.release.blind).toEqual({})
  })

  test('the running deployments are recorded, so that they are not attributed to the release', () => {
    const driver = keyed()
    driver.world.rollout({ arn: 'arn:rollout/42', verdict: 'succeeded', releaseTag: null })
    driver.look()
    expect(driver.release.tracks.rollouts[0]?.before?.known).toEqual(['ecs-svc/42'])
  })

  test('a rollback reads no branch', () => {
    const driver = new ReleaseDriver({ subject: rollbackSubject() })
    driver.world.trouble = { tip: unseen('terminal') }
    driver.approve(ben)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
  })
})

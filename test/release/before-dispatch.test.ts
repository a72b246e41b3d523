import { describe, expect, test } from 'vitest'
import type { Policy } from '../../src/release/approval.ts'
import type { TipSighting } from '../../src/release/observation.ts'
import { markFreshMs } from '../../src/release/steps/age.ts'
import { looks, nextLook } from '../../src/release/watch.ts'
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
  rollbackSubject,
  sending,
  Tale,
} from './driver.ts'
import { commit, no, oldCommit, revision, target, unseen } from './world.ts'

const polling = { activeMs: 3_000, idleMs: 30_000 }

describe('from the request to the keys', () => {
  test('two keys, no timer: looked at once more, then sent', () => {
    const tale = new Tale()
    expect(tale.state).toBe('awaiting approval')
    tale.approve(ben)
    expect(tale.state).toBe('awaiting approval')
    tale.approve(chloe)
    expect(tale.state).toBe('dispatching')
    expect(tale.wanted('dispatch')).toHaveLength(0)
    tale.look()
    expect(tale.wanted('dispatch')).toEqual([
      {
        do: 'dispatch',
        subject: tale.release.subject,
        inputs: { environment: 'production', sha: commit, release_id: 'r1' },
        details: 'asked',
        sendBy: tale.now + markFreshMs,
      },
    ])
    expect(tale.release.sentAt).toBe(tale.now)
  })

  test('only inputs that the workflow declares are sent', () => {
    const [dispatch] = sending({ subject: deploySubject({ inputs: bound('environment') }) }).wanted(
      'dispatch',
    )
    expect(dispatch?.inputs).toEqual({ environment: 'production' })
  })

  test('no keys asked for: straight to the last look', () => {
    const tale = new Tale({ policy: policy({ required: 0 }), eligible: 0 })
    expect(tale.state).toBe('dispatching')
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('no keys asked for, with a timer: waits', () => {
    expect(new Tale({ policy: policy({ required: 0 }), waitMs: minute }).state).toBe('waiting')
  })

  test('the timer runs after the last key, and not a moment shorter', () => {
    const tale = new Tale({ waitMs: 5 * minute })
    tale.approve(ben)
    tale.approve(chloe)
    expect(tale.state).toBe('waiting')
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + 5 * minute)
    tale.later(5 * minute - 1)
    expect(tale.state).toBe('waiting')
    tale.later(1)
    expect(tale.state).toBe('dispatching')
  })

  test('a clock that steps back only waits longer', () => {
    const tale = new Tale({ waitMs: minute })
    tale.approve(ben)
    tale.approve(chloe)
    tale.later(-10 * minute)
    expect(tale.state).toBe('waiting')
    tale.later(11 * minute)
    expect(tale.state).toBe('dispatching')
  })
})

describe('ends before anything is sent', () => {
  test('rejected while keys are missing: for good, and the requester learns of it', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.reject(chloe, 'not on a Friday')
    expect(tale.outcome).toBe('rejected')
    expect(tale.approve(chloe)?.code).toBe('already_decided')
    const [ended] = tale.stories('ended')
    expect(ended?.mention).toEqual([ana])
  })

  test('rejected while the timer runs', () => {
    const tale = new Tale({ waitMs: minute })
    tale.approve(ben)
    tale.approve(chloe)
    tale.reject(ben)
    expect(tale.outcome).toBe('rejected')
    tale.later(minute)
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  test('rejected during the last look: what was seen meanwhile sends nothing', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.approve(chloe)
    tale.reject(ben)
    tale.input({ on: 'look', seen: tale.world.observe([], tale.now) })
    expect(tale.outcome).toBe('rejected')
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  test('rejected, and whether they may is still being looked up: nothing is sent until it is known', () => {
    const tale = new Tale()
    tale.approve(ben)
    tale.approve(chloe)
    tale.stopping = 'somebody'
    tale.watch(minute)
    expect(tale.release.stage.at).toBe('ready')
    expect(tale.wanted('dispatch')).toHaveLength(0)
    tale.stopping = 'nobody'
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('one who may not approve may not reject', () => {
    expect(new Tale().reject(eli)?.code).toBe('not_an_approver')
  })

  test('the reason of a rejection may follow it, and is told once', () => {
    const tale = new Tale()
    tale.reject(chloe)
    expect(tale.stories('explained')).toEqual([])
    expect(tale.explain(chloe, 'not on a Friday')).toBeNull()
    expect(tale.stories('explained')).toEqual([{ tell: 'explained', by: chloe, why: 'not on a Friday' }])
    expect(tale.outcome).toBe('rejected')
    expect(tale.explain(chloe, 'or a Saturday')?.code).toBe('reason_not_taken')
  })

  test.each([
    ['by somebody else', ben, 0],
    ['an hour later', chloe, 61 * minute],
  ])('no reason is taken %s', (_, by, afterMs) => {
    const tale = new Tale()
    tale.reject(chloe)
    tale.now += afterMs
    expect(tale.explain(by, 'me too')?.code).toBe('reason_not_taken')
    expect(tale.stories('explained')).toEqual([])
  })

  test('what was not rejected has no reason', () => {
    const tale = new Tale()
    expect(tale.explain(chloe, 'no')?.code).toBe('reason_not_taken')
    tale.cancel(ana)
    expect(tale.explain(ana, 'no')?.code).toBe('reason_not_taken')
  })

  test('the requester and approvers cancel, others do not', () => {
    for (const by of [ana, ben]) {
      const tale = new Tale()
      expect(tale.cancel(by)).toBeNull()
      expect(tale.outcome).toBe('cancelled')
    }
    expect(new Tale().cancel(eli)?.code).toBe('not_allowed')
  })

  test('expires on time, not earlier', () => {
    const tale = new Tale()
    const due = nextLook(tale.release, tale.now, polling)
    expect(due).toBe(tale.now + 120 * minute)
    tale.later(120 * minute - 1)
    expect(tale.outcome).toBeNull()
    tale.later(1)
    expect(tale.outcome).toBe('expired')
  })

  test('the last key and the end of the time: whichever the clock says', () => {
    const inTime = new Tale()
    inTime.approve(ben)
    inTime.now += 120 * minute - 1
    expect(inTime.approve(chloe)).toBeNull()
    inTime.later(minute)
    expect(inTime.wanted('dispatch')).toHaveLength(1)

    const late = new Tale()
    late.approve(ben)
    late.now += 120 * minute
    expect(late.approve(chloe)?.code).toBe('already_decided')
    late.look()
    expect(late.outcome).toBe('expired')
  })

  test('its place was taken', () => {
    const tale = new Tale()
    tale.supersede({ id: 'r2', requester: ben })
    expect(tale.outcome).toBe('superseded')
  })
})

describe('the last look', () => {
  function keyed(part: Parameters<typeof deploySubject>[0] = {}): Tale {
    const tale = new Tale({ subject: deploySubject(part) })
    tale.approve(ben)
    tale.approve(chloe)
    return tale
  }

  test('another .github tree voids the keys, and asks for them again on the new workflow', () => {
    const tale = keyed()
    tale.world.tip = { ...tale.world.tip, sha: 'new-tip', githubTree: 'tree-2' }
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.approvals).toEqual([])
    expect(tale.release.subject).toMatchObject({ githubTree: 'tree-2', tip: 'new-tip' })
    expect(tale.stories('voided')).toHaveLength(1)
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  const ship = { path: 'ci/ship', sha: 'object-1' }

  test.each<[string, readonly WorkflowPath[], readonly WorkflowPath[]]>([
    ['is another object by now', [ship], [{ ...ship, sha: 'object-2' }]],
    ['is no longer there', [ship], [{ ...ship, sha: null }]],
    ['is run by the workflow only now', [], [ship]],
    ['is no longer run by the workflow', [ship, { path: 'ci/lib', sha: 'object-3' }], [ship]],
  ])('a path outside .github that %s voids the approvals and asks again', (_, before, now) => {
    const tale = keyed({ paths: before })
    tale.world.tip = { ...tale.world.tip, sha: 'new-tip', paths: now }
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.approvals).toEqual([])
    expect(tale.release.subject).toMatchObject({ paths: now, tip: 'new-tip' })
    expect(tale.wanted('dispatch')).toEqual([])
    expect(tale.stories('voided')[0]?.why).toContain('ci/')
    expect(tale.audit.find(({ what }) => what === 'branch differs')?.detail).toMatchObject({ paths: now })
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('paths outside .github that are the same in another order are what was approved', () => {
    const lib = { path: 'ci/lib', sha: 'object-3' }
    const tale = keyed({ paths: [ship, lib] })
    tale.world.tip = { ...tale.world.tip, sha: 'new-tip', paths: [lib, ship] }
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('a click on the card that showed the workflow from before does not count', () => {
    const tale = keyed()
    tale.world.tip = { ...tale.world.tip, githubTree: 'tree-2' }
    tale.look()
    expect(tale.approve(ben, 0)?.code).toBe('card_outdated')
    expect(tale.approve(ben, null)?.code).toBe('card_outdated')
    expect(tale.release.approvals).toEqual([])
    expect(tale.approve(ben)).toBeNull()
  })

  test('an environment that the config no longer names is not shipped to', () => {
    const tale = keyed()
    tale.today = null
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test('voided keys have the whole time again', () => {
    const tale = keyed()
    tale.now += 29 * minute
    tale.world.tip = { ...tale.world.tip, githubTree: 'tree-2' }
    tale.look()
    tale.later(119 * minute)
    expect(tale.outcome).toBeNull()
  })

  test('another tree where no keys are asked for: looked at again, then sent', () => {
    const tale = new Tale({ policy: policy({ required: 0 }), eligible: 0 })
    tale.world.tip = { ...tale.world.tip, githubTree: 'tree-2' }
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(0)
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('the branch moved on and the workflow takes a sha: sent', () => {
    const tale = keyed()
    tale.world.tip = { ...tale.world.tip, sha: 'new-tip' }
    tale.look()
    expect(tale.wanted('dispatch')[0]?.inputs).toMatchObject({ sha: commit })
    expect(tale.release.subject).toMatchObject({ tip: 'new-tip' })
  })

  test('the branch moved on and the workflow takes none: failed, nothing sent', () => {
    const tale = keyed({ inputs: bound('release_id') })
    tale.world.tip = { ...tale.world.tip, sha: 'new-tip' }
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  test('the commit lies no longer on the branch: failed, nothing sent', () => {
    const tale = keyed()
    tale.world.tip = { ...tale.world.tip, commitOnBranch: false }
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  test('no input of the changed workflow gets the commit any more, and another one is the tip: failed', () => {
    const tale = keyed()
    const inputs = tale.world.tip.inputs.filter(({ name }) => name !== 'sha')
    tale.world.tip = { ...tale.world.tip, sha: 'new-tip', githubTree: 'tree-2', inputs }
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('dispatch')).toHaveLength(0)
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
  ])('%s than was approved, by the same files: approvals are void and asked for again', (_, part) => {
    const tale = keyed()
    tale.world.tip = { ...tale.world.tip, ...part }
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    expect(tale.release.approvals).toEqual([])
    expect(tale.wanted('dispatch')).toHaveLength(0)
    expect(tale.release.subject).toMatchObject({ inputs: tale.world.tip.inputs })
  })

  test('the service is not there: failed, nothing sent', () => {
    const tale = keyed()
    tale.world.targets = []
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  test.each(['tip', 'before'] as const)('%s cannot be read: nothing is sent until it can', (part) => {
    const tale = keyed()
    tale.world.trouble = { [part]: unseen('passing') }
    tale.watch(5 * minute)
    expect(tale.state).toBe('dispatching')
    expect(tale.wanted('dispatch')).toHaveLength(0)
    expect(tale.stories('blind')).toHaveLength(1)
    tale.world.trouble = {}
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test.each(['people', 'requester', 'tip', 'before'] as const)(
    '%s will not be seen: failed, nothing sent',
    (part) => {
      const tale = keyed()
      tale.world.trouble = { [part]: unseen('terminal', 'no permission') }
      tale.look()
      expect(tale.outcome).toBeNull()
      tale.watch(2 * minute)
      expect(tale.outcome).toBe('failed')
      expect(tale.wanted('dispatch')).toHaveLength(0)
    },
  )

  test.each(['people', 'requester', 'channel'] as const)(
    '%s cannot be read: the keys wait as long as one settles, then it ends with nothing sent',
    (part) => {
      const tale = keyed()
      tale.world.trouble = { [part]: unseen('passing', 'Slack answered with status 500') }
      tale.watch(minute - 10_000)
      expect(tale.state).toBe('dispatching')
      expect(tale.wanted('dispatch')).toHaveLength(0)
      tale.watch(30_000)
      expect(tale.outcome).toBe('failed')
      expect(tale.reason).toContain('Slack answered with status 500')
      expect(tale.wanted('dispatch')).toHaveLength(0)
    },
  )

  test.each(['people', 'requester', 'channel'] as const)(
    '%s can be seen again in time: sent once',
    (part) => {
      const tale = keyed()
      tale.world.trouble = { [part]: unseen('passing') }
      tale.watch(minute / 2)
      tale.world.trouble = {}
      tale.look()
      expect(tale.wanted('dispatch')).toHaveLength(1)
    },
  )

  describe('what serves is changed beside twokey while keys are awaited: more ships than was listed', () => {
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
    ])('%s', (_, part, serving, outcome) => {
      const tale = new Tale({ policy: policy({ people: logins, ...part }) })
      expect(tale.approve(ben)).toBeNull()
      tale.world.serves(revision(40, serving))
      expect(tale.approve(chloe)).toBeNull()
      tale.look()
      expect(tale.outcome).toBe(outcome)
      expect(tale.wanted('dispatch')).toHaveLength(outcome === null ? 1 : 0)
    })

    test.each([
      [false, 'needed'],
      [true, 'shown'],
    ] as const)(
      'a commit that cannot be looked up holds it, unless authors may approve (%s)',
      (may, commits) => {
        const tale = new Tale({ policy: policy({ people: logins, authorsMayApprove: may }) })
        for (const id of [ben, chloe]) tale.approve(id)
        expect(looks(tale.release, tale.config())).toContainEqual({
          look: 'before',
          targets: [target],
          source: { repository: 'myorg/blog-api', containers: ['api'] },
          commits,
        })
      },
    )

    test('in any target, where authors may not approve', () => {
      const worker = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
      const tale = new Tale({
        targets: [target, worker],
        policy: policy({ people: logins, authorsMayApprove: false }),
      })
      tale.world.serves(revision(40, 'older'), worker)
      expect([tale.approve(ben), tale.approve(chloe)]).toEqual([null, null])
      tale.look()
      expect(tale.outcome).toBe('failed')
      expect(tale.wanted('dispatch')).toHaveLength(0)
    })
  })

  test('whoever asked for it may not ask there any more: failed, nothing sent', () => {
    const tale = keyed()
    tale.requesters = ['S0DEVELOPERS']
    tale.world.requester = no
    expect(looks(tale.release, tale.config())).toContainEqual({
      look: 'requester',
      id: ana,
      requesters: ['S0DEVELOPERS'],
    })
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.reason).toContain('not among the approvers')
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  describe('the commit has to succeed elsewhere first by now', () => {
    function asked(missing: string | null) {
      const tale = keyed()
      tale.requires = ['dev']
      tale.world.missing = missing
      return tale
    }

    test.each([
      ['and has not: failed, nothing sent', 'dev', 'failed'],
      ['and has: sent', null, null],
    ])('%s', (_, missing, outcome) => {
      const tale = asked(missing)
      tale.look()
      expect(tale.outcome).toBe(outcome)
      expect(tale.wanted('dispatch')).toHaveLength(outcome === null ? 1 : 0)
    })

    test('and it cannot be determined whether it has: nothing is sent until it can', () => {
      const tale = asked(null)
      tale.world.trouble = { order: unseen('passing') }
      tale.look()
      expect(tale.wanted('dispatch')).toHaveLength(0)
      tale.world.trouble = {}
      tale.look()
      expect(tale.wanted('dispatch')).toHaveLength(1)
    })
  })

  test('that is looked at also where no keys are asked for', () => {
    const tale = new Tale({ policy: policy({ required: 0 }) })
    tale.world.requester = no
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  test('the release channel is shared with another organization by now: failed, nothing sent', () => {
    const tale = keyed()
    tale.world.channel = 'outside'
    tale.look()
    expect(tale.outcome).toBe('failed')
    expect(tale.wanted('dispatch')).toHaveLength(0)
  })

  test('a shared channel is not looked at where both policies allow it, and is where one does not', () => {
    const allowed = policy({ externalChannels: 'allowed' })
    const both = new Tale({ policy: allowed })
    both.world.channel = 'outside'
    both.approve(ben)
    both.approve(chloe)
    both.look()
    expect(both.wanted('dispatch')).toHaveLength(1)

    const stricterToday = new Tale({ policy: allowed })
    stricterToday.today = policy()
    stricterToday.world.channel = 'outside'
    stricterToday.approve(ben)
    stricterToday.approve(chloe)
    stricterToday.look()
    expect(stricterToday.outcome).toBe('failed')
    expect(stricterToday.wanted('dispatch')).toHaveLength(0)
  })

  test('trouble of an earlier last look is not held against a later one', () => {
    const tale = keyed()
    tale.world.trouble = { before: unseen('passing') }
    tale.look()
    tale.world.people = { [ben]: no }
    tale.look()
    expect(tale.state).toBe('awaiting approval')
    tale.now += 90 * minute
    tale.approve('U0DORA')
    tale.look()
    expect(tale.outcome).toBeNull()
    tale.world.trouble = {}
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('what was not looked at is not trouble', () => {
    const tale = keyed()
    for (let times = 0; times < 5; times += 1) tale.input({ on: 'look', seen: {} })
    expect(tale.state).toBe('dispatching')
    expect(tale.release.blind).toEqual({})
  })

  test('what serves now is noted, so that what is there already is not taken for ours', () => {
    const tale = keyed()
    tale.world.rollout({ arn: 'arn:rollout/42', verdict: 'succeeded', releaseTag: null })
    tale.look()
    expect(tale.release.tracks.rollouts[0]?.before?.known).toEqual(['ecs-svc/42'])
  })

  test('a rollback looks at no branch', () => {
    const tale = new Tale({ subject: rollbackSubject() })
    tale.world.trouble = { tip: unseen('terminal') }
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    expect(tale.wanted('update')).toHaveLength(1)
  })
})

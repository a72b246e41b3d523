import { describe, expect, test } from 'vitest'
import { commitsIn } from '../../src/release/carried.ts'
import type { WorkflowNote } from '../../src/release/inputs.ts'
import type { Carried, Revision, RolloutSighting } from '../../src/release/observation.ts'
import { type ContainerImage, holdsLane, type Outcome, type Release } from '../../src/release/release.ts'
import type { Request } from '../../src/release/request.ts'
import { actionsOf, rollbackRevision } from '../../src/release/state.ts'
import {
  ben,
  chloe,
  deploySubject,
  minute,
  policy,
  prodPolicy,
  rollbackSubject,
  sending,
  sendingBack,
  Tale,
  underway,
} from './driver.ts'
import { commit, image, oldCommit, revision, rolloutSighting, start, target, unseen } from './world.ts'

const bare = { migration: null } as const
const second = { cluster: 'blog-cluster-prod', service: 'blog-worker' }

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const proxy: ContainerImage = { container: 'proxy', image: 'proxy:1', digest: digest('b') }
const other: ContainerImage = { ...image, digest: digest('c') }
const untold: ContainerImage = { ...image, digest: null }

/** Everything that is known between two looks is what the store has. */
function restarted(tale: Tale): void {
  tale.release = JSON.parse(JSON.stringify(tale.release)) as Release
}

describe('the images that a rollback runs', () => {
  const back = { revision: revision(41), commits: [], arn: 'arn:rollout/99' } as const
  const accepted = { to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' } as const

  function rolling(approved: readonly ContainerImage[] = [image], part: Partial<Request> = {}): Tale {
    const tale = new Tale({ subject: rollbackSubject(41, approved), ...part })
    const difference = { known: true, lines: [], total: 0 } as const
    tale.world.rollbackTarget = {
      usable: true,
      images: approved,
      serving: revision(42, oldCommit),
      difference,
    }
    for (const approver of [ben, chloe]) tale.approve(approver)
    tale.look()
    tale.answer(accepted)
    return tale
  }

  test.each<readonly [string, readonly ContainerImage[], readonly ContainerImage[] | null, Outcome, RegExp]>([
    ['the approved digest', [image], [image], 'succeeded', /^the rollout is succeeded$/],
    ['another digest', [image], [other], 'failed', /api runs sha256:cccccccccccc, and sha256:aaaaaaaaaaaa/],
    [
      'another digest in one container of two',
      [image, proxy],
      [image, { ...proxy, digest: digest('d') }],
      'failed',
      /proxy runs sha256:dddddddddddd, and sha256:bbbbbbbbbbbb/,
    ],
    ['a container that was not approved', [image], [image, proxy], 'failed', /proxy runs proxy:1/],
    ['one container less than was approved', [image, proxy], [image], 'failed', /proxy was approved/],
    [
      'an image of another name',
      [image],
      [{ ...image, image: 'miner:1', digest: null }],
      'failed',
      /api runs miner:1/,
    ],
    ['no digest in the end', [image], [untold], 'succeeded', /ECS does not report an image digest for api$/],
    ['nothing that ECS shows', [image], null, 'succeeded', /ECS does not report an image digest for api$/],
    [
      'a digest where none was known at the request',
      [untold],
      [image],
      'succeeded',
      /digest of api was not known when it was approved$/,
    ],
    [
      'no digest, as at the request',
      [untold],
      [untold],
      'succeeded',
      /ECS does not report an image digest for api$/,
    ],
    ['one of the digests of several targets', [image, other], [other], 'succeeded', /succeeded$/],
    [
      'a digest of none of several targets',
      [image, other],
      [{ ...image, digest: digest('d') }],
      'failed',
      /sha256:aaaaaaaaaaaa or sha256:cccccccccccc was approved/,
    ],
    [
      'another digest where one target told one and the other none',
      [image, untold],
      [other],
      'failed',
      /api runs sha256:cccccccccccc/,
    ],
  ])('%s: by that it ends', (_, approved, images, outcome, words) => {
    const tale = rolling(approved)
    tale.world.rollout({ ...back, images, verdict: 'succeeded' })
    tale.later(5_000)
    expect([tale.outcome, tale.reason]).toEqual([outcome, expect.stringMatching(words)])
  })

  test('another digest is told in the channel as soon as ECS tells it, and followed to its end', () => {
    const tale = rolling()
    tale.world.rollout({ ...back, images: [untold] })
    tale.watch(minute)
    expect(tale.stories('unapproved')).toEqual([])
    tale.world.rollout({ ...back, images: [other] })
    tale.watch(minute)
    expect([tale.outcome, holdsLane(tale.release), actionsOf(tale.release)]).toEqual([
      null,
      true,
      ['roll-back'],
    ])
    const people = expect.arrayContaining(['U0ANA', 'S0ONCALL', ...prodPolicy.approvers])
    const told = tale.wanted('tell').filter(({ story }) => story.tell === 'unapproved')
    expect(told).toMatchObject([
      {
        where: 'channel',
        story: { reason: expect.stringContaining('sha256:cccccccccccc'), mention: people },
      },
    ])
    expect(tale.audit.filter(({ what }) => what === 'image not approved')).toHaveLength(1)
    tale.world.rollout({ ...back, images: [other], verdict: 'succeeded' })
    tale.later(5_000)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['failed', false])
    const end = tale.wanted('tell').find(({ story }) => story.tell === 'ended')
    expect(end).toMatchObject({ where: 'channel', story: { mention: people } })
    expect(tale.audit.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
      rollouts: [{ images: [other] }],
    })
  })

  test('another digest of a rollout that is complete already is told once, by its end', () => {
    const tale = rolling()
    tale.world.rollout({ ...back, images: [other], verdict: 'succeeded' })
    tale.later(5_000)
    expect([tale.outcome, tale.stories('unapproved')]).toEqual(['failed', []])
  })

  test.each([
    ['which the circuit breaker takes back minutes later', 'rolled back', 'rolled back'],
    ['which the circuit breaker cannot take back', 'rollback failed', 'rollback failed'],
    ['which another revision replaces', 'superseded', 'failed'],
    ['which somebody stops', 'stopped', 'failed'],
  ] as const)('another digest %s: %s in ECS, %s', (_, verdict, outcome) => {
    const tale = rolling()
    tale.world.rollout({ ...back, images: [other] })
    tale.watch(10 * minute, minute)
    tale.world.rollout({ ...back, images: [other], verdict: 'moving' })
    tale.later(5_000)
    expect(holdsLane(tale.release)).toBe(true)
    tale.world.rollout({ ...back, images: [other], verdict })
    tale.later(5_000)
    expect([tale.outcome, tale.reason]).toEqual([outcome, expect.stringContaining('sha256:cccccccccccc')])
  })

  test('another digest of a rollout that cannot be read any more: unknown, and the lane stays held', () => {
    const tale = rolling()
    tale.world.rollout({ ...back, images: [other] })
    tale.later(5_000)
    tale.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    tale.watch(3 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', true])
    expect(tale.reason).toMatch(/sha256:cccccccccccc.*AccessDenied/)
  })

  test('another digest offers the revision that served before; what was approved offers none', () => {
    const tale = rolling()
    tale.world.rollout({ ...back, images: [other], verdict: 'succeeded' })
    tale.later(5_000)
    expect(actionsOf(tale.release)).toEqual(['retry', 'roll-back'])
    expect(rollbackRevision(tale.release)).toBe('blog-api:42')
    const approved = rolling()
    approved.world.rollout({ ...back, images: [image], verdict: 'succeeded' })
    approved.later(5_000)
    expect(rollbackRevision(approved.release)).toBeNull()
  })

  test.each(['rolled back', 'rollback failed'] as const)(
    'another digest that ECS itself takes back: %s, with what was not approved',
    (verdict) => {
      const tale = rolling()
      tale.world.rollout({ ...back, images: [other], verdict })
      tale.later(5_000)
      expect(tale.outcome).toBe(verdict)
      expect(tale.reason).toMatch(/sha256:cccccccccccc.*the rollout is roll/)
    },
  )

  test.each([0, 1])(
    'of two targets one runs another digest: told at once, failed once neither moves, that one named',
    (wrong) => {
      const targets = [target, second]
      const tale = rolling([image], { targets })
      tale.answer({ to: 'update', target: second, answer: 'accepted', deploymentId: 'ecs-svc/98' })
      const arns = ['arn:rollout/99', 'arn:rollout/98']
      const goes = (index: number, verdict: 'moving' | 'succeeded') =>
        tale.world.rollout(
          { ...back, arn: arns[index]!, images: [index === wrong ? other : image], verdict },
          targets[index],
        )
      goes(0, 'moving')
      goes(1, 'moving')
      tale.later(5_000)
      expect(tale.stories('unapproved')).toHaveLength(1)
      goes(wrong, 'succeeded')
      tale.watch(minute)
      expect([tale.outcome, holdsLane(tale.release)]).toEqual([null, true])
      goes(1 - wrong, 'succeeded')
      tale.later(5_000)
      expect(tale.outcome).toBe('failed')
      expect(tale.reason).toContain(`blog-cluster-prod/${targets[wrong]!.service} is not what was approved`)
    },
  )

  test('of two targets one reports no digest: said of both together', () => {
    const tale = rolling([image], { targets: [target, second] })
    tale.answer({ to: 'update', target: second, answer: 'accepted', deploymentId: 'ecs-svc/98' })
    tale.world.rollout({ ...back, images: [image], verdict: 'succeeded' })
    tale.world.rollout({ ...back, arn: 'arn:rollout/98', images: [untold], verdict: 'succeeded' }, second)
    tale.later(5_000)
    expect([tale.outcome, tale.reason]).toEqual([
      'succeeded',
      expect.stringMatching(/; ECS does not report an image digest for api$/),
    ])
  })
})

describe('the containers that twokey.yml names', () => {
  const api: Carried = { container: 'api', carries: 'commit', commit }
  const of = (container: string, sha: string): Carried => ({ container, carries: 'commit', commit: sha })
  const several = (container: string, ...commits: readonly string[]): Carried => ({
    container,
    carries: 'several',
    commits,
  })
  const thirdCommit = '8649bf9537d520624d1892f9402a9f25ab9ee7ee'
  const without = (container: string, carries: 'nothing' | 'missing'): Carried => ({ container, carries })

  test.each<readonly [string, readonly Carried[], Outcome, RegExp]>([
    ['all carry the commit', [api, of('proxy', commit.slice(0, 7))], 'succeeded', /succeeded$/],
    [
      'one carries another commit',
      [of('api', oldCommit), of('proxy', commit)],
      'failed',
      /^blog-api:43 on \S+: container api is of commit 0dd0c0d, and 3f2c1ab was approved$/,
    ],
    [
      'one carries none',
      [api, without('proxy', 'nothing')],
      'succeeded',
      /; the image of container proxy names no commit, so whether it is of 3f2c1ab is not known$/,
    ],
    [
      'one is not in the task definition',
      [api, without('web', 'missing')],
      'succeeded',
      /; blog-api:43 has no container web, which twokey.yml names$/,
    ],
    [
      'one names several commits, the approved one among them',
      [several('api', oldCommit, commit)],
      'succeeded',
      /; container api names several commits, 0dd0c0d and 3f2c1ab$/,
    ],
    [
      'one names several commits, none of them approved',
      [several('api', oldCommit, thirdCommit), of('proxy', commit)],
      'failed',
      /container api is of commits 0dd0c0d and 8649bf9, and 3f2c1ab was approved$/,
    ],
    [
      'the only one names several commits, none of them approved',
      [several('api', oldCommit, thirdCommit)],
      'failed',
      /is of commits 0dd0c0d and 8649bf9, and 3f2c1ab was approved/,
    ],
    ['none carries any', [without('api', 'nothing')], 'succeeded', /; [^;]* known by its time alone[^;]*$/],
    ['none is named', [], 'succeeded', /; [^;]* known by its time alone[^;]*$/],
  ])('%s: by that it ends', (_, carried, outcome, words) => {
    const tale = underway(bare)
    const commits = carried.flatMap(commitsIn)
    tale.world.rollout({ carried, commits, verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBeNull()
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect([tale.outcome, tale.reason]).toEqual([outcome, expect.stringMatching(words)])
  })

  test.each<readonly [string, readonly Carried[], readonly Carried[], RegExp]>([
    [
      'each has its own: nothing is missing',
      [api, without('worker', 'missing')],
      [without('api', 'missing'), of('worker', commit)],
      /succeeded$/,
    ],
    [
      'one is in neither: said of each',
      [api, without('web', 'missing')],
      [api, without('web', 'missing')],
      /; blog-api:43 has no container web, [^;]*; blog-worker:7 has no container web, [^;]*$/,
    ],
  ])('of two targets %s', (_, first, other, words) => {
    const tale = underway({ ...bare, targets: [target, second] })
    tale.world.rollout({ carried: first, verdict: 'succeeded' })
    const revisionOf = { ...revision(43, commit), name: 'blog-worker:7' }
    tale.world.rollout(
      { arn: 'arn:rollout/7', revision: revisionOf, carried: other, verdict: 'succeeded' },
      second,
    )
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(30_000)
    expect([tale.outcome, tale.reason]).toEqual(['succeeded', expect.stringMatching(words)])
  })

  test('what should name the commit is not there: succeeded, and that is said', () => {
    const tale = underway(bare)
    const reason = 'container api of blog-api:43 has no variable APP_REVISION'
    const unknown = { because: 'missing', reason } as const
    const silent = { commits: [], carried: [without('api', 'nothing')] }
    tale.world.rollout({ ...silent, revision: { ...revision(43), unknown }, verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect([tale.outcome, tale.reason]).toEqual(['succeeded', expect.stringContaining(reason)])
  })

  test('another commit in one of them mentions the approvers, and offers the way back', () => {
    const tale = underway(bare)
    const carried = [of('api', oldCommit), of('proxy', commit)]
    tale.world.rollout({ carried, commits: [oldCommit, commit], verdict: 'succeeded' })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.stories('ended')[0]?.mention).toEqual(expect.arrayContaining([...prodPolicy.approvers]))
    expect(rollbackRevision(tale.release)).toBe('blog-api:42')
  })

  test('another commit in one of them, in the second of two targets: failed', () => {
    const tale = underway({ ...bare, targets: [target, second] })
    tale.world.rollout({ carried: [api], verdict: 'succeeded' })
    tale.world.rollout({ carried: [api, of('proxy', oldCommit)], verdict: 'succeeded' }, second)
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect([tale.outcome, tale.reason]).toEqual(['failed', expect.stringContaining('blog-worker')])
  })

  test('what ECS takes back stays rolled back, whatever one of them carries', () => {
    const tale = underway(bare)
    tale.world.rollout({ carried: [api, of('proxy', oldCommit)], verdict: 'rolled back' })
    tale.later(5_000)
    expect(tale.outcome).toBe('rolled back')
  })
})

const checkout = (repository: string, ref: string | null) =>
  ({ note: 'checkout-not-bound', repository, ref, jobs: ['deploy'] }) as const

describe('a rollout that is known by its time alone', () => {
  const ours = { commits: [commit], verdict: 'succeeded' } as const
  const silent = { arn: 'arn:rollout/99', revision: revision(99), commits: [], verdict: 'succeeded' } as const

  /** Both targets served 42 before; the run ends well. */
  function ended(
    before: Revision,
    part: Partial<RolloutSighting>,
    worker: Partial<RolloutSighting> | null,
  ): Tale {
    const targets = worker === null ? [target] : [target, second]
    const tale = new Tale({ ...bare, targets })
    for (const each of targets) tale.world.serves(before, each)
    for (const approver of [ben, chloe]) tale.approve(approver)
    tale.look()
    tale.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    tale.world.runs()
    tale.later(5_000)
    tale.world.rollout(part)
    if (worker !== null) tale.world.rollout(worker, second)
    tale.later(5_000)
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    restarted(tale)
    return tale
  }

  const named = revision(42, oldCommit)
  const unnamed = revision(42)
  const unread = { ...unnamed, unknown: { because: 'unread', reason: 'GitHub did not answer' } } as const

  test.each<readonly [string, Revision, Partial<RolloutSighting>, Partial<RolloutSighting> | null, Outcome]>([
    ['in the only target, where what served before named a commit', named, silent, null, 'succeeded'],
    ['in the only target, where what served before named none', unnamed, silent, null, 'succeeded'],
    ['in both targets', named, silent, silent, 'succeeded'],
    ['beside a target that names the commit', named, ours, silent, 'unknown'],
    ['beside one that names it and carries our tag', named, { ...ours, releaseTag: 'r1' }, silent, 'unknown'],
    ['beside one with our tag alone', named, { ...ours, commits: [], releaseTag: 'r1' }, silent, 'unknown'],
    ['beside a target that names it, and never named one itself', unnamed, ours, silent, 'succeeded'],
    [
      'beside a target that names it, where GitHub could not tell what served before',
      unread,
      ours,
      silent,
      'unknown',
    ],
  ])('%s: by that it ends', (_, before, part, worker, outcome) => {
    const tale = ended(before, part, worker)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual([outcome, outcome === 'unknown'])
    expect(tale.reason).toContain('blog-api:99')
    expect(tale.reason).toContain('known by its time alone')
    expect(tale.audit.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
      rollouts: expect.arrayContaining([expect.objectContaining({ evidence: 'time' })]),
    })
  })

  test('is not said of one that carries the commit or our tag', () => {
    for (const part of [ours, { ...ours, commits: [], releaseTag: 'r1' }])
      expect(ended(named, part, null)).toMatchObject({
        outcome: 'succeeded',
        reason: expect.not.stringContaining('time alone'),
      })
  })

  test.each<readonly [string, WorkflowNote, boolean]>([
    ['an input gets the branch', { note: 'follows-branch', input: 'ref' }, true],
    ['a job checks out a branch', checkout('myorg/blog-api', 'main'), true],
    ['a job checks out the branch’s tip, which is approved', checkout('myorg/blog-api', null), false],
    ['a job checks out another repository', checkout('myorg/infra', 'main'), false],
  ])('says where the run may have shipped something else: %s', (_, note, isSaid) => {
    const succeeded = (part: Partial<RolloutSighting>) => {
      const tale = underway({ ...bare, subject: deploySubject({ notes: [note] }) })
      tale.world.rollout({ ...part, verdict: 'succeeded' })
      tale.world.runs({ verdict: 'succeeded' })
      tale.later(5_000)
      return [tale.outcome, /input ref gets the branch|checks out main/.test(tale.reason)]
    }
    expect(succeeded(silent)).toEqual(['succeeded', isSaid])
    expect(succeeded(ours)).toEqual(['succeeded', false])
  })

  test('and that ECS took back stays rolled back beside a target that names the commit', () => {
    expect(ended(named, ours, { ...silent, verdict: 'rolled back' }).outcome).toBe('rolled back')
  })

  test('beside a target that names the commit is still unknown after Look again, until a person settles it', () => {
    const tale = ended(named, ours, silent)
    tale.lookAgain(ben)
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
    tale.settle(ben)
    expect(holdsLane(tale.release)).toBe(false)
  })
})

describe('a rollout by its time alone, of a run that was given the commit and started on another', () => {
  const head = '5555555000000000000000000000000000000000'
  const silent = { arn: 'arn:rollout/99', revision: revision(99), commits: [], verdict: 'succeeded' } as const

  /** The branch's tip lies behind the approved commit at the request already, or moves there after the dispatch. */
  function ended(tip: string, headSha: string, part: Partial<RolloutSighting>): Tale {
    const tale = sending({ ...bare, subject: deploySubject({ tip }) }, { sha: tip })
    tale.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    tale.world.runs({ headSha })
    tale.later(5_000)
    tale.world.rollout({ ...silent, ...part })
    tale.world.runs({ headSha, verdict: 'succeeded' })
    tale.watch(minute)
    restarted(tale)
    return tale
  }

  test.each<readonly [string, string, string, Partial<RolloutSighting>, Outcome]>([
    ['the tip of the request', head, head, {}, 'unknown'],
    ['what the branch moved to after the dispatch', commit, head, {}, 'unknown'],
    ['the approved commit itself', commit, commit, {}, 'succeeded'],
    ['the tip, and the image names the commit', head, head, { commits: [commit] }, 'succeeded'],
    ['the tip, and it carries our tag', head, head, { releaseTag: 'r1' }, 'succeeded'],
    ['the tip, and ECS took it back', head, head, { verdict: 'rolled back' }, 'rolled back'],
    ['the tip, and ECS gave up', head, head, { verdict: 'failed' }, 'failed'],
  ])('%s: by that it ends', (_, tip, headSha, part, outcome) => {
    const tale = ended(tip, headSha, part)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual([outcome, outcome === 'unknown'])
    if (outcome !== 'unknown') return
    for (const fact of [head.slice(0, 7), commit.slice(0, 7), 'blog-api:99'])
      expect(tale.reason).toContain(fact)
    expect(tale.audit.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
      run: { headSha: head },
      rollouts: [{ evidence: 'time' }],
    })
  })

  test('is still unknown after Look again, until a person settles it', () => {
    const tale = ended(head, head, {})
    tale.lookAgain(ben)
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
    tale.settle(ben)
    expect(holdsLane(tale.release)).toBe(false)
  })
})

describe('a rollout with the release’s tag beside one that could be the run’s', () => {
  const ours = { arn: 'arn:rollout/ours', commits: [commit], verdict: 'succeeded' } as const
  const silent = { ...ours, commits: [] }
  const tagged = { arn: 'arn:rollout/tagged', releaseTag: 'r1', verdict: 'succeeded' } as const

  const pairs = [
    ['names no commit, beside our commit', { ...tagged, commits: [] }, ours],
    ['names another commit, beside our commit', { ...tagged, commits: [oldCommit] }, ours],
    ['names no commit, beside another without one', { ...tagged, commits: [] }, silent],
  ] as const

  const orders = ['at once', 'tag first', 'tag last'] as const

  const table = pairs.flatMap(([name, one, beside]) => orders.map((order) => ({ name, order, one, beside })))

  test.each(table)('$name, $order: unknown, and the lane stays held', ({ order, one, beside }) => {
    const tale = underway(bare)
    const came = order === 'tag last' ? [beside, one] : [one, beside]
    for (const rollout of came) {
      tale.world.rollout(rollout)
      if (order !== 'at once') tale.later(5_000)
      restarted(tale)
    }
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', true])
  })

  test.each(table)(
    '$name, $order: unknown, also where ECS shows the first no more',
    ({ order, one, beside }) => {
      const tale = underway(bare)
      const [first, last] = order === 'tag last' ? [beside, one] : [one, beside]
      tale.world.rollout(first)
      tale.later(5_000)
      restarted(tale)
      tale.world.targets = tale.world.targets.map((each) => ({ ...each, rollouts: [rolloutSighting(last)] }))
      tale.later(5_000)
      restarted(tale)
      tale.world.runs({ verdict: 'succeeded' })
      tale.watch(2 * minute)
      expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', true])
    },
  )

  test('both carry our commit, looked at together or ours without the tag first: unknown', () => {
    for (const looksBetween of [true, false]) {
      const tale = underway(bare)
      tale.world.rollout(ours)
      if (looksBetween) tale.later(5_000)
      tale.world.rollout({ ...tagged, commits: [commit] })
      tale.world.runs({ verdict: 'succeeded' })
      tale.watch(2 * minute)
      expect(tale.outcome).toBe('unknown')
    }
  })

  test('the tag alone, on an image that names no commit: ours, followed to its end', () => {
    const tale = underway(bare)
    tale.world.rollout({ ...tagged, commits: [], verdict: 'moving' })
    tale.later(5_000)
    expect(tale.release.tracks.rollouts[0]).toMatchObject({ binding: 'tag', seen: { arn: tagged.arn } })
    tale.world.rollout({ ...tagged, commits: [] })
    tale.world.runs({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
  })

  test.each(['tagged', 'untagged'])('one image alone, of another commit, %s: failed, both named', (kind) => {
    const tale = underway(bare)
    const releaseTag = kind === 'tagged' ? 'r1' : null
    tale.world.rollout({ ...ours, commits: [oldCommit], releaseTag })
    tale.later(5_000)
    restarted(tale)
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(minute)
    expect(tale.outcome).toBe('failed')
    for (const sha of [commit, oldCommit]) expect(tale.reason).toContain(sha.slice(0, 7))
  })
})

describe('deployments that were there before the dispatch', () => {
  const theirs = {
    arn: 'arn:rollout/44',
    commits: [],
    createdAt: start - 20_000,
    verdict: 'succeeded',
  } as const
  /** The same by `deployments[]`, which reports no ARN. */
  const byEntry = { ...theirs, arn: 'ecs-svc/44', deploymentId: 'ecs-svc/44' } as const

  test.each([
    ['by its entry, later in the list', [byEntry], ['ecs-svc/44'], theirs],
    ['in the list, later by its entry', [theirs], ['ecs-svc/44'], byEntry],
    ['by the service alone, since the list lagged', [], ['ecs-svc/44'], theirs],
    ['in the list alone', [theirs], [], theirs],
  ] as const)('%s: not ours', (_, before, deployments, later) => {
    const tale = new Tale({ ...bare, policy: policy({ required: 0 }), eligible: 0 })
    tale.world.targets = tale.world.targets.map((each) => ({
      ...each,
      deployments,
      rollouts: before.map(rolloutSighting),
    }))
    tale.look()
    tale.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    tale.world.targets = tale.world.targets.map((each) => ({ ...each, rollouts: [rolloutSighting(later)] }))
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unchanged')
  })

  test('a release of an older version noted its ARN: not ours either', () => {
    const tale = underway(bare)
    const [track] = tale.release.tracks.rollouts
    const before = { ...track!.before!, known: [theirs.arn] }
    tale.release = {
      ...tale.release,
      tracks: { ...tale.release.tracks, rollouts: [{ ...track!, before }] },
    }
    tale.world.rollout(theirs)
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unchanged')
  })

  test('a rollout that is followed, and told by another read under another ARN, is the same', () => {
    const tale = sendingBack()
    tale.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
    const entry = { revision: revision(41), commits: [], arn: 'ecs-svc/99', deploymentId: 'ecs-svc/99' }
    tale.world.rollout(entry)
    tale.later(5_000)
    tale.world.targets = tale.world.targets.map((each) => ({
      ...each,
      rollouts: [rolloutSighting({ ...entry, arn: 'arn:rollout/99', images: [image], verdict: 'succeeded' })],
    }))
    tale.later(5_000)
    expect(tale.outcome).toBe('succeeded')
    expect(tale.audit.filter(({ what }) => what === 'rollout found')).toHaveLength(1)
  })
})

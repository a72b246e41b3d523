import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { rollbackRevision } from '../../src/release/actions/roll-back.ts'
import type { Carried } from '../../src/release/carried.ts'
import { commitsIn } from '../../src/release/carried.ts'
import type { WorkflowNote } from '../../src/release/inputs.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import type { Request } from '../../src/release/request.ts'
import type { ContainerImage, Revision } from '../../src/release/revision.ts'
import type { RolloutSighting } from '../../src/release/sighting.ts'
import type { Outcome } from '../../src/release/stage.ts'
import {
  ben,
  chloe,
  deploySubject,
  minute,
  policy,
  prodPolicy,
  ReleaseDriver,
  rollbackSubject,
  sending,
  sendingBack,
  underway,
} from './driver.ts'
import { commit, image, oldCommit, revision, rolloutSighting, start, target, unseen } from './world.ts'

const bare = { migration: null } as const
const second = { cluster: 'blog-cluster-prod', service: 'blog-worker' }

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const proxy: ContainerImage = { container: 'proxy', image: 'proxy:1', digest: digest('b') }
const other: ContainerImage = { ...image, digest: digest('c') }
const untold: ContainerImage = { ...image, digest: null }

/** Only what the store has survives from one look to the next. */
function restarted(driver: ReleaseDriver): void {
  driver.release = JSON.parse(JSON.stringify(driver.release)) as Release
}

describe('the images that a rollback runs', () => {
  const back = { revision: revision(41), commits: [], arn: 'arn:rollout/99' } as const
  const accepted = { to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' } as const

  function rolling(
    approved: readonly ContainerImage[] = [image],
    part: Partial<Request> = {},
  ): ReleaseDriver {
    const driver = new ReleaseDriver({ subject: rollbackSubject(41, approved), ...part })
    const difference = { known: true, lines: [], total: 0 } as const
    driver.world.rollbackTarget = {
      usable: true,
      active: [],
      images: approved,
      serving: revision(42, oldCommit),
      difference,
    }
    for (const approver of [ben, chloe]) driver.approve(approver)
    driver.look()
    driver.answer(accepted)
    return driver
  }

  test.each<readonly [string, readonly ContainerImage[], readonly ContainerImage[] | null, Outcome, RegExp]>([
    ['the approved digest', [image], [image], 'succeeded', /^the rollout is succeeded$/],
    ['another digest', [image], [other], 'failed', /api runs sha256:cccccccccccc, but sha256:aaaaaaaaaaaa/],
    [
      'another digest in one container of two',
      [image, proxy],
      [image, { ...proxy, digest: digest('d') }],
      'failed',
      /proxy runs sha256:dddddddddddd, but sha256:bbbbbbbbbbbb/,
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
  ])('the result decides the end: %s', (_, approved, images, outcome, words) => {
    const driver = rolling(approved)
    driver.world.rollout({ ...back, images, verdict: 'succeeded' })
    driver.later(5_000)
    expect([driver.outcome, driver.reason]).toEqual([outcome, expect.stringMatching(words)])
  })

  test('another digest is announced in the channel as soon as ECS shows it, and the rollout is followed to its end', () => {
    const driver = rolling()
    driver.world.rollout({ ...back, images: [untold] })
    driver.watch(minute)
    expect(driver.posts('unapproved')).toEqual([])
    driver.world.rollout({ ...back, images: [other] })
    driver.watch(minute)
    expect([driver.outcome, holdsLane(driver.release), actionsOf(driver.release)]).toEqual([
      null,
      true,
      ['stop-rollout'],
    ])
    const people = expect.arrayContaining(['U0ANA', 'S0ONCALL', ...prodPolicy.approvers])
    const told = driver.effectsOf('tell').filter(({ story }) => story.tell === 'unapproved')
    expect(told).toMatchObject([
      {
        where: 'channel',
        story: { reason: expect.stringContaining('sha256:cccccccccccc'), mention: people },
      },
    ])
    expect(driver.audit.filter(({ what }) => what === 'image not approved')).toHaveLength(1)
    driver.world.rollout({ ...back, images: [other], verdict: 'succeeded' })
    driver.later(5_000)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['failed', false])
    const end = driver.effectsOf('tell').find(({ story }) => story.tell === 'ended')
    expect(end).toMatchObject({ where: 'channel', story: { mention: people } })
    expect(driver.audit.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
      rollouts: [{ images: [other] }],
    })
  })

  test('another digest of a completed rollout is announced once, with the end', () => {
    const driver = rolling()
    driver.world.rollout({ ...back, images: [other], verdict: 'succeeded' })
    driver.later(5_000)
    expect([driver.outcome, driver.posts('unapproved')]).toEqual(['failed', []])
  })

  test.each([
    ['which the circuit breaker takes back minutes later', 'rolled back', 'rolled back'],
    ['which the circuit breaker cannot take back', 'rollback failed', 'rollback failed'],
    ['which another revision replaces', 'superseded', 'failed'],
    ['which somebody stops', 'stopped', 'failed'],
  ] as const)('another digest %s: %s in ECS, %s', (_, verdict, outcome) => {
    const driver = rolling()
    driver.world.rollout({ ...back, images: [other] })
    driver.watch(10 * minute, minute)
    driver.world.rollout({ ...back, images: [other], verdict: 'moving' })
    driver.later(5_000)
    expect(holdsLane(driver.release)).toBe(true)
    driver.world.rollout({ ...back, images: [other], verdict })
    driver.later(5_000)
    expect([driver.outcome, driver.reason]).toEqual([outcome, expect.stringContaining('sha256:cccccccccccc')])
  })

  test('another digest of a rollout that becomes unreadable makes the release unknown, which holds the lane', () => {
    const driver = rolling()
    driver.world.rollout({ ...back, images: [other] })
    driver.later(5_000)
    driver.world.trouble = { rollouts: unseen('terminal', 'AccessDenied') }
    driver.watch(3 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
    expect(driver.reason).toMatch(/sha256:cccccccccccc.*AccessDenied/)
  })

  test('another digest offers the revision that ran before, but the approved digest offers none', () => {
    const driver = rolling()
    driver.world.rollout({ ...back, images: [other], verdict: 'succeeded' })
    driver.later(5_000)
    expect(actionsOf(driver.release)).toEqual(['retry', 'roll-back'])
    expect(rollbackRevision(driver.release)).toBe('blog-api:42')
    const approved = rolling()
    approved.world.rollout({ ...back, images: [image], verdict: 'succeeded' })
    approved.later(5_000)
    expect(rollbackRevision(approved.release)).toBeNull()
  })

  test.each(['rolled back', 'rollback failed'] as const)(
    'another digest that ECS itself takes back: %s, with what was not approved',
    (verdict) => {
      const driver = rolling()
      driver.world.rollout({ ...back, images: [other], verdict })
      driver.later(5_000)
      expect(driver.outcome).toBe(verdict)
      expect(driver.reason).toMatch(/sha256:cccccccccccc.*the rollout is roll/)
    },
  )

  test.each([0, 1])(
    'one of two targets runs another digest: announced at once, failed once neither changes, with its name',
    (wrong) => {
      const targets = [target, second]
      const driver = rolling([image], { targets })
      driver.answer({ to: 'update', target: second, answer: 'accepted', deploymentId: 'ecs-svc/98' })
      const arns = ['arn:rollout/99', 'arn:rollout/98']
      const goes = (index: number, verdict: 'moving' | 'succeeded') =>
        driver.world.rollout(
          { ...back, arn: arns[index]!, images: [index === wrong ? other : image], verdict },
          targets[index],
        )
      goes(0, 'moving')
      goes(1, 'moving')
      driver.later(5_000)
      expect(driver.posts('unapproved')).toHaveLength(1)
      goes(wrong, 'succeeded')
      driver.watch(minute)
      expect([driver.outcome, holdsLane(driver.release)]).toEqual([null, true])
      goes(1 - wrong, 'succeeded')
      driver.later(5_000)
      expect(driver.outcome).toBe('failed')
      expect(driver.reason).toContain(`blog-cluster-prod/${targets[wrong]!.service} is not what was approved`)
    },
  )

  test('two targets, of which one reports no digest, are reported together', () => {
    const driver = rolling([image], { targets: [target, second] })
    driver.answer({ to: 'update', target: second, answer: 'accepted', deploymentId: 'ecs-svc/98' })
    driver.world.rollout({ ...back, images: [image], verdict: 'succeeded' })
    driver.world.rollout({ ...back, arn: 'arn:rollout/98', images: [untold], verdict: 'succeeded' }, second)
    driver.later(5_000)
    expect([driver.outcome, driver.reason]).toEqual([
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
      /^blog-api:43 on \S+: container api carries commit 0dd0c0d, but 3f2c1ab was approved$/,
    ],
    [
      'one carries none',
      [api, without('proxy', 'nothing')],
      'succeeded',
      /; the image of container proxy carries no commit, so it may not be built from 3f2c1ab$/,
    ],
    [
      'one is not in the task definition',
      [api, without('web', 'missing')],
      'succeeded',
      /; blog-api:43 has no container web, which twokey.yml lists$/,
    ],
    [
      'one carries several commits, the approved one among them',
      [several('api', oldCommit, commit)],
      'succeeded',
      /; container api carries several commits, 0dd0c0d and 3f2c1ab$/,
    ],
    [
      'one carries several commits, none of them approved',
      [several('api', oldCommit, thirdCommit), of('proxy', commit)],
      'failed',
      /container api carries commits 0dd0c0d and 8649bf9, but 3f2c1ab was approved$/,
    ],
    [
      'the only one carries several commits, none of them approved',
      [several('api', oldCommit, thirdCommit)],
      'failed',
      /carries commits 0dd0c0d and 8649bf9, but 3f2c1ab was approved/,
    ],
    ['none carries any', [without('api', 'nothing')], 'succeeded', /; [^;]* matched by time only[^;]*$/],
    ['none is named', [], 'succeeded', /; [^;]* matched by time only[^;]*$/],
  ])('the result decides the end: %s', (_, carried, outcome, words) => {
    const driver = underway(bare)
    const commits = carried.flatMap(commitsIn)
    driver.world.rollout({ carried, commits, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBeNull()
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect([driver.outcome, driver.reason]).toEqual([outcome, expect.stringMatching(words)])
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
  ])('two targets are judged together: %s', (_, first, other, words) => {
    const driver = underway({ ...bare, targets: [target, second] })
    driver.world.rollout({ carried: first, verdict: 'succeeded' })
    const revisionOf = { ...revision(43, commit), name: 'blog-worker:7' }
    driver.world.rollout(
      { arn: 'arn:rollout/7', revision: revisionOf, carried: other, verdict: 'succeeded' },
      second,
    )
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(30_000)
    expect([driver.outcome, driver.reason]).toEqual(['succeeded', expect.stringMatching(words)])
  })

  test('a missing container that should name the commit is reported, and the release succeeds', () => {
    const driver = underway(bare)
    const reason = 'container api of blog-api:43 has no variable APP_REVISION'
    const unknown = { because: 'missing', reason } as const
    const silent = { commits: [], carried: [without('api', 'nothing')] }
    driver.world.rollout({ ...silent, revision: { ...revision(43), unknown }, verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect([driver.outcome, driver.reason]).toEqual(['succeeded', expect.stringContaining(reason)])
  })

  test('another commit in a container mentions the approvers, and offers to roll back', () => {
    const driver = underway(bare)
    const carried = [of('api', oldCommit), of('proxy', commit)]
    driver.world.rollout({ carried, commits: [oldCommit, commit], verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.posts('ended')[0]?.mention).toEqual(expect.arrayContaining([...prodPolicy.approvers]))
    expect(rollbackRevision(driver.release)).toBe('blog-api:42')
  })

  test('another commit in a container of the second target fails the release', () => {
    const driver = underway({ ...bare, targets: [target, second] })
    driver.world.rollout({ carried: [api], verdict: 'succeeded' })
    driver.world.rollout({ carried: [api, of('proxy', oldCommit)], verdict: 'succeeded' }, second)
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect([driver.outcome, driver.reason]).toEqual(['failed', expect.stringContaining('blog-worker')])
  })

  test('a rollout that ECS rolls back ends rolled back, whatever a container runs', () => {
    const driver = underway(bare)
    driver.world.rollout({ carried: [api, of('proxy', oldCommit)], verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
  })
})

const checkout = (repository: string, ref: string | null) =>
  ({ note: 'checkout-not-bound', repository, ref, jobs: ['deploy'] }) as const

describe('a rollout that is matched by its time only', () => {
  const ours = { commits: [commit], verdict: 'succeeded' } as const
  const silent = { arn: 'arn:rollout/99', revision: revision(99), commits: [], verdict: 'succeeded' } as const

  /** Both targets served 42 before; the run ends well. */
  function ended(
    before: Revision,
    part: Partial<RolloutSighting>,
    worker: Partial<RolloutSighting> | null,
  ): ReleaseDriver {
    const targets = worker === null ? [target] : [target, second]
    const driver = new ReleaseDriver({ ...bare, targets })
    for (const each of targets) driver.world.serves(before, each)
    for (const approver of [ben, chloe]) driver.approve(approver)
    driver.look()
    driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    driver.world.runs()
    driver.later(5_000)
    driver.world.rollout(part)
    if (worker !== null) driver.world.rollout(worker, second)
    driver.later(5_000)
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    restarted(driver)
    return driver
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
  ])('the result decides the end: %s', (_, before, part, worker, outcome) => {
    const driver = ended(before, part, worker)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual([outcome, outcome === 'unknown'])
    expect(driver.reason).toContain('blog-api:99')
    expect(driver.reason).toContain('matched by time only')
    expect(driver.audit.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
      rollouts: expect.arrayContaining([expect.objectContaining({ evidence: 'time' })]),
    })
  })

  test('a rollout with the commit or our tag is not reported as matched by time', () => {
    for (const part of [ours, { ...ours, commits: [], releaseTag: 'r1' }])
      expect(ended(named, part, null)).toMatchObject({
        outcome: 'succeeded',
        reason: expect.not.stringContaining('by time only'),
      })
  })

  test.each<readonly [string, WorkflowNote, boolean]>([
    ['an input gets the branch', { note: 'follows-branch', input: 'ref' }, true],
    ['a job checks out a branch', checkout('myorg/blog-api', 'main'), true],
    ['a job checks out the branch’s tip, which is approved', checkout('myorg/blog-api', null), false],
    ['a job checks out another repository', checkout('myorg/infra', 'main'), false],
  ])(
    'a rollout matched by time says that the run may have deployed something else: %s',
    (_, note, isSaid) => {
      const succeeded = (part: Partial<RolloutSighting>) => {
        const driver = underway({ ...bare, subject: deploySubject({ notes: [note] }) })
        driver.world.rollout({ ...part, verdict: 'succeeded' })
        driver.world.runs({ verdict: 'succeeded' })
        driver.later(5_000)
        return [driver.outcome, /input ref gets the branch|checks out main/.test(driver.reason)]
      }
      expect(succeeded(silent)).toEqual(['succeeded', isSaid])
      expect(succeeded(ours)).toEqual(['succeeded', false])
    },
  )

  test('a rollout matched by time that ECS rolled back ends rolled back beside a target that names the commit', () => {
    expect(ended(named, ours, { ...silent, verdict: 'rolled back' }).outcome).toBe('rolled back')
  })

  test('a rollout matched by time beside a target that names the commit stays unknown after Look again, until somebody settles it', () => {
    const driver = ended(named, ours, silent)
    driver.lookAgain(ben)
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    driver.settle(ben)
    expect(holdsLane(driver.release)).toBe(false)
  })
})

describe('a rollout matched by its time only, of a run that got the commit and started on another', () => {
  const head = '5555555000000000000000000000000000000000'
  const silent = { arn: 'arn:rollout/99', revision: revision(99), commits: [], verdict: 'succeeded' } as const

  /** The branch's tip lies behind the approved commit at the request already, or moves there after the dispatch. */
  function ended(tip: string, headSha: string, part: Partial<RolloutSighting>): ReleaseDriver {
    const driver = sending({ ...bare, subject: deploySubject({ tip }) }, { sha: tip })
    driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    driver.world.runs({ headSha })
    driver.later(5_000)
    driver.world.rollout({ ...silent, ...part })
    driver.world.runs({ headSha, verdict: 'succeeded' })
    driver.watch(minute)
    restarted(driver)
    return driver
  }

  test.each<readonly [string, string, string, Partial<RolloutSighting>, Outcome]>([
    ['the tip of the request', head, head, {}, 'unknown'],
    ['what the branch moved to after the dispatch', commit, head, {}, 'unknown'],
    ['the approved commit itself', commit, commit, {}, 'succeeded'],
    ['the tip, and the image names the commit', head, head, { commits: [commit] }, 'succeeded'],
    ['the tip, and it carries our tag', head, head, { releaseTag: 'r1' }, 'succeeded'],
    ['the tip, and ECS took it back', head, head, { verdict: 'rolled back' }, 'rolled back'],
    ['the tip, and ECS gave up', head, head, { verdict: 'failed' }, 'failed'],
  ])('the result decides the end: %s', (_, tip, headSha, part, outcome) => {
    const driver = ended(tip, headSha, part)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual([outcome, outcome === 'unknown'])
    if (outcome !== 'unknown') return
    for (const fact of [head.slice(0, 7), commit.slice(0, 7), 'blog-api:99'])
      expect(driver.reason).toContain(fact)
    expect(driver.audit.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
      run: { headSha: head },
      rollouts: [{ evidence: 'time' }],
    })
  })

  test('a rollout matched by time stays unknown after Look again, until somebody settles it', () => {
    const driver = ended(head, head, {})
    driver.lookAgain(ben)
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    driver.settle(ben)
    expect(holdsLane(driver.release)).toBe(false)
  })
})

describe('a rollout with the release’s tag beside one that could be the run’s', () => {
  const ours = { arn: 'arn:rollout/ours', commits: [commit], verdict: 'succeeded' } as const
  const silent = { ...ours, commits: [] }
  const tagged = { arn: 'arn:rollout/tagged', releaseTag: 'r1', verdict: 'succeeded' } as const

  const pairs = [
    ['carries no commit, beside our commit', { ...tagged, commits: [] }, ours],
    ['names another commit, beside our commit', { ...tagged, commits: [oldCommit] }, ours],
    ['carries no commit, beside another without one', { ...tagged, commits: [] }, silent],
  ] as const

  const orders = ['at once', 'tag first', 'tag last'] as const

  const table = pairs.flatMap(([name, one, beside]) => orders.map((order) => ({ name, order, one, beside })))

  test.each(table)('$name, $order: unknown, and the lane stays held', ({ order, one, beside }) => {
    const driver = underway(bare)
    const came = order === 'tag last' ? [beside, one] : [one, beside]
    for (const rollout of came) {
      driver.world.rollout(rollout)
      if (order !== 'at once') driver.later(5_000)
      restarted(driver)
    }
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
  })

  test.each(table)(
    '$name, $order: unknown, even if ECS no longer shows the first',
    ({ order, one, beside }) => {
      const driver = underway(bare)
      const [first, last] = order === 'tag last' ? [beside, one] : [one, beside]
      driver.world.rollout(first)
      driver.later(5_000)
      restarted(driver)
      driver.world.targets = driver.world.targets.map((each) => ({
        ...each,
        rollouts: [rolloutSighting(last)],
      }))
      driver.later(5_000)
      restarted(driver)
      driver.world.runs({ verdict: 'succeeded' })
      driver.watch(2 * minute)
      expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
    },
  )

  test('two rollouts with our commit, seen together or the one without our tag first, make the release unknown', () => {
    for (const looksBetween of [true, false]) {
      const driver = underway(bare)
      driver.world.rollout(ours)
      if (looksBetween) driver.later(5_000)
      driver.world.rollout({ ...tagged, commits: [commit] })
      driver.world.runs({ verdict: 'succeeded' })
      driver.watch(2 * minute)
      expect(driver.outcome).toBe('unknown')
    }
  })

  test('a rollout with our tag on an image that carries no commit is ours and followed to its end', () => {
    const driver = underway(bare)
    driver.world.rollout({ ...tagged, commits: [], verdict: 'moving' })
    driver.later(5_000)
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ binding: 'tag', seen: { arn: tagged.arn } })
    driver.world.rollout({ ...tagged, commits: [] })
    driver.world.runs({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test.each(['tagged', 'untagged'])('one image alone, of another commit, %s: failed, both named', (kind) => {
    const driver = underway(bare)
    const releaseTag = kind === 'tagged' ? 'r1' : null
    driver.world.rollout({ ...ours, commits: [oldCommit], releaseTag })
    driver.later(5_000)
    restarted(driver)
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(minute)
    expect(driver.outcome).toBe('failed')
    for (const sha of [commit, oldCommit]) expect(driver.reason).toContain(sha.slice(0, 7))
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
    const driver = new ReleaseDriver({ ...bare, policy: policy({ required: 0 }), eligible: 0 })
    driver.world.targets = driver.world.targets.map((each) => ({
      ...each,
      deployments,
      rollouts: before.map(rolloutSighting),
    }))
    driver.look()
    driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: '' })
    driver.world.targets = driver.world.targets.map((each) => ({
      ...each,
      rollouts: [rolloutSighting(later)],
    }))
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('a deployment stored by its ARN in an older release is not ours either', () => {
    const driver = underway(bare)
    const [track] = driver.release.tracks.rollouts
    const before = { ...track!.before!, known: [theirs.arn] }
    driver.release = {
      ...driver.release,
      tracks: { ...driver.release.tracks, rollouts: [{ ...track!, before }] },
    }
    driver.world.rollout(theirs)
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('a followed rollout that another read shows under another ARN is the same', () => {
    const driver = sendingBack()
    driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
    const entry = { revision: revision(41), commits: [], arn: 'ecs-svc/99', deploymentId: 'ecs-svc/99' }
    driver.world.rollout(entry)
    driver.later(5_000)
    driver.world.targets = driver.world.targets.map((each) => ({
      ...each,
      rollouts: [rolloutSighting({ ...entry, arn: 'arn:rollout/99', images: [image], verdict: 'succeeded' })],
    }))
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.audit.filter(({ what }) => what === 'rollout found')).toHaveLength(1)
  })
})

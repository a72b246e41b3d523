import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { rollbackRevision } from '../../src/release/actions/roll-back.ts'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { markFreshMs } from '../../src/release/preconditions/age.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import {
  ana,
  ben,
  bound,
  chloe,
  deploySubject,
  minute,
  policy,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
  sending,
  sendingBack,
  underway,
} from './driver.ts'
import { commit, image, migrationSighting, oldCommit, revision, start, target, unseen } from './world.ts'

const back = {
  revision: revision(41),
  commits: [],
  arn: 'arn:rollout/back',
  deploymentId: 'ecs-svc/99',
} as const
const accepted = { to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' } as const
const unclear = { to: 'update', target, answer: 'unclear', reason: '502' } as const

describe('a rollback', () => {
  test('a rollback updates the service once, is followed, and succeeds', () => {
    const driver = sendingBack()
    expect(driver.effectsOf('update')).toEqual([
      { do: 'update', target, revision: revision(41), sendBy: driver.now + markFreshMs },
    ])
    driver.answer(accepted)
    expect(driver.state).toBe('rolling out')
    driver.world.rollout(back)
    driver.later(5_000)
    driver.world.rollout({ ...back, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('approvals of a rollback are counted as for a deploy', () => {
    const driver = new ReleaseDriver({
      subject: rollbackSubject(),
      policy: policy({ required: 1 }),
      eligible: 1,
    })
    expect(driver.approve(ana)?.code).toBe('may_not_approve')
    driver.approve(ben)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('an update with an unclear answer that ECS shows is not sent again', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.rollout(back)
    driver.later(5_000)
    expect(driver.state).toBe('rolling out')
    driver.world.rollout({ ...back, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('an update interrupted by a restart is searched first, and sent again only if it is not there', () => {
    const driver = sendingBack()
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    driver.later(5_000)
    expect(driver.effectsOf('update')).toHaveLength(2)
  })

  test('an update with an unclear answer that never shows is sent three times at most, then fails', () => {
    const driver = sendingBack()
    for (let times = 0; times < 20 && driver.outcome === null; times += 1) {
      driver.answer(unclear)
      driver.later(2_000)
    }
    expect(driver.effectsOf('update')).toHaveLength(3)
    expect(driver.outcome).toBe('failed')
  })

  test('an update that ECS refuses fails', () => {
    const driver = sendingBack()
    driver.answer({ to: 'update', target, answer: 'refused', reason: 'inactive' })
    expect(driver.outcome).toBe('failed')
  })

  test('an update with an unclear answer is unknown and not sent again while ECS cannot be read', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('an update that Look again finds neither listed nor running is failed, not unchanged', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(5 * minute)
    driver.world.trouble = {}
    driver.lookAgain(ben)
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
  })

  test('an update that ECS treats as no change succeeds, because the revision already runs', () => {
    const driver = sendingBack()
    driver.world.serves(revision(41))
    driver.answer({ ...accepted, deploymentId: 'ecs-svc/42' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('a rollback that the circuit breaker rolls back ends rolled back', () => {
    const driver = sendingBack()
    driver.answer(accepted)
    driver.world.rollout({ ...back, verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
  })

  test('the deployment that ECS named is ours beside another of the same revision', () => {
    const driver = sendingBack()
    driver.answer(accepted)
    driver.world.rollout({ ...back, arn: 'arn:theirs', deploymentId: 'ecs-svc/98' })
    driver.world.rollout({ ...back, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('a deployment in progress is stopped three times at most, then its end is awaited', () => {
    const active = { target, deploymentId: 'd-OTHER', revision: 'blog-api:44', is: 'stoppable' } as const
    const driver = new ReleaseDriver({ subject: { ...rollbackSubject(), stops: [active] } })
    driver.world.deploys(active)
    driver.approve(ben)
    driver.approve(chloe)
    driver.watch(minute)
    expect(driver.effectsOf('stop-rollout')).toHaveLength(3)
    expect(driver.effectsOf('update')).toEqual([])
    expect(driver.posts('not-stopped')).toHaveLength(1)
    driver.world.deploys()
    driver.later(5_000)
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a deployment of CodeDeploy whose description names the release is ours, beside another of its revision', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.rollout({ ...back, arn: 'd-THEIRS000', deploymentId: 'd-THEIRS000', madeFor: null })
    driver.world.rollout({
      ...back,
      arn: 'd-OURS00000',
      deploymentId: 'd-OURS00000',
      madeFor: driver.release.id,
    })
    driver.later(5_000)
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ binding: 'firm', seen: { arn: 'd-OURS00000' } })
  })

  test('a deployment of our revision by CodeDeploy that names no release is not ours', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.rollout({ ...back, arn: 'd-THEIRS000', deploymentId: 'd-THEIRS000', madeFor: null })
    driver.later(1_000)
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ binding: 'awaited', seen: null })
  })

  test('two deployments of our revision are unknown if ECS named none', () => {
    const driver = sendingBack()
    driver.world.rollout({ ...back, arn: 'arn:a' })
    driver.world.rollout({ ...back, arn: 'arn:b' })
    driver.later(5_000)
    driver.later(5_000)
    expect(driver.outcome).toBe('unknown')
  })

  test('a rollback that is being sent cannot be cancelled', () => {
    expect(sendingBack().cancel(ana)?.code).toBe('not_cancellable')
  })
})

describe('a rollback of several targets', () => {
  const second = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
  const two = () => sendingBack({ targets: [target, second] })

  test('a rollback with one refused target follows the other, fails and names the refused one', () => {
    for (const order of [0, 1]) {
      const driver = two()
      const answers = [
        { to: 'update', target: second, answer: 'refused', reason: 'inactive' },
        accepted,
      ] as const
      driver.answer(answers[order === 0 ? 0 : 1])
      expect(driver.outcome).toBeNull()
      driver.answer(answers[order === 0 ? 1 : 0])
      driver.world.rollout(back)
      driver.watch(3 * minute)
      expect(driver.outcome).toBeNull()
      driver.world.rollout({ ...back, verdict: 'succeeded' })
      driver.later(5_000)
      expect(driver.outcome).toBe('failed')
      expect(driver.reason).toContain('inactive')
      expect(driver.effectsOf('update')).toHaveLength(2)
    }
  })

  test('a rollback with two refused targets fails', () => {
    const driver = two()
    for (const each of [target, second])
      driver.answer({ to: 'update', target: each, answer: 'refused', reason: 'inactive' })
    expect(driver.outcome).toBe('failed')
  })

  test('a rollback with one missing target sends only that one again, and follows the first', () => {
    const driver = two()
    driver.answer(accepted)
    driver.world.rollout(back)
    driver.watch(minute)
    expect(driver.effectsOf('update').filter((update) => update.target === target)).toHaveLength(1)
    expect(driver.effectsOf('update').filter((update) => update.target === second)).toHaveLength(3)
    expect(driver.outcome).toBeNull()
    driver.world.rollout({ ...back, verdict: 'succeeded' })
    driver.watch(minute)
    expect(driver.outcome).toBe('failed')
  })
})

describe('a rollback replaces a running deploy', () => {
  const rollback: Partial<Request> = {
    id: 'r2',
    subject: rollbackSubject(),
    requester: ben,
    policy: policy({ required: 0 }),
    eligible: 0,
  }

  /** A rollback that was requested while `deploy` is in progress, ready to be sent. */
  function behind(deploy: ReleaseDriver): ReleaseDriver {
    const driver = new ReleaseDriver(rollback, [deploy.release])
    driver.look()
    return driver
  }

  function give(deploy: ReleaseDriver, to: ReleaseDriver): void {
    deploy.supersede(to.release)
    to.holders = holdsLane(deploy.release) ? [deploy.release] : []
  }

  test('a rollback asks the running deploy to stop only when its own approvals are in', () => {
    const deploy = underway()
    const driver = new ReleaseDriver({ ...rollback, policy: policy({ required: 1 }), eligible: 1 }, [
      deploy.release,
    ])
    driver.look()
    expect(driver.effectsOf('supersede')).toHaveLength(0)
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('supersede')).toEqual([{ do: 'supersede', release: 'r1' }])
    expect(driver.effectsOf('update')).toHaveLength(0)
  })

  test('a deploy that is approved first is sent, and the rollback still waits behind it', () => {
    const deploy = keyed({})
    const driver = new ReleaseDriver({ ...rollback, policy: policy({ required: 1 }), eligible: 1 }, [
      deploy.release,
    ])
    deploy.holders = [driver.release]
    deploy.look()
    expect(deploy.effectsOf('supersede')).toHaveLength(0)
    expect(deploy.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a rollback asks the deploy to stop once, however often it is checked', () => {
    const driver = behind(underway())
    driver.look()
    driver.look()
    expect(driver.effectsOf('supersede')).toHaveLength(1)
  })

  test.each<readonly [string, () => ReleaseDriver]>([
    ['awaiting approval', () => new ReleaseDriver()],
    ['waiting', () => keyed({ waitMs: minute })],
    ['about to be sent', () => keyed({})],
  ])('a deploy that is %s frees its lane at once', (_, make) => {
    const deploy = make()
    const driver = behind(deploy)
    give(deploy, driver)
    expect(deploy.outcome).toBe('superseded')
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    deploy.watch(minute)
    expect(deploy.effectsOf('dispatch')).toHaveLength(0)
  })

  test('a replaced deploy that is being sent has its run found and cancelled first', () => {
    const deploy = sending()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(0)
    deploy.world.runs()
    deploy.look()
    deploy.look()
    expect(deploy.effectsOf('cancel-run')).toHaveLength(1)
    deploy.world.runs({ verdict: 'cancelled' })
    deploy.look()
    give(deploy, driver)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    deploy.watch(2 * minute)
    expect(deploy.outcome).toBe('superseded')
  })

  test('a replaced deploy with a rollout in progress frees its lane at once, and ends superseded', () => {
    const deploy = underway({ migration: null })
    deploy.world.rollout()
    deploy.look()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    deploy.world.rollout({ verdict: 'superseded' })
    deploy.look()
    expect(deploy.outcome).toBe('superseded')
  })

  test('a replaced deploy that already runs, with its workflow run cancelled for the rollback, ends superseded', () => {
    const deploy = underway({ migration: null })
    deploy.world.rollout({ verdict: 'succeeded' })
    deploy.look()
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.world.runs({ verdict: 'cancelled' })
    deploy.look()
    expect(deploy.outcome).toBe('superseded')
  })

  /** No image names a commit: its own rollout is complete, and its replacement is rolled out. */
  function silentlyReplaced(verdict: 'moving' | 'succeeded', looks: () => void = () => {}): ReleaseDriver {
    const deploy = underway({ migration: null })
    deploy.world.rollout({ commits: [], revision: revision(43), verdict: 'succeeded' })
    deploy.later(5_000)
    looks()
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.world.rollout({ ...back, verdict })
    deploy.later(5_000)
    return deploy
  }

  test.each(['moving', 'succeeded'] as const)(
    'a deploy whose image carries no commit does not take the rollout of the rollback (%s) for its own',
    (verdict) => {
      const deploy = silentlyReplaced(verdict)
      expect(deploy.release.tracks.rollouts[0]).toMatchObject({
        seen: { revision: { name: 'blog-api:43' } },
        candidates: [{ revision: { name: 'blog-api:43' } }],
      })
      deploy.world.runs({ verdict: 'succeeded' })
      deploy.watch(2 * minute)
      expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['superseded', false])
      expect(deploy.effectsOf('tell').filter(({ where }) => where === 'channel')).toEqual([])
    },
  )

  test('a replaced deploy does not take the rollouts of two later rollbacks for its own', () => {
    const deploy = silentlyReplaced('succeeded')
    deploy.supersede({ id: 'r3', requester: ben, subject: rollbackSubject(40) })
    deploy.world.rollout({
      ...back,
      arn: 'arn:rollout/40',
      deploymentId: 'ecs-svc/40',
      revision: revision(40),
    })
    deploy.later(5_000)
    deploy.world.runs({ verdict: 'cancelled' })
    deploy.watch(2 * minute)
    expect(deploy.outcome).toBe('superseded')
  })

  test('a replaced deploy that rolled out nothing leaves the rollback’s rollout to the rollback', () => {
    const deploy = underway({ migration: null })
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.world.rollout({ ...back, verdict: 'succeeded' })
    deploy.world.runs({ verdict: 'succeeded' })
    deploy.watch(2 * minute)
    expect([deploy.outcome, deploy.release.tracks.rollouts[0]?.seen]).toEqual(['superseded', null])
  })

  test('a rollout of a deploy before it was replaced stays its own, even if the rollback returns to it', () => {
    const deploy = underway({ migration: null })
    deploy.world.rollout({ commits: [], revision: revision(41), verdict: 'succeeded' })
    deploy.later(5_000)
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.later(5_000)
    expect(deploy.release.tracks.rollouts[0]?.seen?.revision.name).toBe('blog-api:41')
  })

  test('a migration of a replaced deploy that failed still fails it', () => {
    const deploy = underway()
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.world.runs({ verdict: 'failed' })
    deploy.watch(2 * minute)
    expect(deploy.outcome).toBe('failed')
  })

  test('a replaced deploy without a known run frees its lane at once, and blocks deploys until somebody settles it', () => {
    const deploy = sending({ subject: deploySubject({ inputs: bound('sha') }) })
    deploy.look()
    expect(deploy.outcome).toBe('unknown')
    const driver = behind(deploy)
    give(deploy, driver)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['unknown', true])
    expect(deploy.audit.filter(({ what }) => what === 'settled')).toEqual([])
    deploy.settle(chloe)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['unknown', false])
    expect(deploy.audit.at(-1)).toMatchObject({ actor: chloe, what: 'settled' })
  })

  test('a replaced deploy whose run could not be read has it cancelled and waited for, and is not shown as settled', () => {
    const deploy = unreadable()
    const driver = behind(deploy)
    give(deploy, driver)
    deploy.world.trouble = {}
    deploy.later(5_000)
    expect(deploy.effectsOf('cancel-run')).toMatchObject([{ runId: 501 }])
    expect(deploy.audit).toContainEqual(expect.objectContaining({ actor: ben, what: 'superseded' }))
    driver.later(5_000)
    expect(driver.effectsOf('update')).toEqual([])
    deploy.world.runs({ verdict: 'cancelled' })
    deploy.later(5_000)
    expect([deploy.outcome, holdsLane(deploy.release), actionsOf(deploy.release)]).toEqual([
      'unknown',
      false,
      ['retry'],
    ])
    expect(deploy.posts('run-ended')).toMatchObject([{ run: { id: 501, verdict: 'cancelled' } }])
    expect(deploy.audit.filter(({ what }) => what === 'settled')).toEqual([])
    driver.holders = []
    driver.later(5_000)
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a replaced deploy whose run stays unreadable is waited for only so long, and then blocks deploys until it is settled', () => {
    const deploy = unreadable()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.watch(minute)
    expect(driver.effectsOf('update')).toHaveLength(1)
    deploy.watch(10 * minute, minute)
    expect(holdsLane(deploy.release)).toBe(true)
    expect(actionsOf(deploy.release)).toEqual(['cancel', 'look-again', 'settle'])
    deploy.settle(chloe)
    expect(holdsLane(deploy.release)).toBe(false)
  })

  test('a settled deploy is not stopped again, and is watched as after every end', () => {
    const deploy = unreadable()
    deploy.settle(chloe)
    const { release } = deploy
    deploy.supersede({ id: 'r2', requester: ben })
    expect(deploy.release).toBe(release)
    expect(looks(release, deploy.config()).map(({ look }) => look)).toEqual([
      'laterAttempt',
      'rollouts',
      'beyond',
    ])
  })

  test('a replaced deploy whose run takes too long can be settled, and ends superseded', () => {
    const deploy = underway()
    deploy.supersede({ id: 'r2', requester: ben })
    expect(deploy.settle(chloe)?.code).toBe('not_cancellable')
    deploy.watch(70 * minute, minute)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual([null, true])
    expect(deploy.settle(chloe)).toBeNull()
    deploy.watch(2 * minute)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['superseded', false])
    expect(deploy.release.tracks.run).toMatchObject({ settledBy: chloe })
    expect(deploy.posts('ended')).toHaveLength(1)
  })

  test('a replaced deploy with a settled run still blocks deploys while its migration runs', () => {
    const deploy = underway()
    const ours = { startedBy: `deploy-${commit}-r1` }
    deploy.world.migrations = [migrationSighting(ours)]
    deploy.later(5_000)
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.watch(70 * minute, minute)
    deploy.settle(chloe)
    deploy.watch(2 * minute)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['superseded', true])
    deploy.world.migrations = [migrationSighting({ ...ours, verdict: 'failed', exitCode: 1 })]
    deploy.later(5_000)
    expect(deploy.posts('migration-after-end')).toMatchObject([{ migration: { exitCode: 1 } }])
    expect(holdsLane(deploy.release)).toBe(false)
  })

  test('a rollback does not wait for ever for a deploy that does not stop', () => {
    const deploy = underway()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.watch(minute)
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  const keys = { ...rollback, policy: policy({ required: 2 }), eligible: 2 }
  const ahead = [{ release: 'r1', requester: ana, state: 'running', commit }]
  const other = { ...image, digest: `sha256:${'b'.repeat(64)}` }
  const now = {
    usable: true,
    active: [],
    images: [image],
    serving: revision(45, deploySubject().commit.sha),
    difference: { known: true, lines: [], total: 7 },
  } as const

  /** A rollback that was requested while a deploy was in progress, which then ended by itself: 45 serves. */
  function freed(
    part: Partial<Request> = {},
    before: (driver: ReleaseDriver) => void = () => {},
  ): ReleaseDriver {
    const driver = new ReleaseDriver({ ...keys, ...part }, [underway({ migration: null }).release])
    before(driver)
    driver.world.rollbackTarget = now
    driver.holders = []
    driver.look()
    return driver
  }

  test('a rollback knows which release it replaces, and asks it again by itself', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.look()
    expect(driver.release).toMatchObject({ behind: ahead, servingBefore: revision(42, oldCommit) })
    expect(driver.posts('asked')).toMatchObject([{ behind: ahead }])
    expect(driver.audit[0]?.detail).toMatchObject({ behind: ahead })
    expect(nextLook(driver.release, driver.now, { activeMs: 1, idleMs: 7 })).toBe(driver.now + 7)
    expect(driver.posts('freed')).toEqual([])
  })

  test('a rollback that replaces nothing reads nothing before its approvals are in', () => {
    const driver = new ReleaseDriver(keys)
    const { release, now: at } = driver
    expect(release.behind).toEqual([])
    expect(looks(release, driver.config())).toEqual([])
    expect(nextLook(release, at, { activeMs: 1, idleMs: 7 })).toBe(at + release.policy.expireAfterMs)
  })

  test('a rollback shows the running revision and difference again if the deploy ended by itself, and keeps its approvals', () => {
    const driver = freed({}, (before) => before.approve(chloe))
    expect(driver.release).toMatchObject({
      behind: [],
      servingBefore: now.serving,
      subject: { difference: now.difference, images: [image] },
      approvals: [{ by: chloe }],
      round: 0,
    })
    expect(driver.posts('freed')).toMatchObject([
      { by: ahead, was: { name: 'blog-api:42' }, serving: { name: 'blog-api:45' }, approved: [chloe] },
    ])
    expect(driver.audit.find(({ what }) => what === 'place freed')?.detail).toMatchObject({ by: ['r1'] })
    driver.look()
    expect(driver.posts('freed')).toHaveLength(1)
    driver.approve(ana)
    driver.look()
    expect(driver.effectsOf('supersede')).toEqual([])
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a deploy that ends by itself during the timer is reported then, and the timer continues', () => {
    const driver = freed({ waitMs: minute }, (before) => {
      before.approve(ana)
      before.approve(chloe)
    })
    expect([driver.state, driver.posts('freed').length]).toEqual(['waiting', 1])
    driver.later(minute)
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a deploy that ended by itself is reported before the rollback is sent, even if nothing was read earlier', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.approve(ana)
    driver.holders = []
    driver.world.rollbackTarget = now
    driver.approve(chloe)
    driver.look()
    expect(driver.posts('freed')).toMatchObject([{ approved: [ana, chloe] }])
    expect(driver.effectsOf('update')).toHaveLength(1)
  })

  test('a deploy that was stopped for the rollback is not reported as ended by itself', () => {
    const deploy = underway({ migration: null })
    const driver = behind(deploy)
    deploy.supersede(driver.release)
    driver.holders = []
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    expect(driver.posts('freed')).toEqual([])
  })

  test('a rollback that cannot read the running revision reports it, and reads until it can', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.approve(chloe)
    driver.holders = []
    driver.world.trouble = { rollbackTarget: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.state).toBe('awaiting approval')
    expect(driver.posts('blind')).toHaveLength(1)
    expect(driver.release.behind).toEqual(ahead)
    driver.world.trouble = {}
    driver.world.rollbackTarget = now
    driver.later(minute)
    expect(driver.release).toMatchObject({
      behind: [],
      servingBefore: now.serving,
      approvals: [{ by: chloe }],
    })
  })

  test('a rollback whose images changed voids the approvals, and shows what runs', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.approve(chloe)
    driver.holders = []
    driver.world.rollbackTarget = { ...now, images: [other] }
    driver.look()
    expect(driver.release).toMatchObject({
      approvals: [],
      round: 1,
      behind: [],
      servingBefore: now.serving,
      subject: { images: [other], difference: now.difference },
    })
    expect(driver.posts('voided')).toHaveLength(1)
    expect(driver.posts('freed')).toMatchObject([{ approved: [] }])
  })

  test('a rollback whose revision ECS no longer accepts ends, and asks nobody else', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.holders = []
    driver.world.rollbackTarget = { usable: false, why: 'blog-api:41 was deregistered' }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('update')).toEqual([])
  })

  test('each rollback that replaces a deploy is reported', () => {
    const deploy = underway()
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.supersede({ id: 'r3', requester: ben })
    expect(deploy.posts('superseding').map(({ by }) => by)).toEqual(['r2', 'r3'])
  })

  /** Its run continues, and GitHub could not be read for long. */
  function unreadable(): ReleaseDriver {
    const deploy = underway({ migration: null })
    deploy.world.trouble = { run: unseen('terminal') }
    deploy.watch(5 * minute)
    expect(deploy.outcome).toBe('unknown')
    return deploy
  }

  function keyed(part: Partial<Request>): ReleaseDriver {
    const driver = new ReleaseDriver(part)
    driver.approve(ben)
    driver.approve(chloe)
    return driver
  }
})

describe('a rollback replaces a rollback under way', () => {
  const onward: Partial<Request> = {
    id: 'r2',
    subject: rollbackSubject(40),
    requester: ben,
    policy: policy({ required: 1 }),
    eligible: 1,
  }

  /** No task of 41 becomes healthy, and nothing rolls it back. */
  function stuck(): ReleaseDriver {
    const driver = sendingBack()
    driver.answer(accepted)
    driver.world.rollout(back)
    driver.watch(60 * minute, minute)
    expect([driver.outcome, driver.posts('late')]).toMatchObject([null, [{ track: 'rollout' }]])
    return driver
  }

  test('a rollback that replaces a rollback needs its own approvals, is sent at once then, and the earlier one ends superseded', () => {
    const first = stuck()
    const driver = new ReleaseDriver(onward, [first.release])
    driver.look()
    expect([driver.effectsOf('supersede'), driver.effectsOf('update')]).toEqual([[], []])
    driver.approve(chloe)
    driver.look()
    expect(driver.effectsOf('supersede')).toEqual([{ do: 'supersede', release: 'r1' }])
    first.supersede(driver.release)
    driver.holders = [first.release]
    driver.later(5_000)
    expect(driver.effectsOf('update')).toMatchObject([{ revision: revision(40) }])
    expect([first.outcome, first.effectsOf('cancel-run')]).toEqual([null, []])
    first.world.rollout({ ...back, verdict: 'superseded' })
    first.later(5_000)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['superseded', false])
  })

  test('the card of a rollback under way offers to go back at once; the revision that ran before it may be requested', () => {
    const first = stuck()
    expect(actionsOf(first.release)).toEqual(['stop-rollout'])
    expect(rollbackRevision(first.release)).toBe('blog-api:42')
    expect(new ReleaseDriver({ ...onward, subject: rollbackSubject(42) }, [first.release]).state).toBe(
      'awaiting approval',
    )
  })

  test('an update that ECS does not show is not sent again once another rollback replaces it', () => {
    const first = sendingBack()
    first.supersede({ id: 'r2', requester: ben })
    first.watch(minute)
    expect(first.effectsOf('update')).toHaveLength(1)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['superseded', false])
  })

  const onto40 = { id: 'r2', requester: ben, subject: rollbackSubject(40) }
  const of40 = { ...back, arn: 'arn:rollout/40', deploymentId: 'ecs-svc/40', revision: revision(40) }

  test('a replaced rollback that was marked and never sent ends superseded, without a post, if its successor shows in ECS', () => {
    const first = sendingBack()
    first.supersede(onto40)
    first.world.rollout({ ...of40, verdict: 'succeeded' })
    first.later(minute)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['superseded', false])
    expect(first.reason).toContain('r2')
    expect(first.effectsOf('tell').filter(({ where }) => where === 'channel')).toEqual([])
    expect(first.effectsOf('update')).toHaveLength(1)
  })

  test('a replaced rollback that was marked and never sent is unknown if somebody else rolled out', () => {
    const first = sendingBack()
    first.supersede(onto40)
    first.world.rollout({ ...back, arn: 'arn:theirs', deploymentId: 'ecs-svc/77', revision: revision(44) })
    first.watch(minute)
    expect(first.outcome).toBe('unknown')
  })

  test('a replaced rollback that reached one of two targets ends superseded, not failed', () => {
    const worker = { ...target, service: 'blog-worker' }
    const first = sendingBack({ targets: [target, worker] })
    first.answer(accepted)
    first.world.rollout({ ...back, verdict: 'succeeded' })
    first.supersede(onto40)
    first.world.rollout({ ...of40, verdict: 'succeeded' }, worker)
    first.watch(minute)
    expect([first.outcome, first.reason]).toEqual(['superseded', expect.stringContaining('r2')])
  })

  test('a replaced rollback does not take a later rollout of the same revision for its own, unless ECS named it', () => {
    const again = { ...onto40, subject: rollbackSubject() }
    const theirs = sendingBack()
    theirs.supersede(again)
    theirs.world.rollout({ ...back, deploymentId: 'ecs-svc/100', verdict: 'succeeded' })
    theirs.watch(minute)
    expect(theirs.outcome).toBe('superseded')
    const own = sendingBack()
    own.answer(accepted)
    own.supersede(again)
    own.world.rollout({ ...back, verdict: 'succeeded' })
    own.later(5_000)
    expect(own.outcome).toBe('succeeded')
  })

  test('a replaced rollback for which ECS began nothing ends superseded', () => {
    const first = sendingBack()
    first.answer(accepted)
    first.supersede({ id: 'r2', requester: ben })
    first.watch(3 * minute)
    expect(first.outcome).toBe('superseded')
  })

  test('a replaced rollback whose end could not be read frees the lane with its successor, and is not shown as settled', () => {
    const first = sendingBack()
    first.world.trouble = { rollouts: unseen('terminal') }
    first.watch(5 * minute)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['unknown', true])
    first.supersede({ id: 'r2', requester: ben })
    expect([first.outcome, holdsLane(first.release)]).toEqual(['unknown', false])
    expect(first.audit.at(-1)).toMatchObject({ what: 'superseded', detail: { by: 'r2' } })
  })
})

describe('the request of a release', () => {
  const inFlight = (part: Partial<Request>): Release => new ReleaseDriver({ id: 'r0', ...part }).release
  const rollback = { subject: rollbackSubject() }
  const elsewhere = { subject: rollbackSubject(39) }

  test.each<readonly [string, Partial<Request>, readonly Release[], string | null]>([
    ['a deploy', {}, [], null],
    ['a rollback', rollback, [], null],
    ['a deploy over a deploy', {}, [inFlight({})], 'in_flight'],
    ['a deploy over a rollback', {}, [inFlight(rollback)], 'in_flight'],
    ['a rollback over a deploy', rollback, [inFlight({})], null],
    ['a rollback over a rollback', rollback, [inFlight(rollback)], 'rollback_under_way'],
    ['a rollback over both', rollback, [inFlight({}), inFlight(rollback)], 'rollback_under_way'],
    ['a rollback over a rollback that was sent', rollback, [sendingBack(elsewhere).release], null],
    [
      'a rollback over one that was sent to the same',
      rollback,
      [sendingBack().release],
      'rollback_under_way',
    ],
    ['a deploy over a rollback that was sent', {}, [sendingBack().release], 'in_flight'],
    ['what runs already', { serving: [revision(42, deploySubject().commit.sha)] }, [], 'nothing_to_deploy'],
    ['what runs already, by a short commit', { serving: [revision(42, '3f2c1ab')] }, [], 'nothing_to_deploy'],
    [
      'what runs already in one target of two',
      { serving: [revision(42, '3f2c1ab'), revision(41, oldCommit)] },
      [],
      null,
    ],
    ['what serves already', { ...rollback, serving: [revision(41, oldCommit)] }, [], 'already_serving'],
    [
      'what serves already in one target of two',
      { ...rollback, serving: [revision(41, oldCommit), revision(42)] },
      [],
      null,
    ],
    [
      'what serves, before a deploy replaces it',
      { ...rollback, serving: [revision(41)] },
      [inFlight({})],
      null,
    ],
    ['where nothing could be told to serve', { serving: [] }, [], null],
    ['more approvals than people', { eligible: 1 }, [], 'policy_unsatisfiable'],
    [
      'authors that nobody knows, where they may not approve',
      {
        policy: policy({ authorsMayApprove: false }),
        subject: deploySubject({ authorship: { known: false, why: '' } }),
      },
      [],
      'policy_unsatisfiable',
    ],
  ])('a request is refused: %s', (_, part, holders, code) => {
    const requested = request(
      requestOf(part),
      { holders, lock: null, freeze: null, currentRules: null },
      start,
    )
    expect('refused' in requested ? requested.refused.code : null).toBe(code)
    if (!('refused' in requested)) expect(requested.place).toBe(holders.length > 0 ? 'next' : 'current')
  })

  test('a request is posted and audited with its policy', () => {
    const driver = new ReleaseDriver()
    expect(driver.posts('asked')).toMatchObject([{ by: ana, serving: { name: 'blog-api:42' } }])
    expect(driver.audit[0]).toMatchObject({
      actor: ana,
      what: 'requested',
      detail: { policy: { required: 2 } },
    })
  })
})

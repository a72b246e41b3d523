import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import { rollbackRevision } from '../../src/release/actions/roll-back.ts'
import { markFreshMs } from '../../src/release/preconditions/age.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import { looks, nextLook } from '../../src/release/watch.ts'
import {
  ana,
  asked,
  ben,
  bound,
  chloe,
  deploySubject,
  minute,
  policy,
  ReleaseDriver,
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
  test('happy: updated once, followed, succeeded', () => {
    const driver = sendingBack()
    expect(driver.wanted('update')).toEqual([
      { do: 'update', target, revision: revision(41), sendBy: driver.now + markFreshMs },
    ])
    driver.answer(accepted)
    expect(driver.state).toBe('rolling out')
    driver.world.rollout(back)
    driver.later(5_000)
    driver.world.rollout({ ...back, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('its approvals are counted as for a deploy', () => {
    const driver = new ReleaseDriver({
      subject: rollbackSubject(),
      policy: policy({ required: 1 }),
      eligible: 1,
    })
    expect(driver.approve(ana)?.code).toBe('may_not_approve')
    driver.approve(ben)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('the answer was unclear and ECS has it: found, not sent again', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.rollout(back)
    driver.later(5_000)
    expect(driver.state).toBe('rolling out')
    driver.world.rollout({ ...back, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('restarted while it was sent: looked for first, sent again only where it is not', () => {
    const driver = sendingBack()
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    driver.later(5_000)
    expect(driver.wanted('update')).toHaveLength(2)
  })

  test('unclear and never there: sent three times at most, then failed', () => {
    const driver = sendingBack()
    for (let times = 0; times < 20 && driver.outcome === null; times += 1) {
      driver.answer(unclear)
      driver.later(2_000)
    }
    expect(driver.wanted('update')).toHaveLength(3)
    expect(driver.outcome).toBe('failed')
  })

  test('refused by ECS: failed', () => {
    const driver = sendingBack()
    driver.answer({ to: 'update', target, answer: 'refused', reason: 'inactive' })
    expect(driver.outcome).toBe('failed')
  })

  test('ECS cannot be read after an unclear answer: unknown, and not sent blindly', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('looked at again, and it is not there and does not serve: failed, not unchanged', () => {
    const driver = sendingBack()
    driver.answer(unclear)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(5 * minute)
    driver.world.trouble = {}
    driver.lookAgain(ben)
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
  })

  test('ECS took it for no change: what serves is what was asked for', () => {
    const driver = sendingBack()
    driver.world.serves(revision(41))
    driver.answer({ ...accepted, deploymentId: 'ecs-svc/42' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unchanged')
  })

  test('taken back itself by the breaker', () => {
    const driver = sendingBack()
    driver.answer(accepted)
    driver.world.rollout({ ...back, verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
  })

  test('the one that ECS named is ours, beside another on the same revision', () => {
    const driver = sendingBack()
    driver.answer(accepted)
    driver.world.rollout({ ...back, arn: 'arn:theirs', deploymentId: 'ecs-svc/98' })
    driver.world.rollout({ ...back, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })

  test('two on our revision and ECS named none: unknown', () => {
    const driver = sendingBack()
    driver.world.rollout({ ...back, arn: 'arn:a' })
    driver.world.rollout({ ...back, arn: 'arn:b' })
    driver.later(5_000)
    driver.later(5_000)
    expect(driver.outcome).toBe('unknown')
  })

  test('nobody cancels one that is being sent', () => {
    expect(sendingBack().cancel(ana)?.code).toBe('not_cancellable')
  })
})

describe('a rollback of several targets', () => {
  const second = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
  const two = () => sendingBack({ targets: [target, second] })

  test('one refused, the other taken: followed, then failed, and the refused one is named', () => {
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
      expect(driver.wanted('update')).toHaveLength(2)
    }
  })

  test('both refused: failed', () => {
    const driver = two()
    for (const each of [target, second])
      driver.answer({ to: 'update', target: each, answer: 'refused', reason: 'inactive' })
    expect(driver.outcome).toBe('failed')
  })

  test('one taken, the other never there: only that one is sent again, and the first is followed', () => {
    const driver = two()
    driver.answer(accepted)
    driver.world.rollout(back)
    driver.watch(minute)
    expect(driver.wanted('update').filter((update) => update.target === target)).toHaveLength(1)
    expect(driver.wanted('update').filter((update) => update.target === second)).toHaveLength(3)
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

  /** Asked while `deploy` runs, and ready to be sent. */
  function behind(deploy: ReleaseDriver): ReleaseDriver {
    const driver = new ReleaseDriver(rollback, [deploy.release])
    driver.look()
    return driver
  }

  function give(deploy: ReleaseDriver, to: ReleaseDriver): void {
    deploy.supersede(to.release)
    to.holders = holdsLane(deploy.release) ? [deploy.release] : []
  }

  test('it stands behind the deploy, and asks for its place only when its approvals are in', () => {
    const deploy = underway()
    const driver = new ReleaseDriver({ ...rollback, policy: policy({ required: 1 }), eligible: 1 }, [
      deploy.release,
    ])
    driver.look()
    expect(driver.wanted('supersede')).toHaveLength(0)
    driver.approve(chloe)
    driver.look()
    expect(driver.wanted('supersede')).toEqual([{ do: 'supersede', release: 'r1' }])
    expect(driver.wanted('update')).toHaveLength(0)
  })

  test('a deploy whose approvals come first goes out, and leaves it where it stands', () => {
    const deploy = keyed({})
    const driver = new ReleaseDriver({ ...rollback, policy: policy({ required: 1 }), eligible: 1 }, [
      deploy.release,
    ])
    deploy.holders = [driver.release]
    deploy.look()
    expect(deploy.wanted('supersede')).toHaveLength(0)
    expect(deploy.wanted('dispatch')).toHaveLength(1)
  })

  test('asked for once, however often it is looked', () => {
    const driver = behind(underway())
    driver.look()
    driver.look()
    expect(driver.wanted('supersede')).toHaveLength(1)
  })

  test.each<readonly [string, () => ReleaseDriver]>([
    ['awaiting approval', () => new ReleaseDriver()],
    ['waiting', () => keyed({ waitMs: minute })],
    ['about to be sent', () => keyed({})],
  ])('a deploy that is %s gives it at once', (_, make) => {
    const deploy = make()
    const driver = behind(deploy)
    give(deploy, driver)
    expect(deploy.outcome).toBe('superseded')
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    deploy.watch(minute)
    expect(deploy.wanted('dispatch')).toHaveLength(0)
  })

  test('a deploy that is being sent: its run is found and cancelled first', () => {
    const deploy = sending()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(0)
    deploy.world.runs()
    deploy.look()
    deploy.look()
    expect(deploy.wanted('cancel-run')).toHaveLength(1)
    deploy.world.runs({ verdict: 'cancelled' })
    deploy.look()
    give(deploy, driver)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    deploy.watch(2 * minute)
    expect(deploy.outcome).toBe('superseded')
  })

  test('a deploy whose rollout moves gives it at once, and is superseded by ECS', () => {
    const deploy = underway({ migration: null })
    deploy.world.rollout()
    deploy.look()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    deploy.world.rollout({ verdict: 'superseded' })
    deploy.look()
    expect(deploy.outcome).toBe('superseded')
  })

  test('a deploy that serves already, its run cancelled for the rollback: superseded', () => {
    const deploy = underway({ migration: null })
    deploy.world.rollout({ verdict: 'succeeded' })
    deploy.look()
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.world.runs({ verdict: 'cancelled' })
    deploy.look()
    expect(deploy.outcome).toBe('superseded')
  })

  /** No image names a commit: its own rollout is complete, and what replaces it is rolled out. */
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
    'a deploy whose image names no commit does not take the rollout of the rollback (%s) for its own',
    (verdict) => {
      const deploy = silentlyReplaced(verdict)
      expect(deploy.release.tracks.rollouts[0]).toMatchObject({
        seen: { revision: { name: 'blog-api:43' } },
        candidates: [{ revision: { name: 'blog-api:43' } }],
      })
      deploy.world.runs({ verdict: 'succeeded' })
      deploy.watch(2 * minute)
      expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['superseded', false])
      expect(deploy.wanted('tell').filter(({ where }) => where === 'channel')).toEqual([])
    },
  )

  test('nor the rollouts of two rollbacks that replace it one after the other', () => {
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

  test('and of which nothing was rolled out leaves the rollout of the rollback to it', () => {
    const deploy = underway({ migration: null })
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.world.rollout({ ...back, verdict: 'succeeded' })
    deploy.world.runs({ verdict: 'succeeded' })
    deploy.watch(2 * minute)
    expect([deploy.outcome, deploy.release.tracks.rollouts[0]?.seen]).toEqual(['superseded', null])
  })

  test('what a deploy rolled out before it was replaced stays its own, though the rollback goes back to it', () => {
    const deploy = underway({ migration: null })
    deploy.world.rollout({ commits: [], revision: revision(41), verdict: 'succeeded' })
    deploy.later(5_000)
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.later(5_000)
    expect(deploy.release.tracks.rollouts[0]?.seen?.revision.name).toBe('blog-api:41')
  })

  test('a migration that failed meanwhile is still a failure', () => {
    const deploy = underway()
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.world.runs({ verdict: 'failed' })
    deploy.watch(2 * minute)
    expect(deploy.outcome).toBe('failed')
  })

  test('a deploy of which no run was found gives it at once, and blocks deploys until a person settles it', () => {
    const deploy = sending({ subject: deploySubject({ inputs: bound('sha') }) })
    deploy.look()
    expect(deploy.outcome).toBe('unknown')
    const driver = behind(deploy)
    give(deploy, driver)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['unknown', true])
    expect(deploy.audit.filter(({ what }) => what === 'settled')).toEqual([])
    deploy.settle(chloe)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['unknown', false])
    expect(deploy.audit.at(-1)).toMatchObject({ actor: chloe, what: 'settled' })
  })

  test('a deploy whose run went on unseen: the run is cancelled and waited for, and nobody is said to have settled it', () => {
    const deploy = unreadable()
    const driver = behind(deploy)
    give(deploy, driver)
    deploy.world.trouble = {}
    deploy.later(5_000)
    expect(deploy.wanted('cancel-run')).toMatchObject([{ runId: 501 }])
    expect(deploy.audit).toContainEqual(expect.objectContaining({ actor: ben, what: 'superseded' }))
    driver.later(5_000)
    expect(driver.wanted('update')).toEqual([])
    deploy.world.runs({ verdict: 'cancelled' })
    deploy.later(5_000)
    expect([deploy.outcome, holdsLane(deploy.release), actionsOf(deploy.release)]).toEqual([
      'unknown',
      false,
      ['retry'],
    ])
    expect(deploy.stories('run-ended')).toMatchObject([{ run: { id: 501, verdict: 'cancelled' } }])
    expect(deploy.audit.filter(({ what }) => what === 'settled')).toEqual([])
    driver.holders = []
    driver.later(5_000)
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('a deploy whose run stays unseen is waited for only so long, and then blocks deploys until it is settled', () => {
    const deploy = unreadable()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.watch(minute)
    expect(driver.wanted('update')).toHaveLength(1)
    deploy.watch(10 * minute, minute)
    expect(holdsLane(deploy.release)).toBe(true)
    expect(actionsOf(deploy.release)).toEqual(['cancel', 'look-again', 'settle'])
    deploy.settle(chloe)
    expect(holdsLane(deploy.release)).toBe(false)
  })

  test('a deploy that a person settled is not asked to stop, and is watched as after every end', () => {
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

  test('a replaced deploy whose run goes on for too long: a person settles it, and it ends superseded', () => {
    const deploy = underway()
    deploy.supersede({ id: 'r2', requester: ben })
    expect(deploy.settle(chloe)?.code).toBe('not_cancellable')
    deploy.watch(70 * minute, minute)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual([null, true])
    expect(deploy.settle(chloe)).toBeNull()
    deploy.watch(2 * minute)
    expect([deploy.outcome, holdsLane(deploy.release)]).toEqual(['superseded', false])
    expect(deploy.release.tracks.run).toMatchObject({ settledBy: chloe })
    expect(deploy.stories('ended')).toHaveLength(1)
  })

  test('a replaced deploy whose run is settled still blocks deploys while its migration runs, which is followed', () => {
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
    expect(deploy.stories('migration-after-end')).toMatchObject([{ migration: { exitCode: 1 } }])
    expect(holdsLane(deploy.release)).toBe(false)
  })

  test('a deploy that does not give it is not waited for without end', () => {
    const deploy = underway()
    const driver = behind(deploy)
    give(deploy, driver)
    driver.watch(minute)
    expect(driver.wanted('update')).toHaveLength(1)
  })

  const keys = { ...rollback, policy: policy({ required: 2 }), eligible: 2 }
  const ahead = [{ release: 'r1', requester: ana, state: 'running' }]
  const other = { ...image, digest: `sha256:${'b'.repeat(64)}` }
  const now = {
    usable: true,
    images: [image],
    serving: revision(45, deploySubject().commit.sha),
    difference: { known: true, lines: [], total: 7 },
  } as const

  /** Asked while a deploy runs, which then ends by itself: 45 serves. */
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

  test('it knows whose place it takes, and asks for it again by itself', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.look()
    expect(driver.release).toMatchObject({ behind: ahead, servingBefore: revision(42, oldCommit) })
    expect(driver.stories('asked')).toMatchObject([{ behind: ahead }])
    expect(driver.audit[0]?.detail).toMatchObject({ behind: ahead })
    expect(nextLook(driver.release, driver.now, { activeMs: 1, idleMs: 7 })).toBe(driver.now + 7)
    expect(driver.stories('freed')).toEqual([])
  })

  test('one that stands behind none looks at nothing before its approvals are in', () => {
    const driver = new ReleaseDriver(keys)
    const { release, now: at } = driver
    expect(release.behind).toEqual([])
    expect(looks(release, driver.config())).toEqual([])
    expect(nextLook(release, at, { activeMs: 1, idleMs: 7 })).toBe(at + release.policy.expireAfterMs)
  })

  test('the deploy ended by itself: what serves and what differs is shown anew, and approvals stand', () => {
    const driver = freed({}, (before) => before.approve(chloe))
    expect(driver.release).toMatchObject({
      behind: [],
      servingBefore: now.serving,
      subject: { difference: now.difference, images: [image] },
      approvals: [{ by: chloe }],
      round: 0,
    })
    expect(driver.stories('freed')).toMatchObject([
      { by: ahead, was: { name: 'blog-api:42' }, serving: { name: 'blog-api:45' }, approved: [chloe] },
    ])
    expect(driver.audit.find(({ what }) => what === 'place freed')?.detail).toMatchObject({ by: ['r1'] })
    driver.look()
    expect(driver.stories('freed')).toHaveLength(1)
    driver.approve(ana)
    driver.look()
    expect(driver.wanted('supersede')).toEqual([])
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('it ended while the timer ran: told then, and the timer stays', () => {
    const driver = freed({ waitMs: minute }, (before) => {
      before.approve(ana)
      before.approve(chloe)
    })
    expect([driver.state, driver.stories('freed').length]).toEqual(['waiting', 1])
    driver.later(minute)
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('the last approval came before anybody looked: told before it is sent', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.approve(ana)
    driver.holders = []
    driver.world.rollbackTarget = now
    driver.approve(chloe)
    driver.look()
    expect(driver.stories('freed')).toMatchObject([{ approved: [ana, chloe] }])
    expect(driver.wanted('update')).toHaveLength(1)
  })

  test('one that was ended for it is not told as having ended by itself', () => {
    const deploy = underway({ migration: null })
    const driver = behind(deploy)
    deploy.supersede(driver.release)
    driver.holders = []
    driver.look()
    expect(driver.wanted('update')).toHaveLength(1)
    expect(driver.stories('freed')).toEqual([])
  })

  test('what serves cannot be read: it says so, and looks until it is', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.approve(chloe)
    driver.holders = []
    driver.world.trouble = { rollbackTarget: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.state).toBe('awaiting approval')
    expect(driver.stories('blind')).toHaveLength(1)
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

  test('the images mean something else by then: the approvals are void, and what serves is shown', () => {
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
    expect(driver.stories('voided')).toHaveLength(1)
    expect(driver.stories('freed')).toMatchObject([{ approved: [] }])
  })

  test('ECS would not take the revision any more: it ends, and nobody is asked further', () => {
    const driver = new ReleaseDriver(keys, [underway({ migration: null }).release])
    driver.holders = []
    driver.world.rollbackTarget = { usable: false, why: 'blog-api:41 was deregistered' }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.wanted('update')).toEqual([])
  })

  test('each rollback that replaces it is told', () => {
    const deploy = underway()
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.supersede({ id: 'r2', requester: ben })
    deploy.supersede({ id: 'r3', requester: ben })
    expect(deploy.stories('superseding').map(({ by }) => by)).toEqual(['r2', 'r3'])
  })

  /** Its run goes on, and GitHub could not be read for long. */
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

  /** No task of 41 gets healthy, and nothing takes it back. */
  function stuck(): ReleaseDriver {
    const driver = sendingBack()
    driver.answer(accepted)
    driver.world.rollout(back)
    driver.watch(60 * minute, minute)
    expect([driver.outcome, driver.stories('late')]).toMatchObject([null, [{ track: 'rollout' }]])
    return driver
  }

  test('it needs its own approvals, is sent at once then, and the one before ends superseded when ECS shows it', () => {
    const first = stuck()
    const driver = new ReleaseDriver(onward, [first.release])
    driver.look()
    expect([driver.wanted('supersede'), driver.wanted('update')]).toEqual([[], []])
    driver.approve(chloe)
    driver.look()
    expect(driver.wanted('supersede')).toEqual([{ do: 'supersede', release: 'r1' }])
    first.supersede(driver.release)
    driver.holders = [first.release]
    driver.later(5_000)
    expect(driver.wanted('update')).toMatchObject([{ revision: revision(40) }])
    expect([first.outcome, first.wanted('cancel-run')]).toEqual([null, []])
    first.world.rollout({ ...back, verdict: 'superseded' })
    first.later(5_000)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['superseded', false])
  })

  test('the card of the one under way offers what served before it, which may be asked for', () => {
    const first = stuck()
    expect(actionsOf(first.release)).toEqual(['roll-back'])
    expect(rollbackRevision(first.release)).toBe('blog-api:42')
    expect(new ReleaseDriver({ ...onward, subject: rollbackSubject(42) }, [first.release]).state).toBe(
      'awaiting approval',
    )
  })

  test('an update that ECS does not show is not sent again once another replaces it', () => {
    const first = sendingBack()
    first.supersede({ id: 'r2', requester: ben })
    first.watch(minute)
    expect(first.wanted('update')).toHaveLength(1)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['superseded', false])
  })

  const onto40 = { id: 'r2', requester: ben, subject: rollbackSubject(40) }
  const of40 = { ...back, arn: 'arn:rollout/40', deploymentId: 'ecs-svc/40', revision: revision(40) }

  test('one that was marked and never left, and whose successor shows in ECS: superseded, quietly', () => {
    const first = sendingBack()
    first.supersede(onto40)
    first.world.rollout({ ...of40, verdict: 'succeeded' })
    first.later(minute)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['superseded', false])
    expect(first.reason).toContain('r2')
    expect(first.wanted('tell').filter(({ where }) => where === 'channel')).toEqual([])
    expect(first.wanted('update')).toHaveLength(1)
  })

  test('one that was marked and never left, and over which somebody else rolled out: unknown', () => {
    const first = sendingBack()
    first.supersede(onto40)
    first.world.rollout({ ...back, arn: 'arn:theirs', deploymentId: 'ecs-svc/77', revision: revision(44) })
    first.watch(minute)
    expect(first.outcome).toBe('unknown')
  })

  test('one of two targets never got it, the other did: superseded, not failed', () => {
    const worker = { ...target, service: 'blog-worker' }
    const first = sendingBack({ targets: [target, worker] })
    first.answer(accepted)
    first.world.rollout({ ...back, verdict: 'succeeded' })
    first.supersede(onto40)
    first.world.rollout({ ...of40, verdict: 'succeeded' }, worker)
    first.watch(minute)
    expect([first.outcome, first.reason]).toEqual(['superseded', expect.stringContaining('r2')])
  })

  test('the rollout of a rollback to the same revision is not its own, unless ECS named it', () => {
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

  test('ECS began nothing for the one before: superseded as well', () => {
    const first = sendingBack()
    first.answer(accepted)
    first.supersede({ id: 'r2', requester: ben })
    first.watch(3 * minute)
    expect(first.outcome).toBe('superseded')
  })

  test('one whose end could not be read leaves the lane with it, and no person has settled it', () => {
    const first = sendingBack()
    first.world.trouble = { rollouts: unseen('terminal') }
    first.watch(5 * minute)
    expect([first.outcome, holdsLane(first.release)]).toEqual(['unknown', true])
    first.supersede({ id: 'r2', requester: ben })
    expect([first.outcome, holdsLane(first.release)]).toEqual(['unknown', false])
    expect(first.audit.at(-1)).toMatchObject({ what: 'superseded', detail: { by: 'r2' } })
  })
})

describe('asking for a release', () => {
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
  ])('%s', (_, part, holders, code) => {
    const requested = request(asked(part), { holders, lock: null, freeze: null }, start)
    expect('refused' in requested ? requested.refused.code : null).toBe(code)
    if (!('refused' in requested)) expect(requested.place).toBe(holders.length > 0 ? 'next' : 'current')
  })

  test('is told and audited with the policy it was asked under', () => {
    const driver = new ReleaseDriver()
    expect(driver.stories('asked')).toMatchObject([{ by: ana, serving: { name: 'blog-api:42' } }])
    expect(driver.audit[0]).toMatchObject({
      actor: ana,
      what: 'requested',
      detail: { policy: { required: 2 } },
    })
  })
})

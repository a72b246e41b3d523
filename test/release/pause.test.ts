import { describe, expect, test } from 'vitest'
import type { Click, DecidingButton } from '../../src/release/actions/action.ts'
import { actions } from '../../src/release/actions/actions.ts'
import type { Refusal } from '../../src/release/refusal.ts'
import type { Request } from '../../src/release/request.ts'
import type { RolloutSighting } from '../../src/release/sighting.ts'
import type { Pause } from '../../src/release/traffic.ts'
import { click } from './click.ts'
import {
  ana,
  ben,
  chloe,
  clicker,
  eli,
  minute,
  policy,
  type ReleaseDriver,
  sendingBack,
  underway,
} from './driver.ts'
import { no, revision, target, unseen } from './world.ts'

const hook: Pause = { hookId: 'hook-1', until: 1_000, onTimeout: 'rolls back' }

/** A canary of Ana's deploy that waits for a person. */
function paused(part: Partial<Request> = {}, seen: Partial<RolloutSighting> = {}): ReleaseDriver {
  const driver = underway({ migration: null, ...part })
  driver.world.rollout({ verdict: 'paused', pause: hook, ...seen })
  driver.later(5_000)
  return driver
}

function presses(
  driver: ReleaseDriver,
  id: string,
  part: Partial<Pick<Click, 'round' | 'pressedAt'>> = {},
): Refusal | null {
  return driver.input(
    click('continue', clicker(id), { round: driver.release.round, pressedAt: driver.now, ...part }),
  )
}

const rollsBack = (driver: ReleaseDriver, id: string) => driver.input(click('stop-rollout', clicker(id)))
const continues = (driver: ReleaseDriver) => driver.effectsOf('continue-rollout')
const stops = (driver: ReleaseDriver) => driver.effectsOf('stop-rollout')

describe('Continue at a pause', () => {
  test('the pause is posted once, with who may continue it', () => {
    const driver = paused()
    driver.watch(minute)
    expect(driver.posts('paused')).toMatchObject([
      { target, rollout: { pause: hook }, required: 2, mention: [ana, 'S0DEPLOYERS', 'U0APPROVER'] },
    ])
    expect(driver.state).toBe('paused')
  })

  test('ECS is asked once as many people as the policy requires have pressed it', () => {
    const driver = paused()
    expect(presses(driver, ben)).toBeNull()
    driver.later(5_000)
    expect(continues(driver)).toEqual([])
    expect(presses(driver, chloe)).toBeNull()
    driver.later(1_000)
    const sendBy = driver.now + minute
    expect(continues(driver)).toEqual([
      { do: 'continue-rollout', target, rollout: 'arn:rollout/43', hookId: 'hook-1', sendBy },
    ])
    expect(driver.posts('continuing')).toEqual([{ tell: 'continuing', by: [ben, chloe] }])
  })

  test('an approval to continue can be withdrawn until AWS is asked', () => {
    const driver = paused()
    const withdraws = (id: string) => driver.input(click('withdraw', clicker(id)))
    presses(driver, ben)
    expect(withdraws(chloe)?.code).toBe('nothing_to_withdraw')
    expect(withdraws(ben)).toBeNull()
    expect(driver.posts('withdrawn')).toEqual([{ tell: 'withdrawn', by: ben, missing: 2 }])
    presses(driver, chloe)
    driver.later(1_000)
    expect(continues(driver)).toEqual([])
    presses(driver, ben)
    driver.later(1_000)
    expect(continues(driver)).toHaveLength(1)
    expect(withdraws(ben)).not.toBeNull()
    expect(driver.release.pause?.approvals).toHaveLength(2)
  })

  test('a withdrawal that is not handled yet holds Continue back', () => {
    const driver = paused()
    presses(driver, ben)
    presses(driver, chloe)
    const { mayStop } = actions.withdraw as DecidingButton
    expect(mayStop?.(driver.release, ben, driver.now)).toBe(true)
    expect(mayStop?.(driver.release, eli, driver.now)).toBe(false)
  })

  test('`pause.approvals` decides how many are needed, and the current rule if it is stricter', () => {
    const one = paused({ pausePolicy: policy({ required: 1 }) })
    presses(one, ben)
    one.later(1_000)
    expect(continues(one)).toHaveLength(1)
    const stricter = paused({ pausePolicy: policy({ required: 1 }) })
    stricter.pausePolicy = policy({ required: 2 })
    stricter.later(5_000)
    presses(stricter, ben)
    stricter.later(1_000)
    expect(continues(stricter)).toEqual([])
    expect(stricter.release.pause?.policy.required).toBe(2)
  })

  test('one click of the requester is needed if no approvals are required', () => {
    const driver = paused({ policy: policy({ required: 0, approvers: [] }), eligible: 0 })
    driver.watch(minute)
    expect(continues(driver)).toEqual([])
    expect(
      driver.input(click('continue', { id: eli, standing: no }, { round: driver.release.round }))?.code,
    ).toBe('not_allowed')
    const by = { id: ana, standing: no }
    expect(driver.input(click('continue', by, { round: driver.release.round }))).toBeNull()
    driver.later(1_000)
    expect(continues(driver)).toHaveLength(1)
  })

  test.each<[string, string, string]>([
    ['the requester, who may not approve', ana, 'may_not_approve'],
    ['somebody who is no approver', eli, 'not_an_approver'],
  ])('a click of %s is refused', (_, id, code) => {
    const driver = paused()
    expect(presses(driver, id)?.code).toBe(code)
    expect(driver.release.pause?.approvals).toEqual([])
  })

  test('a second click of the same person does not count', () => {
    const driver = paused()
    presses(driver, ben)
    expect(presses(driver, ben)?.code).toBe('already_approved')
  })

  test('approvals are for one pause: the next one needs its own, and a click on the earlier card is refused', () => {
    const driver = paused()
    presses(driver, ben)
    const { round } = driver.release
    driver.world.rollout({ verdict: 'paused', pause: { ...hook, hookId: 'hook-2' } })
    driver.later(5_000)
    expect(driver.release.pause).toMatchObject({ hooks: [{ hookId: 'hook-2' }], approvals: [] })
    expect(presses(driver, chloe, { round })?.code).toBe('card_outdated')
    expect(driver.posts('paused')).toHaveLength(2)
  })

  test('an approver who may no longer approve does not count when ECS is to be asked', () => {
    const driver = paused()
    presses(driver, ben)
    presses(driver, chloe)
    driver.world.people = { [chloe]: no }
    driver.later(1_000)
    expect(continues(driver)).toEqual([])
    expect(driver.posts('dismissed')).toMatchObject([{ by: chloe }])
    expect(driver.release.pause?.approvals.map(({ by }) => by)).toEqual([ben])
  })

  test('ECS is not asked while the approvers, or the rollout, cannot be read', () => {
    const driver = paused()
    presses(driver, ben)
    presses(driver, chloe)
    driver.world.trouble = { people: unseen('passing') }
    driver.later(1_000)
    driver.world.trouble = { rollouts: unseen('passing') }
    driver.later(1_000)
    expect(continues(driver)).toEqual([])
    driver.world.trouble = {}
    driver.later(1_000)
    expect(continues(driver)).toHaveLength(1)
  })

  test.each<[string, (driver: ReleaseDriver) => void]>([
    [
      'a lock of deploys',
      (driver) =>
        (driver.lock = {
          environment: 'prod',
          service: null,
          by: ben,
          why: 'incident',
          since: driver.now,
          until: null,
        }),
    ],
    ['a stored click that stops it', (driver) => (driver.hasPendingStop = true)],
    ['a request to cancel it', (driver) => driver.cancel(ana)],
    ['a request to roll it back', (driver) => rollsBack(driver, ana)],
  ])('ECS is not asked after %s', (_, happens) => {
    const driver = paused()
    presses(driver, ben)
    presses(driver, chloe)
    happens(driver)
    driver.later(1_000)
    expect(continues(driver)).toEqual([])
  })

  test('a lock refuses the click', () => {
    const driver = paused()
    driver.lock = {
      environment: 'prod',
      service: null,
      by: ben,
      why: 'incident',
      since: driver.now,
      until: null,
    }
    expect(presses(driver, chloe)?.code).toBe('locked')
  })

  test('ECS is asked again only while a later look shows that the hook still waits, three times at most', () => {
    const driver = paused()
    presses(driver, ben)
    presses(driver, chloe)
    driver.later(1_000)
    driver.later(1_000)
    expect(continues(driver)).toHaveLength(1)
    driver.watch(minute)
    expect(continues(driver)).toHaveLength(3)
    expect(driver.posts('not-continued')).toHaveLength(1)
    expect(driver.release.pause).toMatchObject({ approvals: [], sent: null })
  })

  test('once the rollout goes on, the pause is over', () => {
    const driver = paused()
    presses(driver, ben)
    presses(driver, chloe)
    driver.later(1_000)
    driver.answer({ to: 'continue-rollout', target, answer: 'accepted', reason: 'ECS accepted it' })
    driver.world.rollout({ verdict: 'moving' })
    driver.watch(minute)
    expect(continues(driver)).toHaveLength(1)
    expect(driver.release.pause).toBeUndefined()
    expect(driver.state).toBe('rolling out')
  })

  test('a refusal of ECS is posted, and the next attempt needs new approvals', () => {
    const driver = paused()
    presses(driver, ben)
    presses(driver, chloe)
    driver.later(1_000)
    const { round } = driver.release
    driver.answer({ to: 'continue-rollout', target, answer: 'refused', reason: 'AWS refused it' })
    expect(driver.posts('not-continued')).toEqual([{ tell: 'not-continued', reason: 'AWS refused it' }])
    expect(driver.release.round).toBe(round + 1)
    driver.watch(minute)
    expect(continues(driver)).toHaveLength(1)
  })

  test('a rollout that only its time connects to the release is not continued for it', () => {
    const driver = paused({}, { commits: [], revision: revision(43) })
    expect(driver.release.tracks.rollouts[0]?.binding).toBe('weak')
    expect(driver.release.pause).toBeUndefined()
    expect(presses(driver, ben)?.code).toBe('not_paused')
    expect(rollsBack(driver, ana)?.code).toBe('not_cancellable')
  })
})

describe('Roll back while ECS rolls out', () => {
  test.each<[string, Partial<RolloutSighting>, string | null]>([
    ['a rollout in progress', { verdict: 'moving', pause: undefined }, null],
    ['a paused rollout, by its hook', {}, 'hook-1'],
    ['a rollout that bakes', { verdict: 'baking', pause: undefined }, null],
  ])('one click of the requester asks ECS to roll back %s', (_, seen, hookId) => {
    const driver = paused({}, seen)
    expect(rollsBack(driver, ana)).toBeNull()
    driver.later(1_000)
    expect(stops(driver)).toMatchObject([{ target, rollout: 'arn:rollout/43', hookId }])
    expect(driver.posts('stopping')).toEqual([{ tell: 'stopping', by: ana }])
    driver.world.rollout({ verdict: 'rolling back' })
    driver.later(1_000)
    expect(driver.state).toBe('rolling back')
    driver.world.rollout({ verdict: 'rolled back' })
    driver.watch(minute)
    expect(stops(driver)).toHaveLength(1)
    expect(driver.outcome).toBe('rolled back')
  })

  test('one click of an approver suffices, and others are refused', () => {
    const driver = paused()
    expect(rollsBack(driver, eli)?.code).toBe('not_allowed')
    expect(rollsBack(driver, chloe)).toBeNull()
    driver.later(1_000)
    expect(stops(driver)).toHaveLength(1)
  })

  test('it works for the rollout of a rollback, too', () => {
    const driver = sendingBack()
    driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
    driver.world.rollout({ revision: revision(41), commits: [], arn: 'arn:rollout/99' })
    driver.later(5_000)
    expect(rollsBack(driver, ben)).toBeNull()
    driver.later(1_000)
    expect(stops(driver)).toMatchObject([{ rollout: 'arn:rollout/99', hookId: null }])
  })

  test('after a refusal of ECS the button requests a rollback with its own approvals', () => {
    const driver = paused()
    rollsBack(driver, ana)
    driver.later(1_000)
    driver.answer({
      to: 'stop-rollout',
      target,
      answer: 'refused',
      reason: 'AWS refused ecs:StopServiceDeployment',
    })
    expect(driver.posts('not-rolled-back')).toHaveLength(1)
    driver.watch(minute)
    expect(stops(driver)).toHaveLength(1)
    expect(rollsBack(driver, ana)?.code).toBe('not_cancellable')
  })

  test('a click is refused once ECS has completed the rollout', () => {
    const driver = paused({}, { verdict: 'succeeded', pause: undefined })
    expect(rollsBack(driver, ana)?.code).toBe('not_cancellable')
  })

  test('after a crash ECS is asked again if a look shows that the rollout goes on, and not if it rolls back', () => {
    const driver = paused({}, { verdict: 'moving', pause: undefined })
    rollsBack(driver, ana)
    driver.lookWithoutEffects()
    driver.later(6_000)
    expect(stops(driver)).toHaveLength(2)
    driver.world.rollout({ verdict: 'rolling back' })
    driver.watch(minute)
    expect(stops(driver)).toHaveLength(2)
  })
})

describe('a rollout that does not move', () => {
  const moving = (part: Partial<RolloutSighting> = {}): ReleaseDriver => {
    const driver = underway({ migration: null })
    driver.world.rollout(part)
    driver.later(5_000)
    return driver
  }

  test('a rollout that stands still is posted once after some minutes', () => {
    const driver = moving()
    const since = driver.now
    driver.watch(4 * minute)
    expect(driver.posts('rollout-still')).toEqual([])
    driver.watch(10 * minute)
    expect(driver.posts('rollout-still')).toMatchObject([{ target, since }])
  })

  test('a rollout whose counts or stage change is not posted', () => {
    const driver = moving()
    driver.watch(4 * minute)
    driver.world.rollout({ counts: { requested: 2, running: 1, pending: 1, failed: 0 } })
    driver.watch(4 * minute)
    driver.world.rollout({ counts: { requested: 2, running: 1, pending: 1, failed: 0 }, stage: 'CLEAN_UP' })
    driver.watch(4 * minute)
    expect(driver.posts('rollout-still')).toEqual([])
  })

  test('a rollout that waits for a person, or for a configured time, is not posted', () => {
    const shift = { strategy: 'canary', production: 10, lastsMs: 20 * minute } as const
    const canary = moving({ shift, stage: 'PRODUCTION_TRAFFIC_SHIFT' })
    canary.watch(20 * minute)
    const waits = moving({ verdict: 'paused', pause: hook })
    waits.watch(40 * minute)
    for (const driver of [canary, waits]) {
      expect(driver.posts('rollout-still')).toEqual([])
      expect(driver.posts('late')).toEqual([])
    }
  })
})

describe('the state never goes back', () => {
  test.each<[RolloutSighting['verdict'], string]>([
    ['moving', 'rolling out'],
    ['baking', 'baking'],
    ['paused', 'paused'],
    ['succeeded', 'baking'],
  ])('a rollout that was %s and cannot be read any more stays %s', (verdict, state) => {
    const driver = underway()
    driver.world.rollout({ verdict })
    driver.later(5_000)
    expect(driver.state).toBe(state)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(10 * minute)
    expect(driver.state).toBe(state)
  })
})

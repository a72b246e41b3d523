import { describe, expect, test } from 'vitest'
import type { RolloutVerdict } from '../../src/release/observation.ts'
import { holdsLane } from '../../src/release/release.ts'
import { actionsOf } from '../../src/release/state.ts'
import { looks } from '../../src/release/watch.ts'
import { ana, ben, chloe, minute, type Tale, underway } from './driver.ts'
import { commit, migrationSighting, unseen } from './world.ts'

describe('a run that GitHub shows for ever', () => {
  /** It was to be cancelled, and is in progress for longer than configured. */
  function stuck(happens: (tale: Tale) => void = () => {}): Tale {
    const tale = underway({ migration: null })
    happens(tale)
    tale.later(5_000)
    tale.cancel(ana)
    tale.watch(70 * minute, minute)
    return tale
  }

  const rolledOut =
    (verdict: RolloutVerdict) =>
    ({ world }: Tale) =>
      world.rollout({ verdict })

  test('cannot be settled before it takes longer than configured', () => {
    const tale = underway()
    expect(tale.settle(ben)).toMatchObject({ code: 'not_cancellable' })
  })

  test.each([
    ['nothing was rolled out', () => {}],
    ['the rollout is complete', rolledOut('succeeded')],
  ])('%s: settled, it ends unknown by what ECS shows, and blocks nobody', (_, happens) => {
    const tale = stuck(happens)
    expect(tale.outcome).toBeNull()
    expect(tale.settle(ben)).toBeNull()
    expect(looks(tale.release, tale.config()).map(({ look }) => look)).not.toContain('run')
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
    expect(tale.reason).toContain('a person settled it')
    expect(tale.release.stage).toMatchObject({ settledBy: ben })
    expect([holdsLane(tale.release), actionsOf(tale.release)]).toEqual([false, ['retry']])
    expect(tale.audit).toContainEqual({ actor: ben, what: 'run settled', detail: { id: 501 } })
  })

  test('ECS is at work: its rollout is followed to its end, which is that of the release', () => {
    const tale = stuck(rolledOut('moving'))
    tale.settle(ben)
    tale.watch(5 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual([null, true])
    tale.world.rollout({ verdict: 'rolled back' })
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['rolled back', false])
  })

  test('a migration that still runs is waited for', () => {
    const tale = underway()
    tale.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1` })]
    tale.watch(70 * minute, minute)
    tale.settle(ben)
    tale.watch(5 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual([null, true])
    tale.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' })]
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', false])
  })

  test('what somebody else rolls out after it was settled is not taken for its doing', () => {
    const tale = underway({ migration: null, settleMs: 5 * minute })
    tale.watch(70 * minute, minute)
    tale.settle(ben)
    tale.now += 2 * minute
    tale.world.rollout({ verdict: 'succeeded', createdAt: tale.now })
    tale.later(minute)
    expect([tale.outcome, tale.release.tracks.rollouts]).toMatchObject([null, [{ seen: null }]])
  })

  test.each<readonly [string, (tale: Tale) => void]>([
    [
      'ECS shows two rollouts that could be its',
      ({ world, now }) => world.rollout({ verdict: 'moving', arn: 'arn:rollout/44', createdAt: now }),
    ],
    ['ECS cannot be read', ({ world }) => (world.trouble = { rollouts: unseen('terminal') })],
    ['its tasks cannot be listed', ({ world }) => (world.trouble = { migration: unseen('terminal') })],
  ])(
    '%s: settling the run says nothing of that, so the lane is held until a person settles the release',
    (_, happens) => {
      const tale = underway()
      tale.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1` })]
      tale.world.rollout({ verdict: 'moving' })
      tale.watch(70 * minute, minute)
      happens(tale)
      if (tale.world.trouble.migration) tale.world.rollout({ verdict: 'succeeded' })
      else
        tale.world.migrations = [
          migrationSighting({ startedBy: `deploy-${commit}-r1`, verdict: 'succeeded' }),
        ]
      expect(tale.settle(ben)).toBeNull()
      tale.watch(5 * minute)
      expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', true])
      expect(tale.release.stage).toMatchObject({ settledBy: null })
      expect(actionsOf(tale.release)).toEqual(['look-again', 'settle'])
      expect(tale.settle(ben)).toBeNull()
      expect(holdsLane(tale.release)).toBe(false)
    },
  )

  test('a migration was settled, and then ECS cannot be read: the lane is held', () => {
    const tale = underway()
    tale.world.migrations = [migrationSighting({ startedBy: `deploy-${commit}-r1` })]
    tale.world.rollout({ verdict: 'moving' })
    tale.later(5_000)
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(70 * minute, minute)
    expect(tale.settle(ben)).toBeNull()
    tale.world.trouble = { rollouts: unseen('terminal') }
    tale.watch(5 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', true])
    tale.world.trouble = {}
    tale.lookAgain(ben)
    tale.watch(minute)
    expect(tale.outcome).toBeNull()
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(minute)
    expect([tale.outcome, tale.release.stage]).toMatchObject(['unknown', { settledBy: ben }])
  })

  test('what it changed in other service environments is looked at, as after every run', () => {
    const tale = stuck()
    tale.settle(ben)
    expect(looks(tale.release, tale.config()).map(({ look }) => look)).toContain('beyond')
  })

  test('cannot be read: settled, it waits no longer for the run', () => {
    const tale = underway({ migration: null })
    tale.world.rollout({ verdict: 'moving' })
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(3 * minute)
    expect(tale.settle(chloe)).toBeNull()
    expect(tale.release.blind.run).toBeUndefined()
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', false])
  })
})

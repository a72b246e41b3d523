import { describe, expect, test } from 'vitest'
import type { RolloutSighting } from '../../src/release/observation.ts'
import { minute, type Tale, underway } from './tale.ts'
import { migrationSighting, target } from './world.ts'

const hindrance = 'the service was unable to place a task'

/** A deploy without a migration, its rollout seen like this. */
function rolling(part: Partial<RolloutSighting>): Tale {
  const tale = underway({ migration: null })
  tale.world.rollout({ ...part })
  tale.later(5_000)
  return tale
}

describe('a rollout that something keeps from going on', () => {
  test('is told in the thread once it lasts for twice `settle`, and not again', () => {
    const tale = rolling({ hindrance })
    const seenAt = tale.now
    tale.watch(minute)
    expect(tale.stories('rollout-held')).toEqual([])
    tale.watch(10 * minute)
    expect(tale.stories('rollout-held')).toMatchObject([{ target, since: seenAt, rollout: { hindrance } }])
  })

  test('is told by what keeps it then, where that changed meanwhile', () => {
    const tale = rolling({ hindrance })
    tale.watch(minute)
    tale.world.rollout({ hindrance: 'its newest task failed: container api exited 1' })
    tale.watch(2 * minute)
    expect(tale.stories('rollout-held')).toMatchObject([
      { rollout: { hindrance: 'its newest task failed: container api exited 1' } },
    ])
  })

  test('is not told where it goes on before', () => {
    const tale = rolling({ hindrance })
    tale.watch(minute)
    tale.world.rollout()
    tale.later(5_000)
    tale.world.rollout({ hindrance })
    tale.watch(minute)
    expect(tale.stories('rollout-held')).toEqual([])
  })

  test('says nothing while nothing keeps it', () => {
    const tale = rolling({})
    tale.watch(10 * minute)
    expect(tale.stories('rollout-held')).toEqual([])
  })
})

describe('a migration that ECS does not start', () => {
  const starting = 'ECS has not started its task yet (PENDING)'

  test('is told in the thread once it lasts, and not again', () => {
    const tale = underway()
    tale.world.migrations = [migrationSighting({ createdAt: tale.now, hindrance: starting })]
    tale.watch(minute)
    expect(tale.stories('migration-held')).toEqual([])
    tale.watch(5 * minute)
    expect(tale.stories('migration-held')).toMatchObject([{ migration: { hindrance: starting } }])
  })

  test('is not told where it starts before', () => {
    const tale = underway()
    const createdAt = tale.now
    tale.world.migrations = [migrationSighting({ createdAt, hindrance: starting })]
    tale.watch(minute)
    tale.world.migrations = [migrationSighting({ createdAt })]
    tale.watch(5 * minute)
    expect(tale.stories('migration-held')).toEqual([])
  })
})

describe('a rollout that takes longer than configured', () => {
  test('is told with what keeps it', () => {
    const tale = rolling({ hindrance })
    tale.watch(40 * minute)
    expect(tale.stories('late')).toMatchObject([{ track: 'rollout', why: hindrance }])
  })

  test('is told with how far it is, where nothing is known to keep it', () => {
    const tale = rolling({ reason: '0 of 2 tasks running, 2 pending' })
    tale.watch(40 * minute)
    expect(tale.stories('late')).toMatchObject([{ track: 'rollout', why: '0 of 2 tasks running, 2 pending' }])
  })

  test('of several, the one of which it is known', () => {
    const worker = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
    const tale = underway({ migration: null, targets: [target, worker] })
    tale.world.rollout({ arn: 'arn:rollout/1' })
    tale.world.rollout({ arn: 'arn:rollout/2', hindrance }, worker)
    tale.watch(40 * minute)
    expect(tale.stories('late')).toMatchObject([{ why: hindrance }])
    expect(tale.stories('rollout-held')).toMatchObject([{ target: worker }])
  })
})

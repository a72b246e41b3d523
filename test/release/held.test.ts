import { describe, expect, test } from 'vitest'
import type { Hindrance, RolloutSighting } from '../../src/release/observation.ts'
import { minute, type Tale, underway } from './driver.ts'
import { migrationSighting, target } from './world.ts'

const heldBy: Hindrance = { kind: 'ecs', words: 'the service was unable to place a task' }

/** A deploy without a migration, its rollout seen like this. */
function rolling(part: Partial<RolloutSighting>): Tale {
  const tale = underway({ migration: null })
  tale.world.rollout({ ...part })
  tale.later(5_000)
  return tale
}

describe('a rollout that something keeps from going on', () => {
  test('is told in the thread once it lasts for twice `settle`, and not again', () => {
    const tale = rolling({ heldBy })
    const seenAt = tale.now
    tale.watch(minute)
    expect(tale.stories('rollout-held')).toEqual([])
    tale.watch(10 * minute)
    expect(tale.stories('rollout-held')).toMatchObject([{ target, since: seenAt, rollout: { heldBy } }])
  })

  test('is told by what keeps it then, where that changed meanwhile', () => {
    const tale = rolling({ heldBy })
    tale.watch(minute)
    const failed: Hindrance = { kind: 'ecs', words: 'its newest task failed: container api exited 1' }
    tale.world.rollout({ heldBy: failed })
    tale.watch(2 * minute)
    expect(tale.stories('rollout-held')).toMatchObject([{ rollout: { heldBy: failed } }])
  })

  test('is not told where it goes on before', () => {
    const tale = rolling({ heldBy })
    tale.watch(minute)
    tale.world.rollout()
    tale.later(5_000)
    tale.world.rollout({ heldBy })
    tale.watch(minute)
    expect(tale.stories('rollout-held')).toEqual([])
  })

  test('says nothing while nothing keeps it', () => {
    const tale = rolling({})
    tale.watch(10 * minute)
    expect(tale.stories('rollout-held')).toEqual([])
  })
})

describe('a run that something on GitHub keeps from going on', () => {
  const runner: Hindrance = { kind: 'runner', words: 'no runner has taken the job deploy yet' }
  const gate: Hindrance = {
    kind: 'gate',
    words: 'it waits for a review of the environment production by ana',
  }

  /** A deploy whose run is held by this. */
  function held(by: Hindrance | undefined): Tale {
    const tale = underway({ migration: null })
    tale.world.runs(by && { heldBy: by })
    tale.later(5_000)
    return tale
  }

  test('is told in the thread once it lasts for twice `settle`, and not again', () => {
    const tale = held(gate)
    const seenAt = tale.now
    tale.watch(minute)
    expect(tale.stories('run-held')).toEqual([])
    tale.watch(10 * minute)
    expect(tale.stories('run-held')).toMatchObject([{ since: seenAt, run: { heldBy: gate } }])
  })

  test('is told at once where GitHub dates it back, as after an absence', () => {
    const tale = underway({ migration: null })
    tale.later(20 * minute)
    const since = tale.now - 10 * minute
    tale.world.runs({ heldBy: { ...gate, since } })
    tale.later(5_000)
    expect(tale.stories('run-held')).toMatchObject([{ since }])
  })

  test('is told again where another thing keeps it, with the time of that', () => {
    const tale = held(runner)
    tale.watch(5 * minute)
    tale.world.runs({ heldBy: { ...gate, since: tale.now - 5 * minute } })
    tale.later(5_000)
    const changedAt = tale.now
    tale.watch(5 * minute)
    expect(tale.stories('run-held')).toMatchObject([
      { run: { heldBy: { kind: 'runner' } } },
      { since: changedAt, run: { heldBy: { kind: 'gate' } } },
    ])
  })

  test('is not told again where GitHub cannot be asked for a moment what it waits for', () => {
    const tale = held(gate)
    tale.watch(5 * minute)
    tale.world.runs({ heldBy: { kind: 'gate', words: 'it waits at a gate that could not be read' } })
    tale.watch(5 * minute)
    expect(tale.stories('run-held')).toHaveLength(1)
  })

  test('is not told where it goes on before, and told at its deadline with what keeps it then', () => {
    const tale = held(runner)
    tale.watch(minute)
    tale.world.runs()
    tale.later(5_000)
    expect(tale.release.tracks.run?.heldSince).toBeNull()
    tale.watch(50 * minute)
    expect(tale.stories('run-held')).toEqual([])
    tale.world.runs({ heldBy: gate })
    tale.watch(20 * minute)
    expect(tale.stories('late')).toMatchObject([{ track: 'run', why: gate.words }])
  })
})

describe('a migration that ECS does not start', () => {
  const starting: Hindrance = { kind: 'ecs', words: 'ECS has not started its task yet (PENDING)' }

  test('is told in the thread once it lasts, and not again', () => {
    const tale = underway()
    tale.world.migrations = [migrationSighting({ createdAt: tale.now, heldBy: starting })]
    tale.watch(minute)
    expect(tale.stories('migration-held')).toEqual([])
    tale.watch(5 * minute)
    expect(tale.stories('migration-held')).toMatchObject([{ migration: { heldBy: starting } }])
  })

  test('is not told where it starts before', () => {
    const tale = underway()
    const createdAt = tale.now
    tale.world.migrations = [migrationSighting({ createdAt, heldBy: starting })]
    tale.watch(minute)
    tale.world.migrations = [migrationSighting({ createdAt })]
    tale.watch(5 * minute)
    expect(tale.stories('migration-held')).toEqual([])
  })
})

describe('a rollout that takes longer than configured', () => {
  test('is told with what keeps it', () => {
    const tale = rolling({ heldBy })
    tale.watch(40 * minute)
    expect(tale.stories('late')).toMatchObject([{ track: 'rollout', why: heldBy.words }])
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
    tale.world.rollout({ arn: 'arn:rollout/2', heldBy }, worker)
    tale.watch(40 * minute)
    expect(tale.stories('late')).toMatchObject([{ why: heldBy.words }])
    expect(tale.stories('rollout-held')).toMatchObject([{ target: worker }])
  })
})

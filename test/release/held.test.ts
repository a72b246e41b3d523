import { describe, expect, test } from 'vitest'
import type { Hindrance, RolloutSighting } from '../../src/release/sighting.ts'
import { minute, type ReleaseDriver, underway } from './driver.ts'
import { migrationSighting, target } from './world.ts'

const heldBy: Hindrance = { kind: 'ecs', words: 'the service was unable to place a task' }

/** A deploy without a migration, whose rollout looks like this. */
function rolling(part: Partial<RolloutSighting>): ReleaseDriver {
  const driver = underway({ migration: null })
  driver.world.rollout({ ...part })
  driver.later(5_000)
  return driver
}

describe('a rollout that is blocked', () => {
  test('a blocked rollout is reported once in the thread after twice `settle`', () => {
    const driver = rolling({ heldBy })
    const seenAt = driver.now
    driver.watch(minute)
    expect(driver.posts('rollout-held')).toEqual([])
    driver.watch(10 * minute)
    expect(driver.posts('rollout-held')).toMatchObject([{ target, since: seenAt, rollout: { heldBy } }])
  })

  test('a blocked rollout is reported with its latest cause', () => {
    const driver = rolling({ heldBy })
    driver.watch(minute)
    const failed: Hindrance = { kind: 'ecs', words: 'its newest task failed: container api exited 1' }
    driver.world.rollout({ heldBy: failed })
    driver.watch(2 * minute)
    expect(driver.posts('rollout-held')).toMatchObject([{ rollout: { heldBy: failed } }])
  })

  test('a rollout that continues in time is not reported', () => {
    const driver = rolling({ heldBy })
    driver.watch(minute)
    driver.world.rollout()
    driver.later(5_000)
    driver.world.rollout({ heldBy })
    driver.watch(minute)
    expect(driver.posts('rollout-held')).toEqual([])
  })

  test('a rollout that nothing blocks is not reported', () => {
    const driver = rolling({})
    driver.watch(10 * minute)
    expect(driver.posts('rollout-held')).toEqual([])
  })
})

describe('a run that GitHub blocks', () => {
  const runner: Hindrance = { kind: 'runner', words: 'no runner has taken the job deploy yet' }
  const gate: Hindrance = {
    kind: 'gate',
    words: 'it waits for a review of the environment production by ana',
  }

  /** A deploy whose run is blocked by this. */
  function held(by: Hindrance | undefined): ReleaseDriver {
    const driver = underway({ migration: null })
    driver.world.runs(by && { heldBy: by })
    driver.later(5_000)
    return driver
  }

  test('a blocked rollout is reported once in the thread after twice `settle`', () => {
    const driver = held(gate)
    const seenAt = driver.now
    driver.watch(minute)
    expect(driver.posts('run-held')).toEqual([])
    driver.watch(10 * minute)
    expect(driver.posts('run-held')).toMatchObject([{ since: seenAt, run: { heldBy: gate } }])
  })

  test('a run that GitHub says was blocked for long is reported at once, as after twokey was away', () => {
    const driver = underway({ migration: null })
    driver.later(20 * minute)
    const since = driver.now - 10 * minute
    driver.world.runs({ heldBy: { ...gate, since } })
    driver.later(5_000)
    expect(driver.posts('run-held')).toMatchObject([{ since }])
  })

  test('a run blocked by something else is reported again, with the time of that', () => {
    const driver = held(runner)
    driver.watch(5 * minute)
    driver.world.runs({ heldBy: { ...gate, since: driver.now - 5 * minute } })
    driver.later(5_000)
    const changedAt = driver.now
    driver.watch(5 * minute)
    expect(driver.posts('run-held')).toMatchObject([
      { run: { heldBy: { kind: 'runner' } } },
      { since: changedAt, run: { heldBy: { kind: 'gate' } } },
    ])
  })

  test('a blocked run is not reported again if GitHub cannot say for a moment what it waits for', () => {
    const driver = held(gate)
    driver.watch(5 * minute)
    driver.world.runs({ heldBy: { kind: 'gate', words: 'it waits at a gate that could not be read' } })
    driver.watch(5 * minute)
    expect(driver.posts('run-held')).toHaveLength(1)
  })

  test('a run that continues in time is not reported until its deadline, with what blocks it then', () => {
    const driver = held(runner)
    driver.watch(minute)
    driver.world.runs()
    driver.later(5_000)
    expect(driver.release.tracks.run?.heldSince).toBeNull()
    driver.watch(50 * minute)
    expect(driver.posts('run-held')).toEqual([])
    driver.world.runs({ heldBy: gate })
    driver.watch(20 * minute)
    expect(driver.posts('late')).toMatchObject([{ track: 'run', why: gate.words }])
  })
})

describe('a migration that ECS does not start', () => {
  const starting: Hindrance = { kind: 'ecs', words: 'ECS has not started its task yet (PENDING)' }

  test('a migration that does not start is reported once in the thread', () => {
    const driver = underway()
    driver.world.migrations = [migrationSighting({ createdAt: driver.now, heldBy: starting })]
    driver.watch(minute)
    expect(driver.posts('migration-held')).toEqual([])
    driver.watch(5 * minute)
    expect(driver.posts('migration-held')).toMatchObject([{ migration: { heldBy: starting } }])
  })

  test('a migration that starts in time is not reported', () => {
    const driver = underway()
    const createdAt = driver.now
    driver.world.migrations = [migrationSighting({ createdAt, heldBy: starting })]
    driver.watch(minute)
    driver.world.migrations = [migrationSighting({ createdAt })]
    driver.watch(5 * minute)
    expect(driver.posts('migration-held')).toEqual([])
  })
})

describe('a rollout that takes longer than configured', () => {
  test('an overdue rollout is reported with what blocks it', () => {
    const driver = rolling({ heldBy })
    driver.watch(40 * minute)
    expect(driver.posts('late')).toMatchObject([{ track: 'rollout', why: heldBy.words }])
  })

  test('an overdue rollout is reported with its progress if nothing is known to block it', () => {
    const driver = rolling({ reason: '0 of 2 tasks running, 2 pending' })
    driver.watch(40 * minute)
    expect(driver.posts('late')).toMatchObject([{ track: 'rollout', why: '0 of 2 tasks running, 2 pending' }])
  })

  test('the report of several overdue rollouts names the one with a known cause', () => {
    const worker = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
    const driver = underway({ migration: null, targets: [target, worker] })
    driver.world.rollout({ arn: 'arn:rollout/1' })
    driver.world.rollout({ arn: 'arn:rollout/2', heldBy }, worker)
    driver.watch(40 * minute)
    expect(driver.posts('late')).toMatchObject([{ why: heldBy.words }])
    expect(driver.posts('rollout-held')).toMatchObject([{ target: worker }])
  })
})

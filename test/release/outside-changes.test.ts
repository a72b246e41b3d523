import { describe, expect, it } from 'vitest'
import {
  failing,
  failuresSince,
  firstWatched,
  isNews,
  isSameSeries,
  isTakingBack,
  newsOf,
  nothingMore,
  withKnown,
} from '../../src/release/outside-changes.ts'
import type { RolloutVerdict } from '../../src/release/sighting.ts'
import { minute } from './driver.ts'
import { start } from './world.ts'

function rollout(number: number, verdict: RolloutVerdict = 'succeeded', createdAt = start + number) {
  const deploymentId = `ecs-svc/${number}`
  return { arn: `arn:service-deployment/${number}`, deploymentId, createdAt, verdict }
}

/** What is stored after looks that reported everything they saw. */
function lookedAt(...looks: readonly (readonly ReturnType<typeof rollout>[])[]) {
  return looks.reduce(
    (watched, seen) =>
      withKnown(watched, Object.fromEntries(seen.map((each) => [each.deploymentId, newsOf(each)])), seen),
    firstWatched(start),
  )
}

describe('the news of a rollout that twokey did not start', () => {
  it.each<[RolloutVerdict, RolloutVerdict, boolean]>([
    ['moving', 'succeeded', false],
    ['moving', 'failed', true],
    ['moving', 'rolling back', true],
    ['rolling back', 'rolled back', false],
    ['rolling back', 'rollback failed', true],
    ['failed', 'rolled back', true],
    ['rolled back', 'failed', false],
    ['succeeded', 'unknown', false],
  ])('after %s, %s is news: %s', (before, now, is) => {
    const watched = lookedAt([rollout(7, before)])
    expect(isNews(watched, 'ecs-svc/7', newsOf({ verdict: now }))).toBe(is)
  })

  it('comes once, though a look in between did not list the rollout', () => {
    const watched = lookedAt([rollout(7, 'moving')], [], [rollout(8, 'moving')])
    expect(isNews(watched, 'ecs-svc/7', 'began')).toBe(false)
  })

  it('ends once a rollout was attributed to a release', () => {
    const watched = withKnown(firstWatched(start), { 'ecs-svc/7': nothingMore }, [rollout(7)])
    expect(isNews(watched, 'ecs-svc/7', 'rollback failed')).toBe(false)
  })

  it('remembers a limited number of rollouts', () => {
    const watched = lookedAt(...Array.from({ length: 99 }, (_, index) => [rollout(index)]))
    expect(Object.keys(watched.known)).toHaveLength(50)
    expect(isNews(watched, 'ecs-svc/98', 'began')).toBe(false)
  })
})

describe('the time from which rollouts are looked at', () => {
  it('moves on past rollouts that have ended', () => {
    expect(lookedAt([rollout(1), rollout(2)]).since).toBe(start + 3)
  })

  it('stays before a rollout in progress', () => {
    expect(lookedAt([rollout(1), rollout(5, 'moving'), rollout(9)]).since).toBe(start + 4)
  })

  it('stays before a rollout that could not be attributed yet', () => {
    const seen = [rollout(5), rollout(9)]
    expect(withKnown(firstWatched(start), { 'ecs-svc/9': 'began' }, seen).since).toBe(start + 4)
  })

  it('never moves back', () => {
    expect(lookedAt([rollout(5)], [rollout(2, 'moving')]).since).toBe(start + 6)
    expect(lookedAt([rollout(5)], []).since).toBe(start + 6)
  })
})

describe('an entry by which ECS takes a rollout back', () => {
  const failed = rollout(7, 'rolling back')
  const unlisted = (number: number) => ({ ...rollout(number, 'moving'), arn: `ecs-svc/${number}` })

  it('begins later than that rollout', () => {
    expect(isTakingBack(unlisted(8), [failed, unlisted(8)])).toBe(true)
    expect(isTakingBack(unlisted(6), [failed, unlisted(6)])).toBe(false)
  })

  it('does not stand in ECS’s list, nor where nothing was rolled back', () => {
    expect(isTakingBack(rollout(8), [failed, rollout(8)])).toBe(false)
    expect(isTakingBack(unlisted(8), [rollout(7), unlisted(8)])).toBe(false)
  })
})

describe('failed tasks', () => {
  it('count only since twokey first looked', () => {
    expect(failuresSince(firstWatched(start), start + minute)).toBe(start)
    expect(failuresSince(firstWatched(start), start + 60 * minute)).toBe(
      start + 60 * minute - failing.withinMs,
    )
  })

  it('form one series until none has failed for an hour', () => {
    const watched = { ...firstWatched(start), failingAt: start }
    expect(isSameSeries(watched, start + 59 * minute)).toBe(true)
    expect(isSameSeries(watched, start + 61 * minute)).toBe(false)
    expect(isSameSeries(firstWatched(start), start)).toBe(false)
  })
})

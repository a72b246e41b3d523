import { describe, expect, test } from 'vitest'
import { mayBeLateOf, mayBeOf } from '../../src/release/unreleased.ts'
import { minute, ReleaseDriver, sendingBack, underway } from './driver.ts'
import { commit, revision, rolloutSighting, start, target } from './world.ts'

const bare = { migration: null } as const
const hour = 60 * minute

/** A rollout of a number, as ECS lists it. */
const seen = (deploymentId: string, number: number, createdAt: number) => ({
  deploymentId,
  createdAt,
  arn: revision(number).arn,
})

const isOf = (driver: ReleaseDriver, rollout: ReturnType<typeof seen>) =>
  mayBeOf(driver.release, target, rollout)

/** The release succeeded by the deployment `ecs-svc/43`. */
function succeeded(): ReleaseDriver {
  const driver = underway(bare)
  driver.world.rollout({ verdict: 'succeeded' })
  driver.world.runs({ verdict: 'succeeded' })
  driver.watch(2 * minute)
  expect(driver.outcome).toBe('succeeded')
  return driver
}

describe('the release of a rollout', () => {
  test('a rollout that a release followed is its own, whenever it began; another beside it is not', () => {
    const driver = succeeded()
    expect(isOf(driver, seen('ecs-svc/43', 43, start))).toBe(true)
    expect(isOf(driver, seen('ecs-svc/44', 44, start + 1_000))).toBe(false)
    expect(isOf(driver, seen('ecs-svc/45', 43, start + hour))).toBe(false)
  })

  test('a rollout since the dispatch of a release in progress may be its own; an earlier one is not', () => {
    const driver = underway(bare)
    expect(isOf(driver, seen('ecs-svc/99', 99, start + 5 * minute))).toBe(true)
    expect(isOf(driver, seen('ecs-svc/42', 42, start))).toBe(false)
    expect(isOf(driver, seen('ecs-svc/41', 41, start - hour))).toBe(false)
  })

  test('two rollouts that could be a release’s own are attributed to nobody else', () => {
    const driver = underway(bare)
    driver.world.rollout({ arn: 'arn:rollout/43', verdict: 'succeeded' })
    driver.world.rollout({ arn: 'arn:rollout/44', verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
    expect(isOf(driver, seen('ecs-svc/43', 43, start))).toBe(true)
    expect(isOf(driver, seen('ecs-svc/44', 43, start))).toBe(true)
  })

  test('a rollout with which ECS rolls back a release is nobody else’s; a later one of the same revision is', () => {
    const driver = underway(bare)
    driver.world.rollout({ verdict: 'rolled back' })
    driver.world.runs({ verdict: 'failed' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('rolled back')
    expect(isOf(driver, seen('ecs-svc/50', 42, driver.now - minute))).toBe(true)
    expect(isOf(driver, seen('ecs-svc/51', 42, driver.now + hour))).toBe(false)
  })

  test('a rollback made the deployment that ECS answered', () => {
    const driver = sendingBack()
    driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/60' })
    expect(isOf(driver, seen('ecs-svc/60', 41, start))).toBe(true)
    const rollout = rolloutSighting({
      deploymentId: 'ecs-svc/60',
      revision: revision(41),
      verdict: 'succeeded',
    })
    driver.world.rollout(rollout)
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('succeeded')
    expect(isOf(driver, seen('ecs-svc/61', 42, driver.now + hour))).toBe(false)
  })

  test('a later rollout of its commit is reported as late, until a day after its end; that of another commit is not', () => {
    const driver = succeeded()
    const isLate = (createdAt: number, carried: string | null) =>
      mayBeLateOf(driver.release, { createdAt, revision: { commit: carried } })
    expect(isLate(driver.now + hour, commit)).toBe(true)
    expect(isLate(driver.now + 25 * hour, commit)).toBe(false)
    expect(isLate(driver.now + hour, 'f'.repeat(40))).toBe(false)
    expect(isLate(driver.now + hour, null)).toBe(false)
    const back = sendingBack()
    expect(mayBeLateOf(back.release, { createdAt: back.now, revision: { commit } })).toBe(false)
  })

  test('a rollout may be a release’s commit as long as GitHub does not say which one it has', () => {
    const driver = succeeded()
    const revision = { commit: null, unknown: { because: 'unread', reason: 'GitHub is down' } } as const
    const isLate = (createdAt: number) => mayBeLateOf(driver.release, { createdAt, revision })
    expect(isLate(driver.now + hour)).toBe(true)
    expect(isLate(driver.now + 25 * hour)).toBe(false)
  })

  test('a release that sent nothing made no rollout', () => {
    expect(isOf(new ReleaseDriver(bare), seen('ecs-svc/43', 43, start + 1_000))).toBe(false)
  })
})

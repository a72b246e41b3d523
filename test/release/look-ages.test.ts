import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/release/look.ts'
import { looks } from '../../src/release/next-look.ts'
import type { RolloutSighting, RolloutVerdict } from '../../src/release/sighting.ts'
import { minute, type ReleaseDriver, underway } from './driver.ts'
import { commit, revision } from './world.ts'

/** What connects two rollouts to the release alike, so that only their number shows that one is not its own. */
const alike: readonly (readonly [string, Partial<RolloutSighting>])[] = [
  ['their time', { commits: [] }],
  ['their commit', { commits: [commit] }],
  ['their tag', { commits: [], releaseTag: 'r1' }],
]

const theirs = { arn: 'arn:rollout/44', revision: revision(44, commit), verdict: 'succeeded' } as const
const ours = { arn: 'arn:rollout/45', revision: revision(45, commit) } as const

function observe(driver: ReleaseDriver): Observation {
  return driver.world.observe(looks(driver.release, driver.config()), driver.now)
}

/** One look, whose part at ECS is older than the rest: in between, the run changed the service and ended. */
function lookAcrossTheEnd(driver: ReleaseDriver, meanwhile: () => void): void {
  driver.now += 5_000
  const { rollouts } = observe(driver)
  meanwhile()
  driver.world.runs({ verdict: 'succeeded' })
  driver.input({ on: 'look', seen: { ...observe(driver), ...(rollouts && { rollouts }) } })
}

describe('a look at ECS that is older than the look that sees the run’s end', () => {
  const verdicts: readonly RolloutVerdict[] = ['moving', 'rolling back', 'rolled back', 'failed', 'succeeded']
  for (const [by, part] of alike)
    for (const verdict of verdicts)
      test(`takes no manual rollout for the run’s own, which is ${verdict}: alike by ${by}`, () => {
        const driver = underway({ migration: null })
        driver.world.rollout({ ...theirs, ...part })
        driver.later(5_000)
        lookAcrossTheEnd(driver, () => driver.world.rollout({ ...ours, ...part, verdict }))
        expect(driver.release.tracks.rollouts[0]?.binding).not.toBe('firm')
        driver.watch(2 * minute)
        expect(driver.outcome).toBe('unknown')
        expect(driver.reason).toContain('two rollouts')
      })

  test('waits for the run’s own rollout, and does not end on the state before it', () => {
    const driver = underway({ migration: null })
    lookAcrossTheEnd(driver, () => driver.world.rollout(ours))
    expect(driver.release.tracks.rollouts[0]).toMatchObject({ binding: 'awaited', seen: null })
    driver.later(5_000)
    expect(driver.state).toBe('rolling out')
    driver.world.rollout({ ...ours, verdict: 'rolled back' })
    driver.later(5_000)
    expect(driver.outcome).toBe('rolled back')
  })

  test('succeeds by the only rollout, once a look has begun after the run’s end', () => {
    const driver = underway({ migration: null })
    driver.world.rollout({ ...ours, commits: [], verdict: 'succeeded' })
    lookAcrossTheEnd(driver, () => {})
    expect([driver.outcome, driver.release.tracks.rollouts[0]?.binding]).toEqual([null, 'weak'])
    driver.later(5_000)
    expect(driver.outcome).toBe('succeeded')
  })
})

import { describe, expect, test } from 'vitest'
import { looks } from '../../src/release/next-look.ts'
import type { OtherRun } from '../../src/release/other-runs.ts'
import { minute, type ReleaseDriver, underway } from './driver.ts'
import { commit, start, unseen } from './world.ts'

const bare = { migration: null } as const

const pushed: OtherRun = {
  id: 500,
  attempt: 1,
  url: 'https://github.com/myorg/blog-api/actions/runs/500',
  workflow: 'deploy.yml',
  event: 'push',
  login: 'ben',
  branch: 'main',
  sha: commit,
  startedAt: start,
}

const asksForOthers = (driver: ReleaseDriver) =>
  looks(driver.release, driver.config()).filter(({ look }) => look === 'otherRuns').length

/** Two rollouts carry the commit, and the run has ended well. */
function twice(driver: ReleaseDriver): void {
  driver.world.rollout({ arn: 'arn:rollout/43', verdict: 'succeeded' })
  driver.world.rollout({ arn: 'arn:rollout/44', verdict: 'succeeded' })
  driver.world.runs({ verdict: 'succeeded' })
}

describe('other runs beside that of the release', () => {
  test('another run is looked up once and kept if two rollouts could be the release’s', () => {
    const driver = underway(bare)
    driver.world.otherRuns = { dispatch: [], run: [pushed] }
    expect(asksForOthers(driver)).toBe(0)
    twice(driver)
    driver.lookWithoutEffects()
    expect(driver.outcome).toBeNull()
    expect(asksForOthers(driver)).toBe(1)
    driver.lookWithoutEffects()
    expect(driver.outcome).toBe('unknown')
    expect(driver.release.tracks.others).toEqual({ checked: 'beside the run', runs: [pushed] })
    expect(driver.audit).toContainEqual({
      actor: 'twokey',
      what: 'other runs looked at',
      detail: { runs: [pushed] },
    })
    driver.lookAgain('U0BEN')
    expect(asksForOthers(driver)).toBe(0)
  })

  test('unreadable other runs delay no end of a release', () => {
    const driver = underway(bare)
    driver.world.trouble.otherRuns = unseen('passing')
    twice(driver)
    driver.watch(10_000)
    expect(driver.outcome).toBe('unknown')
    expect(driver.release.tracks.others).toMatchObject({ checked: 'unavailable' })
  })

  test('other runs are not looked up if there is one rollout', () => {
    const driver = underway(bare)
    driver.world.rollout({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(asksForOthers(driver)).toBe(0)
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(minute)
    expect(driver.outcome).toBe('succeeded')
  })
})

import { describe, expect, test } from 'vitest'
import type { OtherRun } from '../../src/release/other-runs.ts'
import { looks } from '../../src/release/watch.ts'
import { minute, type Tale, underway } from './driver.ts'
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

const asksForOthers = (tale: Tale) =>
  looks(tale.release, tale.config()).filter(({ look }) => look === 'other-runs').length

/** Two rollouts carry the commit, and the run has ended well. */
function twice(tale: Tale): void {
  tale.world.rollout({ arn: 'arn:rollout/43', verdict: 'succeeded' })
  tale.world.rollout({ arn: 'arn:rollout/44', verdict: 'succeeded' })
  tale.world.runs({ verdict: 'succeeded' })
}

describe('other runs beside the release’s own', () => {
  test('two rollouts that could be its own: the other run is looked up once before the end, and kept', () => {
    const tale = underway(bare)
    tale.world.otherRuns = { dispatch: [], run: [pushed] }
    expect(asksForOthers(tale)).toBe(0)
    twice(tale)
    tale.lookAndDie()
    expect(tale.outcome).toBeNull()
    expect(asksForOthers(tale)).toBe(1)
    tale.lookAndDie()
    expect(tale.outcome).toBe('unknown')
    expect(tale.release.tracks.others).toEqual({ checked: 'beside the run', runs: [pushed] })
    expect(tale.audit).toContainEqual({
      actor: 'twokey',
      what: 'other runs looked at',
      detail: { runs: [pushed] },
    })
    tale.lookAgain('U0BEN')
    expect(asksForOthers(tale)).toBe(0)
  })

  test('runs that cannot be read keep no release from its end', () => {
    const tale = underway(bare)
    tale.world.trouble.otherRuns = unseen('passing')
    twice(tale)
    tale.watch(10_000)
    expect(tale.outcome).toBe('unknown')
    expect(tale.release.tracks.others).toMatchObject({ checked: 'unavailable' })
  })

  test('one rollout: nobody else is looked for', () => {
    const tale = underway(bare)
    tale.world.rollout({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(asksForOthers(tale)).toBe(0)
    tale.world.runs({ verdict: 'succeeded' })
    tale.watch(minute)
    expect(tale.outcome).toBe('succeeded')
  })
})

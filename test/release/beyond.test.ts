import { describe, expect, test } from 'vitest'
import { changedBeyond, type OtherRollout } from '../../src/release/beyond.ts'
import { looks } from '../../src/release/next-look.ts'
import type { Beyond } from '../../src/release/sighting.ts'
import { minute, underway } from './driver.ts'
import { commit, oldCommit, revision, rolloutSighting, start, unseen } from './world.ts'

const dev = {
  service: 'blog-api',
  environment: 'dev',
  target: { cluster: 'blog-cluster-dev', service: 'blog-api' },
}
const run = { carriedId: 'r1', commit, since: start, until: start + 10 * minute }

function other(part: Partial<OtherRollout['rollout']> = {}, rest: Partial<OtherRollout> = {}): OtherRollout {
  return {
    ...dev,
    rollout: rolloutSighting({ commits: [], createdAt: start + minute, ...part }),
    others: 'none',
    inLog: 'nothing',
    ...rest,
  }
}

describe('changes of a run in other service environments', () => {
  test.each<[string, OtherRollout, string | null]>([
    ['our tag', other({ releaseTag: 'r1' }), 'tag'],
    ['our tag, whoever else was at work there', other({ releaseTag: 'r1' }, { others: 'release' }), 'tag'],
    ['another release’s tag alone', other({ releaseTag: 'r0' }), null],
    [
      'the approved commit, on a revision that another release left',
      other({ releaseTag: 'r0', commits: [commit] }),
      'commit',
    ],
    [
      'the approved commit, while another workflow ran',
      other({ commits: [commit] }, { others: 'nearby' }),
      'beside other runs',
    ],
    [
      'the approved commit and the log, while another workflow ran',
      other({ commits: [commit] }, { others: 'nearby', inLog: 'service' }),
      'commit',
    ],
    ['the approved commit', other({ commits: [commit.slice(0, 7)] }), 'commit'],
    [
      'the approved commit, while another run was in progress there',
      other({ commits: [commit] }, { others: 'run' }),
      'beside other runs',
    ],
    [
      'the approved commit, while a release of it was in progress there',
      other({ commits: [commit] }, { others: 'release' }),
      null,
    ],
    ['the approved commit, before the run', other({ commits: [commit], createdAt: start - minute }), null],
    [
      'the approved commit, after the run',
      other({ commits: [commit], createdAt: start + 20 * minute }),
      null,
    ],
    ['another commit', other({ commits: [oldCommit] }), null],
    ['its name in the run’s log', other({}, { inLog: 'rollout' }), 'log'],
    ['its service in the run’s log', other({}, { inLog: 'service' }), 'log'],
    [
      'its service in the log, while another run was in progress there',
      other({}, { inLog: 'service', others: 'run' }),
      'beside other runs',
    ],
    [
      'its name in the run’s own log, whoever else was at work there',
      other({}, { inLog: 'rollout', others: 'run' }),
      'log',
    ],
    ['nothing but the time', other(), null],
  ])('a change elsewhere is recognized by %s: %s', (_, rollout, evidence) => {
    expect(changedBeyond([rollout], run).map((change) => change.evidence)).toEqual(
      evidence === null ? [] : [evidence],
    )
  })
})

const change: Beyond = {
  ...dev,
  rollout: { arn: 'arn:rollout/44', revision: revision(44) },
  evidence: 'commit',
}
const bare = { migration: null }

describe('a release whose run changed another service environment', () => {
  test.each([
    ['its own service as approved', 'succeeded'],
    ['nothing of its own', null],
  ] as const)('and %s: failed, announced once, audited', (_, own) => {
    const driver = underway(bare)
    if (own) driver.world.rollout({ verdict: own })
    driver.world.beyond = [change]
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toContain('blog-api in dev (blog-api:44)')
    expect(driver.effectsOf('announce-beyond')).toEqual([{ do: 'announce-beyond', changes: [change] }])
    expect(driver.audit.filter(({ what }) => what === 'changed beyond approval')).toHaveLength(1)
    expect(driver.posts('ended')[0]?.mention).toEqual(
      expect.arrayContaining([...driver.release.policy.approvers]),
    )
  })

  test('a change that another run may have made is announced and audited, without blame', () => {
    const driver = underway(bare)
    const perhaps: Beyond = { ...change, evidence: 'beside other runs' }
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.beyond = [perhaps]
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.effectsOf('announce-beyond')).toEqual([{ do: 'announce-beyond', changes: [perhaps] }])
    expect(driver.audit.filter(({ what }) => what === 'changed beyond approval')).toHaveLength(1)
  })

  test('a release that was rolled back also reports what it changed elsewhere', () => {
    const driver = underway(bare)
    driver.world.runs({ verdict: 'failed' })
    driver.world.beyond = [change]
    driver.world.rollout({ verdict: 'rolled back' })
    driver.watch(minute)
    expect([driver.outcome, driver.reason]).toEqual([
      'rolled back',
      expect.stringContaining('blog-api in dev'),
    ])
  })

  test('other service environments are read once, when the run has ended', () => {
    const driver = underway(bare)
    const asked = () => looks(driver.release, driver.config()).some(({ look }) => look === 'beyond')
    expect(asked()).toBe(false)
    driver.world.runs({ verdict: 'succeeded' })
    driver.lookWithoutEffects()
    expect(asked()).toBe(true)
    driver.look()
    expect(asked()).toBe(false)
  })

  test('a run that is not what was approved has its changes elsewhere read before the end, and both are reported', () => {
    const driver = underway({ migration: null })
    driver.release = {
      ...driver.release,
      tracks: { ...driver.release.tracks, run: { ...driver.release.tracks.run!, head: 'foreign' } },
    }
    driver.world.beyond = [change]
    driver.world.runs({ verdict: 'cancelled', headSha: oldCommit })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
    expect(driver.reason).toMatch(/blog-api in dev.*not what was approved/)
    expect(driver.effectsOf('announce-beyond')).toHaveLength(1)
  })

  test('a release waits while changes elsewhere cannot be read, and does not succeed before', () => {
    const driver = underway(bare)
    driver.world.trouble = { beyond: unseen('passing', 'GitHub answered 500') }
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(10 * minute)
    expect(driver.outcome).toBeNull()
    driver.world.trouble = {}
    driver.world.beyond = [change]
    driver.look()
    expect(driver.outcome).toBe('failed')
  })

  test('a release without permission to read other service environments keeps its own end and says so', () => {
    const driver = underway(bare)
    driver.world.trouble = { beyond: unseen('terminal', 'AccessDenied') }
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.runs({ verdict: 'succeeded' })
    driver.watch(minute - 10_000)
    expect(driver.outcome).toBeNull()
    driver.watch(minute)
    expect(driver.outcome).toBe('succeeded')
    expect(driver.release.tracks.beyond).toEqual({ checked: 'unavailable', why: 'AccessDenied' })
  })
})

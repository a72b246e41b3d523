import { describe, expect, it } from 'vitest'
import { lastFailure, pastOf } from '../../src/release/commit-past.ts'
import type { Release } from '../../src/release/release.ts'
import type { Outcome } from '../../src/release/stage.ts'
import { DrivenRelease, deployOf, plainWords, rollback } from '../slack/releases.ts'
import { start } from './world.ts'

const subject = deployOf(plainWords)
const { sha } = subject.commit
const base = new DrivenRelease({ subject }).release
const minute = 60_000
const now = start + 60 * minute

/** A release that ended this many minutes after the start. */
function ended(at: number, outcome: Outcome, part: Partial<Release> = {}): Release {
  const since = start + at * minute
  return {
    ...base,
    id: `r-${at}`,
    requestedAt: since - minute / 2,
    sentAt: since - minute / 4,
    stage: { at: 'ended', since, outcome, reason: outcome, settledBy: null },
    ...part,
  }
}

/** A rollback that a person made while this commit served. */
function rolledBack(at: number, served: string): Release {
  const servingBefore = { name: 'blog-api:44', arn: 'arn', commit: served }
  return ended(at, 'succeeded', { subject: rollback, servingBefore, requester: 'U0BEN' })
}

const past = (...releases: readonly Release[]) => pastOf({ environment: 'prod', subject }, releases, [], now)
const setbacks = (...releases: readonly Release[]) => past(...releases).setbacks

describe('what became of a commit here before', () => {
  it('a commit has no setbacks if it was never here, or succeeded', () => {
    expect(setbacks()).toBeUndefined()
    expect(setbacks(ended(1, 'succeeded'))).toBeUndefined()
  })

  it.each(['failed', 'rolled back', 'rollback failed', 'unchanged', 'stopped', 'unknown'] as const)(
    'counts a release that ended %s',
    (outcome) => {
      const last = { release: 'r-3', outcome, by: null, at: start + 3 * minute }
      expect(setbacks(ended(3, outcome))).toEqual({ failures: 1, since: last.at, last })
    },
  )

  it.each(['cancelled', 'expired'] as const)('does not count a release that ended %s', (outcome) => {
    expect(setbacks(ended(3, outcome))).toBeUndefined()
  })

  it('counts five failures, since the first, and names the last', () => {
    const five = [1, 2, 3, 4, 5].map((at) => ended(at, 'failed'))
    expect(setbacks(...five)).toMatchObject({
      failures: 5,
      since: start + minute,
      last: { release: 'r-5', outcome: 'failed' },
    })
  })

  it('counts a rollback by a person after a success, and names who made it', () => {
    expect(setbacks(ended(1, 'succeeded'), rolledBack(2, sha.slice(0, 7)))).toMatchObject({
      failures: 1,
      last: { release: 'r-2', outcome: 'taken back', by: 'U0BEN', servedSince: start + minute },
    })
  })

  it('counts a failure and the rollback that followed it once', () => {
    expect(setbacks(ended(1, 'failed'), rolledBack(2, sha))).toMatchObject({
      failures: 1,
      last: { outcome: 'taken back' },
    })
    expect(setbacks(ended(1, 'failed'), rolledBack(2, sha))?.last).not.toHaveProperty('servedSince')
  })

  it('a rollback of another commit does not count', () => {
    expect(setbacks(ended(1, 'succeeded'), rolledBack(2, '1111111'))).toBeUndefined()
  })

  it('names who replaced a deploy by a rollback while it ran', () => {
    const supersededBy = { release: 'r-2', revisions: [] } as unknown as Release['supersededBy']
    expect(setbacks(ended(1, 'superseded', { supersededBy }), rolledBack(2, '1111111'))).toMatchObject({
      failures: 1,
      last: { release: 'r-1', outcome: 'superseded', by: 'U0BEN' },
    })
  })

  it('names who rejected it, and counts no failure', () => {
    const stage = {
      ...ended(4, 'rejected').stage,
      rejection: { by: 'U0CHLOE', why: null },
    } as Release['stage']
    expect(setbacks(ended(4, 'rejected', { stage, sentAt: null }))).toMatchObject({
      failures: 0,
      last: { outcome: 'rejected', by: 'U0CHLOE' },
    })
  })

  it('leaves out other commits and other environments', () => {
    const other = { ...subject, commit: { ...subject.commit, sha: 'f'.repeat(40) } }
    expect(setbacks(ended(1, 'failed', { subject: other }), ended(2, 'failed', { environment: 'dev' }))).toBe(
      undefined,
    )
  })
})

describe('what became here of the commits that a deploy contains', () => {
  const { changes } = deployOf(plainWords, 5)
  if (!changes.known) throw new Error('its changes are known')
  const tip = changes.commits.at(-1)!
  const subject = { ...deployOf(plainWords), commit: tip, changes }
  const [first, second, third] = changes.commits.map((commit) => commit.sha) as [string, string, string]
  const of = (commit: string) => {
    const [found] = changes.commits.filter((each) => each.sha === commit)
    return { subject: { ...subject, commit: found! } }
  }
  const contains = (releases: readonly Release[], differs: Partial<typeof changes> = {}) =>
    pastOf(
      { environment: 'prod', subject: { ...subject, changes: { ...changes, ...differs } } },
      releases,
      [],
      now,
    ).contains

  it('names a commit that failed here, with the reason', () => {
    expect(contains([ended(3, 'failed', of(first))])).toEqual({
      last: [
        {
          commit: first,
          release: 'r-3',
          outcome: 'failed',
          by: null,
          at: start + 3 * minute,
          reason: 'failed',
        },
      ],
      more: 0,
    })
  })

  it('names who rolled a commit back after its success', () => {
    expect(contains([ended(1, 'succeeded', of(first)), rolledBack(2, first)])).toMatchObject({
      last: [{ commit: first, outcome: 'taken back', by: 'U0BEN' }],
    })
  })

  it('names the last two, and counts the others', () => {
    const three = [first, second, third].map((commit, at) => ended(at + 1, 'failed', of(commit)))
    expect(contains(three)).toMatchObject({ last: [{ commit: third }, { commit: second }], more: 1 })
  })

  it.each<[string, readonly Release[]]>([
    ['succeeded later', [ended(1, 'failed', of(first)), ended(2, 'succeeded', of(first))]],
    ['was cancelled', [ended(1, 'cancelled', of(first))]],
    ['failed elsewhere', [ended(1, 'failed', { ...of(first), environment: 'dev' })]],
    ['failed long ago', [ended(-31 * 24 * 60, 'failed', of(first))]],
    ['is the deployed one, which has its own warning', [ended(1, 'failed', of(tip.sha))]],
  ])('a card says nothing of a commit that %s', (_, releases) => {
    expect(contains(releases)).toBeUndefined()
  })

  it('a card says nothing of commits that the deploy removes', () => {
    expect(contains([ended(1, 'failed', of(first))], { direction: 'back' })).toBeUndefined()
  })
})

describe('the last release that was sent', () => {
  const last = (...releases: readonly Release[]) => lastFailure(releases)?.id

  it('the last release is a failure if it ended badly, and no other was sent after it', () => {
    expect(last(ended(1, 'succeeded'), ended(2, 'rolled back'))).toBe('r-2')
    expect(last(ended(2, 'failed'), ended(3, 'rejected', { sentAt: null }))).toBe('r-2')
    expect(last(ended(1, 'failed'), ended(2, 'succeeded'))).toBeUndefined()
    expect(last(ended(1, 'failed'), rolledBack(2, sha))).toBeUndefined()
    expect(last()).toBeUndefined()
  })
})

describe('environments in which a commit succeeded', () => {
  it('names each environment with its last success', () => {
    const dev = { environment: 'dev' }
    expect(
      past(ended(3, 'succeeded', dev), ended(1, 'succeeded', dev), ended(2, 'succeeded')).succeededIn,
    ).toEqual([
      { environment: 'dev', at: start + 3 * minute },
      { environment: 'prod', at: start + 2 * minute },
    ])
  })

  it('names an environment where it is expected and never succeeded', () => {
    const releases = [ended(1, 'failed', { environment: 'dev' })]
    expect(pastOf({ environment: 'prod', subject }, releases, ['dev'], now).succeededIn).toEqual([
      { environment: 'dev', at: null },
    ])
  })
})

describe('the workflow of the last deploy', () => {
  it('the workflow is compared with nothing before the first deploy', () => {
    expect(past(ended(1, 'rejected', { sentAt: null })).workflow).toBeUndefined()
  })

  it.each<[string, Partial<typeof subject>, boolean]>([
    ['the same', {}, false],
    ['another tip with the same files', { tip: 'f'.repeat(40) }, false],
    ['another .github tree', { githubTree: 'c0ffee0' }, true],
    ['another file outside .github', { paths: [{ path: 'deploy.sh', sha: 'c0ffee0' }] }, true],
    ['another file of twokey.yml', { workflow: 'ship.yml' }, true],
  ])('the workflow is compared with that of the last deploy: %s', (_, differs, isChanged) => {
    const last = { ...subject, ...differs }
    expect(past(ended(1, 'failed', { subject: last })).workflow).toEqual({ isChanged, since: last.tip })
  })
})

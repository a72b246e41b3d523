import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import type { Answer } from '../../src/release/effects.ts'
import { holdsLane } from '../../src/release/release.ts'
import type { HeadSighting } from '../../src/release/sighting.ts'
import { looks } from '../../src/release/watch.ts'
import {
  ana,
  ben,
  bound,
  chloe,
  deploySubject,
  eli,
  minute,
  prodPolicy,
  type ReleaseDriver,
  sending,
  underway,
} from './driver.ts'
import { commit, runSighting, unseen } from './world.ts'

const unfindable = deploySubject({ inputs: bound('environment', 'sha') })
const dispatched = { to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url } as const

function once(driver: ReleaseDriver): void {
  expect(driver.wanted('dispatch')).toHaveLength(1)
}

describe('what the dispatch was answered', () => {
  test('200 with a run: under way, known by its id', () => {
    const driver = sending()
    driver.answer(dispatched)
    expect(driver.state).toBe('running')
    expect(driver.release.tracks.run).toMatchObject({ id: 501, attempt: 1 })
    once(driver)
  })

  test('403, 404, 422: failed, nothing was started, and the lane is free', () => {
    const driver = sending()
    driver.answer({ to: 'dispatch', answer: 'refused', reason: 'GitHub answered 403' })
    expect(driver.outcome).toBe('failed')
    expect(holdsLane(driver.release)).toBe(false)
  })

  const vague: readonly Answer[] = [
    { to: 'dispatch', answer: 'accepted' },
    { to: 'dispatch', answer: 'unclear', reason: '502' },
  ]

  test.each(vague)('$answer: looked for by our id', (answer) => {
    const driver = sending()
    driver.answer(answer)
    expect(driver.state).toBe('dispatching')
    driver.later(5_000)
    driver.world.runs()
    driver.later(5_000)
    expect(driver.release.tracks.run).toMatchObject({ id: 501, head: 'unchecked' })
    driver.later(5_000)
    expect(driver.release.tracks.run).toMatchObject({ head: 'approved' })
    once(driver)
  })

  test.each(vague)('$answer, and no run appears for long enough: unknown, the lane is held', (answer) => {
    const driver = sending()
    driver.answer(answer)
    driver.watch(minute - 5_000)
    expect(driver.outcome).toBeNull()
    driver.later(5_000)
    expect(driver.outcome).toBe('unknown')
    expect(holdsLane(driver.release)).toBe(true)
    once(driver)
  })

  test.each(vague)('$answer, and the run could never be told from others: unknown at once', (answer) => {
    const driver = sending({ subject: unfindable })
    driver.answer(answer)
    expect(driver.outcome).toBe('unknown')
    once(driver)
  })

  test('an answer that comes after the run was found changes nothing', () => {
    const driver = sending()
    driver.world.runs()
    driver.look()
    driver.answer({ to: 'dispatch', answer: 'refused', reason: 'late' })
    expect(driver.state).toBe('running')
  })
})

describe('restarted while it was sent', () => {
  test('only looked for, never sent again', () => {
    const driver = sending()
    expect(looks(driver.release, driver.config()).map(({ look }) => look)).toEqual(['findRun'])
    driver.later(10_000)
    driver.world.runs()
    driver.later(10_000)
    expect(driver.state).toBe('running')
    once(driver)
  })

  test('nothing to look for it by: unknown', () => {
    const driver = sending({ subject: unfindable })
    driver.look()
    expect(driver.outcome).toBe('unknown')
    once(driver)
  })

  test('two runs carry its id: unknown', () => {
    const driver = sending()
    driver.world.run = { found: 'several', ids: [501, 502] }
    driver.look()
    expect(driver.outcome).toBe('unknown')
  })

  test('GitHub cannot be read: waits, says so, and finds it later', () => {
    const driver = sending()
    driver.world.trouble = { run: unseen('passing') }
    driver.watch(5 * minute)
    expect(driver.state).toBe('dispatching')
    expect(driver.stories('blind')).toHaveLength(1)
    driver.world.trouble = {}
    driver.world.runs()
    driver.look()
    expect(driver.state).toBe('running')
  })

  test('GitHub will not be seen: unknown after a while', () => {
    const driver = sending()
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('looked for again by a person: found, or unknown once more, and never sent', () => {
    const driver = sending()
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.lookAgain(eli)?.code).toBe('not_allowed')
    driver.lookAgain(ana)
    expect(driver.state).toBe('dispatching')
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.stories('ended')).toHaveLength(2)
    driver.lookAgain(ben)
    driver.world.runs()
    driver.look()
    expect(driver.state).toBe('running')
    once(driver)
  })

  test('a person says what is so: the lane is free, it stays unknown, and nothing revives it', () => {
    const driver = sending()
    driver.watch(minute)
    expect(driver.settle(eli)?.code).toBe('not_allowed')
    expect(driver.settle(chloe)).toBeNull()
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', false])
    expect(driver.settle(chloe)?.code).toBe('already_ended')
    expect(driver.lookAgain(chloe)?.code).toBe('already_ended')
    driver.world.runs()
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
  })
})

describe('the run must be what was approved', () => {
  const elsewhere = 'beef'.repeat(10)

  test('with a sha input another head of the same tree is', () => {
    const driver = underway()
    driver.world.runs({ headSha: elsewhere })
    const late = sending()
    late.answer(dispatched)
    late.world.runs({ headSha: elsewhere })
    late.look()
    expect(late.release.tracks.run?.head).toBe('unchecked')
    late.look()
    expect(late.release.tracks.run?.head).toBe('approved')
  })

  test.each([
    ['another tree', deploySubject(), 'tree-2'],
    ['no tree', deploySubject(), null],
    ['another head without a sha input', deploySubject({ inputs: bound('release_id') }), 'tree-1'],
  ] as const)('%s: the run is cancelled, and it failed', (_, subject, tree) => {
    const driver = sending({ subject })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, githubTree: tree }
    driver.look()
    driver.look()
    expect(driver.release.tracks.run?.head).toBe('foreign')
    expect(driver.wanted('cancel-run')).toEqual([
      { do: 'cancel-run', repository: 'myorg/blog-api', runId: 501 },
    ])
    driver.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
  })

  const ship = { path: 'ci/ship', sha: 'object-1' }

  test.each<[string, Partial<HeadSighting>]>([
    ['another object at a path outside .github', { paths: [{ ...ship, sha: 'object-2' }] }],
    ['nothing at a path outside .github', { paths: [{ ...ship, sha: null }] }],
    ['a commit that did not follow the approved tip on the branch', { paths: [ship], onBranch: false }],
  ])('%s: the run is cancelled, and it failed', (_, head) => {
    const driver = sending({ subject: deploySubject({ paths: [ship] }) }, { paths: [ship] })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, ...head }
    driver.look()
    driver.look()
    expect(driver.release.tracks.run?.head).toBe('foreign')
    expect(driver.wanted('cancel-run')).toHaveLength(1)
    expect(driver.audit.find(({ what }) => what === 'head foreign')?.detail).toMatchObject({
      headSha: elsewhere,
      ...head,
    })
    driver.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
  })

  test('a head with the same paths outside .github is approved', () => {
    const driver = sending({ subject: deploySubject({ paths: [ship] }) }, { paths: [ship] })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, paths: [ship] }
    driver.look()
    driver.look()
    expect(driver.release.tracks.run?.head).toBe('approved')
  })

  /** The workflow was changed during the dispatch, and the run goes on though it was cancelled. */
  function foreignRun(): ReleaseDriver {
    const driver = sending({ migration: null })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(10_000)
    return driver
  }

  test('a foreign run is announced at once in the channel, to the approvers too, and once only', () => {
    const driver = foreignRun()
    driver.watch(minute)
    expect(driver.wanted('tell').filter(({ story }) => story.tell === 'foreign-head')).toMatchObject([
      { where: 'channel', story: { mention: [ana, 'S0ONCALL', ...prodPolicy.approvers] } },
    ])
  })

  test('a foreign run that ignores its cancellation and ships: settled by the requester, it failed, and approvers learn of it', () => {
    const driver = foreignRun()
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(70 * minute, minute)
    expect(driver.settle(ana)).toBeNull()
    driver.watch(2 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['failed', false])
    expect(driver.reason).toContain('not what was approved')
    expect(driver.stories('ended')).toMatchObject([{ mention: [ana, 'S0ONCALL', ...prodPolicy.approvers] }])
    expect(actionsOf(driver.release)).toEqual(['retry', 'roll-back'])
  })

  test('a foreign run that is settled while ECS cannot be read stays unknown, holds the lane and says what it was', () => {
    const driver = foreignRun()
    driver.world.rollout({ verdict: 'moving' })
    driver.watch(70 * minute, minute)
    driver.settle(ana)
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(5 * minute)
    expect([driver.outcome, holdsLane(driver.release)]).toEqual(['unknown', true])
    expect(driver.reason).toContain('not what was approved')
  })

  test('a run that is settled before its head was seen is checked before the release ends', () => {
    const driver = sending({ migration: null })
    driver.answer(dispatched)
    driver.world.trouble = { headTree: unseen('passing') }
    driver.world.runs({ headSha: elsewhere })
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(62 * minute, minute)
    expect(driver.settle(ana)).toBeNull()
    driver.world.trouble = {}
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(minute)
    expect([driver.outcome, driver.release.tracks.run?.head]).toEqual(['failed', 'foreign'])
  })

  test('a foreign run that ECS still works for is followed on, and failed also where it rolled out', () => {
    const driver = sending({ migration: null })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(10_000)
    driver.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    driver.later(5_000)
    expect(driver.outcome).toBeNull()
    driver.world.rollout()
    driver.watch(5 * minute)
    expect(driver.outcome).toBeNull()
    driver.world.rollout({ verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.outcome).toBe('failed')
  })

  test('a run that ended before its head was seen is checked all the same', () => {
    const driver = sending({ migration: null })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere, verdict: 'succeeded' })
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('failed')
  })

  test('a head that nobody can see is never called success', () => {
    const driver = sending({ migration: null })
    driver.answer(dispatched)
    driver.world.trouble = { headTree: unseen('terminal') }
    driver.world.runs({ headSha: elsewhere })
    driver.watch(10 * minute)
    expect(driver.state).toBe('running')
    driver.world.runs({ headSha: elsewhere, verdict: 'succeeded' })
    driver.world.rollout({ verdict: 'succeeded' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('what the foreign run left in ECS and nobody can see is unknown', () => {
    const driver = sending({ migration: null })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(10_000)
    driver.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    driver.world.trouble = { rollouts: unseen('terminal') }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('GitHub’s 202 is only a promise: asked to cancel again until it has ended', () => {
    const driver = sending()
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(95_000)
    const asked = driver.wanted('cancel-run').length
    expect(asked).toBeGreaterThanOrEqual(3)
    expect(asked).toBeLessThanOrEqual(5)
  })

  test('another run, or another attempt of it, does not rewrite the story', () => {
    const driver = underway()
    driver.world.runs({ id: 777, verdict: 'succeeded' })
    driver.later(5_000)
    driver.world.runs({ attempt: 2, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.release.tracks.run?.endedAt).toBeNull()
  })

  test('the head is approved where the tip moved on to the same tree before the dispatch', () => {
    const driver = sending()
    expect(driver.release.subject).toMatchObject({ tip: commit })
  })
})

describe('cancelled once it is sent', () => {
  test('while it is being sent: remembered, and the run is cancelled when it is found', () => {
    const driver = sending()
    expect(driver.cancel(ana)).toBeNull()
    expect(driver.outcome).toBeNull()
    driver.answer(dispatched)
    driver.world.runs()
    driver.look()
    expect(driver.wanted('cancel-run')).toHaveLength(1)
    expect(driver.cancel(ben)?.code).toBe('not_cancellable')
  })

  test('twokey is killed before GitHub is asked to cancel the run: asked by the next look, not after minutes', () => {
    const driver = underway()
    driver.cancel(ana)
    driver.lookAndDie()
    driver.later(1_000)
    expect(driver.wanted('cancel-run')).toHaveLength(2)
    driver.later(1_000)
    expect(driver.wanted('cancel-run')).toHaveLength(2)
  })

  test('twice while it is being sent: refused, and the first stands', () => {
    const driver = sending()
    driver.cancel(ana)
    expect(driver.cancel(ben)?.code).toBe('not_cancellable')
    expect(driver.release.cancelAsked?.by).toBe(ana)
  })

  test('under way, nothing rolled out: cancelled, once GitHub says so and nothing appeared', () => {
    const driver = underway({ migration: null })
    driver.cancel(ana)
    expect(driver.stories('cancelling')).toHaveLength(1)
    driver.look()
    driver.world.runs({ verdict: 'cancelled' })
    driver.later(5_000)
    expect(driver.outcome).toBeNull()
    driver.watch(minute)
    expect(driver.outcome).toBe('cancelled')
  })

  test('under way, ECS at work: followed on; what serves then is no success', () => {
    const driver = underway({ migration: null })
    driver.world.rollout()
    driver.look()
    driver.cancel(ana)
    driver.world.runs({ verdict: 'cancelled' })
    driver.watch(2 * minute)
    expect(driver.state).toBe('rolling out')
    driver.world.rollout({ verdict: 'succeeded' })
    driver.look()
    expect(driver.outcome).toBe('failed')
  })

  test('after the run has ended: refused', () => {
    const driver = underway({ migration: null })
    driver.world.rollout()
    driver.world.runs({ verdict: 'succeeded' })
    driver.look()
    expect(driver.cancel(ana)?.code).toBe('not_cancellable')
  })
})

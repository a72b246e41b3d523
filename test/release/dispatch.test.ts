import { describe, expect, test } from 'vitest'
import type { Answer } from '../../src/release/effects.ts'
import type { HeadSighting } from '../../src/release/observation.ts'
import { holdsLane } from '../../src/release/release.ts'
import { actionsOf } from '../../src/release/state.ts'
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
  sending,
  type Tale,
  underway,
} from './driver.ts'
import { commit, runSighting, unseen } from './world.ts'

const unfindable = deploySubject({ inputs: bound('environment', 'sha') })
const dispatched = { to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url } as const

function once(tale: Tale): void {
  expect(tale.wanted('dispatch')).toHaveLength(1)
}

describe('what the dispatch was answered', () => {
  test('200 with a run: under way, known by its id', () => {
    const tale = sending()
    tale.answer(dispatched)
    expect(tale.state).toBe('running')
    expect(tale.release.tracks.run).toMatchObject({ id: 501, attempt: 1 })
    once(tale)
  })

  test('403, 404, 422: failed, nothing was started, and the lane is free', () => {
    const tale = sending()
    tale.answer({ to: 'dispatch', answer: 'refused', reason: 'GitHub answered 403' })
    expect(tale.outcome).toBe('failed')
    expect(holdsLane(tale.release)).toBe(false)
  })

  const vague: readonly Answer[] = [
    { to: 'dispatch', answer: 'accepted' },
    { to: 'dispatch', answer: 'unclear', reason: '502' },
  ]

  test.each(vague)('$answer: looked for by our id', (answer) => {
    const tale = sending()
    tale.answer(answer)
    expect(tale.state).toBe('dispatching')
    tale.later(5_000)
    tale.world.runs()
    tale.later(5_000)
    expect(tale.release.tracks.run).toMatchObject({ id: 501, head: 'unchecked' })
    tale.later(5_000)
    expect(tale.release.tracks.run).toMatchObject({ head: 'approved' })
    once(tale)
  })

  test.each(vague)('$answer, and no run appears for long enough: unknown, the lane is held', (answer) => {
    const tale = sending()
    tale.answer(answer)
    tale.watch(minute - 5_000)
    expect(tale.outcome).toBeNull()
    tale.later(5_000)
    expect(tale.outcome).toBe('unknown')
    expect(holdsLane(tale.release)).toBe(true)
    once(tale)
  })

  test.each(vague)('$answer, and the run could never be told from others: unknown at once', (answer) => {
    const tale = sending({ subject: unfindable })
    tale.answer(answer)
    expect(tale.outcome).toBe('unknown')
    once(tale)
  })

  test('an answer that comes after the run was found changes nothing', () => {
    const tale = sending()
    tale.world.runs()
    tale.look()
    tale.answer({ to: 'dispatch', answer: 'refused', reason: 'late' })
    expect(tale.state).toBe('running')
  })
})

describe('restarted while it was sent', () => {
  test('only looked for, never sent again', () => {
    const tale = sending()
    expect(looks(tale.release, tale.config()).map(({ look }) => look)).toEqual(['find-run'])
    tale.later(10_000)
    tale.world.runs()
    tale.later(10_000)
    expect(tale.state).toBe('running')
    once(tale)
  })

  test('nothing to look for it by: unknown', () => {
    const tale = sending({ subject: unfindable })
    tale.look()
    expect(tale.outcome).toBe('unknown')
    once(tale)
  })

  test('two runs carry its id: unknown', () => {
    const tale = sending()
    tale.world.run = { found: 'several', ids: [501, 502] }
    tale.look()
    expect(tale.outcome).toBe('unknown')
  })

  test('GitHub cannot be read: waits, says so, and finds it later', () => {
    const tale = sending()
    tale.world.trouble = { run: unseen('passing') }
    tale.watch(5 * minute)
    expect(tale.state).toBe('dispatching')
    expect(tale.stories('blind')).toHaveLength(1)
    tale.world.trouble = {}
    tale.world.runs()
    tale.look()
    expect(tale.state).toBe('running')
  })

  test('GitHub will not be seen: unknown after a while', () => {
    const tale = sending()
    tale.world.trouble = { run: unseen('terminal') }
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('looked for again by a person: found, or unknown once more, and never sent', () => {
    const tale = sending()
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
    expect(tale.lookAgain(eli)?.code).toBe('not_allowed')
    tale.lookAgain(ana)
    expect(tale.state).toBe('dispatching')
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
    expect(tale.stories('ended')).toHaveLength(2)
    tale.lookAgain(ben)
    tale.world.runs()
    tale.look()
    expect(tale.state).toBe('running')
    once(tale)
  })

  test('a person says what is so: the lane is free, it stays unknown, and nothing revives it', () => {
    const tale = sending()
    tale.watch(minute)
    expect(tale.settle(eli)?.code).toBe('not_allowed')
    expect(tale.settle(chloe)).toBeNull()
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', false])
    expect(tale.settle(chloe)?.code).toBe('already_ended')
    expect(tale.lookAgain(chloe)?.code).toBe('already_ended')
    tale.world.runs()
    tale.watch(minute)
    expect(tale.outcome).toBe('unknown')
  })
})

describe('the run must be what was approved', () => {
  const elsewhere = 'beef'.repeat(10)

  test('with a sha input another head of the same tree is', () => {
    const tale = underway()
    tale.world.runs({ headSha: elsewhere })
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
    const tale = sending({ subject })
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere })
    tale.world.head = { ...tale.world.head, githubTree: tree }
    tale.look()
    tale.look()
    expect(tale.release.tracks.run?.head).toBe('foreign')
    expect(tale.wanted('cancel-run')).toEqual([
      { do: 'cancel-run', repository: 'myorg/blog-api', runId: 501 },
    ])
    tale.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('failed')
  })

  const ship = { path: 'ci/ship', sha: 'object-1' }

  test.each<[string, Partial<HeadSighting>]>([
    ['another object at a path outside .github', { paths: [{ ...ship, sha: 'object-2' }] }],
    ['nothing at a path outside .github', { paths: [{ ...ship, sha: null }] }],
    ['a commit that did not follow the approved tip on the branch', { paths: [ship], onBranch: false }],
  ])('%s: the run is cancelled, and it failed', (_, head) => {
    const tale = sending({ subject: deploySubject({ paths: [ship] }) }, { paths: [ship] })
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere })
    tale.world.head = { ...tale.world.head, ...head }
    tale.look()
    tale.look()
    expect(tale.release.tracks.run?.head).toBe('foreign')
    expect(tale.wanted('cancel-run')).toHaveLength(1)
    expect(tale.audit.find(({ what }) => what === 'head foreign')?.detail).toMatchObject({
      headSha: elsewhere,
      ...head,
    })
    tale.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('failed')
  })

  test('a head with the same paths outside .github is approved', () => {
    const tale = sending({ subject: deploySubject({ paths: [ship] }) }, { paths: [ship] })
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere })
    tale.world.head = { ...tale.world.head, paths: [ship] }
    tale.look()
    tale.look()
    expect(tale.release.tracks.run?.head).toBe('approved')
  })

  /** The workflow was changed during the dispatch, and the run goes on though it was cancelled. */
  function foreignRun(): Tale {
    const tale = sending({ migration: null })
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere })
    tale.world.head = { ...tale.world.head, githubTree: 'tree-2' }
    tale.watch(10_000)
    return tale
  }

  test('a foreign run is announced at once in the channel, to the approvers too, and once only', () => {
    const tale = foreignRun()
    tale.watch(minute)
    expect(tale.wanted('tell').filter(({ story }) => story.tell === 'foreign-head')).toMatchObject([
      { where: 'channel', story: { mention: [ana, 'S0ONCALL', ...prodPolicy.approvers] } },
    ])
  })

  test('a foreign run that ignores its cancellation and ships: settled by the requester, it failed, and approvers learn of it', () => {
    const tale = foreignRun()
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(70 * minute, minute)
    expect(tale.settle(ana)).toBeNull()
    tale.watch(2 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['failed', false])
    expect(tale.reason).toContain('not what was approved')
    expect(tale.stories('ended')).toMatchObject([{ mention: [ana, 'S0ONCALL', ...prodPolicy.approvers] }])
    expect(actionsOf(tale.release)).toEqual(['retry', 'roll-back'])
  })

  test('a foreign run that is settled while ECS cannot be read stays unknown, holds the lane and says what it was', () => {
    const tale = foreignRun()
    tale.world.rollout({ verdict: 'moving' })
    tale.watch(70 * minute, minute)
    tale.settle(ana)
    tale.world.trouble = { rollouts: unseen('terminal') }
    tale.watch(5 * minute)
    expect([tale.outcome, holdsLane(tale.release)]).toEqual(['unknown', true])
    expect(tale.reason).toContain('not what was approved')
  })

  test('a run that is settled before its head was seen is checked before the release ends', () => {
    const tale = sending({ migration: null })
    tale.answer(dispatched)
    tale.world.trouble = { headTree: unseen('passing') }
    tale.world.runs({ headSha: elsewhere })
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(62 * minute, minute)
    expect(tale.settle(ana)).toBeNull()
    tale.world.trouble = {}
    tale.world.head = { ...tale.world.head, githubTree: 'tree-2' }
    tale.watch(minute)
    expect([tale.outcome, tale.release.tracks.run?.head]).toEqual(['failed', 'foreign'])
  })

  test('a foreign run that ECS still works for is followed on, and failed also where it rolled out', () => {
    const tale = sending({ migration: null })
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere })
    tale.world.head = { ...tale.world.head, githubTree: 'tree-2' }
    tale.watch(10_000)
    tale.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    tale.later(5_000)
    expect(tale.outcome).toBeNull()
    tale.world.rollout()
    tale.watch(5 * minute)
    expect(tale.outcome).toBeNull()
    tale.world.rollout({ verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.outcome).toBe('failed')
  })

  test('a run that ended before its head was seen is checked all the same', () => {
    const tale = sending({ migration: null })
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere, verdict: 'succeeded' })
    tale.world.rollout({ verdict: 'succeeded' })
    tale.world.head = { ...tale.world.head, githubTree: 'tree-2' }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('failed')
  })

  test('a head that nobody can see is never called success', () => {
    const tale = sending({ migration: null })
    tale.answer(dispatched)
    tale.world.trouble = { headTree: unseen('terminal') }
    tale.world.runs({ headSha: elsewhere })
    tale.watch(10 * minute)
    expect(tale.state).toBe('running')
    tale.world.runs({ headSha: elsewhere, verdict: 'succeeded' })
    tale.world.rollout({ verdict: 'succeeded' })
    tale.watch(2 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('what the foreign run left in ECS and nobody can see is unknown', () => {
    const tale = sending({ migration: null })
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere })
    tale.world.head = { ...tale.world.head, githubTree: 'tree-2' }
    tale.watch(10_000)
    tale.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    tale.world.trouble = { rollouts: unseen('terminal') }
    tale.watch(5 * minute)
    expect(tale.outcome).toBe('unknown')
  })

  test('GitHub’s 202 is only a promise: asked to cancel again until it has ended', () => {
    const tale = sending()
    tale.answer(dispatched)
    tale.world.runs({ headSha: elsewhere })
    tale.world.head = { ...tale.world.head, githubTree: 'tree-2' }
    tale.watch(95_000)
    const asked = tale.wanted('cancel-run').length
    expect(asked).toBeGreaterThanOrEqual(3)
    expect(asked).toBeLessThanOrEqual(5)
  })

  test('another run, or another attempt of it, does not rewrite the story', () => {
    const tale = underway()
    tale.world.runs({ id: 777, verdict: 'succeeded' })
    tale.later(5_000)
    tale.world.runs({ attempt: 2, verdict: 'succeeded' })
    tale.later(5_000)
    expect(tale.release.tracks.run?.endedAt).toBeNull()
  })

  test('the head is approved where the tip moved on to the same tree before the dispatch', () => {
    const tale = sending()
    expect(tale.release.subject).toMatchObject({ tip: commit })
  })
})

describe('cancelled once it is sent', () => {
  test('while it is being sent: remembered, and the run is cancelled when it is found', () => {
    const tale = sending()
    expect(tale.cancel(ana)).toBeNull()
    expect(tale.outcome).toBeNull()
    tale.answer(dispatched)
    tale.world.runs()
    tale.look()
    expect(tale.wanted('cancel-run')).toHaveLength(1)
    expect(tale.cancel(ben)?.code).toBe('not_cancellable')
  })

  test('twokey is killed before GitHub is asked to cancel the run: asked by the next look, not after minutes', () => {
    const tale = underway()
    tale.cancel(ana)
    tale.lookAndDie()
    tale.later(1_000)
    expect(tale.wanted('cancel-run')).toHaveLength(2)
    tale.later(1_000)
    expect(tale.wanted('cancel-run')).toHaveLength(2)
  })

  test('twice while it is being sent: refused, and the first stands', () => {
    const tale = sending()
    tale.cancel(ana)
    expect(tale.cancel(ben)?.code).toBe('not_cancellable')
    expect(tale.release.cancelAsked?.by).toBe(ana)
  })

  test('under way, nothing rolled out: cancelled, once GitHub says so and nothing appeared', () => {
    const tale = underway({ migration: null })
    tale.cancel(ana)
    expect(tale.stories('cancelling')).toHaveLength(1)
    tale.look()
    tale.world.runs({ verdict: 'cancelled' })
    tale.later(5_000)
    expect(tale.outcome).toBeNull()
    tale.watch(minute)
    expect(tale.outcome).toBe('cancelled')
  })

  test('under way, ECS at work: followed on; what serves then is no success', () => {
    const tale = underway({ migration: null })
    tale.world.rollout()
    tale.look()
    tale.cancel(ana)
    tale.world.runs({ verdict: 'cancelled' })
    tale.watch(2 * minute)
    expect(tale.state).toBe('rolling out')
    tale.world.rollout({ verdict: 'succeeded' })
    tale.look()
    expect(tale.outcome).toBe('failed')
  })

  test('after the run has ended: refused', () => {
    const tale = underway({ migration: null })
    tale.world.rollout()
    tale.world.runs({ verdict: 'succeeded' })
    tale.look()
    expect(tale.cancel(ana)?.code).toBe('not_cancellable')
  })
})

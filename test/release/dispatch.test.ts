import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import type { Answer } from '../../src/release/answer.ts'
import { looks } from '../../src/release/next-look.ts'
import { holdsLane } from '../../src/release/release.ts'
import type { HeadSighting } from '../../src/release/sighting.ts'
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
  expect(driver.effectsOf('dispatch')).toHaveLength(1)
}

describe('GitHub’s answer to the dispatch', () => {
  test('a 200 with a run puts the release under way with the run’s id', () => {
    const driver = sending()
    driver.answer(dispatched)
    expect(driver.state).toBe('running')
    expect(driver.release.tracks.run).toMatchObject({ id: 501, attempt: 1 })
    once(driver)
  })

  test('a 403, 404 or 422 fails the release: nothing was started, and the lane is free', () => {
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

  test.each(vague)(
    '$answer, and nothing could distinguish the run from others: unknown at once',
    (answer) => {
      const driver = sending({ subject: unfindable })
      driver.answer(answer)
      expect(driver.outcome).toBe('unknown')
      once(driver)
    },
  )

  test('an answer that comes after the run was found changes nothing', () => {
    const driver = sending()
    driver.world.runs()
    driver.look()
    driver.answer({ to: 'dispatch', answer: 'refused', reason: 'late' })
    expect(driver.state).toBe('running')
  })
})

describe('a restart during the dispatch', () => {
  test('a dispatch interrupted by a restart is only searched for, never sent again', () => {
    const driver = sending()
    expect(looks(driver.release, driver.config()).map(({ look }) => look)).toEqual(['findRun'])
    driver.later(10_000)
    driver.world.runs()
    driver.later(10_000)
    expect(driver.state).toBe('running')
    once(driver)
  })

  test('a run that cannot be searched for makes the release unknown', () => {
    const driver = sending({ subject: unfindable })
    driver.look()
    expect(driver.outcome).toBe('unknown')
    once(driver)
  })

  test('two runs with the release’s id make it unknown', () => {
    const driver = sending()
    driver.world.run = { found: 'several', ids: [501, 502] }
    driver.look()
    expect(driver.outcome).toBe('unknown')
  })

  test('a release waits while GitHub cannot be read, reports it, and finds its run later', () => {
    const driver = sending()
    driver.world.trouble = { run: unseen('passing') }
    driver.watch(5 * minute)
    expect(driver.state).toBe('dispatching')
    expect(driver.posts('blind')).toHaveLength(1)
    driver.world.trouble = {}
    driver.world.runs()
    driver.look()
    expect(driver.state).toBe('running')
  })

  test('a release becomes unknown if GitHub cannot be read for long', () => {
    const driver = sending()
    driver.world.trouble = { run: unseen('terminal') }
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('unknown')
  })

  test('Look again finds the run or stays unknown, and never sends', () => {
    const driver = sending()
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.lookAgain(eli)?.code).toBe('not_allowed')
    driver.lookAgain(ana)
    expect(driver.state).toBe('dispatching')
    driver.watch(minute)
    expect(driver.outcome).toBe('unknown')
    expect(driver.posts('ended')).toHaveLength(2)
    driver.lookAgain(ben)
    driver.world.runs()
    driver.look()
    expect(driver.state).toBe('running')
    once(driver)
  })

  test('Settle frees the lane of an unknown release, which stays unknown and cannot continue', () => {
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

  test('another head of the same tree is accepted with a SHA input', () => {
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
  ] as const)('%s: twokey cancels the run and the release fails', (_, subject, tree) => {
    const driver = sending({ subject })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, githubTree: tree }
    driver.look()
    driver.look()
    expect(driver.release.tracks.run?.head).toBe('foreign')
    expect(driver.effectsOf('cancel-run')).toEqual([
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
  ])('%s: twokey cancels the run and the release fails', (_, head) => {
    const driver = sending({ subject: deploySubject({ paths: [ship] }) }, { paths: [ship] })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, ...head }
    driver.look()
    driver.look()
    expect(driver.release.tracks.run?.head).toBe('foreign')
    expect(driver.effectsOf('cancel-run')).toHaveLength(1)
    expect(driver.audit.find(({ what }) => what === 'head foreign')?.detail).toMatchObject({
      headSha: elsewhere,
      ...head,
    })
    driver.world.runs({ headSha: elsewhere, verdict: 'cancelled' })
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('failed')
  })

  test('a head with the same paths outside .github counts as approved', () => {
    const driver = sending({ subject: deploySubject({ paths: [ship] }) }, { paths: [ship] })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, paths: [ship] }
    driver.look()
    driver.look()
    expect(driver.release.tracks.run?.head).toBe('approved')
  })

  /** The workflow was changed during the dispatch, and the run continues despite its cancellation. */
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
    expect(driver.effectsOf('tell').filter(({ story }) => story.tell === 'foreign-head')).toMatchObject([
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
    expect(driver.posts('ended')).toMatchObject([{ mention: [ana, 'S0ONCALL', ...prodPolicy.approvers] }])
    expect(actionsOf(driver.release)).toEqual(['retry', 'roll-back'])
  })

  test('a foreign run that is settled while ECS cannot be read stays unknown, holds the lane and keeps its description', () => {
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

  test('a foreign run with a rollout in progress is followed, and fails the release even if it rolled out', () => {
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

  test('a run that ended before its head was read is checked anyway', () => {
    const driver = sending({ migration: null })
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere, verdict: 'succeeded' })
    driver.world.rollout({ verdict: 'succeeded' })
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(5 * minute)
    expect(driver.outcome).toBe('failed')
  })

  test('a run whose head cannot be read is never a success', () => {
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

  test('a foreign run whose effect in ECS cannot be read is unknown', () => {
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

  test('twokey repeats an accepted cancellation until the run has ended', () => {
    const driver = sending()
    driver.answer(dispatched)
    driver.world.runs({ headSha: elsewhere })
    driver.world.head = { ...driver.world.head, githubTree: 'tree-2' }
    driver.watch(95_000)
    const asked = driver.effectsOf('cancel-run').length
    expect(asked).toBeGreaterThanOrEqual(3)
    expect(asked).toBeLessThanOrEqual(5)
  })

  test('another run, or another attempt, does not change what was recorded', () => {
    const driver = underway()
    driver.world.runs({ id: 777, verdict: 'succeeded' })
    driver.later(5_000)
    driver.world.runs({ attempt: 2, verdict: 'succeeded' })
    driver.later(5_000)
    expect(driver.release.tracks.run?.endedAt).toBeNull()
  })

  test('a head is approved if the branch moved to the same tree before the dispatch', () => {
    const driver = sending()
    expect(driver.release.subject).toMatchObject({ tip: commit })
  })
})

describe('a cancellation after the dispatch', () => {
  test('a cancellation during the dispatch is stored, and the run is cancelled when it is found', () => {
    const driver = sending()
    expect(driver.cancel(ana)).toBeNull()
    expect(driver.outcome).toBeNull()
    driver.answer(dispatched)
    driver.world.runs()
    driver.look()
    expect(driver.effectsOf('cancel-run')).toHaveLength(1)
    expect(driver.cancel(ben)?.code).toBe('not_cancellable')
  })

  test('a cancellation lost in a crash is sent by the next look, not after minutes', () => {
    const driver = underway()
    driver.cancel(ana)
    driver.lookWithoutEffects()
    driver.later(1_000)
    expect(driver.effectsOf('cancel-run')).toHaveLength(2)
    driver.later(1_000)
    expect(driver.effectsOf('cancel-run')).toHaveLength(2)
  })

  test('a second cancellation during the dispatch is refused, and the first one counts', () => {
    const driver = sending()
    driver.cancel(ana)
    expect(driver.cancel(ben)?.code).toBe('not_cancellable')
    expect(driver.release.cancelAsked?.by).toBe(ana)
  })

  test('a cancelled deploy that rolled out nothing ends cancelled once GitHub says so', () => {
    const driver = underway({ migration: null })
    driver.cancel(ana)
    expect(driver.posts('cancelling')).toHaveLength(1)
    driver.look()
    driver.world.runs({ verdict: 'cancelled' })
    driver.later(5_000)
    expect(driver.outcome).toBeNull()
    driver.watch(minute)
    expect(driver.outcome).toBe('cancelled')
  })

  test('a cancelled deploy with a rollout in progress is followed, and is no success', () => {
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

  test('a cancellation after the run has ended is refused', () => {
    const driver = underway({ migration: null })
    driver.world.rollout()
    driver.world.runs({ verdict: 'succeeded' })
    driver.look()
    expect(driver.cancel(ana)?.code).toBe('not_cancellable')
  })
})

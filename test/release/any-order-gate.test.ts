import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import type { Answer } from '../../src/release/answer.ts'
import type { Effect } from '../../src/release/effects.ts'
import type { Observation } from '../../src/release/look.ts'
import { githubPerson } from '../../src/release/names.ts'
import { looks } from '../../src/release/next-look.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import type { GateSighting } from '../../src/release/sighting.ts'
import { Chance } from './chance.ts'
import {
  ana,
  ben,
  chloe,
  eli,
  gateSubject,
  minute,
  policy,
  ReleaseDriver,
  rerunSubject,
  underway,
} from './driver.ts'
import { commit, no, runSighting, unseen, yes } from './world.ts'

type Kind = 'gate' | 'rerun'

const twoLogins = policy({
  people: [
    { slack: [ben], github: 'ben-login' },
    { slack: [chloe], github: 'chloe-login' },
  ],
})

function driverOf(kind: Kind, chance: Chance): ReleaseDriver {
  const waitMs = chance.of([0, 0, 5 * minute])
  return kind === 'gate'
    ? new ReleaseDriver({
        subject: gateSubject(),
        requester: githubPerson('dana'),
        policy: twoLogins,
        waitMs,
      })
    : new ReleaseDriver({ subject: rerunSubject(), policy: twoLogins, waitMs })
}

const gates: readonly GateSighting[] = [
  { gate: 'waiting', may: 'review' },
  { gate: 'waiting', may: 'review' },
  { gate: 'waiting', may: 'unlisted' },
  { gate: 'waiting', may: { not: 'the rule is not enabled' } },
  { gate: 'passed', by: 'twokey' },
  { gate: 'passed', by: ['some-admin'] },
  { gate: 'rejected', by: ['some-admin'] },
  { gate: 'run ended', verdict: 'cancelled', reason: 'it was cancelled' },
  { gate: 'started again', attempt: 2 },
  { gate: 'gone' },
]

const parts = ['people', 'channel', 'before', 'gate', 'failedRun', 'findAttempt', 'run', 'rollouts'] as const

function changeOutside({ release, now, world }: ReleaseDriver, chance: Chance): void {
  const attempt = release.subject.kind === 'rerun' ? 2 : 1
  switch (Math.floor(chance.next() * 6)) {
    case 0:
      world.people = { [chance.of([ben, chloe])]: chance.of([yes, no]) }
      return
    case 1:
      world.gate = chance.of(gates)
      return
    case 2: {
      const verdict = chance.of(['moving', 'moving', 'succeeded', 'failed', 'cancelled'] as const)
      const run = runSighting({ attempt, headSha: commit, verdict })
      world.run = {
        found: 'one',
        run: {
          ...run,
          endedAt: verdict === 'moving' ? null : now,
          ...(chance.is(0.2) && {
            heldBy: { kind: 'gate', words: 'it waits', since: now },
            opens: ['production'],
          }),
        },
      }
      return
    }
    case 3:
      world.attempts = chance.of([
        { found: 'none' },
        { found: 'one', run: runSighting({ attempt: 2 }) },
        { found: 'others', attempts: [{ attempt: 2, login: 'dana' }] },
      ] as const)
      return
    case 4:
      world.trouble = chance.is(0.5)
        ? {}
        : { [chance.of(parts)]: unseen(chance.of(['passing', 'terminal'] as const)) }
      return
    case 5:
      world.rollout({
        createdAt: now,
        commits: [commit],
        verdict: chance.of(['moving', 'succeeded', 'failed']),
      })
  }
}

/** Answers the effect, unless the process dies before. */
function answerBy(driver: ReleaseDriver, effect: Effect, chance: Chance): void {
  const reason = 'GitHub said so'
  if (effect.do === 'review-gate') {
    const answer = chance.of(['taken', 'unclear', 'held back', 'refused', null] as const)
    if (answer !== null) driver.answer({ to: 'review-gate', verdict: effect.verdict, answer, reason })
  }
  if (effect.do === 'rerun') {
    const answers: readonly (Answer | null)[] = [
      { to: 'rerun', answer: 'accepted', reason },
      { to: 'rerun', answer: 'unclear', reason },
      { to: 'rerun', answer: 'refused', reason },
      null,
    ]
    const answer = chance.of(answers)
    if (answer !== null) driver.answer(answer)
  }
}

function randomInput(driver: ReleaseDriver, chance: Chance, late: Observation[]): void {
  const by = chance.of([ana, ben, chloe, eli])
  switch (Math.floor(chance.next() * 14)) {
    case 0:
    case 1:
    case 2:
      driver.approve(by)
      break
    case 3:
      if (chance.is(0.1)) driver.reject(by)
      break
    case 4:
      if (chance.is(0.1)) driver.cancel(by)
      break
    case 5:
      if (chance.is(0.1)) driver.supersede({ id: 'r2', requester: ben })
      break
    case 6:
      if (chance.is(0.3)) driver.lookAgain(by)
      break
    case 7:
      if (late.length > 0) driver.input({ on: 'look', seen: chance.of(late) })
      break
    case 8:
      driver.lock = chance.is(0.2)
        ? {
            environment: 'prod',
            service: null,
            by: chloe,
            why: 'an incident',
            since: driver.now,
            until: null,
          }
        : null
      driver.hasPendingStop = chance.is(0.2)
      driver.holders = chance.is(0.2) ? [underway({ id: 'r0' }).release] : []
      break
    case 9:
    case 10:
    case 11:
      changeOutside(driver, chance)
      break
    default:
      late.push(driver.world.observe(looks(driver.release, driver.config()), driver.now))
      driver.later(chance.of([1_000, 6_000, 70_000]))
  }
  for (const effect of driver.last) if (effect.do !== 'tell') answerBy(driver, effect, chance)
}

/** What must be true of what was sent with the last input. */
function checkSent(before: Release, driver: ReleaseDriver): void {
  const { release, last } = driver
  for (const effect of last) {
    const isOpening = effect.do === 'review-gate' && effect.verdict === 'approved'
    if (effect.do === 'review-gate' && !isOpening && before.stage.at !== 'ended')
      throw new Error('a run was rejected whose release goes on')
    if (isOpening && before.stage.at === 'ended') throw new Error('a gate was opened after the end')
    if (isOpening && (before.cancelAsked !== null || before.supersededBy !== null))
      throw new Error('a gate was opened for a run that is to stop')
    if (!isOpening && effect.do !== 'rerun') continue
    const counted = new Set(release.approvals.map(({ by }) => by))
    counted.delete(release.requester)
    counted.delete(eli)
    if (counted.size < release.policy.required && release.tracks.gate?.openedBy === undefined)
      throw new Error('sent with too few approvals')
    if (release.tracks.gate?.openedBy !== undefined) throw new Error('opened a later job’s gate')
    // A gate that the run meets again while it is followed is its own.
    if (before.stage.at !== 'ready') continue
    if (driver.lock) throw new Error('sent past a lock')
    if (driver.hasPendingStop) throw new Error('sent past a rejection')
    if (driver.holders.length > 0 && release.subject.kind === 'gate')
      throw new Error('sent beside a release in progress')
  }
  if (driver.effectsOf('rerun').length > 1) throw new Error('started again twice')
}

function endOutside(driver: ReleaseDriver): void {
  const { world } = driver
  world.trouble = {}
  driver.holders = []
  driver.lock = null
  driver.hasPendingStop = false
  world.gate = { gate: 'run ended', verdict: 'failed', reason: 'the job test failed' }
  const attempt = driver.release.subject.kind === 'rerun' ? 2 : 1
  world.run = { found: 'one', run: runSighting({ attempt, verdict: 'failed', endedAt: driver.now }) }
  world.targets = world.targets.map((each) => ({
    ...each,
    rollouts: each.rollouts.map((rollout) => ({ ...rollout, verdict: 'failed' })),
  }))
  for (let looked = 0; looked < 200 && driver.release.stage.at !== 'ended'; looked += 1)
    driver.later(4 * minute)
  if (driver.release.stage.at !== 'ended')
    throw new Error(`never ends: ${driver.state} ${JSON.stringify(driver.release.tracks)}`)
  for (let looked = 0; looked < 20 && holdsLane(driver.release); looked += 1) driver.later(4 * minute)
  if (holdsLane(driver.release) && !actionsOf(driver.release).includes('settle'))
    throw new Error('blocks others for good, and nobody can settle it')
  driver.watch(20 * minute, 4 * minute)
  if (driver.release.tracks.gate?.is === 'waiting') throw new Error('a gate is looked at for ever')
}

describe('in any order', () => {
  test.each<[string, Kind, number]>([
    ['runs that wait at a gate', 'gate', 100],
    ['re-runs of failed jobs', 'rerun', 300],
  ])('thousands of %s are opened only as approved, and each one ends', (_, kind, least) => {
    let sent = 0
    const outcomes = new Set<string>()
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const chance = new Chance(seed)
      const driver = driverOf(kind, chance)
      const late: Observation[] = []
      try {
        for (let inputs = 0; inputs < 50; inputs += 1) {
          const before = driver.release
          const sentBefore = driver.effects.length
          randomInput(driver, chance, late)
          driver.last = driver.effects.slice(sentBefore)
          checkSent(before, driver)
        }
        endOutside(driver)
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
      const openings = driver.effectsOf('review-gate').filter(({ verdict }) => verdict === 'approved')
      sent += driver.effectsOf('rerun').length + openings.length
      if (driver.outcome) outcomes.add(driver.outcome)
    }
    expect(sent).toBeGreaterThan(least)
    for (const outcome of ['cancelled', 'failed', 'rejected', 'superseded', 'unknown'])
      expect(outcomes).toContain(outcome)
  })
})

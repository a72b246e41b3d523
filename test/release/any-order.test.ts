import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import type { Answer } from '../../src/release/answer.ts'
import type { AuditEntry, Effect } from '../../src/release/effects.ts'
import type { Observation } from '../../src/release/look.ts'
import { looks } from '../../src/release/next-look.ts'
import type { Freeze } from '../../src/release/policy/freeze.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import type { Request } from '../../src/release/request.ts'
import type { RolloutVerdict, RunVerdict } from '../../src/release/sighting.ts'
import { isMoving } from '../../src/release/tracks.ts'
import { Chance } from './chance.ts'
import { click } from './click.ts'
import {
  ana,
  ben,
  bound,
  chloe,
  clicker,
  deploySubject,
  eli,
  minute,
  policy,
  ReleaseDriver,
  rollbackSubject,
  underway,
} from './driver.ts'
import { commit, migrationSighting, no, oldCommit, revision, target, unseen, yes } from './world.ts'

const ben2 = 'U0BEN2'
const strict = policy({ people: [{ slack: [ben, ben2] }] })
const worker = { cluster: 'blog-cluster-prod', service: 'blog-worker' }
const everyone = [ana, ben, ben2, chloe, eli, 'U0DORA']

const runVerdicts: readonly RunVerdict[] = ['moving', 'moving', 'succeeded', 'failed', 'cancelled', 'unknown']
const rolloutVerdicts: readonly RolloutVerdict[] = [
  'moving',
  'baking',
  'rolling back',
  'succeeded',
  'succeeded',
  'failed',
  'rolled back',
  'rollback failed',
  'superseded',
  'stopped',
  'unknown',
]
const parts = [
  'people',
  'requester',
  'channel',
  'tip',
  'order',
  'before',
  'rollbackTarget',
  'run',
  'headTree',
  'migration',
  'rollouts',
] as const

/** The request: a deploy that can or cannot be found again, of one or two targets, or a rollback. */
function requestBy(chance: Chance): Partial<Request> {
  const inputs = chance.of([
    bound('environment', 'sha', 'release_id'),
    bound('environment', 'release_id'),
    bound('environment', 'sha'),
  ])
  return {
    subject: chance.is(0.7) ? deploySubject({ inputs }) : rollbackSubject(),
    policy: strict,
    waitMs: chance.of([0, 0, 5 * minute]),
    targets: chance.is(0.8) ? [target] : [target, worker],
    ...(chance.is(0.5) ? { migration: null } : {}),
    ...(chance.is(0.2) ? { emergency: { why: 'checkout is down', usual: strict } } : {}),
  }
}

/** Changes something outside twokey. */
function changeOutside(driver: ReleaseDriver, chance: Chance): void {
  const { world } = driver
  const deploying = driver.release.subject.kind === 'deploy'
  switch (Math.floor(chance.next() * 8)) {
    case 0:
      world.people = { [chance.of([ben, chloe])]: chance.of([yes, no]) }
      return
    case 1:
      world.tip = {
        ...world.tip,
        sha: chance.of([commit, 'newtip']),
        githubTree: chance.of(['tree-1', 'tree-1', 'tree-2']),
        paths: chance.of([[], [], [{ path: 'ci/ship', sha: 'object-1' }]]),
        commitOnBranch: chance.is(0.95),
      }
      return
    case 2:
      world.runs({ verdict: chance.of(runVerdicts), headSha: chance.of([commit, commit, 'newtip']) })
      return
    case 3:
      world.run = chance.of([{ found: 'none' }, { found: 'several', ids: [1, 2] }] as const)
      return
    case 4: {
      const verdict = chance.of(['moving', 'succeeded', 'failed'] as const)
      const startedBy = chance.of([`deploy-${commit}`, `deploy-${commit}-r1`, '', 'events-rule/nightly'])
      const one = migrationSighting({ verdict, startedBy })
      const other = migrationSighting({
        taskArn: 'arn:task/2',
        verdict: chance.of(['moving', 'succeeded', 'failed'] as const),
        startedBy: chance.of([startedBy, startedBy, 'GitHub-Actions', 'ecs-svc/42']),
      })
      world.migrations = chance.of([[one], [one], [one, other], []])
      return
    }
    case 5:
      world.rollout(
        {
          arn: chance.of(['arn:a', 'arn:a', 'arn:b']),
          createdAt: driver.now,
          revision: deploying ? revision(43, commit) : revision(41),
          releaseTag: chance.of([null, 'r1', 'r0']),
          commits: chance.of([[commit], [commit], [], [oldCommit]]),
          verdict: chance.of(rolloutVerdicts),
        },
        chance.of(driver.release.targets),
      )
      return
    case 6:
      world.serves(revision(chance.of([41, 42, 43])), chance.of(driver.release.targets))
      return
    case 7:
      world.missing = chance.is(0.2) ? 'dev' : null
      world.requester = chance.is(0.1) ? no : yes
      world.trouble = chance.is(0.5)
        ? {}
        : { [chance.of(parts)]: unseen(chance.of(['passing', 'terminal'] as const)) }
  }
}

function lockBy({ now }: ReleaseDriver): Lock {
  return { environment: 'prod', service: null, by: chloe, why: 'an incident', since: now, until: null }
}

function freezeBy({ now }: ReleaseDriver, chance: Chance): Freeze {
  return { until: now + 60 * minute, approvals: chance.of([null, 3]), reason: null }
}

/** Answers the effect, unless the process dies before. */
function answerBy(driver: ReleaseDriver, effect: Effect, chance: Chance): void {
  if (effect.do === 'dispatch') {
    const run = { to: 'dispatch', answer: 'run', runId: 501, url: '' } as const
    const answer: Answer | null = chance.of([
      run,
      run,
      run,
      { to: 'dispatch', answer: 'refused', reason: '403' },
      { to: 'dispatch', answer: 'unclear', reason: '502' },
      { to: 'dispatch', answer: 'accepted' },
      null,
    ] as const)
    if (answer !== null) driver.answer(answer)
  }
  if (effect.do === 'update') {
    const to = { to: 'update', target: effect.target } as const
    const answer = chance.of(['accepted', 'accepted', 'unclear', 'refused', 'none'] as const)
    if (answer === 'accepted') driver.answer({ ...to, answer, deploymentId: 'ecs-svc/43' })
    else if (answer !== 'none') driver.answer({ ...to, answer, reason: 'said so' })
  }
}

/** Applies one random input; a look may come late, with an earlier observation. */
function randomInput(driver: ReleaseDriver, chance: Chance, late: Observation[]): void {
  const by = chance.of(everyone)
  switch (Math.floor(chance.next() * 16)) {
    case 0:
    case 1:
      driver.approve(by)
      break
    case 13:
      if (chance.is(0.1)) driver.withdraw(by)
      break
    case 2:
      if (chance.is(0.1)) driver.reject(by)
      break
    case 3:
      if (chance.is(0.2)) driver.cancel(by)
      break
    case 4:
      if (chance.is(0.2)) driver.settle(by)
      else driver.lookAgain(by)
      break
    case 5:
      if (chance.is(0.1)) driver.supersede({ id: 'r2', requester: ben })
      break
    case 6:
      driver.now += chance.of([-30_000, 1_000, 10_000, minute, 10 * minute])
      break
    case 7:
      if (late.length > 0) driver.input({ on: 'look', seen: chance.of(late) })
      break
    case 8:
      driver.currentRules = chance.of([null, strict, strict, policy({ ...strict, required: 3 })])
      break
    case 9:
    case 10:
      changeOutside(driver, chance)
      break
    case 11:
      driver.freeze = chance.of([null, null, null, freezeBy(driver, chance)])
      driver.lock = chance.is(0.1) ? lockBy(driver) : null
      driver.hasPendingStop = chance.is(0.2)
      driver.requires = chance.is(0.2) ? ['dev'] : []
      driver.waitMs = chance.is(0.2) ? 10 * minute : 0
      break
    case 12:
      driver.input(click('acknowledge', clicker(by)))
      break
    default:
      late.push(driver.world.observe(looks(driver.release, driver.config()), driver.now))
      driver.later(chance.of([1_000, 5_000, 70_000]))
  }
  for (const effect of driver.last) if (effect.do !== 'tell') answerBy(driver, effect, chance)
}

/** The same for a release that is under way for long, while people settle what they may. */
function randomLateInput(driver: ReleaseDriver, chance: Chance, late: Observation[]): void {
  const { stage } = driver.release
  if (stage.at === 'underway' && actionsOf(driver.release).includes('settle') && chance.is(0.5))
    driver.settle(ben)
  else if (chance.is(0.1)) driver.watch(70 * minute, 2 * minute)
  else if (chance.is(0.2)) driver.watch(3 * minute, minute)
  else if (chance.is(0.4)) changeOutside(driver, chance)
  else randomInput(driver, chance, late)
}

const sent = ['sending', 'underway', 'ended']

function checkInvariants(before: Release, driver: ReleaseDriver): void {
  const { release } = driver
  if (driver.effectsOf('dispatch').length > 1) throw new Error('dispatched twice')
  if (driver.last.some((effect) => effect.do === 'dispatch' || effect.do === 'update')) {
    checkApprovals(release)
    checkFreeze(release, driver.freeze)
    if (driver.lock && release.subject.kind === 'deploy') throw new Error('sent past a lock')
    if (before.stage.at === 'ready' && driver.hasPendingStop) throw new Error('sent past a rejection')
  }
  if (sent.includes(before.stage.at) && !sent.includes(release.stage.at))
    throw new Error(`from ${before.stage.at} back to ${release.stage.at}`)
  if (before.stage.at === 'ended' && before.stage !== release.stage) checkEndChange(before, release)
  const mustHoldLane =
    release.stage.at !== 'ended' ||
    isUnsettled(release) ||
    isRunOpen(release) ||
    (isFollowedEnd(release) && isMigrating(release)) ||
    isPartMoving(driver)
  if (mustHoldLane && !holdsLane(release)) throw new Error('others may start beside what still moves')
  if (holdsLane(release) && !mustHoldLane && !isMigrationOpen(release))
    throw new Error('it blocks others, and nothing of it moves')
  if (before.stage.at !== 'ended' && release.stage.at === 'ended') checkEnd(release, driver)
}

function checkApprovals({ approvals, policy: asked, requester }: Release): void {
  const people = approvals.map(({ by }) => (by === ben2 ? ben : by))
  if (new Set(people).size < asked.required) throw new Error('sent with too few approvals')
  if (people.includes(requester) || people.includes(eli))
    throw new Error('sent with an approval that does not count')
}

function checkFreeze({ subject, emergency, approvals }: Release, freeze: Freeze | null): void {
  if (freeze === null || subject.kind === 'rollback' || emergency) return
  if (freeze.approvals === null || approvals.length < freeze.approvals) throw new Error('sent in a freeze')
}

/** Nobody has settled it, and if a rollback replaced it, it may still be in progress. */
function isUnsettled({ stage, subject, supersededBy, tracks: { run } }: Release): boolean {
  const isUnknown = stage.at === 'ended' && stage.outcome === 'unknown' && stage.settledBy === null
  const isSeenOver = subject.kind === 'rollback' || (run !== null && run.endedAt !== null)
  return isUnknown && !(supersededBy !== null && isSeenOver)
}

/** Its end is known or a rollback replaced it, and nobody has settled it. */
function isFollowedEnd({ stage, supersededBy }: Release): boolean {
  const isFollowed = stage.at === 'ended' && (stage.outcome !== 'unknown' || supersededBy !== null)
  return isFollowed && stage.settledBy === null
}

/** Its run was in progress at the last look. */
function isRunOpen(release: Release): boolean {
  const { run } = release.tracks
  return isFollowedEnd(release) && run !== null && run.endedAt === null
}

/** A task with its id was running at the last look, and nobody settled it. */
function isMigrating({ tracks: { migration } }: Release): boolean {
  return (
    migration.settledBy === undefined &&
    migration.tasks.some((task) => task.verdict === 'moving' && task.startedBy === `deploy-${commit}-r1`)
  )
}

/** A part of it was in progress at the last look, no rollback replaced it, and nobody has settled that part. */
function isPartMoving({ release, audit }: ReleaseDriver): boolean {
  const { stage, supersededBy, tracks } = release
  if (stage.at !== 'ended' || supersededBy !== null || audit.some(({ what }) => what === 'settled'))
    return false
  const { run, rollouts } = tracks
  return (
    (run !== null && run.endedAt === null) ||
    isMigrating(release) ||
    rollouts.some(({ seen }) => seen !== null && isMoving(seen.verdict))
  )
}

/** A task that may be its migration may be running. */
function isMigrationOpen(release: Release): boolean {
  const { tasks, isComplete } = release.tracks.migration
  const mayRun = !isComplete || tasks.some(({ verdict }) => verdict === 'moving')
  return isFollowedEnd(release) && release.migration !== null && release.tracks.run !== null && mayRun
}

function checkEndChange(before: Release, after: Release): void {
  if ((isRunOpen(before) || isMigrationOpen(before)) && isSettled(before, after)) return
  if (!isUnsettled(before)) throw new Error('an end changed')
  if (after.stage.at === 'ended' && after.stage.outcome !== 'unknown')
    throw new Error('an end became another')
}

/** A person has settled it, and the end is otherwise unchanged. */
function isSettled({ stage: before }: Release, { stage: after }: Release): boolean {
  if (before.at !== 'ended' || after.at !== 'ended' || after.settledBy === null) return false
  const { settledBy: _by, settledAt: _at, ...end } = after
  return Object.entries(end).every(([name, value]) => value === before[name as keyof typeof end])
}

function checkEnd(release: Release, driver: ReleaseDriver): void {
  if (release.stage.at !== 'ended') return
  const { outcome, reason } = release.stage
  if (reason === '') throw new Error('ended without a reason')
  if (driver.last.filter((effect) => effect.do === 'tell' && effect.story.tell === 'ended').length !== 1)
    throw new Error('an end without a post')
  const { run, migration, rollouts } = release.tracks
  if (['rejected', 'expired', 'cancelled'].includes(outcome) && rollouts.some(({ seen }) => seen !== null))
    throw new Error(`${outcome}, but something was rolled out`)
  if (outcome !== 'succeeded') return
  for (const { seen, serving, binding } of rollouts) {
    if (seen?.verdict !== 'succeeded' || serving?.arn !== seen.revision.arn)
      throw new Error('succeeded without serving')
    if (binding === 'ambiguous' || binding === 'weak') throw new Error('succeeded with what may be another’s')
  }
  if (release.subject.kind === 'rollback') return
  if (run?.seen?.verdict !== 'succeeded' || run.head !== 'approved')
    throw new Error('succeeded without its run')
  const { binding, tasks, leftOut = [] } = migration
  if (tasks.some(({ startedBy }) => /^(events-rule|ecs-svc)\//.test(startedBy)))
    throw new Error('a task of a schedule or a service counts')
  if (leftOut.some(({ startedBy }) => startedBy === `deploy-${commit}-r1`))
    throw new Error('a task with the id of the release does not count')
  const exited = tasks.length > 0 && tasks.every(({ verdict }) => verdict === 'succeeded')
  if (release.migration && binding !== 'absent' && !exited) throw new Error('succeeded without its migration')
}

/** An offered action is accepted from a person who may use it; any other is refused and audited. */
function checkButtons(driver: ReleaseDriver): void {
  const offered = actionsOf(driver.release)
  const may = 'U0MAY'
  for (const action of ['approve', 'reject', 'cancel', 'settle', 'look-again'] as const) {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(driver)), driver, {
      audit: [],
      effects: [],
    })
    const by = { id: may, standing: yes }
    const refused = copy.input(click(action, by, { round: driver.release.round }))
    const isKept = action === 'approve' && (isLate(driver) || isLocked(driver))
    if (offered.includes(action) !== (refused === null) && !isKept)
      throw new Error(`${action} is ${offered.includes(action) ? '' : 'not '}offered in ${driver.state}`)
    const noted = copy.audit.filter(({ what }: AuditEntry) => what === `${action} refused`)
    if (refused !== null && noted.length !== 1) throw new Error('a refusal that is not audited')
  }
}

function isLate({ release: { stage, policy: asked }, now }: ReleaseDriver): boolean {
  return stage.at === 'approval' && now >= stage.since + asked.expireAfterMs
}

function isLocked({ release: { subject }, lock }: ReleaseDriver): boolean {
  return lock !== null && subject.kind === 'deploy'
}

function checkPostKeys(driver: ReleaseDriver): void {
  const keys = driver.effectsOf('tell').map(({ key }) => key)
  if (new Set(keys).size !== keys.length) throw new Error('a post is made twice')
}

/** Everything outside ends. Then the release must end too, or offer Settle if it still blocks others. */
function endOutside(driver: ReleaseDriver): void {
  const { world } = driver
  driver.hasPendingStop = false
  if (world.run.found === 'one' && world.run.run.verdict === 'moving') world.runs({ verdict: 'failed' })
  world.migrations = world.migrations.map((task) =>
    task.verdict === 'moving' ? { ...task, verdict: 'failed', exitCode: 1 } : task,
  )
  world.targets = world.targets.map((each) => ({
    ...each,
    rollouts: each.rollouts.map((rollout) =>
      ['moving', 'baking', 'rolling back'].includes(rollout.verdict)
        ? { ...rollout, verdict: 'rolled back' }
        : rollout,
    ),
  }))
  for (let looked = 0; looked < 100 && driver.release.stage.at !== 'ended'; looked += 1) {
    const before = driver.release
    const sentBefore = driver.effects.length
    driver.later(4 * minute)
    driver.last = driver.effects.slice(sentBefore)
    checkInvariants(before, driver)
  }
  if (driver.release.stage.at !== 'ended')
    throw new Error(`never ends: ${driver.state} ${JSON.stringify(driver.release.tracks)}`)
  for (let looked = 0; looked < 20 && holdsLane(driver.release); looked += 1) {
    const before = driver.release
    driver.later(4 * minute)
    checkInvariants(before, driver)
  }
  if (holdsLane(driver.release) && !actionsOf(driver.release).includes('settle'))
    throw new Error('blocks others for good, and nobody can settle it')
}

describe('in any order', () => {
  test('thousands of releases that people settle in part hold their lanes while the rest is in progress', () => {
    let settled = 0
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const chance = new Chance(seed)
      const driver = underway(chance.is(0.5) ? {} : { migration: null })
      const late: Observation[] = []
      try {
        for (let inputs = 0; inputs < 25; inputs += 1) {
          const before = driver.release
          const sentBefore = driver.effects.length
          randomLateInput(driver, chance, late)
          driver.last = driver.effects.slice(sentBefore)
          checkInvariants(before, driver)
        }
        endOutside(driver)
        checkPostKeys(driver)
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
      settled += driver.audit.filter(
        ({ what }) => what === 'run settled' || what === 'migration settled',
      ).length
    }
    expect(settled).toBeGreaterThan(300)
  })

  test('thousands of releases in random order keep every invariant, and each one ends', () => {
    const outcomes = new Set<string>()
    let dispatches = 0
    for (let seed = 1; seed <= 6_000; seed += 1) {
      const chance = new Chance(seed)
      const driver = new ReleaseDriver(requestBy(chance))
      const late: Observation[] = []
      try {
        for (let inputs = 0; inputs < 60; inputs += 1) {
          const before = driver.release
          const sentBefore = driver.effects.length
          randomInput(driver, chance, late)
          driver.last = driver.effects.slice(sentBefore)
          checkInvariants(before, driver)
          if (inputs % 10 === 0) checkButtons(driver)
        }
        endOutside(driver)
        checkPostKeys(driver)
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
      dispatches += driver.effectsOf('dispatch').length
      if (driver.outcome) outcomes.add(driver.outcome)
    }
    expect(dispatches).toBeGreaterThan(300)
    expect([...outcomes].toSorted()).toEqual(
      [
        'cancelled',
        'expired',
        'failed',
        'rejected',
        'rollback failed',
        'rolled back',
        'stopped',
        'succeeded',
        'superseded',
        'unchanged',
        'unknown',
      ].toSorted(),
    )
  })
})

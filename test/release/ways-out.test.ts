import { describe, expect, test } from 'vitest'
import { type Action, actionsOf } from '../../src/release/actions/actions.ts'
import type { Refusal } from '../../src/release/refusal.ts'
import type { Release } from '../../src/release/release.ts'
import { holdsLane } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import { stateOf } from '../../src/release/state.ts'
import { click } from './click.ts'
import {
  ana,
  ben,
  bound,
  chloe,
  clicker,
  deploySubject,
  minute,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
  sending,
  sendingBack,
  underway,
} from './driver.ts'
import { revision, target, unseen } from './world.ts'

const deploy: Partial<Request> = { id: 'r8', serving: [] }
const rollback: Partial<Request> = { id: 'r9', subject: rollbackSubject(40), serving: [] }

function seeing(driver: ReleaseDriver, change: (driver: ReleaseDriver) => void): ReleaseDriver {
  change(driver)
  driver.later(5_000)
  return driver
}

function rolledOut(): ReleaseDriver {
  return seeing(underway({ migration: null }), ({ world }) => world.rollout())
}

/** Its rollout to 41 has begun, but none of its tasks becomes healthy. */
function stuck(): ReleaseDriver {
  const driver = sendingBack()
  driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
  return seeing(driver, ({ world }) =>
    world.rollout({ revision: revision(41), commits: [], arn: 'arn:rollout/99', verdict: 'moving' }),
  )
}

function lost(): ReleaseDriver {
  const driver = sending({ subject: deploySubject({ inputs: bound('sha') }) })
  driver.look()
  return driver
}

function unreadable(): ReleaseDriver {
  const driver = underway({ migration: null })
  driver.world.trouble = { run: unseen('terminal') }
  driver.watch(3 * minute)
  return driver
}

function lostBack(): ReleaseDriver {
  const driver = sendingBack()
  driver.world.trouble = { rollouts: unseen('terminal') }
  driver.watch(5 * minute)
  return driver
}

/** Another rollback, which has no approvals yet, replaces this release. */
function replaced(driver: ReleaseDriver): ReleaseDriver {
  driver.supersede({ id: 'r7', requester: ben })
  driver.later(5_000)
  return driver
}

function late(driver: ReleaseDriver): ReleaseDriver {
  driver.watch(70 * minute, minute)
  return driver
}

const back = (part: Partial<Request> = {}) => new ReleaseDriver({ subject: rollbackSubject(), ...part })

const approved = (driver: ReleaseDriver): ReleaseDriver => {
  driver.approve(ben)
  driver.approve(chloe)
  return driver
}

const cancelling = (driver: ReleaseDriver): ReleaseDriver => {
  driver.cancel(ana)
  driver.later(5_000)
  return driver
}

const endedEarly = (): ReleaseDriver =>
  seeing(rolledOut(), ({ world }) => world.rollout({ verdict: 'rolled back' }))

const states: readonly (readonly [string, () => ReleaseDriver])[] = [
  ['a deploy that awaits approval', () => new ReleaseDriver()],
  ['a deploy that waits', () => approved(new ReleaseDriver({ waitMs: minute }))],
  ['a deploy about to be sent', () => approved(new ReleaseDriver())],
  ['a deploy being sent', () => sending()],
  ['a deploy that runs', () => underway()],
  ['a deploy that runs and is being cancelled', () => cancelling(underway())],
  ['a deploy that runs for hours', () => late(underway())],
  ['a deploy that runs for hours and is being cancelled', () => late(cancelling(underway()))],
  ['a deploy that rolls out', rolledOut],
  ['a deploy that rolls out, its run in progress for hours', () => late(rolledOut())],
  [
    'a deploy that rolls out, its run over',
    () => seeing(rolledOut(), ({ world }) => world.runs({ verdict: 'succeeded' })),
  ],
  ['a deploy that was replaced and runs on', () => replaced(underway())],
  ['a deploy that was replaced and runs on for hours', () => late(replaced(underway()))],
  ['a deploy that ended before its run', endedEarly],
  ['a deploy that ended before its run, which is being cancelled', () => cancelling(endedEarly())],
  ['a deploy that ended before its run, and was replaced', () => replaced(endedEarly())],
  ['a deploy whose dispatch was lost', lost],
  ['a deploy whose dispatch was lost, replaced', () => replaced(lost())],
  ['a deploy whose run cannot be read', unreadable],
  ['a deploy whose run cannot be read, replaced', () => replaced(unreadable())],
  ['a rollback that awaits approval', () => back()],
  ['a rollback that waits', () => approved(back({ waitMs: minute }))],
  ['a rollback about to be sent', () => approved(back())],
  ['a rollback being sent', () => sendingBack()],
  ['a rollback that never gets healthy', stuck],
  ['a rollback that never gets healthy, replaced', () => replaced(stuck())],
  ['a rollback whose update was lost', lostBack],
]

const company: readonly (readonly [string, (holder: Release) => readonly Release[]])[] = [
  ['alone', () => []],
  [
    'with a rollback behind it',
    (holder) => [new ReleaseDriver({ id: 'r6', subject: rollbackSubject(39) }, [holder]).release],
  ],
  ['with a rollback of it that is stuck', () => [{ ...stuck().release, id: 'r5' }]],
]

const cases = states.flatMap(([state, make]) =>
  company
    .filter(([, others]) => others.length === 0 || !/^a rollback (that (awaits|waits)|about)/.test(state))
    .map(([beside, others]) => [`${state}, ${beside}`, make, others] as const),
)

describe('every next step that a refusal names works', () => {
  test.each(cases)('the refusal of a deploy names only next steps that work: %s', (_, make, others) => {
    const driver = make()
    expect(holdsLane(driver.release)).toBe(true)
    driver.holders = others(driver.release)
    const holders = [driver.release, ...driver.holders]
    const deploys = refusalOf(deploy, holders, driver.now)
    expect(deploys?.code).toBe('in_flight')
    follow(deploys, holders, driver.now)
    follow(refusalOf(rollback, holders, driver.now), holders, driver.now)
    for (const action of ['cancel', 'settle', 'look-again'] as const) {
      const before = driver.release
      const refused = driver.input(click(action, clicker(ben)))
      driver.release = before
      if (refused?.code === 'not_cancellable') follow({ ...refused, about: before.id }, holders, driver.now)
    }
  })

  function refusalOf(part: Partial<Request>, holders: readonly Release[], now: number): Refusal | null {
    const answer = request(requestOf(part), { holders, lock: null, freeze: null, currentRules: null }, now)
    return 'refused' in answer ? answer.refused : null
  }

  const buttons: readonly (readonly [RegExp, Action])[] = [
    [/\bCancel\b/, 'cancel'],
    [/\bLook again\b/, 'look-again'],
    [/\bSettle\b/, 'settle'],
  ]

  /** Clicks each button and types each command that the refusal names. */
  function follow(refusal: Refusal | null, holders: readonly Release[], now: number): void {
    if (refusal === null) return
    const about = holders.find(({ id }) => id === refusal.about)
    expect(about).toBeDefined()
    for (const [label, action] of buttons)
      if (label.test(refusal.next)) expect([stateOf(about!), ...actionsOf(about!)]).toContain(action)
    if (refusal.next.includes('`/rollback')) expect(refusalOf(rollback, holders, now)).toBeNull()
  }
})

test('each state that blocks a deploy for good names more than waiting', () => {
  for (const [, make] of states) {
    const driver = make()
    const answer = request(
      requestOf(deploy),
      { holders: [driver.release], lock: null, freeze: null, currentRules: null },
      driver.now,
    )
    expect('refused' in answer && answer.refused.next).toMatch(/Cancel|Settle|`\/rollback/)
  }
})

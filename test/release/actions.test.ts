import { describe, expect, test } from 'vitest'
import type { DecidingButton, RequestingButton } from '../../src/release/actions/action.ts'
import { type Action, actions, actionsOf, isDeciding } from '../../src/release/actions/actions.ts'
import { rollbackRevision } from '../../src/release/actions/roll-back.ts'
import type { Checks } from '../../src/release/checks.ts'
import type { Release } from '../../src/release/release.ts'
import type { Outcome } from '../../src/release/stage.ts'
import { headline, stateOf } from '../../src/release/state.ts'
import { click } from './click.ts'
import {
  ana,
  ben,
  chloe,
  clicker,
  minute,
  policy,
  ReleaseDriver,
  rollbackSubject,
  sending,
  sendingBack,
  underway,
} from './driver.ts'
import { migrationSighting, revision, target, unseen } from './world.ts'

/** The release and its run, if it has one, have ended. */
function ended(outcome: Outcome, from: ReleaseDriver = underway({ migration: null })): ReleaseDriver {
  const open = endedEarly(outcome, from)
  const { tracks } = open.release
  const run = tracks.run && { ...tracks.run, endedAt: from.now }
  open.release = { ...open.release, tracks: { ...tracks, run } }
  return open
}

/** The release has ended; its run, if it has one, is still in progress. */
function endedEarly(outcome: Outcome, from: ReleaseDriver): ReleaseDriver {
  from.release = {
    ...from.release,
    stage: { at: 'ended', since: from.now, outcome, reason: 'so', settledBy: null },
  }
  return from
}

function rolledOut(): ReleaseDriver {
  const driver = underway({ migration: null })
  driver.world.rollout()
  driver.later(5_000)
  return driver
}

const waiting = (): ReleaseDriver => {
  const driver = new ReleaseDriver({ waitMs: minute })
  driver.approve(ben)
  driver.approve(chloe)
  return driver
}

const approvedOnce = (): ReleaseDriver => {
  const driver = new ReleaseDriver()
  driver.approve(ben)
  return driver
}

const ready = (): ReleaseDriver => new ReleaseDriver({ policy: policy({ required: 0 }), eligible: 0 })

const settled = (): ReleaseDriver => {
  const driver = ended('unknown')
  driver.settle(ben)
  return driver
}

const cancelling = (): ReleaseDriver => {
  const driver = underway()
  driver.cancel(ana)
  return driver
}

const live = (): ReleaseDriver => {
  const driver = rolledOut()
  driver.world.rollout({ verdict: 'succeeded' })
  driver.later(5_000)
  return driver
}

const runEnded = (): ReleaseDriver => {
  const driver = rolledOut()
  driver.world.runs({ verdict: 'succeeded' })
  driver.later(5_000)
  return driver
}

/** Its rollout is in progress, and its run cannot be read. */
const unreadable = (): ReleaseDriver => {
  const driver = rolledOut()
  driver.world.trouble = { run: unseen('terminal') }
  driver.watch(2 * minute)
  return driver
}

const late = (driver: ReleaseDriver): ReleaseDriver => {
  driver.watch(70 * minute, minute)
  return driver
}

const givenUp = (driver: ReleaseDriver): ReleaseDriver => {
  driver.settle(ben)
  return driver
}

/** A rollback replaces it, and its run continues. */
const replaced = (): ReleaseDriver => {
  const driver = underway({ migration: null })
  driver.supersede({ id: 'r2', requester: chloe })
  return driver
}

const rollingBack = (): ReleaseDriver => {
  const driver = sendingBack()
  driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
  driver.world.rollout({ revision: revision(41), commits: [], arn: 'arn:rollout/99' })
  driver.later(5_000)
  return driver
}

/** Its run failed, and a rollout that it began succeeded, if there was one. */
const runFailed = (driver: ReleaseDriver = underway({ migration: null })): ReleaseDriver => {
  const deploy = { id: 1, name: 'deploy', startedAt: 0, completedAt: 0, url: '', step: null }
  driver.world.runs({ verdict: 'failed', jobs: [{ ...deploy, verdict: 'failed' }] })
  if (driver.release.tracks.rollouts[0]?.seen) driver.world.rollout({ verdict: 'succeeded' })
  driver.watch(2 * minute)
  return driver
}

/** Its rollout waits for a person. */
const paused = (): ReleaseDriver => {
  const driver = underway({ migration: null })
  driver.world.rollout({ verdict: 'paused', pause: { hookId: 'h1', onTimeout: 'rolls back' } })
  driver.later(5_000)
  return driver
}

/** A person asked ECS to roll it back. */
const stopping = (): ReleaseDriver => {
  const driver = paused()
  driver.input(click('stop-rollout', clicker(ana)))
  driver.later(1_000)
  return driver
}

const emergency = (): ReleaseDriver => {
  const driver = sending({ emergency: { why: 'checkout is down', usual: policy() } })
  driver.release = { ...driver.release, sentAt: driver.now }
  return ended('failed', driver)
}

const rows: readonly (readonly [string, () => ReleaseDriver, readonly Action[]])[] = [
  ['failed, an emergency', emergency, ['acknowledge', 'retry']],
  ['awaiting approval', () => new ReleaseDriver(), ['approve', 'reject', 'cancel']],
  ['awaiting approval, one approval in', approvedOnce, ['approve', 'reject', 'withdraw', 'cancel']],
  ['waiting', waiting, ['reject', 'cancel']],
  ['ready', ready, ['reject', 'cancel']],
  ['sending', () => sending(), ['cancel']],
  ['sending a rollback', () => sendingBack(), []],
  ['rolling out, a rollback', rollingBack, ['stop-rollout']],
  ['running', () => underway(), ['cancel']],
  ['running for too long', () => late(underway()), ['cancel', 'settle']],
  ['running for too long, being cancelled', () => late(cancelling()), ['settle']],
  ['running, and unavailable', unreadable, ['cancel', 'settle', 'stop-rollout']],
  ['running for too long, settled', () => givenUp(late(underway())), []],
  [
    'rolling out, run in progress for too long',
    () => late(rolledOut()),
    ['cancel', 'settle', 'stop-rollout'],
  ],
  ['running for too long, replaced', () => late(replaced()), ['cancel', 'settle']],
  ['running, being cancelled', cancelling, []],
  ['rolling out', rolledOut, ['cancel', 'stop-rollout']],
  ['rolling out, run ended', runEnded, ['stop-rollout']],
  ['live, run in progress', live, ['cancel', 'roll-back']],
  ['paused', paused, ['continue', 'cancel', 'stop-rollout']],
  ['paused, being rolled back', stopping, ['cancel']],
  ['succeeded', () => ended('succeeded', rolledOut()), ['roll-back']],
  ['succeeded, a rollback', () => ended('succeeded', sendingBack()), ['lock']],
  ['failed with nothing rolled out', () => ended('failed'), ['retry']],
  ['failed after a rollout', () => ended('failed', rolledOut()), ['retry', 'roll-back']],
  ['failed, its run too', () => runFailed(), ['retry', 're-run']],
  ['failed, its run too, after a rollout', () => runFailed(rolledOut()), ['retry', 're-run', 'roll-back']],
  ['rolled back', () => ended('rolled back', rolledOut()), ['retry']],
  ['rollback failed', () => ended('rollback failed', rolledOut()), ['roll-back']],
  ['unchanged', () => ended('unchanged'), ['retry']],
  ['rejected', () => ended('rejected'), ['retry']],
  ['cancelled', () => ended('cancelled'), ['retry']],
  ['expired', () => ended('expired'), ['retry']],
  ['superseded', () => ended('superseded'), ['retry']],
  ['stopped', () => ended('stopped', rolledOut()), ['retry', 'roll-back']],
  ['superseded, run in progress', () => endedEarly('superseded', rolledOut()), ['cancel']],
  ['stopped, run in progress', () => endedEarly('stopped', rolledOut()), ['cancel', 'roll-back']],
  ['stopped, run in progress and being cancelled', () => endedEarly('stopped', cancelling()), []],
  ['stopped, run unavailable', () => endedEarly('stopped', unreadable()), ['cancel', 'settle', 'roll-back']],
  ['unknown, run in progress', () => endedEarly('unknown', rolledOut()), ['look-again', 'settle']],
  [
    'unknown, run in progress and replaced',
    () => endedEarly('unknown', replaced()),
    ['cancel', 'look-again', 'settle'],
  ],
  ['unknown, run over and replaced', () => ended('unknown', replaced()), ['retry']],
  ['unknown', () => ended('unknown'), ['look-again', 'settle']],
  ['unknown, settled', settled, ['retry']],
]

const all = Object.keys(actions) as Action[]
const deciding = all.filter(isDeciding)

describe('actions in each state', () => {
  test.each(rows)('a card offers the buttons of its state: %s', (_, make, actions) => {
    expect(actionsOf(make().release)).toEqual(actions)
  })

  test.each(rows)(
    '%s: what is offered is accepted, all else is refused with a code and a next step',
    (_, make) => {
      for (const action of deciding) {
        const driver = make()
        const before = driver.release
        const by = clicker(action === 'withdraw' ? ben : 'U0MAY')
        const refusal = driver.input(click(action, by, { round: before.round }))
        expect([action, refusal === null]).toEqual([action, actionsOf(before).includes(action)])
        if (refusal === null) continue
        expect(refusal.code).not.toBe('')
        expect(refusal.next).not.toBe('')
        expect(driver.release).toEqual(before)
        expect(driver.audit.at(-1)).toMatchObject({ actor: by.id, detail: { code: refusal.code } })
      }
    },
  )

  test.each(rows)('%s: who may do nothing is refused each button with a code', (_, make) => {
    for (const action of deciding) {
      if (actions[action].whoMay === 'whoever approved') continue
      const driver = make()
      const by = {
        id: 'U0GUEST',
        standing: { eligible: false, why: 'not_a_member', sentence: 'a guest' },
      } as const
      const refusal = driver.input(click(action, by, { round: driver.release.round }))
      expect([action, refusal?.code ?? '']).not.toEqual([action, ''])
      expect(driver.release.stage).toEqual(make().release.stage)
    }
  })

  test.each(rows)('%s: what a button would request is a request, or refused with a code', (_, make) => {
    const { release } = make()
    for (const action of all.filter((each) => !isDeciding(each))) {
      const { request }: Partial<RequestingButton> = actions[action]
      const requested = request?.(release)
      expect(requested).toBeDefined()
      if (requested && 'refused' in requested) {
        expect(requested.refused.code).not.toBe('')
        expect(actionsOf(release)).not.toContain(action)
      }
    }
  })

  test('each button of a card has its own label, and some state offers it', () => {
    const labels = all.map((action) => actions[action].label)
    expect(labels.every((label) => /^[A-Z][a-z -]+$/.test(label))).toBe(true)
    for (const [, , offered] of rows)
      expect(new Set(offered.map((action) => actions[action].label)).size).toBe(offered.length)
    expect([...new Set(rows.flatMap(([, , offered]) => offered))].sort()).toEqual(all.toSorted())
  })

  test('a card shows its buttons in the order of the table', () => {
    for (const [, make] of rows) {
      const offered = actionsOf(make().release)
      expect(offered).toEqual(all.filter((action) => offered.includes(action)))
    }
  })

  test('the confirmation of a button names the service environment', () => {
    const { release } = rolledOut()
    for (const action of all) {
      const { confirm }: DecidingButton | RequestingButton = actions[action]
      const asked = confirm?.(release)
      if (asked)
        expect([asked.title, asked.yes.length <= 30]).toEqual([
          expect.stringMatching(/blog-api in prod/),
          true,
        ])
    }
  })

  test('Cancel says what stops and what serves afterwards', () => {
    const text = ({ release }: ReleaseDriver) => actions.cancel.confirm?.(release)?.text
    const underway = rolledOut()
    const [track] = underway.release.tracks.rollouts
    expect(text(new ReleaseDriver())).toMatch(/Nothing was sent\. blog-api:42 keeps serving\.$/)
    expect(track?.seen?.verdict).toBe('moving')
    expect(text(underway)).toMatch(
      /asks GitHub to cancel the run .*The rollout of blog-api:43 goes on, and blog-api:43 serves if it succeeds\./,
    )
  })

  test('Approve asks once more if the CI of the commit failed', () => {
    const { release } = new ReleaseDriver()
    const green = { source: 'checks', passed: 3, pending: 0, failed: 0, failing: [] } as const
    const confirm = (checks: typeof green | Checks) =>
      actions.approve.confirm?.({ ...release, facts: { ...release.facts, checks } })
    expect(confirm(green)).toBeNull()
    expect(confirm({ ...green, failed: 1, failing: ['e2e'] })).toMatchObject({ text: 'Its CI failed.' })
  })

  test('Approve asks once more for a commit that went badly there before, and says in which way', () => {
    const { release } = new ReleaseDriver()
    const confirm = (failures: number, outcome: 'failed' | 'rejected') => {
      const setbacks = { failures, since: 0, last: { release: 'r-1', outcome, by: null, at: 0 } }
      return actions.approve.confirm?.({ ...release, facts: { setbacks } })?.text
    }
    expect(confirm(0, 'rejected')).toBe('It was rejected for prod before.')
    expect(confirm(1, 'rejected')).toBe('It failed or was rolled back in prod before.')
    expect(confirm(1, 'failed')).toBe('It failed or was rolled back in prod before.')
  })

  test('Cancel says that a running migration may go on', () => {
    const driver = underway()
    expect(actions.cancel.confirm?.(driver.release)?.text).not.toContain('migration')
    driver.world.migrations = [migrationSighting()]
    driver.later(5_000)
    expect(actions.cancel.confirm?.(driver.release)?.text).toContain(
      'Its migration may go on in ECS, or stop half-way.',
    )
    driver.world.migrations = [migrationSighting({ verdict: 'succeeded' })]
    driver.later(5_000)
    expect(actions.cancel.confirm?.(driver.release)?.text).not.toContain('migration')
  })

  test('Roll back offers the revision that ran before', () => {
    expect(rollbackRevision(rolledOut().release)).toBe('blog-api:42')
    expect(rollbackRevision(underway().release)).toBeNull()
    expect(rollbackRevision(sendingBack().release)).toBeNull()
  })
})

describe('the state that the card shows', () => {
  function seeing(change: (driver: ReleaseDriver) => void, driver = underway()): Release {
    change(driver)
    driver.later(5_000)
    return driver.release
  }

  test.each<readonly [string, () => Release]>([
    ['awaiting approval', () => new ReleaseDriver().release],
    ['waiting', () => waiting().release],
    ['dispatching', () => ready().release],
    ['dispatching', () => sending().release],
    ['running', () => underway().release],
    ['migrating', () => seeing(({ world }) => (world.migrations = [migrationSighting()]))],
    [
      'rolling out',
      () =>
        seeing(({ world }) => {
          world.migrations = [migrationSighting()]
          world.rollout()
        }),
    ],
    ['baking', () => seeing(({ world }) => world.rollout({ verdict: 'baking' }))],
    ['paused', () => seeing(({ world }) => world.rollout({ verdict: 'paused' }))],
    ['baking', () => live().release],
    ['rolling back', () => seeing(({ world }) => world.rollout({ verdict: 'rolling back' }))],
    ['running', () => seeing(({ world }) => (world.trouble = { rollouts: unseen('passing') }))],
    ['rolling out', () => rollingBackTo().release],
  ])('the card shows the state: %s', (state, make) => {
    const release = make()
    expect(stateOf(release)).toBe(state)
    expect(headline(release)).toBe(`blog-api prod: ${state}`)
  })

  test.each<Outcome>(['succeeded', 'failed', 'unknown'])('%s, once ended', (outcome) => {
    expect(stateOf(ended(outcome).release)).toBe(outcome)
  })

  function rollingBackTo(): ReleaseDriver {
    const driver = sendingBack({ subject: rollbackSubject() })
    driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
    return driver
  }
})

describe('people who are notified of an end', () => {
  test.each<readonly [Outcome, 'thread' | 'channel']>([
    ['failed', 'channel'],
    ['unknown', 'channel'],
    ['cancelled', 'thread'],
    ['expired', 'thread'],
  ])('the end %s is posted in the %s', (outcome, where) => {
    const driver = new ReleaseDriver()
    const ends: Partial<Record<Outcome, () => void>> = {
      failed: () => failing(driver),
      unknown: () => losing(driver),
      cancelled: () => driver.cancel(ben),
      expired: () => driver.later(120 * minute),
    }
    ends[outcome]?.()
    expect(driver.outcome).toBe(outcome)
    const told = driver.effectsOf('tell').find(({ story }) => story.tell === 'ended')
    expect(told?.where).toBe(where)
    expect(told?.story).toMatchObject({ mention: where === 'channel' ? [ana, 'S0ONCALL'] : [ana] })
  })

  test('a requester who cancels their own release is not mentioned', () => {
    const driver = new ReleaseDriver()
    driver.cancel(ana)
    expect(driver.posts('ended')[0]?.mention).toEqual([])
  })

  function approvedOnce(driver: ReleaseDriver): void {
    driver.approve(ben)
    driver.approve(chloe)
  }

  function failing(driver: ReleaseDriver): void {
    approvedOnce(driver)
    driver.world.tip = { ...driver.world.tip, commitOnBranch: false }
    driver.look()
  }

  function losing(driver: ReleaseDriver): void {
    approvedOnce(driver)
    driver.look()
    driver.watch(2 * minute)
  }
})

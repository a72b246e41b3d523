import { describe, expect, test } from 'vitest'
import type { Clicker, Input } from '../../src/release/decide.ts'
import type { Outcome, Release } from '../../src/release/release.ts'
import { type Action, actionsOf, headline, rollbackRevision, stateOf } from '../../src/release/state.ts'
import {
  ana,
  ben,
  chloe,
  clicker,
  minute,
  policy,
  rollbackSubject,
  sending,
  sendingBack,
  Tale,
  underway,
} from './driver.ts'
import { migrationSighting, revision, start, target, unseen } from './world.ts'

/** With its run, where there is one. */
function ended(outcome: Outcome, from: Tale = underway({ migration: null })): Tale {
  const open = endedEarly(outcome, from)
  const { tracks } = open.release
  const run = tracks.run && { ...tracks.run, endedAt: from.now }
  open.release = { ...open.release, tracks: { ...tracks, run } }
  return open
}

/** Its run, where there is one, is still in progress. */
function endedEarly(outcome: Outcome, from: Tale): Tale {
  from.release = {
    ...from.release,
    stage: { at: 'ended', since: from.now, outcome, reason: 'so', settledBy: null },
  }
  return from
}

function rolledOut(): Tale {
  const tale = underway({ migration: null })
  tale.world.rollout()
  tale.later(5_000)
  return tale
}

const waiting = (): Tale => {
  const tale = new Tale({ waitMs: minute })
  tale.approve(ben)
  tale.approve(chloe)
  return tale
}

const keyed = (): Tale => {
  const tale = new Tale()
  tale.approve(ben)
  return tale
}

const ready = (): Tale => new Tale({ policy: policy({ required: 0 }), eligible: 0 })

const settled = (): Tale => {
  const tale = ended('unknown')
  tale.settle(ben)
  return tale
}

const cancelling = (): Tale => {
  const tale = underway()
  tale.cancel(ana)
  return tale
}

const runEnded = (): Tale => {
  const tale = rolledOut()
  tale.world.runs({ verdict: 'succeeded' })
  tale.later(5_000)
  return tale
}

/** Its rollout moves, and its run cannot be read. */
const unreadable = (): Tale => {
  const tale = rolledOut()
  tale.world.trouble = { run: unseen('terminal') }
  tale.watch(2 * minute)
  return tale
}

const late = (tale: Tale): Tale => {
  tale.watch(70 * minute, minute)
  return tale
}

const givenUp = (tale: Tale): Tale => {
  tale.settle(ben)
  return tale
}

/** A rollback replaces it, and its run goes on. */
const replaced = (): Tale => {
  const tale = underway({ migration: null })
  tale.supersede({ id: 'r2', requester: chloe })
  return tale
}

const rollingBack = (): Tale => {
  const tale = sendingBack()
  tale.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
  tale.world.rollout({ revision: revision(41), commits: [], arn: 'arn:rollout/99' })
  tale.later(5_000)
  return tale
}

const rows: readonly (readonly [string, () => Tale, readonly Action[]])[] = [
  ['awaiting approval', () => new Tale(), ['approve', 'reject', 'cancel']],
  ['awaiting approval, one key in', keyed, ['approve', 'reject', 'withdraw', 'cancel']],
  ['waiting', waiting, ['reject', 'cancel']],
  ['ready', ready, ['reject', 'cancel']],
  ['sending', () => sending(), ['cancel']],
  ['sending a rollback', () => sendingBack(), []],
  ['rolling out, a rollback', rollingBack, ['roll-back']],
  ['running', () => underway(), ['cancel']],
  ['running for too long', () => late(underway()), ['cancel', 'settle']],
  ['running for too long, being cancelled', () => late(cancelling()), ['settle']],
  ['running, and unavailable', unreadable, ['cancel', 'settle', 'roll-back']],
  ['running for too long, settled', () => givenUp(late(underway())), []],
  ['rolling out, run in progress for too long', () => late(rolledOut()), ['cancel', 'settle', 'roll-back']],
  ['running for too long, replaced', () => late(replaced()), ['cancel', 'settle']],
  ['running, being cancelled', cancelling, []],
  ['rolling out', rolledOut, ['cancel', 'roll-back']],
  ['rolling out, run ended', runEnded, ['roll-back']],
  ['succeeded', () => ended('succeeded', rolledOut()), ['roll-back']],
  ['succeeded, a rollback', () => ended('succeeded', sendingBack()), ['lock']],
  ['failed with nothing rolled out', () => ended('failed'), ['retry']],
  ['failed after a rollout', () => ended('failed', rolledOut()), ['retry', 'roll-back']],
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

describe('what may be done in which state', () => {
  test.each(rows)('%s', (_, make, actions) => {
    expect(actionsOf(make().release)).toEqual(actions)
  })

  const decided = ['approve', 'reject', 'cancel', 'settle', 'look-again'] as const

  function inputOf(action: (typeof decided)[number], by: Clicker, round: number): Input {
    if (action === 'reject') return { on: action, by, reason: null }
    return action === 'approve' ? { on: action, by, round, pressedAt: start } : { on: action, by }
  }

  test.each(rows)(
    '%s: what is offered is accepted, all else is refused with a code and a next step',
    (_, make) => {
      for (const action of decided) {
        const tale = make()
        const before = tale.release
        const by = clicker('U0MAY')
        const refusal = tale.input(inputOf(action, by, before.round))
        expect([action, refusal === null]).toEqual([action, actionsOf(before).includes(action)])
        if (refusal === null) continue
        expect(refusal.code).not.toBe('')
        expect(refusal.next).not.toBe('')
        expect(tale.release).toEqual(before)
        expect(tale.audit.at(-1)).toMatchObject({ actor: 'U0MAY', detail: { code: refusal.code } })
      }
    },
  )

  test('the way back leads to the revision that served before', () => {
    expect(rollbackRevision(rolledOut().release)).toBe('blog-api:42')
    expect(rollbackRevision(underway().release)).toBeNull()
    expect(rollbackRevision(sendingBack().release)).toBeNull()
  })
})

describe('the word on the card', () => {
  function seeing(change: (tale: Tale) => void, tale = underway()): Release {
    change(tale)
    tale.later(5_000)
    return tale.release
  }

  test.each<readonly [string, () => Release]>([
    ['awaiting approval', () => new Tale().release],
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
    ['rolling back', () => seeing(({ world }) => world.rollout({ verdict: 'rolling back' }))],
    ['running', () => seeing(({ world }) => (world.trouble = { rollouts: unseen('passing') }))],
    ['rolling out', () => rollingBackTo().release],
  ])('%s', (state, make) => {
    const release = make()
    expect(stateOf(release)).toBe(state)
    expect(headline(release)).toBe(`blog-api prod: ${state}`)
  })

  test.each<Outcome>(['succeeded', 'failed', 'unknown'])('%s, once ended', (outcome) => {
    expect(stateOf(ended(outcome).release)).toBe(outcome)
  })

  function rollingBackTo(): Tale {
    const tale = sendingBack({ subject: rollbackSubject() })
    tale.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
    return tale
  }
})

describe('who learns of an end', () => {
  test.each<readonly [Outcome, 'thread' | 'channel']>([
    ['failed', 'channel'],
    ['unknown', 'channel'],
    ['cancelled', 'thread'],
    ['expired', 'thread'],
  ])('%s is told in the %s', (outcome, where) => {
    const tale = new Tale()
    const ends: Partial<Record<Outcome, () => void>> = {
      failed: () => failing(tale),
      unknown: () => losing(tale),
      cancelled: () => tale.cancel(ben),
      expired: () => tale.later(120 * minute),
    }
    ends[outcome]?.()
    expect(tale.outcome).toBe(outcome)
    const told = tale.wanted('tell').find(({ story }) => story.tell === 'ended')
    expect(told?.where).toBe(where)
    expect(told?.story).toMatchObject({ mention: where === 'channel' ? [ana, 'S0ONCALL'] : [ana] })
  })

  test('who cancels their own is not mentioned', () => {
    const tale = new Tale()
    tale.cancel(ana)
    expect(tale.stories('ended')[0]?.mention).toEqual([])
  })

  function keyed(tale: Tale): void {
    tale.approve(ben)
    tale.approve(chloe)
  }

  function failing(tale: Tale): void {
    keyed(tale)
    tale.world.tip = { ...tale.world.tip, commitOnBranch: false }
    tale.look()
  }

  function losing(tale: Tale): void {
    keyed(tale)
    tale.look()
    tale.watch(2 * minute)
  }
})

import { describe, expect, test } from 'vitest'
import { markFreshMs, sentWithinMs } from '../../src/release/steps/age.ts'
import { nextLook } from '../../src/release/watch.ts'
import { ben, chloe, clicker, minute, policy, rollbackSubject, sending, Tale } from './driver.ts'
import { unseen } from './world.ts'

const polling = { activeMs: 5_000, idleMs: 30_000 }
const bound = sentWithinMs

/** Both approvals are in, and something keeps it from being sent. */
function heldUp(part: ConstructorParameters<typeof Tale>[0] = {}): Tale {
  const tale = new Tale(part)
  tale.world.trouble = { before: unseen('passing', 'AWS did not answer') }
  if (tale.state === 'awaiting approval') {
    tale.approve(ben)
    tale.now += minute
    tale.approve(chloe)
  }
  return tale
}

describe('nothing is sent long after the last approval', () => {
  test('sent at the last moment, and not a moment later', () => {
    const early = heldUp()
    early.now += bound
    early.world.trouble = {}
    early.look()
    expect(early.wanted('dispatch')).toHaveLength(1)

    const late = heldUp()
    late.now += bound + 1
    late.world.trouble = {}
    late.look()
    expect(late.outcome).toBe('expired')
    expect(late.wanted('dispatch')).toEqual([])
  })

  test('ends by itself while something cannot be read, with what that was', () => {
    const tale = heldUp()
    tale.watch(bound + minute)
    expect(tale.outcome).toBe('expired')
    expect(tale.reason).toContain('AWS did not answer')
    expect(tale.release.sentAt).toBeNull()
  })

  test('the wait counts beside it', () => {
    const tale = heldUp({ waitMs: 10 * minute })
    tale.later(10 * minute)
    expect(tale.state).toBe('dispatching')
    tale.now += bound
    tale.world.trouble = {}
    tale.look()
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('twokey was down meanwhile: the first look afterwards ends it', () => {
    const tale = new Tale({ waitMs: 10 * minute })
    tale.approve(ben)
    tale.approve(chloe)
    tale.later(3 * 60 * minute)
    expect(tale.state).toBe('dispatching')
    tale.look()
    expect(tale.outcome).toBe('expired')
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test('without approvals it counts from the request', () => {
    const tale = heldUp({ policy: policy({ required: 0 }) })
    tale.now += bound + 1
    tale.world.trouble = {}
    tale.look()
    expect(tale.outcome).toBe('expired')
    expect(tale.reason).toContain('after the request')
  })

  test('it counts from the click, however late that was counted', () => {
    const tale = new Tale()
    const pressedAt = tale.now
    tale.now += bound + 1
    for (const id of [ben, chloe])
      tale.input({ on: 'approve', by: clicker(id), round: tale.release.round, pressedAt })
    expect(tale.state).toBe('dispatching')
    tale.look()
    expect(tale.outcome).toBe('expired')
    expect(tale.wanted('dispatch')).toEqual([])
  })

  test('the dispatch itself says until when it may leave', () => {
    const fresh = sending()
    expect(fresh.wanted('dispatch').map(({ sendBy }) => sendBy)).toEqual([fresh.now + markFreshMs])
    const old = heldUp()
    const latest = old.now + bound
    old.now = latest - 1_000
    old.world.trouble = {}
    old.look()
    expect(old.wanted('dispatch').map(({ sendBy }) => sendBy)).toEqual([latest])
  })

  test('for a rollback as for a deploy', () => {
    const tale = heldUp({ subject: rollbackSubject() })
    tale.now += bound + 1
    tale.world.trouble = {}
    tale.look()
    expect(tale.outcome).toBe('expired')
    expect(tale.wanted('update')).toEqual([])
  })

  test('the time that a deploy takes to stop for the rollback that replaces it does not count', () => {
    const deploy = sending()
    const tale = new Tale({ id: 'r2', subject: rollbackSubject(), settleMs: 2 * minute }, [deploy.release])
    tale.approve(ben)
    tale.approve(chloe)
    tale.now += bound - minute
    tale.look()
    expect(tale.wanted('supersede')).toHaveLength(1)
    tale.watch(2 * minute)
    expect(tale.outcome).toBeNull()
    expect(tale.wanted('update')).toHaveLength(1)
  })

  test('what keeps it after that does count', () => {
    const deploy = sending()
    const tale = new Tale({ id: 'r2', subject: rollbackSubject(), settleMs: 2 * minute }, [deploy.release])
    tale.approve(ben)
    tale.approve(chloe)
    tale.look()
    tale.world.trouble = { before: unseen('passing', 'AWS did not answer') }
    tale.watch(bound + 3 * minute)
    expect(tale.outcome).toBe('expired')
  })
})

describe('GitHub answers the dispatch with a rate limit', () => {
  const limit = (tale: Tale, ms: number) =>
    tale.answer({ to: 'dispatch', answer: 'limited', until: tale.now + ms, reason: 'slow down (403)' })
  const heldFor = ({ release: { stage }, now }: Tale) =>
    (stage.at === 'ready' ? (stage.notBefore ?? now) : now) - now
  const marks = (tale: Tale) => tale.audit.filter(({ what }) => what === 'dispatch marked')

  test('it is sent once more when that is over, under a new mark, with the approvals that are in', () => {
    const tale = sending()
    const { approvals } = tale.release
    limit(tale, 10 * minute)
    expect(tale.release).toMatchObject({ sentAt: null, approvals, voided: null })
    expect(tale.stories('limited')).toHaveLength(1)
    expect(nextLook(tale.release, tale.now, polling)).toBe(tale.now + 10 * minute)
    tale.later(10 * minute - 1)
    expect(tale.wanted('dispatch')).toHaveLength(1)
    tale.later(1)
    expect(tale.wanted('dispatch')).toHaveLength(2)
    expect(marks(tale)).toHaveLength(2)
    expect(tale.release).toMatchObject({ stage: { at: 'sending' }, sentAt: tale.now, approvals })
  })

  test('all is looked at once more before', () => {
    const tale = sending()
    limit(tale, minute)
    tale.world.people = { [ben]: { eligible: false, why: 'not_an_approver', sentence: 'left' } }
    tale.later(minute)
    expect(tale.state).toBe('awaiting approval')
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test('again and again: each time under a mark of its own, until it is too old', () => {
    const tale = sending()
    for (let times = 2; times <= 6; times += 1) {
      limit(tale, 4 * minute)
      tale.later(heldFor(tale))
      expect(marks(tale)).toHaveLength(times)
    }
    limit(tale, 10 * minute)
    expect(tale.outcome).toBe('expired')
    expect(tale.reason).toContain('slow down')
    expect(marks(tale)).toHaveLength(6)
  })

  test('that is over at once each time is asked of GitHub ever more rarely', () => {
    const tale = sending()
    const waits: number[] = []
    while (tale.outcome === null) {
      limit(tale, 1_000)
      if (tale.outcome !== null) break
      waits.push(heldFor(tale) / minute)
      tale.later(heldFor(tale))
    }
    expect(waits).toEqual([1_000 / minute, 1, 2, 4, 8])
    expect(tale.outcome).toBe('expired')
    expect(tale.stories('limited')).toHaveLength(5)
  })

  test('that is over too late: expired at once, and nothing was sent', () => {
    const tale = sending()
    limit(tale, bound + 1)
    expect(tale.outcome).toBe('expired')
    expect(tale.stories('limited')).toEqual([])
    expect(tale.release.sentAt).toBeNull()
  })

  test.each(['cancelled', 'superseded'] as const)('%s while it was sent: it ends so', (outcome) => {
    const tale = sending()
    if (outcome === 'cancelled') tale.cancel(ben)
    else tale.supersede({ id: 'r2', requester: chloe })
    limit(tale, minute)
    expect(tale.outcome).toBe(outcome)
    tale.later(2 * minute)
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })

  test.each(['cancelled', 'rejected', 'superseded'] as const)('%s while it waits: it ends so', (outcome) => {
    const tale = sending()
    limit(tale, 5 * minute)
    if (outcome === 'cancelled') tale.cancel(ben)
    else if (outcome === 'rejected') tale.reject(chloe)
    else tale.supersede({ id: 'r2', requester: chloe })
    expect(tale.outcome).toBe(outcome)
  })

  test('a longer wait that twokey.yml asks for by then does not end before the limit does', () => {
    const tale = sending()
    limit(tale, 20 * minute)
    const { stage } = tale.release
    tale.waitMs = 5 * minute
    tale.later(minute)
    expect(tale.release.stage).toEqual({ at: 'wait', until: stage.at === 'ready' ? stage.notBefore : 0 })
  })

  test('an answer that comes after the run was found changes nothing', () => {
    const tale = sending()
    tale.world.runs()
    tale.look()
    limit(tale, minute)
    expect(tale.state).toBe('running')
  })
})

describe('a server refuses to name the run', () => {
  const refuse = (tale: Tale) =>
    tale.answer({ to: 'dispatch', answer: 'details refused', reason: 'not a permitted key' })

  test('it is sent once more without asking, under a new mark', () => {
    const tale = sending()
    refuse(tale)
    tale.look()
    expect(tale.wanted('dispatch').map(({ details }) => details)).toEqual(['asked', 'omitted'])
    expect(tale.audit.filter(({ what }) => what === 'dispatch marked')).toHaveLength(2)
  })

  test('cancelled while it was sent: it ends so', () => {
    const tale = sending()
    tale.cancel(ben)
    refuse(tale)
    expect(tale.outcome).toBe('cancelled')
    expect(tale.wanted('dispatch')).toHaveLength(1)
  })
})

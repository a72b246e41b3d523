import { describe, expect, test } from 'vitest'
import { actionsOf } from '../../src/release/actions/actions.ts'
import type { Eligibility, Person } from '../../src/release/policy/approval.ts'
import { type Lock, lockOn } from '../../src/release/policy/lock.ts'
import {
  firstReview,
  type Hold,
  type LockActor,
  type LockRequest,
  type LockVerdict,
  liftLock,
  reviewLock,
  setLock,
} from '../../src/release/policy/locking.ts'
import { request } from '../../src/release/request.ts'
import {
  ana,
  ben,
  chloe,
  eli,
  minute,
  policy,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
  sending,
  sendingBack,
  underway,
} from './driver.ts'
import { no, revision, start, yes } from './world.ts'

const hour = 60 * minute
const day = 24 * hour

const whole: Lock = {
  environment: 'prod',
  service: null,
  by: ana,
  why: 'an incident',
  since: start,
  until: null,
}
const blog: Lock = { ...whole, service: 'blog-api' }

/** A person who may request releases but not approve them. */
const asker = (id: string): LockActor => ({ id, asks: yes, approves: no })
const approver = (id: string): LockActor => ({ id, asks: no, approves: yes })
const stranger = (
  id: string,
  why: Extract<Eligibility, { eligible: false }>['why'] = 'not_a_member',
): LockActor => ({
  id,
  asks: { eligible: false, why, sentence: 'who are you' },
  approves: { eligible: false, why, sentence: 'who are you' },
})

function wish(by: LockActor, part: Partial<Omit<LockRequest, 'by'>> = {}): LockRequest {
  return { environment: 'prod', service: null, why: 'mine', until: null, as: { hold: 'free' }, ...part, by }
}

function ground(locks: readonly Lock[] = [], people: readonly Person[] = []) {
  return { locks, people, now: start + hour }
}

function outcome(verdict: LockVerdict): string {
  return 'refused' in verdict ? verdict.refused.code : `${verdict.notice.notice} by ${verdict.lock.by}`
}

describe('setting a lock', () => {
  const free: Hold = { hold: 'free' }
  const take: Hold = { hold: 'take', shown: null }
  const takeShown: Hold = { hold: 'take', shown: { by: ana, since: start } }
  const takeOther: Hold = { hold: 'take', shown: { by: ana, since: start - 1 } }
  const offered: Hold = { hold: 'offered' }

  test.each<[string, LockRequest, readonly Lock[], string]>([
    ['by whoever may ask for releases there', wish(asker(ben)), [], 'locked by U0BEN'],
    ['by an approver', wish(approver(chloe)), [], 'locked by U0CHLOE'],
    ['by nobody else', wish(stranger(eli)), [], 'not_a_member'],
    [
      'not by whoever could not be looked up',
      wish(stranger(ana, 'identity_unknown')),
      [],
      'identity_unknown',
    ],
    ['again by its holder', wish(asker(ana)), [whole], 'locked by U0ANA'],
    ['not in the place of another’s', wish(asker(ben)), [whole], 'locked'],
    [
      'not in the place of another’s by an approver who does not say so',
      wish(approver(ben)),
      [whole],
      'locked',
    ],
    ['beside another’s lock of a service', wish(asker(ben)), [blog], 'locked by U0BEN'],
    [
      'beside another’s lock of everything',
      wish(asker(ben), { service: 'blog-api' }),
      [whole],
      'locked by U0BEN',
    ],
    [
      'beside a lock of another environment',
      wish(asker(ben)),
      [{ ...whole, environment: 'dev' }],
      'locked by U0BEN',
    ],
    [
      'where the other’s time is over',
      wish(asker(ben)),
      [{ ...whole, until: start + hour }],
      'locked by U0BEN',
    ],
    ['by taking it over, by an approver', wish(approver(ben), { as: take }), [whole], 'taken-over by U0BEN'],
    ['not by taking it over, by nobody of weight', wish(asker(ben), { as: take }), [whole], 'locked'],
    ['by taking over what nobody holds', wish(asker(ben), { as: take }), [], 'locked by U0BEN'],
    ['by taking over one’s own', wish(asker(ana), { as: take }), [whole], 'locked by U0ANA'],
    [
      'by taking over the one that was shown',
      wish(approver(ben), { as: takeShown }),
      [whole],
      'taken-over by U0BEN',
    ],
    ['not by taking over another than was shown', wish(approver(ben), { as: takeOther }), [whole], 'locked'],
    [
      'by the offer after a rollback',
      wish(asker(ben), { service: 'blog-api', as: offered }),
      [],
      'locked by U0BEN',
    ],
    [
      'not by that offer over one’s own',
      wish(asker(ana), { service: 'blog-api', as: offered }),
      [blog],
      'locked',
    ],
    [
      'not by that offer under a lock of everything',
      wish(approver(ben), { service: 'blog-api', as: offered }),
      [whole],
      'locked',
    ],
    ['not until now', wish(asker(ben), { until: start + hour }), [], 'lock_time'],
    ['for a moment', wish(asker(ben), { until: start + hour + 1 }), [], 'locked by U0BEN'],
    ['for 90 days', wish(asker(ben), { until: start + hour + 90 * day }), [], 'locked by U0BEN'],
    ['not for longer', wish(asker(ben), { until: start + hour + 90 * day + 1 }), [], 'lock_time'],
    ['by nobody in shape, however they hold it', wish(stranger(ana), { as: free }), [whole], 'not_a_member'],
  ])('setting a lock is decided: %s', (_, asked, locks, expected) => {
    const verdict = setLock(asked, ground(locks))
    expect(outcome(verdict)).toBe(expected)
    expect(verdict.audit).toHaveLength(1)
    expect(verdict.audit[0]?.actor).toBe(asked.by.id)
  })

  test('a second click on the button that took over the lock does nothing', () => {
    const pressed = wish(approver(ben), { as: { hold: 'take', shown: { by: eli, since: start } } })
    const verdict = setLock(pressed, ground([{ ...whole, by: ben }]))
    expect(verdict).toMatchObject({ refused: { code: 'locked' }, mayTake: null })
  })

  test('the holder of a lock is one person under all their accounts', () => {
    const people = [{ slack: [ana, 'U0ANA2'] }]
    expect(outcome(setLock(wish(asker('U0ANA2')), ground([whole], people)))).toBe('locked by U0ANA2')
    expect(liftLock({ ...whole, by: asker('U0ANA2') }, ground([whole], people))).toMatchObject({
      lifted: whole,
    })
  })

  test('locking again keeps the start of the lock, and takes the new reason and end', () => {
    const again = wish(asker(ana), { why: 'still', until: start + day })
    expect(setLock(again, ground([whole]))).toMatchObject({
      lock: { ...whole, why: 'still', until: start + day },
      audit: [{ what: 'locked again', detail: { why: 'still', held: { why: 'an incident' } } }],
    })
  })

  test('a refused lock names its holder, reason, start, end and next step', () => {
    const until = start + day
    const verdict = setLock(wish(asker(ben)), ground([{ ...whole, until }]))
    if (!('refused' in verdict)) throw new Error('it was set')
    const { sentence, said, next } = verdict.refused
    expect(sentence).toContain('<@U0ANA>')
    expect(sentence).toContain('since 2026-11-23 12:00 UTC, until 2026-11-24 12:00 UTC')
    expect(said).toBe('an incident')
    expect(next).toContain('/deploy lock prod --take <reason>')
    expect(verdict.mayTake).toBeNull()
  })

  test('only an approver may take over a lock, and the audit names both people', () => {
    expect(setLock(wish(approver(ben)), ground([whole]))).toMatchObject({ mayTake: whole })
    const taken = setLock(wish(approver(ben), { as: take }), ground([whole]))
    expect(taken).toMatchObject({
      lock: { by: ben, since: start + hour },
      notice: { from: whole },
      audit: [{ actor: ben, what: 'lock taken over', detail: { held: { by: ana, why: 'an incident' } } }],
    })
  })
})

describe('lifting a lock', () => {
  test.each<[string, LockActor, readonly Lock[], Pick<Lock, 'environment' | 'service'>, string]>([
    ['by its holder', asker(ana), [whole], whole, 'unlocked'],
    [
      'by its holder, who may not ask there any more',
      stranger(ana, 'not_an_approver'),
      [whole],
      whole,
      'unlocked',
    ],
    [
      'not by its holder while Slack does not say who that is',
      stranger(ana, 'identity_unknown'),
      [whole],
      whole,
      'identity_unknown',
    ],
    [
      'not by its holder who is a guest by now',
      stranger(ana, 'not_a_member'),
      [whole],
      whole,
      'not_a_member',
    ],
    ['by an approver', approver(ben), [whole], whole, 'unlocked'],
    ['by nobody else', asker(ben), [whole], whole, 'not_allowed'],
    [
      'not by whoever could not be looked up',
      stranger(ben, 'group_unknown'),
      [whole],
      whole,
      'group_unknown',
    ],
    ['once', approver(ben), [], whole, 'not_locked'],
    ['not by lifting that of a service', approver(ben), [whole], blog, 'not_locked'],
    ['not of a service by lifting that of everything', approver(ben), [blog], whole, 'not_locked'],
    ['beside another', approver(ben), [whole, blog], blog, 'unlocked'],
    ['not where its time is over', approver(ben), [{ ...whole, until: start }], whole, 'not_locked'],
  ])('lifting a lock is decided: %s', (_, by, locks, place, expected) => {
    const { environment, service } = place
    const verdict = liftLock({ environment, service, by }, ground(locks))
    expect('refused' in verdict ? verdict.refused.code : verdict.notice.notice).toBe(expected)
    expect(verdict.audit).toMatchObject([{ actor: by.id, detail: { service } }])
  })

  test('a person who unlocks the wrong scope learns what is locked there', () => {
    const verdict = liftLock({ ...whole, by: approver(ben) }, ground([blog]))
    expect('refused' in verdict && verdict.refused.next).toContain('/deploy unlock prod blog-api')
  })
})

describe('the time of a lock', () => {
  test('a lock gets a reminder after 3 hours, then each day, and ends at its time', () => {
    expect(firstReview(whole, start)).toBe(start + 3 * hour)
    expect(firstReview({ ...whole, until: start + hour }, start)).toBe(start + hour)
    const later = start + 3 * hour
    expect(reviewLock(whole, later)).toMatchObject({
      review: 'held',
      dueAt: later + day,
      notice: { notice: 'still-locked' },
      audit: [{ actor: 'twokey', what: 'lock reminded' }],
    })
    const until = later + 4 * hour
    expect(reviewLock({ ...whole, until }, later)).toMatchObject({ review: 'held', dueAt: until })
    expect(reviewLock({ ...whole, until }, until)).toMatchObject({
      review: 'ended',
      notice: { notice: 'lock-ended' },
      audit: [{ actor: 'twokey', what: 'lock ended' }],
    })
  })

  test.each<[string, readonly Lock[], Lock | null]>([
    ['the whole environment before a service', [blog, whole], whole],
    ['the service', [blog, { ...blog, service: 'shop' }], blog],
    ['not another service', [{ ...blog, service: 'shop' }], null],
    ['not another environment', [{ ...whole, environment: 'dev' }], null],
    ['not after its time', [{ ...whole, until: start }, blog], blog],
    ['up to its time', [{ ...whole, until: start + 1 }], { ...whole, until: start + 1 }],
  ])('a lock applies %s', (_, locks, expected) => {
    expect(lockOn(locks, { environment: 'prod', service: 'blog-api' }, start)).toEqual(expected)
  })
})

describe('a locked service environment', () => {
  const ground = { holders: [], lock: whole, freeze: null, currentRules: null }

  test('a lock refuses a deploy even if it needs no approvals', () => {
    for (const part of [{}, { policy: policy({ required: 0 }) }]) {
      const requested = request(requestOf(part), ground, start)
      expect(requested).toMatchObject({ refused: { code: 'locked', said: 'an incident' } })
    }
  })

  test('a lock lets a rollback pass, which is announced, on its card and audited', () => {
    const back = requestOf({ subject: rollbackSubject(), policy: policy({ required: 0 }), eligible: 0 })
    const requested = request(back, ground, start)
    if ('refused' in requested) throw new Error(requested.refused.sentence)
    expect(requested.release.lock).toEqual(whole)
    expect(requested.effects).toContainEqual(
      expect.objectContaining({ do: 'tell', where: 'channel', story: { tell: 'passes-lock', lock: whole } }),
    )
    expect(requested.audit.map(({ what }) => what)).toContain('lock passed')
  })

  test('a lock during approval counts no click, and the audit says so', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.lock = whole
    expect(driver.approve(chloe)?.code).toBe('locked')
    expect(driver.release.approvals.map(({ by }) => by)).toEqual([ben])
    const { actor, what, detail } = driver.audit.at(-1)!
    expect([actor, what, detail.code]).toEqual([chloe, 'approve refused', 'locked'])
    driver.lock = null
    expect(driver.approve(chloe)).toBeNull()
    expect(driver.state).toBe('dispatching')
  })

  test('a release that awaits approval names the lock until it is lifted', () => {
    const driver = new ReleaseDriver()
    driver.lock = whole
    driver.look()
    driver.look()
    expect(driver.release.lock).toEqual(whole)
    driver.lock = null
    driver.look()
    expect(driver.release.lock).toBeNull()
    expect(driver.audit.map(({ what }) => what).filter((what) => what.includes('lock'))).toEqual([
      'held by a lock',
      'lock lifted',
    ])
  })

  test('a locked release still expires, and a decided one is answered as decided', () => {
    const driver = new ReleaseDriver()
    driver.lock = whole
    driver.now += 120 * minute
    expect(driver.approve(ben)?.code).toBe('already_decided')
    expect(driver.outcome).toBe('expired')
    expect(driver.approve(ben)?.code).toBe('already_decided')
  })

  test('a lock after the last approval stops the dispatch', () => {
    const driver = new ReleaseDriver({ waitMs: 5 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.lock = { ...whole, by: eli }
    driver.later(5 * minute)
    driver.look()
    expect(driver.outcome).toBe('cancelled')
    expect(driver.reason).toBe('locked by <@U0ELI>: an incident; nothing was sent')
    expect(driver.release.lock?.by).toBe(eli)
    expect(driver.effectsOf('dispatch')).toEqual([])
    expect(driver.posts('ended')).toMatchObject([{ mention: [ana] }])
  })

  test('a lock that is lifted before the wait is over does not stop the dispatch', () => {
    const driver = new ReleaseDriver({ waitMs: 5 * minute })
    driver.approve(ben)
    driver.approve(chloe)
    driver.lock = whole
    driver.later(minute)
    driver.lock = null
    driver.later(5 * minute)
    driver.look()
    expect(driver.effectsOf('dispatch')).toHaveLength(1)
  })

  test('a lock after the request of a rollback is passed and announced once', () => {
    const driver = new ReleaseDriver({
      subject: rollbackSubject(),
      policy: policy({ required: 1 }),
      eligible: 1,
    })
    driver.lock = whole
    expect(driver.approve(ben)).toBeNull()
    driver.look()
    expect(driver.effectsOf('update')).toHaveLength(1)
    expect(driver.posts('passes-lock')).toHaveLength(1)
    expect(driver.release.lock).toEqual(whole)
  })

  test('a lock does not stop a release under way', () => {
    const driver = underway()
    driver.lock = whole
    driver.watch(minute)
    expect(driver.state).toBe('running')
  })
})

describe('after a rollback', () => {
  function back(): ReleaseDriver {
    const driver = sendingBack()
    driver.answer({
      to: 'update',
      target: driver.release.targets[0]!,
      answer: 'accepted',
      deploymentId: 'ecs-svc/41',
    })
    const went = { revision: revision(41), deploymentId: 'ecs-svc/41', arn: 'arn:rollout/41' }
    driver.world.rollout(went)
    driver.look()
    driver.world.rollout({ ...went, verdict: 'succeeded' })
    driver.look()
    return driver
  }

  test('a lock is offered only after a rollback that succeeded', () => {
    const driver = back()
    expect(driver.outcome).toBe('succeeded')
    expect(actionsOf(driver.release)).toEqual(['lock'])
    const { stage } = driver.release
    if (stage.at !== 'ended') throw new Error('it has ended')
    for (const outcome of ['failed', 'stopped', 'unknown', 'rolled back', 'cancelled'] as const)
      expect(actionsOf({ ...driver.release, stage: { ...stage, outcome } })).not.toContain('lock')
    const deploy = { ...sending().release, stage: { ...stage, outcome: 'succeeded' as const } }
    expect(actionsOf(deploy)).not.toContain('lock')
  })
})

import type { AuditEntry } from '../effects.ts'
import type { PersonId, Time } from '../names.ts'
import type { LockNotice } from '../notice.ts'
import type { Refusal } from '../refusal.ts'
import { lockedAlready, lockedByAnother, lockTime, notLocked } from '../refusals/locks.ts'
import { mayNotLock, mayNotUnlock } from '../refusals/people.ts'
import { type Eligibility, isMember, isSamePerson, type Person } from './approval.ts'
import { isExpired, type Lock, type Locked, lockOf, lockOn } from './lock.ts'

const hour = 60 * 60_000
const day = 24 * hour

/** The longest lock with an end, ms from now. A longer one is set without an end. */
const longestMs = 90 * day

/** When the holder of a lock gets the first reminder, ms. Source: slashdeploy reminds after 3 h. */
const firstReminderMs = 3 * hour
const nextReminderMs = day

/** A person who sets or lifts a lock, with their rights there. */
export type LockActor = {
  readonly id: PersonId
  /** Whether they may request releases of everything that the lock blocks. */
  readonly asks: Eligibility
  /** Whether they are an approver of everything that the lock blocks. */
  readonly approves: Eligibility
}

/** Which lock of another person the request may replace. */
export type Hold =
  /** None. */
  | { readonly hold: 'free' }
  /** Any lock; with `shown` only the one that the button showed. */
  | { readonly hold: 'take'; readonly shown: Pick<Lock, 'by' | 'since'> | null }
  /** None, nor one of the whole environment. A button requests it, even if something else was locked after the card was shown. */
  | { readonly hold: 'offered' }

export type LockRequest = Locked & Pick<Lock, 'why' | 'until'> & { readonly by: LockActor; readonly as: Hold }

/** The facts for a lock request, read in the transaction that decides it. */
export type LockContext = {
  /** The locks of the environment and of services in it. Expired ones do not count. */
  readonly locks: readonly Lock[]
  /** Accounts that belong to one person. */
  readonly people: readonly Person[]
  readonly now: Time
}

export type LockVerdict =
  | {
      readonly lock: Lock
      readonly audit: readonly AuditEntry[]
      readonly notice: LockNotice
    }
  | {
      readonly refused: Refusal
      readonly audit: readonly AuditEntry[]
      /** The conflicting lock, if the person may take it over. */
      readonly mayTake: Lock | null
    }

/**
 * The new lock, or why it is refused. A person who may request a release there may lock it. The holder may change the
 * reason and the end.
 */
export function setLock(wish: LockRequest, { locks, people, now }: LockContext): LockVerdict {
  const { environment, service, by, why, until, as } = wish
  const held = standing(locks, wish, now)
  const isOwn = held !== null && isSamePerson({ people }, held.by, by.id)
  const offeredInVain =
    as.hold === 'offered' && service !== null ? lockOn(locks, { environment, service }, now) : null
  const no = notAllowed(by) ?? wrongTime(wish, now) ?? (offeredInVain && lockedAlready(offeredInVain))
  if (no) return refusedWith(no, null)
  if (held !== null && isAnother(held, as))
    return isOwn ? refusedWith(lockedAlready(held), null) : refusedWith(heldByAnother(held, by, as), held)
  if (held === null || isOwn) {
    const lock = { environment, service, by: by.id, why, since: held?.since ?? now, until }
    const what = held === null ? 'locked' : 'locked again'
    return { lock, audit: [entry(by.id, what, lock, before(held))], notice: { notice: 'locked', lock } }
  }
  if (as.hold !== 'take' || !by.approves.eligible) return refusedWith(heldByAnother(held, by, as), held)
  const lock = { environment, service, by: by.id, why, since: now, until }
  return {
    lock,
    audit: [entry(by.id, 'lock taken over', lock, before(held))],
    notice: { notice: 'taken-over', lock, from: held },
  }

  function refusedWith(refused: Refusal, inTheWay: Lock | null): LockVerdict {
    const audit = [entry(by.id, 'lock refused', wish, { code: refused.code, hold: as.hold })]
    return { refused, audit, mayTake: by.approves.eligible ? inTheWay : null }
  }
}

export type UnlockVerdict =
  | { readonly lifted: Lock; readonly audit: readonly AuditEntry[]; readonly notice: LockNotice }
  | { readonly refused: Refusal; readonly audit: readonly AuditEntry[] }

/** The lock that is lifted, or why none is. Its holder and approvers may lift it. */
export function liftLock(
  wish: Locked & { readonly by: LockActor },
  { locks, people, now }: LockContext,
): UnlockVerdict {
  const { by } = wish
  const held = standing(locks, wish, now)
  if (held === null) return refusedWith(nothingLocked(wish, locks, now))
  const no = mayNotLift(held, by, people)
  if (no) return refusedWith(no)
  return {
    lifted: held,
    audit: [entry(by.id, 'unlocked', held, before(held))],
    notice: { notice: 'unlocked', lock: held, by: by.id },
  }

  function refusedWith(refused: Refusal): UnlockVerdict {
    return { refused, audit: [entry(by.id, 'unlock refused', wish, { code: refused.code })] }
  }
}

/** The result of a due lock: it expires, or its holder is reminded. */
export type Reviewed =
  | { readonly review: 'ended'; readonly audit: readonly AuditEntry[]; readonly notice: LockNotice }
  | {
      readonly review: 'held'
      readonly audit: readonly AuditEntry[]
      readonly notice: LockNotice
      readonly dueAt: Time
    }

/** Decides on a lock that is due. */
export function reviewLock(lock: Lock, now: Time): Reviewed {
  if (isExpired(lock, now))
    return {
      review: 'ended',
      audit: [entry('twokey', 'lock ended', lock, before(lock))],
      notice: { notice: 'lock-ended', lock },
    }
  return {
    review: 'held',
    audit: [entry('twokey', 'lock reminded', lock, before(lock))],
    notice: { notice: 'still-locked', lock },
    dueAt: soonest(lock, now + nextReminderMs),
  }
}

/** When a new lock is first due. */
export function firstReview(lock: Lock, now: Time): Time {
  return soonest(lock, now + firstReminderMs)
}

/** Whether the button showed a lock other than the current one. */
function isAnother(held: Lock, as: Hold): boolean {
  return as.hold === 'take' && as.shown !== null && (as.shown.by !== held.by || as.shown.since !== held.since)
}

function soonest({ until }: Lock, reminder: Time): Time {
  return until === null ? reminder : Math.min(until, reminder)
}

function standing(locks: readonly Lock[], of: Locked, now: Time): Lock | null {
  const lock = lockOf(locks, of)
  return lock === null || isExpired(lock, now) ? null : lock
}

function entry(
  actor: string,
  what: string,
  { service, ...said }: Locked & Partial<Pick<Lock, 'why' | 'until'>>,
  more: Readonly<Record<string, unknown>> = {},
): AuditEntry {
  const { why, until } = said
  return { actor, what, detail: { service, ...(why !== undefined && { why, until }), ...more } }
}

/** The earlier lock, for the audit. */
function before(held: Lock | null): Readonly<Record<string, unknown>> {
  return held === null ? {} : { held: { by: held.by, since: held.since, why: held.why, until: held.until } }
}

function notAllowed({ asks, approves }: LockActor): Refusal | null {
  if (asks.eligible || approves.eligible) return null
  return mayNotLock(asks)
}

function wrongTime(wish: LockRequest, now: Time): Refusal | null {
  const { until } = wish
  if (until === null || (until > now && until <= now + longestMs)) return null
  return lockTime(wish, until, until <= now ? 'over' : 'too far')
}

function heldByAnother(held: Lock, { approves }: LockActor, { hold }: Hold): Refusal {
  if (approves.eligible) return lockedByAnother(held, 'you may')
  return lockedByAnother(held, hold === 'take' ? { not: approves.sentence } : 'an approver may')
}

function mayNotLift(
  held: Lock,
  { id, asks, approves }: LockActor,
  people: readonly Person[],
): Refusal | null {
  if (approves.eligible || (isSamePerson({ people }, held.by, id) && isMember(asks))) return null
  return mayNotUnlock(approves, held)
}

/** Refuses to lift a lock that does not exist, and names what is locked there instead. */
function nothingLocked(wish: Locked, locks: readonly Lock[], now: Time): Refusal {
  const others = locks.filter((lock) => !isExpired(lock, now))
  return notLocked(wish, others)
}

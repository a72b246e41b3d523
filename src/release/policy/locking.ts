import type { AuditEntry } from '../effects.ts'
import type { PersonId, Time } from '../names.ts'
import type { LockNotice } from '../notice.ts'
import type { Refusal } from '../refusal.ts'
import { lockedAlready, lockedByAnother, lockTime, notLocked } from '../refusals/locks.ts'
import { mayNotLock, mayNotUnlock } from '../refusals/people.ts'
import { type Eligibility, isMember, isSamePerson, type Person } from './approval.ts'
import { isOver, type Lock, type Locked, lockOf, lockOn } from './lock.ts'

const hour = 60 * 60_000
const day = 24 * hour

/** No lock ends later by itself, ms from now: what is held for longer is held until somebody lifts it. */
const longestMs = 90 * day

/** When whoever holds a lock is reminded of it, ms. Source: slashdeploy reminds after 3 h. */
const firstReminderMs = 3 * hour
const nextReminderMs = day

/** Who wants to set or to lift a lock, and how they stand there. */
export type LockActor = {
  readonly id: PersonId
  /** Whether they may ask for releases of all that the lock is of. */
  readonly asks: Eligibility
  /** Whether they are among the approvers of all that the lock is of. */
  readonly approves: Eligibility
}

/** Which lock of another person gives way. */
export type Hold =
  /** None. */
  | { readonly hold: 'free' }
  /** Any; `shown`: the one that the button showed alone. */
  | { readonly hold: 'take'; readonly shown: Pick<Lock, 'by' | 'since'> | null }
  /** None, and no lock of the whole environment either: a button offers it, whatever has been locked since. */
  | { readonly hold: 'offered' }

export type LockRequest = Locked & Pick<Lock, 'why' | 'until'> & { readonly by: LockActor; readonly as: Hold }

/** What a wish meets, read in the transaction that grants it. */
export type LockContext = {
  /** The locks of the environment and of services in it. Those whose time is over do not hold. */
  readonly locks: readonly Lock[]
  /** Accounts that are one person. */
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
      /** The lock that stands in the way, where the one who asks may take it over. */
      readonly mayTake: Lock | null
    }

/** The new lock, or why not. Whoever may ask for a release there may lock it; who holds it already may say anew why and until when. */
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

/** The lock that is lifted, or why none is. Whoever holds it and approvers may. */
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

/** What becomes of a lock whose time has come: it ends, or whoever holds it is reminded. */
export type Reviewed =
  | { readonly review: 'ended'; readonly audit: readonly AuditEntry[]; readonly notice: LockNotice }
  | {
      readonly review: 'held'
      readonly audit: readonly AuditEntry[]
      readonly notice: LockNotice
      readonly dueAt: Time
    }

/** A lock that is due, looked at. */
export function reviewLock(lock: Lock, now: Time): Reviewed {
  if (isOver(lock, now))
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

/** When a lock that was just set is looked at first. */
export function firstReview(lock: Lock, now: Time): Time {
  return soonest(lock, now + firstReminderMs)
}

/** Whether a button showed another lock than the one that is held. */
function isAnother(held: Lock, as: Hold): boolean {
  return as.hold === 'take' && as.shown !== null && (as.shown.by !== held.by || as.shown.since !== held.since)
}

function soonest({ until }: Lock, reminder: Time): Time {
  return until === null ? reminder : Math.min(until, reminder)
}

function standing(locks: readonly Lock[], of: Locked, now: Time): Lock | null {
  const lock = lockOf(locks, of)
  return lock === null || isOver(lock, now) ? null : lock
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

/** The lock that was there, for the audit. */
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

/** Names what is locked there instead. */
function nothingLocked(wish: Locked, locks: readonly Lock[], now: Time): Refusal {
  const others = locks.filter((lock) => !isOver(lock, now))
  return notLocked(wish, others)
}

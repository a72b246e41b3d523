import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { Checkpoint } from '../ports/ports.ts'
import type { AuditHead } from '../release/effects.ts'
import type { Time } from '../release/names.ts'
import type { LockNotice } from '../release/notice.ts'
import { isExpired, type Lock } from '../release/policy/lock.ts'
import { reviewLock } from '../release/policy/locking.ts'
import { Loop } from '../runtime/loop.ts'
import { lockedServiceEnvironments, type Settings } from '../settings/settings.ts'
import { environmentChain, type Store, type Transaction } from '../store/store.ts'

export type LockExpiryDeps = {
  readonly store: Store
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Logger
  readonly checkpoint: Checkpoint
}

/** Ends locks at their time, and reminds their holders. */
export type LockExpiry = {
  /** Called when a lock was set, to check when it is due. */
  wake(): void
  stop(): Promise<void>
}

/** The longest sleep, ms, because another process may have set a lock. */
const longestSleepMs = 60_000

/** The pause after an internal error, ms. */
const afterBugMs = 10_000

/** Starts the loop. A lock that was due while twokey was down is handled once. */
export function startLockExpiry({ store, settings, clock, log, checkpoint }: LockExpiryDeps): LockExpiry {
  const loop = new Loop({
    round,
    onError: { message: 'the locks could not be looked at', backOffMs: afterBugMs },
    log,
  })

  async function round(): Promise<number> {
    const now = clock()
    let next = await store.nextLockDue()
    if (next !== null && next <= now) {
      await checkpoint('before review committed')
      await store.transact((tx) => reviewDue(tx, settings, now))
      await checkpoint('review committed')
      next = await store.nextLockDue()
    }
    return next === null ? longestSleepMs : Math.min(next - clock(), longestSleepMs)
  }

  loop.wake()
  return loop
}

/** Ends each due lock, or reminds its holder. */
async function reviewDue(tx: Transaction, settings: Settings, now: Time): Promise<void> {
  for (const lock of await tx.dueLocks(now)) await review(tx, settings, lock, now)
}

/** Ends the expired ones of these locks, and returns them. */
export async function endExpired(
  tx: Transaction,
  settings: Settings,
  locks: readonly Lock[],
  now: Time,
): Promise<readonly Lock[]> {
  const over = locks.filter((lock) => isExpired(lock, now))
  for (const lock of over) await review(tx, settings, lock, now)
  return over
}

async function review(tx: Transaction, settings: Settings, lock: Lock, now: Time): Promise<void> {
  const reviewed = reviewLock(lock, now)
  switch (reviewed.review) {
    case 'ended':
      await tx.liftLock(lock)
      await tx.wakeInFlight(now, lock.environment)
      break
    case 'held':
      await tx.setLock(lock, reviewed.dueAt)
      break
  }
  const head = await tx.audit(environmentChain(lock.environment), reviewed.audit, now)
  await announceLock(tx, settings, { notice: reviewed.notice, head }, now)
}

/** Announces an event of a lock in every release channel that it concerns. */
export async function announceLock(
  tx: Transaction,
  settings: Settings,
  { notice, head }: { readonly notice: LockNotice; readonly head: AuditHead },
  now: Time,
): Promise<void> {
  const channels = lockedServiceEnvironments(settings, notice.lock).map(({ channel }) => channel)
  const chain = environmentChain(notice.lock.environment)
  for (const channel of new Set(channels)) await tx.announce(channel, { notice, chain, head }, now)
}

import type { Time } from '../../release/names.ts'
import type { Lock } from '../../release/policy/lock.ts'

/** Deploy locks. */
export interface Locks {
  /** Every lock that nobody lifted, those whose time is over included. */
  locks(): Promise<readonly Lock[]>
  /** When the next of them is to be looked at; null: there is none. */
  nextLockDue(): Promise<Time | null>
}

export interface LocksInTransaction {
  /** The locks of an environment and of services in it, those whose time is over included. Rows are locked. */
  locks(environment: string): Promise<readonly Lock[]>
  /** Those to be looked at by now, as `setLock` said. Rows are locked. */
  dueLocks(now: Time): Promise<readonly Lock[]>
  /** Replaces the lock that is there. @param dueAt when to look at it next */
  setLock(lock: Lock, dueAt: Time): Promise<void>
  /** Whether there was one. */
  liftLock(lock: Pick<Lock, 'environment' | 'service'>): Promise<boolean>
}

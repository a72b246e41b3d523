import type { Time } from '../../release/names.ts'
import type { Lock } from '../../release/policy/lock.ts'

/** Deploy locks. */
export interface Locks {
  /** Every lock that nobody lifted, including expired ones. */
  locks(): Promise<readonly Lock[]>
  /** When the next lock is due; null: there is none. */
  nextLockDue(): Promise<Time | null>
}

export interface LocksInTransaction {
  /** The locks of an environment and of services in it, including expired ones. Locks the rows. */
  locks(environment: string): Promise<readonly Lock[]>
  /** Locks that are due, by the time given to `setLock`. Locks the rows. */
  dueLocks(now: Time): Promise<readonly Lock[]>
  /**
   * Sets a lock, and replaces an existing one.
   * @param dueAt when it is next due
   */
  setLock(lock: Lock, dueAt: Time): Promise<void>
  /** Lifts a lock. Returns whether there was one. */
  liftLock(lock: Pick<Lock, 'environment' | 'service'>): Promise<boolean>
}

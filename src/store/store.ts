import type { Time } from '../release/names.ts'
import type { Audit, AuditInTransaction } from './interface/audit.ts'
import type { Bookmarks, BookmarksInTransaction } from './interface/bookmarks.ts'
import type { DirectMessages, DirectMessagesInTransaction } from './interface/direct.ts'
import type { Inbox, InboxInTransaction } from './interface/inbox.ts'
import type { Leases } from './interface/leases.ts'
import type { Locks, LocksInTransaction } from './interface/locks.ts'
import type { Outbox, OutboxInTransaction } from './interface/outbox.ts'
import type { Releases, ReleasesInTransaction } from './interface/releases.ts'
import type { Unreleased } from './interface/unreleased.ts'

export { type AuditRow, environmentChain, environmentOf, strayChain } from './interface/audit.ts'
export type { DirectMessages } from './interface/direct.ts'
export type { UndonePage } from './interface/inbox.ts'
export { Fenced, type Lease } from './interface/leases.ts'
export type { DueCard, DuePost, LostCard, Outbox } from './interface/outbox.ts'
export type { HistoryQuery, RoleOf, SentQuery } from './interface/releases.ts'
export { asideMs, type OnSetAside, type SetAside, Unreadable } from './interface/set-aside.ts'
export type { Unreleased } from './interface/unreleased.ts'

/**
 * Stores everything that must not be lost. If one of several rows cannot be read, only that one is set aside and left
 * out of lists.
 */
export interface Store extends Releases, Leases, Inbox, Locks, Audit, Bookmarks {
  /**
   * Runs one transaction: all of it or nothing. Inside, use only `tx`, because the store itself waits for the
   * transaction's end.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  readonly outbox: Outbox
  readonly direct: DirectMessages
  readonly unreleased: Unreleased
  /** Deletes rows that are no longer read: see `prune.ts`. */
  prune(now: Time): Promise<void>
  /** Throws if the store does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The operations of one transaction. No network call belongs inside. */
export interface Transaction
  extends ReleasesInTransaction,
    InboxInTransaction,
    OutboxInTransaction,
    LocksInTransaction,
    AuditInTransaction,
    BookmarksInTransaction {
  readonly direct: DirectMessagesInTransaction
}

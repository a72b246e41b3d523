import type { Time } from '../release/names.ts'
import type { Audit, AuditInTransaction } from './interface/audit.ts'
import type { Bookmarks, BookmarksInTransaction } from './interface/bookmarks.ts'
import type { Inbox, InboxInTransaction } from './interface/inbox.ts'
import type { Leases } from './interface/leases.ts'
import type { Locks, LocksInTransaction } from './interface/locks.ts'
import type { Outbox, OutboxInTransaction } from './interface/outbox.ts'
import type { Releases, ReleasesInTransaction } from './interface/releases.ts'
import type { Unreleased } from './interface/unreleased.ts'

export { type AuditRow, environmentChain, environmentOf, strayChain } from './interface/audit.ts'
export type { UndonePage } from './interface/inbox.ts'
export { Fenced, type Lease } from './interface/leases.ts'
export type { DueCard, DuePost, LostCard, Outbox } from './interface/outbox.ts'
export type { HistoryQuery, SentQuery } from './interface/releases.ts'
export { asideMs, type OnSetAside, type SetAside, Unreadable } from './interface/set-aside.ts'
export type { Unreleased } from './interface/unreleased.ts'

/**
 * Where everything is that must not be forgotten. Of several rows, one that cannot be read is set aside alone, and left
 * out of what is listed.
 */
export interface Store extends Releases, Leases, Inbox, Locks, Audit, Bookmarks {
  /** One transaction: all of it or nothing. Inside, ask `tx` alone: the store itself waits for its end. */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  readonly outbox: Outbox
  readonly unreleased: Unreleased
  /** Deletes what nobody reads any more by now: see `prune.ts`. */
  prune(now: Time): Promise<void>
  /** Throws where the store does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** What is done within one transaction. No network call belongs inside. */
export interface Transaction
  extends ReleasesInTransaction,
    InboxInTransaction,
    OutboxInTransaction,
    LocksInTransaction,
    AuditInTransaction,
    BookmarksInTransaction {}

import type { InboxItem } from '../../messages/intent.ts'
import type { Time } from '../../release/names.ts'

/** Items in the order in which they were received. `last`: the place of the last; `isAll`: there were no more. */
export type UndonePage = {
  readonly items: readonly InboxItem[]
  readonly last: number
  readonly isAll: boolean
}

interface PendingItems {
  /**
   * Items received and not done, the oldest first. One that cannot be read is given up; in a transaction it throws `Unreadable`,
   * since it may stop a release.
   */
  pendingItems(): Promise<readonly InboxItem[]>
}

/** What people asked, until it is done. */
export interface Inbox extends PendingItems {
  /** Written and synced when it resolves. `seen`: the same id was received before. */
  receive(item: InboxItem): Promise<'new' | 'seen'>
  /** As `pendingItems`, of those that were received after a place in their order; `limit` rows at most. */
  pendingItemsAfter(place: number, limit: number): Promise<UndonePage>
}

export interface InboxInTransaction extends PendingItems {
  /** Whether the item was still undone; from now on it is done. */
  finish(inboxId: string, at: Time): Promise<boolean>
}

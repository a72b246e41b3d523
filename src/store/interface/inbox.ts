import type { InboxItem } from '../../messages/intent.ts'
import type { Time } from '../../release/names.ts'

/** A page of items in order of receipt. `last`: the place of the last one; `isAll`: there were no more. */
export type UndonePage = {
  readonly items: readonly InboxItem[]
  readonly last: number
  readonly isAll: boolean
}

interface PendingItems {
  /**
   * Items received and not done, oldest first. An unreadable item is given up; in a transaction it throws
   * `Unreadable`, because it may stop a release.
   */
  pendingItems(): Promise<readonly InboxItem[]>
}

/** Requests of people, until they are done. */
export interface Inbox extends PendingItems {
  /** Stores an item; it is written and synced when this resolves. `seen`: the same id was received before. */
  receive(item: InboxItem): Promise<'new' | 'seen'>
  /** Like `pendingItems`, for items received after a place in the order; `limit` rows at most. */
  pendingItemsAfter(place: number, limit: number): Promise<UndonePage>
}

export interface InboxInTransaction extends PendingItems {
  /** Marks the item as done. Returns whether it was pending. */
  finish(inboxId: string, at: Time): Promise<boolean>
}

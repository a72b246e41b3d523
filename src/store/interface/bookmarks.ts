/** What has to be known again after a restart, and is of nothing else here. */
export interface Bookmarks {
  /** What was written under this name; null: nothing yet. */
  bookmark(name: string): Promise<unknown>
}

export interface BookmarksInTransaction extends Bookmarks {
  setBookmark(name: string, body: unknown): Promise<void>
}

/** Small values that must survive a restart and belong to nothing else here. */
export interface Bookmarks {
  /** The value of this name; null: none yet. */
  bookmark(name: string): Promise<unknown>
}

export interface BookmarksInTransaction extends Bookmarks {
  setBookmark(name: string, body: unknown): Promise<void>
}

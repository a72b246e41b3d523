import { DatabaseSync } from 'node:sqlite'

/**
 * Opens a SQLite file for this process only, with every commit synced to disk before it returns. The kernel releases
 * the lock when the process dies, in whatever way. It is a POSIX lock: it is also lost if this process opens and closes
 * the file by other means, so nothing here may read the file but SQLite. Throws SQLite's own error, `busy` if another
 * process has it.
 */
export function holdSqliteFile(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  try {
    database.exec('pragma locking_mode = exclusive')
    database.exec('pragma journal_mode = wal')
    database.exec('pragma synchronous = full')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

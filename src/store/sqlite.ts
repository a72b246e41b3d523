import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { Signals } from '../runtime/signals.ts'
import type { SqlDialect } from './dialect.ts'
import { StoreInUse, StoreUnreadable } from './errors.ts'
import { migrate } from './migrations.ts'
import { closeFiles, closeFolder, type Exposure } from './modes.ts'
import { NodeSqliteDialect } from './node-sqlite.ts'
import type { Schema } from './schema.ts'
import { SqlStore } from './sql-store.ts'
import { holdSqliteFile } from './sqlite-file.ts'
import type { OnSetAside, Store } from './store.ts'

/** The store's file in its folder. */
export const storeFile = 'twokey.db'

/** All files that SQLite creates there. */
const files = ['', '-wal', '-shm', '-journal'].map((suffix) => `${storeFile}${suffix}`)

/**
 * Opens the store in a folder, and creates both if they are missing. The folder is locked by this process until the
 * store is closed or the process dies in whatever way, and only this process's user can read the files, whatever their
 * modes were before. Throws `StoreInUse`, `StoreTooNew`, `StoreUnreadable`.
 */
export async function openSqliteStore({
  folder,
  onExposed = () => {},
  onSetAside = () => {},
  signals = new Signals(),
}: {
  readonly folder: string
  /** Others on this machine had access to the folder. */
  readonly onExposed?: (exposure: Exposure) => void
  readonly onSetAside?: OnSetAside
  /** Called with the changes of each transaction. */
  readonly signals?: Pick<Signals, 'changed'>
}): Promise<Store> {
  const file = join(folder, storeFile)
  let database: DatabaseSync | undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const exposure = closeFolder(folder, files)
    if (exposure) onExposed(exposure)
    closeFiles(folder, files)
    database = holdSqliteFile(file)
    // For a file that was just created; SQLite gives its log the same mode.
    closeFiles(folder, files)
    const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(database) })
    await migrate(db, sqlite)
    await endLeases(db)
    return new SqlStore({ db, dialect: sqlite, onSetAside, signals })
  } catch (error) {
    database?.close()
    throw asStoreError(error, { folder, file })
  }
}

/** The holder of a lease is dead if the store could be opened: its releases are due at once. */
async function endLeases(db: Kysely<Schema>): Promise<void> {
  await db.updateTable('release').set({ lease_until: 0 }).where('lease_until', 'is not', null).execute()
}

/** One writer, one connection, and a lock on the file: rows need no locks. */
export const sqlite: SqlDialect = {
  counter: (column) => column.primaryKey().autoIncrement(),
  forUpdate: (query) => query,
  skipLocked: (query) => query,
  field: (column, path) =>
    sql`case when json_valid(${sql.ref(column)}) then json_extract(${sql.ref(column)}, ${sql.lit(`$.${path}`)}) end`,
  appendOnly: (table) =>
    ['update', 'delete'].map(
      (change) =>
        sql`create trigger ${sql.id(`${table}_no_${change}`)} before ${sql.raw(change)} on ${sql.table(table)}
            begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`,
    ),
}

/** Result codes, https://sqlite.org/rescode.html */
const busy = 5

/** The error of SQLite or the disk, in words for people. */
export function asStoreError(error: unknown, { folder, file }: { folder: string; file: string }): unknown {
  if (!(error instanceof Error)) return error
  if ('errcode' in error && typeof error.errcode === 'number') {
    const primary = error.errcode & 0xff
    if (primary === busy) return new StoreInUse(folder)
    return new StoreUnreadable(file, error.message, { cause: error })
  }
  if ('syscall' in error) return new StoreUnreadable(file, error.message, { cause: error })
  return error
}

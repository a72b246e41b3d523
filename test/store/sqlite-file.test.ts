import { closeSync, existsSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { StoreInUse, StoreTooNew, StoreUnreadable } from '../../src/store/errors.ts'
import { openSqliteStore, storeFile } from '../../src/store/sqlite.ts'
import { holdSqliteFile } from '../../src/store/sqlite-file.ts'
import { startChild } from './child.ts'
import { item, requestedDeploy, start } from './fixtures.ts'
import { ownFolder } from './folder.ts'

/** Changes a closed store's file. */
function within(folder: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(folder, storeFile))
  work(database)
  database.close()
}

test('creates the folder for its owner only', async () => {
  const folder = join(ownFolder(), 'deep', 'down')
  const store = await openSqliteStore({ folder })
  await store.close()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(existsSync(join(folder, storeFile))).toBe(true)
})

test('locks the folder for one process, until that process dies', async () => {
  const folder = ownFolder()
  const child = await startChild(folder, 1)
  const refused = await openSqliteStore({ folder }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StoreInUse)
  expect((refused as StoreInUse).message).toContain(folder)
  await child.kill()
  const store = await openSqliteStore({ folder })
  await store.close()
})

test('opens a folder once within a process, and the first store continues', async () => {
  const folder = ownFolder()
  const store = await openSqliteStore({ folder })
  await expect(openSqliteStore({ folder })).rejects.toThrow(StoreInUse)
  expect(await store.receive(item('a'))).toBe('new')
  await store.close()
})

test('leaves a store with a newer schema unchanged', async () => {
  const folder = ownFolder()
  await (await openSqliteStore({ folder })).close()
  within(folder, (database) => database.exec('update schema_version set version = 99'))
  await expect(openSqliteStore({ folder })).rejects.toThrow(StoreTooNew)
  within(folder, (database) =>
    expect(database.prepare('select version from schema_version').get()).toEqual({ version: 99 }),
  )
})

test('rejects a release with a newer body version', async () => {
  const folder = ownFolder()
  const first = await openSqliteStore({ folder })
  await start(first, requestedDeploy('r1'))
  await first.close()
  within(folder, (database) => database.exec('update release set body_version = 1000'))
  const store = await openSqliteStore({ folder })
  await expect(store.release('r1')).rejects.toThrow('newer')
  await store.close()
})

test('rejects a file that is not a database, by name and without writing to it', async () => {
  const folder = ownFolder()
  writeFileSync(join(folder, storeFile), 'these are somebody’s notes\n'.repeat(100))
  const size = statSync(join(folder, storeFile)).size
  const refused = await openSqliteStore({ folder }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StoreUnreadable)
  expect((refused as StoreUnreadable).message).toContain(storeFile)
  expect(statSync(join(folder, storeFile)).size).toBe(size)
})

test.each([
  ['its first page', 0],
  ['the page after it', 4_096],
])('rejects a file that lost %s', async (_, position) => {
  const folder = ownFolder()
  const first = await openSqliteStore({ folder })
  await start(first, requestedDeploy('r1'))
  await first.close()
  const file = openSync(join(folder, storeFile), 'r+')
  writeSync(file, Buffer.alloc(4_096, 7), 0, 4_096, position)
  closeSync(file)
  await expect(openSqliteStore({ folder })).rejects.toThrow(StoreUnreadable)
})

test('rejects a folder that cannot be created', async () => {
  const folder = ownFolder()
  writeFileSync(join(folder, 'file'), '')
  await expect(openSqliteStore({ folder: join(folder, 'file', 'store') })).rejects.toThrow(StoreUnreadable)
})

test('the audit table rejects changes by anybody', async () => {
  const folder = ownFolder()
  const store = await openSqliteStore({ folder })
  await start(store, requestedDeploy('r1'))
  await store.transact((tx) => tx.audit('r1', [{ actor: 'U0ANA', what: 'requested', detail: {} }], 1_000))
  await store.close()
  within(folder, (database) => {
    expect(() => database.exec(`update audit set actor = 'U0EVE'`)).toThrow('append-only')
    expect(() => database.exec('delete from audit')).toThrow('append-only')
  })
})

test('frees the lease of a process that died', async () => {
  const folder = ownFolder()
  const first = await openSqliteStore({ folder })
  await start(first, requestedDeploy('r1'))
  const before = await first.claim({ owner: 'old', now: 1_000, leaseMs: 60_000 })
  await first.close()
  const store = await openSqliteStore({ folder })
  const after = await store.claim({ owner: 'new', now: 1_001, leaseMs: 60_000 })
  expect(after?.lease.epoch).toBe((before?.lease.epoch ?? 0) + 1)
  await store.close()
})

test('locks the file for one process, and syncs every commit', () => {
  const database = holdSqliteFile(join(ownFolder(), 'any.db'))
  const setting = (name: string) => Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0]
  expect(setting('locking_mode')).toBe('exclusive')
  expect(setting('journal_mode')).toBe('wal')
  // 2 is FULL, https://sqlite.org/pragma.html#pragma_synchronous
  expect(setting('synchronous')).toBe(2)
  database.close()
})

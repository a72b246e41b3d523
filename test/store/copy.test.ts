import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { copyStore } from '../../src/store/copy.ts'
import { StoreMissing } from '../../src/store/errors.ts'
import { storeFile } from '../../src/store/sqlite.ts'
import { startChild } from './child.ts'
import { ownFolder } from './folder.ts'

/** The content of a copy, which SQLite reports as intact. */
function contents(folder: string) {
  const database = new DatabaseSync(join(folder, storeFile))
  const check = database.prepare('pragma integrity_check').get()
  const count = (table: string) => Number(database.prepare(`select count(*) as n from ${table}`).get()?.n)
  const found = { check: check?.integrity_check, releases: count('release'), audit: count('audit') }
  database.close()
  return found
}

test('copies a store consistently while it is being written', async () => {
  const folder = ownFolder()
  const child = await startChild(folder, 2)
  let last = 0
  for (let round = 0; round < 25; round++) {
    const said = child.said.filter((line) => line.startsWith('release ')).length
    const copy = await copyStore(folder, storeFile)
    const { check, releases, audit } = contents(copy.folder)
    copy.remove()
    expect(check).toBe('ok')
    // Both are written in one transaction.
    expect(releases).toBe(audit)
    expect(releases).toBeGreaterThanOrEqual(said)
    expect(releases).toBeGreaterThanOrEqual(last)
    last = releases
    expect(existsSync(copy.folder)).toBe(false)
  }
  await child.kill()
})

test('copies the log with changes that are not in the file yet', async () => {
  const folder = ownFolder()
  const child = await startChild(folder, 20)
  await child.kill()
  const copy = await copyStore(folder, storeFile)
  expect(contents(copy.folder).releases).toBeGreaterThanOrEqual(10)
  copy.remove()
  const bare = ownFolder()
  copyFileSync(join(folder, storeFile), join(bare, storeFile))
  expect(() => contents(bare)).toThrow('no such table')
})

test('creates nothing if there is no store', async () => {
  const folder = ownFolder()
  await expect(copyStore(folder, storeFile)).rejects.toThrow(StoreMissing)
  await expect(copyStore(join(folder, 'none'), storeFile)).rejects.toThrow(StoreMissing)
  writeFileSync(join(folder, 'file'), '')
  await expect(copyStore(join(folder, 'file'), storeFile)).rejects.toThrow(StoreMissing)
  expect(readdirSync(folder)).toEqual(['file'])
})

import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyStore } from '../../src/store/copy.ts'
import type { Exposure } from '../../src/store/modes.ts'
import { openSqliteStore, storeFile } from '../../src/store/sqlite.ts'
import { item } from './fixtures.ts'
import { ownFolder } from './folder.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)
const wal = `${storeFile}-wal`

/** Opens the store, writes to it, and returns the modes of all its files. */
async function opened(folder: string) {
  const told: Exposure[] = []
  const store = await openSqliteStore({ folder, onExposed: (exposure) => told.push(exposure) })
  await store.receive(item('a'))
  const modes = [folder, join(folder, storeFile), join(folder, wal)].map(modeOf)
  return { store, told, modes }
}

test('closes a store and its folder that everybody could read', async () => {
  const folder = join(ownFolder(), 'data')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  const { store, told, modes } = await opened(folder)
  await store.close()
  expect(modes).toEqual(['700', '600', '600'])
  expect(told).toEqual([{ folder, mode: '0755', isMended: true }])
})

test('closes files that an older twokey left readable, including the log', async () => {
  const folder = ownFolder()
  const { store: older } = await opened(folder)
  await older.close()
  chmodSync(join(folder, storeFile), 0o644)
  writeFileSync(join(folder, wal), '')
  chmodSync(join(folder, wal), 0o666)
  writeFileSync(join(folder, `${storeFile}-shm`), '', { mode: 0o644 })
  const { store, told, modes } = await opened(folder)
  expect(modes).toEqual(['700', '600', '600'])
  expect(modeOf(join(folder, `${storeFile}-shm`))).toBe('600')
  expect(told).toEqual([])
  await store.close()
})

test('leaves a shared folder such as /tmp as it is, and reports it', async () => {
  const folder = join(ownFolder(), 'shared')
  mkdirSync(folder)
  chmodSync(folder, 0o1777)
  const { store, told, modes } = await opened(folder)
  await store.close()
  expect(modes).toEqual(['1777', '600', '600'])
  expect(told).toEqual([{ folder, mode: '01777', isMended: false }])
})

test.each([
  ['another program’s file', (folder: string) => writeFileSync(join(folder, 'notes.txt'), '')],
  ['another program’s folder', (folder: string) => mkdirSync(join(folder, '.git'))],
])('leaves a folder with %s as it is, even through a symlink, and reports it', async (_, put) => {
  const home = join(ownFolder(), 'home')
  mkdirSync(home)
  put(home)
  chmodSync(home, 0o755)
  const folder = join(ownFolder(), 'data')
  symlinkSync(home, folder)
  const { store, told, modes } = await opened(folder)
  await store.close()
  expect(modes).toEqual(['755', '600', '600'])
  expect(told).toEqual([{ folder, mode: '0755', isMended: false }])
})

test('closes the root of a volume, including the files of the file system', async () => {
  const folder = join(ownFolder(), 'volume')
  mkdirSync(join(folder, 'lost+found'), { recursive: true })
  const { store: older } = await opened(folder)
  await older.close()
  chmodSync(folder, 0o755)
  const { store, told, modes } = await opened(folder)
  await store.close()
  expect(modes).toEqual(['700', '600', '600'])
  expect(told).toEqual([{ folder, mode: '0755', isMended: true }])
})

test('creates a copy that only this user can read', async () => {
  const folder = ownFolder()
  const { store } = await opened(folder)
  await store.close()
  chmodSync(join(folder, storeFile), 0o644)
  writeFileSync(join(folder, wal), '')
  chmodSync(join(folder, wal), 0o644)
  const copy = await copyStore(folder, storeFile)
  expect([copy.folder, join(copy.folder, storeFile), join(copy.folder, wal)].map(modeOf)).toEqual([
    '700',
    '600',
    '600',
  ])
  copy.remove()
})

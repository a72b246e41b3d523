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

/** Opens the store, writes to it, and tells the modes of all that is there then. */
async function opened(folder: string) {
  const told: Exposure[] = []
  const store = await openSqliteStore({ folder, onExposed: (exposure) => told.push(exposure) })
  await store.receive(item('a'))
  const modes = [folder, join(folder, storeFile), join(folder, wal)].map(modeOf)
  return { store, told, modes }
}

test('a store in a folder that everybody could read is this user’s alone, and the folder too', async () => {
  const folder = join(ownFolder(), 'data')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  const { store, told, modes } = await opened(folder)
  await store.close()
  expect(modes).toEqual(['700', '600', '600'])
  expect(told).toEqual([{ folder, mode: '0755', isMended: true }])
})

test('files that an older twokey left readable are closed, its log included', async () => {
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

test('a folder that programs share, such as /tmp, is left as it is, and told', async () => {
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
])('a folder with %s is left as it is, also through a symlink, and told', async (_, put) => {
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

test('the root of a volume of its own is closed, with what the file system keeps there', async () => {
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

test('a copy of a store that others may read is this user’s alone', async () => {
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

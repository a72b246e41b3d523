import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { startChild } from './child.ts'
import { ownFolder } from './folder.ts'

const rounds = 8

/** The parts that a written release must have, and an unwritten one must not have. */
async function partsOf(store: Store, id: string) {
  const release = await store.release(id)
  const audit = await store.auditOf(id)
  return { stage: release?.stage.at, audit: audit.length }
}

test('keeps every confirmed write whole after kill -9', async () => {
  const folder = ownFolder()
  const said: string[] = []
  for (let round = 0; round < rounds; round++) {
    const child = await startChild(folder, 20 + round * 13)
    await child.kill()
    said.push(...child.said)
  }
  const store = await openSqliteStore({ folder })
  const undone = new Set((await store.pendingItems()).map(({ id }) => id))
  const releases = said.flatMap((line) => (line.startsWith('release ') ? [line.slice(8)] : []))
  const items = said.flatMap((line) => (line.startsWith('item ') ? [line.slice(5)] : []))
  const lost: string[] = []
  for (const id of releases)
    if (undone.has(id) || (await store.release(id))?.stage.at !== 'underway') lost.push(id)
  for (const id of items) {
    const parts = await partsOf(store, id)
    const whole = undone.has(id)
      ? parts.stage === undefined && parts.audit === 0
      : parts.stage === 'underway' && parts.audit === 1
    if (!whole) lost.push(id)
  }
  expect(lost).toEqual([])
  expect(items.length).toBeGreaterThan(rounds * 10)
  await store.close()
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Target } from '../../src/release/names.ts'
import { openSqliteStore, storeFile } from '../../src/store/sqlite.ts'
import { verifyChain } from './chain.ts'
import { blog, requestedDeploy, start, worker } from './fixtures.ts'
import { ownFolder } from './folder.ts'

/** A folder with the store of an earlier version. */
function left(dump: string): string {
  const folder = ownFolder()
  const database = new DatabaseSync(join(folder, storeFile), { enableForeignKeyConstraints: false })
  database.exec(readFileSync(join(import.meta.dirname, dump), 'utf8'))
  database.close()
  return folder
}

test('reads everything that the first version wrote: releases, chains that verify, and pending posts', async () => {
  const folder = left('first-store.sql')
  const store = await openSqliteStore({ folder })
  expect(await store.release('r1')).toMatchObject({
    stage: { at: 'approval' },
    discounted: [],
    emergency: null,
  })
  expect((await store.inFlight()).map(({ id }) => id)).toEqual(['r1'])
  const held = await store.transact((tx) => tx.holders([{ cluster: 'prod', service: 'blog-api' }]))
  expect(held.map(({ id }) => id)).toEqual(['r1'])
  const rows = await store.auditOf('r1')
  expect(rows.map(({ what }) => what)).toEqual(['requested', 'approved'])
  expect(verifyChain(rows)).toMatchObject({ intact: true, head: { seq: 2 } })
  await store.transact((tx) => tx.audit('r1', [{ actor: 'U0EVE', what: 'rejected', detail: {} }], 3_000))
  expect(verifyChain(await store.auditOf('r1'))).toMatchObject({ intact: true, head: { seq: 3 } })
  expect(await store.locks()).toEqual([])
  await store.close()
  const database = new DatabaseSync(join(folder, storeFile))
  expect(() => database.exec('delete from audit')).toThrow('append-only')
  const ends = database.prepare('select id, outcome from release order by id').all()
  expect(ends.map((row) => ({ ...row }))).toEqual([
    { id: 'r1', outcome: null },
    { id: 'r2', outcome: 'rejected' },
  ])
  database.close()
})

test('finds the targets and approvers of releases from before they were recorded, except of damaged ones', async () => {
  const folder = ownFolder()
  const before = await openSqliteStore({ folder })
  const release = requestedDeploy('r-sent')
  const approvals = [{ by: 'U0BEN', at: 1_100, via: 'S0OPS' }]
  await start(before, release, requestedDeploy('r-damaged', { targets: [worker] }))
  await before.transact((tx) => tx.save({ ...release, approvals, sentAt: 1_200, sentAtAws: 1_300 }, null))
  await before.close()
  const database = new DatabaseSync(join(folder, storeFile))
  database.exec(
    `drop table sent; drop table approver; drop table person; drop table direct_choice; update schema_version set version = 7; update release set body = '{' where id = 'r-damaged'`,
  )
  database.close()
  const store = await openSqliteStore({ folder })
  const sentTo = async (target: Target, until: number) =>
    (await store.sentTo({ target, until, limit: 9 })).map(({ id }) => id)
  expect(await sentTo(blog, 1_300)).toEqual(['r-sent'])
  expect(await sentTo(blog, 1_299)).toEqual([])
  expect(await sentTo(worker, 9_000)).toEqual([])
  const approved = await store.history({ person: { id: 'U0BEN', as: 'approver' }, limit: 9 })
  expect(approved.map(({ id }) => id)).toEqual(['r-sent'])
  await store.close()
})

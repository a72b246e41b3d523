import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { NodeSqliteDialect } from '../../src/store/node-sqlite.ts'

type Notes = { note: { id: number; text: unknown } }

/** An empty table in memory, of at most this many pages. */
function notes(pages = 1_000): Kysely<Notes> {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  database.exec('create table note (id integer primary key, text)')
  database.exec(`pragma max_page_count = ${pages}`)
  return new Kysely<Notes>({ dialect: new NodeSqliteDialect(database) })
}

test('returns rows of a select and of a returning, and counts written rows', async () => {
  const db = notes()
  const both = [
    { id: 1, text: 'one' },
    { id: 2, text: null },
  ]
  expect(await db.insertInto('note').values(both).returningAll().execute()).toEqual(both)
  expect(await db.selectFrom('note').selectAll().execute()).toEqual(both)
  const { numUpdatedRows } = await db.updateTable('note').set({ text: 'x' }).executeTakeFirstOrThrow()
  expect(numUpdatedRows).toBe(2n)
})

test('runs a statement again with other values, even after very many others', async () => {
  const db = notes()
  for (let id = 0; id < 500; id++) {
    await db
      .insertInto('note')
      .values({ id, text: `note ${id}` })
      .execute()
    await sql`select ${sql.lit(id)}`.execute(db)
  }
  const one = db.selectFrom('note').select('text').where('id', '=', 321)
  expect(await one.execute()).toEqual([{ text: 'note 321' }])
})

test.each([[true], [{ an: 'object' }], [new Date(0)]])('rejects %j as a value', async (value) => {
  const db = notes()
  await expect(db.insertInto('note').values({ id: 1, text: value }).execute()).rejects.toThrow(TypeError)
})

test('reports a full disk as such, and the store continues', async () => {
  const db = notes(3)
  const filling = db.transaction().execute(async (tx) => {
    await tx.insertInto('note').values({ id: 1, text: 'small' }).execute()
    await tx
      .insertInto('note')
      .values({ id: 2, text: 'x'.repeat(100_000) })
      .execute()
  })
  await expect(filling).rejects.toThrow('full')
  expect(await db.selectFrom('note').selectAll().execute()).toEqual([])
  await db.insertInto('note').values({ id: 1, text: 'small' }).execute()
})

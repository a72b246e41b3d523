import type { Kysely } from 'kysely'
import type { Release } from '../release/release.ts'
import { readable, releaseIn } from './body.ts'
import type { Schema } from './schema.ts'
import { Unreadable } from './store.ts'
import { storable } from './text.ts'

/** Records whose approvals a release has now. */
export async function noteApprovers(db: Kysely<Schema>, { id, approvals }: Release): Promise<void> {
  const people = approvals.map(({ by }) => storable(by))
  await db
    .deleteFrom('approver')
    .where('release_id', '=', id)
    .$if(people.length > 0, (query) => query.where('person', 'not in', people))
    .execute()
  if (people.length === 0) return
  await db
    .insertInto('approver')
    .values(people.map((person) => ({ release_id: id, person })))
    .onConflict((conflict) => conflict.columns(['release_id', 'person']).doNothing())
    .execute()
}

/** Records the name of a person. It is written only if it differs: a click should not cost a write for each. */
export async function noteName(db: Kysely<Schema>, person: Schema['person']): Promise<void> {
  const { id, at } = person
  const name = storable(person.name)
  await db
    .insertInto('person')
    .values({ id: storable(id), name, at })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ name, at }).where('person.name', '!=', name),
    )
    .execute()
}

/** A migration: adds whose approvals releases have, and the names of people. A release with a damaged body is left out. */
export async function addPeople(db: Kysely<Schema>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('approver')
    .addColumn('release_id', 'text', (column) => column.notNull().references('release.id'))
    .addColumn('person', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('approver_key', ['release_id', 'person'])
    .execute()
  await schema.createIndex('approver_person').on('approver').columns(['person', 'release_id']).execute()
  for (const row of await db.selectFrom('release').select(['id', 'body', 'body_version']).execute()) {
    const release = readable(() => releaseIn(row))
    if (!(release instanceof Unreadable)) await noteApprovers(db, release)
  }
  await schema
    .createTable('person')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
}

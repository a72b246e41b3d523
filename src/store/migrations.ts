import { type Kysely, sql } from 'kysely'
import { targetName } from '../release/names.ts'
import type { Outcome } from '../release/stage.ts'
import { readable, releaseIn } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import { addDirectChoices } from './direct.ts'
import { StoreTooNew } from './errors.ts'
import { addPeople } from './people.ts'
import type { Schema } from './schema.ts'
import { Unreadable } from './store.ts'

type Migration = (db: Kysely<Schema>, dialect: SqlDialect) => Promise<void>

/** In order, each run once. A released migration is never changed: add another one. */
const migrations: readonly Migration[] = [
  first,
  second,
  overviews,
  lookouts,
  replaced,
  replacedCards,
  unreleased,
  sent,
  addPeople,
  addDirectChoices,
]

/**
 * Migrates the tables to the current version, in one transaction: all or nothing. A concurrent migration waits for the
 * version's row, and finds the work done. Throws `StoreTooNew`.
 */
export async function migrate(db: Kysely<Schema>, dialect: SqlDialect): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.schema
      .createTable('schema_version')
      .ifNotExists()
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('version', 'integer', (column) => column.notNull())
      .execute()
    await tx
      .insertInto('schema_version')
      .values({ id: 1, version: 0 })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const { version } = await dialect
      .forUpdate(tx.selectFrom('schema_version').select('version').where('id', '=', 1))
      .executeTakeFirstOrThrow()
    if (version > migrations.length) throw new StoreTooNew(version, migrations.length)
    for (const migration of migrations.slice(version)) await migration(tx, dialect)
    await tx.updateTable('schema_version').set({ version: migrations.length }).where('id', '=', 1).execute()
  })
}

async function first(db: Kysely<Schema>, dialect: SqlDialect): Promise<void> {
  const { schema } = db
  await schema
    .createTable('release')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('body_version', 'integer', (column) => column.notNull())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('requester', 'text', (column) => column.notNull())
    .addColumn('requested_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('wake_at', 'bigint')
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('epoch', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('due_at', 'bigint', (column) =>
      column.generatedAlwaysAs(sql`coalesce(lease_until, wake_at)`).stored(),
    )
    .execute()
  await schema.createIndex('release_due').on('release').column('due_at').execute()
  await schema.createIndex('release_ended').on('release').column('ended_at').execute()
  await schema.createIndex('release_newest').on('release').columns(['requested_at', 'id']).execute()
  await schema
    .createIndex('release_place')
    .on('release')
    .columns(['service', 'environment', 'requested_at'])
    .execute()

  await schema
    .createTable('lane')
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('release_id', 'text', (column) => column.notNull().references('release.id'))
    .addPrimaryKeyConstraint('lane_key', ['target', 'place'])
    .execute()
  await schema.createIndex('lane_release').on('lane').column('release_id').execute()

  await schema
    .createTable('inbox')
    .addColumn('seq', 'integer', (column) => dialect.counter(column))
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('done_at', 'bigint')
    .execute()
  await schema
    .createIndex('inbox_undone')
    .on('inbox')
    .column('seq')
    .where(sql<boolean>`done_at is null`)
    .execute()

  await schema
    .createTable('card')
    .addColumn('release_id', 'text', (column) => column.primaryKey().references('release.id'))
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text')
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('sent_version', 'bigint', (column) => column.notNull())
    .addColumn('shown', 'text')
    .addColumn('sending_since', 'bigint')
    .addColumn('due_at', 'bigint')
    .addColumn('turn', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('card_due').on('card').column('due_at').execute()
  await schema.createIndex('card_turn').on('card').column('turn').execute()

  await schema
    .createTable('post')
    .addColumn('id', 'integer', (column) => dialect.counter(column))
    .addColumn('release_id', 'text', (column) => column.references('release.id'))
    .addColumn('key', 'text')
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('sending_since', 'bigint')
    .addColumn('ts', 'text')
    .addColumn('dropped', 'text')
    .addUniqueConstraint('post_once', ['release_id', 'key'])
    .execute()
  // Sent posts are kept, so the index contains only those that wait.
  const waits = sql<boolean>`due_at is not null`
  await schema.createIndex('post_due').on('post').column('due_at').where(waits).execute()
  await schema.createIndex('post_waiting').on('post').columns(['release_id', 'id']).where(waits).execute()

  await schema
    .createTable('audit')
    .addColumn('release_id', 'text', (column) => column.notNull().references('release.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('prev', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_key', ['release_id', 'seq'])
    .execute()
  for (const refusal of dialect.appendOnly('audit')) await refusal.execute(db)
}

/** Adds deploy locks, and audit chains of environments besides those of releases. */
async function second(db: Kysely<Schema>, dialect: SqlDialect): Promise<void> {
  const { schema } = db
  await schema
    .createTable('lock')
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('lock_key', ['environment', 'service'])
    .execute()
  await schema.createIndex('lock_due').on('lock').column('due_at').execute()

  await schema
    .createTable('audit_chain')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('prev', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_chain_key', ['chain', 'seq'])
    .execute()
  await sql`
    insert into audit_chain (chain, seq, at, actor, what, detail, prev, hash)
    select release_id, seq, at, actor, what, detail, prev, hash from audit`.execute(db)
  await schema.dropTable('audit').execute()
  await schema.alterTable('audit_chain').renameTo('audit').execute()
  await schema.createIndex('audit_at').on('audit').column('at').execute()
  for (const refusal of dialect.appendOnly('audit')) await refusal.execute(db)
}

/** Adds the outcome and the requester of releases, which status and history query. */
async function overviews(db: Kysely<Schema>): Promise<void> {
  const { schema } = db
  await schema.alterTable('release').addColumn('outcome', 'text').execute()
  const ended = await db
    .selectFrom('release')
    .select(['id', 'body'])
    .where('ended_at', 'is not', null)
    .execute()
  for (const { id, body } of ended) {
    const { outcome } = (JSON.parse(body) as { readonly stage: { readonly outcome: Outcome } }).stage
    await db.updateTable('release').set({ outcome }).where('id', '=', id).execute()
  }
  await schema
    .createIndex('release_outcome')
    .on('release')
    .columns(['service', 'environment', 'outcome', 'ended_at'])
    .execute()
  await schema
    .createIndex('release_requester')
    .on('release')
    .columns(['requester', 'requested_at', 'id'])
    .execute()
}

/** Adds the release of a run, and how far each workflow was read. */
async function lookouts(db: Kysely<Schema>): Promise<void> {
  const { schema } = db
  await schema.alterTable('release').addColumn('run_id', 'bigint').execute()
  await schema.createIndex('release_run').on('release').column('run_id').execute()
  await schema
    .createTable('bookmark')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
}

/** Allows several replaced releases per target to hold its lane; the other lane places are still unique. */
async function replaced(db: Kysely<Schema>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('lane_held')
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('release_id', 'text', (column) => column.notNull().references('release.id'))
    .addPrimaryKeyConstraint('lane_held_key', ['target', 'release_id'])
    .execute()
  await sql`insert into lane_held (target, place, release_id) select target, place, release_id from lane`.execute(
    db,
  )
  await schema.dropTable('lane').execute()
  await schema.alterTable('lane_held').renameTo('lane').execute()
  await schema.createIndex('lane_release').on('lane').column('release_id').execute()
  await schema
    .createIndex('lane_place')
    .on('lane')
    .columns(['target', 'place'])
    .unique()
    .where(sql<boolean>`place <> 'replaced'`)
    .execute()
}

/** Adds which card a new one replaces because it could not be edited. */
async function replacedCards(db: Kysely<Schema>): Promise<void> {
  await db.schema.alterTable('card').addColumn('replaces', 'text').execute()
}

/** Adds rollouts that no release made. */
async function unreleased(db: Kysely<Schema>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('unreleased')
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('deployment', 'text', (column) => column.notNull())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('unreleased_key', ['target', 'deployment'])
    .execute()
  await schema.createIndex('unreleased_newest').on('unreleased').columns(['at', 'deployment']).execute()
  await schema
    .createIndex('unreleased_place')
    .on('unreleased')
    .columns(['service', 'environment', 'at'])
    .execute()
}

/** Adds which releases were sent to which target. A release with a damaged body is left out. */
async function sent(db: Kysely<Schema>, dialect: SqlDialect): Promise<void> {
  const { schema } = db
  await schema
    .createTable('sent')
    .addColumn('release_id', 'text', (column) => column.notNull().references('release.id'))
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sent_key', ['release_id', 'target'])
    .execute()
  await schema.createIndex('sent_newest').on('sent').columns(['target', 'at', 'release_id']).execute()
  const releases = await db
    .selectFrom('release')
    .select(['id', 'body', 'body_version'])
    .where(dialect.field('body', 'sentAt'), 'is not', null)
    .execute()
  for (const row of releases) {
    const release = readable(() => releaseIn(row))
    if (release instanceof Unreadable) continue
    const at = release.sentAtAws ?? release.sentAt ?? release.requestedAt
    await db
      .insertInto('sent')
      .values(release.targets.map((target) => ({ release_id: release.id, target: targetName(target), at })))
      .execute()
  }
}

import type { Kysely } from 'kysely'
import type { Time } from '../release/names.ts'
import type { Lock } from '../release/policy/lock.ts'
import type { SqlDialect } from './dialect.ts'
import type { Schema } from './schema.ts'

/**
 * The locks of an environment and of its services, with row locks until the transaction ends; that of the whole
 * environment first.
 */
export async function locksOf(
  db: Kysely<Schema>,
  dialect: SqlDialect,
  environment: string,
): Promise<readonly Lock[]> {
  const rows = await dialect
    .forUpdate(db.selectFrom('lock').select('body').where('environment', '=', environment).orderBy('service'))
    .execute()
  return rows.map(({ body }) => JSON.parse(body) as Lock)
}

/** Locks that end or need a reminder by now; the longest due first. */
export async function locksDue(db: Kysely<Schema>, dialect: SqlDialect, now: Time): Promise<readonly Lock[]> {
  const rows = await dialect
    .forUpdate(db.selectFrom('lock').select('body').where('due_at', '<=', now).orderBy('due_at'))
    .execute()
  return rows.map(({ body }) => JSON.parse(body) as Lock)
}

/**
 * Replaces the existing lock.
 * @param dueAt when to check it next
 */
export async function setLock(db: Kysely<Schema>, lock: Lock, dueAt: Time): Promise<void> {
  const columns = { body: JSON.stringify(lock), due_at: dueAt }
  await db
    .insertInto('lock')
    .values({ environment: lock.environment, service: lock.service ?? '', ...columns })
    .onConflict((conflict) => conflict.columns(['environment', 'service']).doUpdateSet(columns))
    .execute()
}

/** Whether there was one. */
export async function liftLock(
  db: Kysely<Schema>,
  { environment, service }: Pick<Lock, 'environment' | 'service'>,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('lock')
    .where('environment', '=', environment)
    .where('service', '=', service ?? '')
    .executeTakeFirst()
  return numDeletedRows > 0n
}

import type { Kysely } from 'kysely'
import type { AuditHead } from '../release/effects.ts'
import type { Schema } from './schema.ts'

/** The head of an audit chain; undefined if it has no row. */
export function headOf(db: Kysely<Schema>, chain: string): Promise<AuditHead | undefined> {
  return db
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .where('chain', '=', chain)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}

import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { InboxItem } from '../shepherd/asked.ts'
import type { Schema } from './schema.ts'
import { Unreadable } from './store.ts'

/** Rows of the inbox that are not done, the oldest first. */
export function undoneRows(db: Kysely<Schema>, limit?: number) {
  return db
    .selectFrom('inbox')
    .select(['id', 'body', 'received_at'])
    .where('done_at', 'is', null)
    .orderBy('seq')
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute()
}

/** What every request has, whatever it asks. */
const shaped = z.looseObject({
  id: z.string(),
  asked: z.looseObject({ ask: z.string() }),
  from: z.looseObject({ user: z.string() }),
})

/** The request of a row. Throws `Unreadable`. */
export function itemIn({ id, body }: { readonly id: string; readonly body: string }): InboxItem {
  try {
    return shaped.parse(JSON.parse(body)) as unknown as InboxItem
  } catch (error) {
    throw new Unreadable(`request ${id}`, error)
  }
}

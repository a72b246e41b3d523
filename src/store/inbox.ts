import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { InboxItem } from '../messages/intent.ts'
import { readable } from './body.ts'
import type { Schema } from './schema.ts'
import { type OnSetAside, type UndonePage, Unreadable } from './store.ts'

/** Rows of the inbox that are not done, oldest first. */
export function pendingRows(db: Kysely<Schema>) {
  return db
    .selectFrom('inbox')
    .select(['seq', 'id', 'body', 'received_at'])
    .where('done_at', 'is', null)
    .orderBy('seq')
}

type PendingRow = {
  readonly seq: number
  readonly id: string
  readonly body: string
  readonly received_at: number
}

/** The fields that every request has. */
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

/** The requests that are not done. */
export class Inbox {
  readonly #db: Kysely<Schema>
  readonly #onSetAside: OnSetAside

  constructor(db: Kysely<Schema>, onSetAside: OnSetAside) {
    this.#db = db
    this.#onSetAside = onSetAside
  }

  async pendingItems(): Promise<readonly InboxItem[]> {
    return this.#read(await pendingRows(this.#db).execute())
  }

  async pendingItemsAfter(place: number, limit: number): Promise<UndonePage> {
    const rows = await pendingRows(this.#db).where('seq', '>', place).limit(limit).execute()
    const items = await this.#read(rows)
    return { items, last: rows.at(-1)?.seq ?? place, isAll: rows.length < limit }
  }

  async #read(rows: readonly PendingRow[]): Promise<readonly InboxItem[]> {
    const items: InboxItem[] = []
    for (const row of rows) {
      const item = readable(() => itemIn(row))
      if (item instanceof Unreadable) await this.#giveUp(row, item)
      else items.push(item)
    }
    return items
  }

  async #giveUp({ id, received_at }: PendingRow, error: Unreadable): Promise<void> {
    this.#onSetAside({ what: 'request', id, error })
    await this.#db.updateTable('inbox').set({ done_at: received_at }).where('id', '=', id).execute()
  }
}

import type { CompiledQuery, Kysely } from 'kysely'
import type { InboxItem } from '../messages/intent.ts'
import type { Schema } from './schema.ts'
import { storable } from './text.ts'

type Arrival = {
  readonly item: InboxItem
  readonly resolve: (seen: 'new' | 'seen') => void
  readonly reject: (error: unknown) => void
}

/** Rows per statement: within any database's limit of parameters. */
const maxRows = 200

/** Stores inbox items. Items of the same turn of the event loop share a statement, and so one sync to disk. */
export class InboxWriter {
  readonly #db: Kysely<Schema>
  readonly #inserts = new Map<number, CompiledQuery<{ id: string }>>()
  #waiting: Arrival[] = []

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** Resolves once the item is on disk. */
  receive(item: InboxItem): Promise<'new' | 'seen'> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => void this.#write())
    })
  }

  async #write(): Promise<void> {
    const arrived = this.#waiting
    this.#waiting = []
    for (let at = 0; at < arrived.length; at += maxRows)
      await this.#writeTogether(arrived.slice(at, at + maxRows))
  }

  async #writeTogether(arrived: readonly Arrival[]): Promise<void> {
    try {
      const { rows } = await this.#db.executeQuery(this.#insert(arrived.map(({ item }) => item)))
      const isNew = new Set(rows.map(({ id }) => id))
      // If the same id came twice in one turn, the first one is new.
      for (const { item, resolve } of arrived) resolve(isNew.delete(storable(item.id)) ? 'new' : 'seen')
    } catch (error) {
      for (const { reject } of arrived) reject(error)
    }
  }

  /** Compiled once per number of rows: people wait for this statement. */
  #insert(items: readonly InboxItem[]): CompiledQuery<{ id: string }> {
    const rows = items.map((item) => ({
      id: storable(item.id),
      body: JSON.stringify(item),
      received_at: item.receivedAt,
    }))
    const known = this.#inserts.get(rows.length)
    if (known) return { ...known, parameters: rows.flatMap((row) => [row.id, row.body, row.received_at]) }
    const compiled = this.#db
      .insertInto('inbox')
      .values(rows)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .compile()
    this.#inserts.set(rows.length, compiled)
    return compiled
  }
}

import type { Kysely } from 'kysely'
import type { Release, Time } from '../release/release.ts'
import type { InboxItem } from '../shepherd/asked.ts'
import { Arrivals } from './arrivals.ts'
import { releaseOf } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import { SqlOutbox } from './outbox.ts'
import type { Schema } from './schema.ts'
import {
  type AuditRow,
  Fenced,
  type HistoryQuery,
  type Lease,
  type Outbox,
  type Store,
  type Transaction,
} from './store.ts'
import { SqlTransaction } from './transaction.ts'

/** The one store, over any SQL database. Its tables are there: see `migrate`. */
export class SqlStore implements Store {
  readonly outbox: Outbox
  readonly #arrivals: Arrivals
  readonly #db: Kysely<Schema>
  readonly #dialect: SqlDialect

  constructor(db: Kysely<Schema>, dialect: SqlDialect) {
    this.#arrivals = new Arrivals(db)
    this.#db = db
    this.#dialect = dialect
    this.outbox = new SqlOutbox(db)
  }

  receive(item: InboxItem): Promise<'new' | 'seen'> {
    return this.#arrivals.receive(item)
  }

  async undone(limit?: number): Promise<readonly InboxItem[]> {
    const rows = await this.#db
      .selectFrom('inbox')
      .select('body')
      .where('done_at', 'is', null)
      .orderBy('seq')
      .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
      .execute()
    return rows.map(({ body }) => JSON.parse(body) as InboxItem)
  }

  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute((tx) => work(new SqlTransaction(tx, this.#dialect)))
  }

  async claim({ owner, now, leaseMs }: { owner: string; now: Time; leaseMs: number }) {
    const until = now + leaseMs
    const due = this.#db
      .selectFrom('release as due')
      .select('due.id')
      .where('due.due_at', '<=', now)
      .orderBy('due.due_at')
      .limit(1)
    const row = await this.#db
      .updateTable('release')
      .set((eb) => ({
        lease_owner: owner,
        lease_until: until,
        epoch: eb('epoch', '+', 1),
        wake_at: null,
      }))
      .where('id', '=', this.#dialect.free(due))
      .returning(['id', 'epoch', 'body', 'body_version'])
      .executeTakeFirst()
    if (!row) return null
    return { release: releaseOf(row), lease: { releaseId: row.id, owner, epoch: row.epoch, until } }
  }

  async renew(lease: Lease, until: Time): Promise<Lease> {
    const { numUpdatedRows } = await this.#held(lease).set({ lease_until: until }).executeTakeFirst()
    if (numUpdatedRows === 0n) throw new Fenced(lease.releaseId)
    return { ...lease, until }
  }

  async giveBack(lease: Lease): Promise<void> {
    await this.#held(lease).set({ lease_owner: null, lease_until: null }).execute()
  }

  #held({ releaseId, owner, epoch }: Lease) {
    return this.#db
      .updateTable('release')
      .where('id', '=', releaseId)
      .where('epoch', '=', epoch)
      .where('lease_owner', '=', owner)
  }

  async nextWake(): Promise<Time | null> {
    const row = await this.#db
      .selectFrom('release')
      .select((eb) => eb.fn.min('due_at').as('due'))
      .executeTakeFirst()
    return row?.due ?? null
  }

  release(id: string): Promise<Release | null> {
    return new SqlTransaction(this.#db, this.#dialect).release(id)
  }

  async card(releaseId: string): Promise<{ readonly channel: string; readonly ts: string } | null> {
    const row = await this.#db
      .selectFrom('card')
      .select(['channel', 'ts'])
      .where('release_id', '=', releaseId)
      .executeTakeFirst()
    return row?.ts ? { channel: row.channel, ts: row.ts } : null
  }

  async inFlight(): Promise<readonly Release[]> {
    const rows = await this.#db
      .selectFrom('release')
      .select(['body', 'body_version'])
      .where((eb) =>
        eb.or([eb('ended_at', 'is', null), eb('id', 'in', eb.selectFrom('lane').select('release_id'))]),
      )
      .orderBy('requested_at')
      .orderBy('id')
      .execute()
    return rows.map(releaseOf)
  }

  async history({ limit, ended, ...equal }: HistoryQuery): Promise<readonly Release[]> {
    let query = this.#db
      .selectFrom('release')
      .select(['body', 'body_version'])
      .orderBy('requested_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
    for (const column of ['service', 'environment', 'requester'] as const) {
      const value = equal[column]
      if (value !== undefined) query = query.where(column, '=', value)
    }
    if (ended !== undefined) query = query.where('ended_at', ended ? 'is not' : 'is', null)
    return (await query.execute()).map(releaseOf)
  }

  async auditOf(releaseId: string): Promise<readonly AuditRow[]> {
    const rows = await this.#db
      .selectFrom('audit')
      .selectAll()
      .where('release_id', '=', releaseId)
      .orderBy('seq')
      .execute()
    return rows.map(({ release_id, detail, ...row }) => ({
      ...row,
      releaseId: release_id,
      detail: JSON.parse(detail) as AuditRow['detail'],
    }))
  }

  async ping(): Promise<void> {
    await this.#db.selectFrom('schema_version').select('version').executeTakeFirstOrThrow()
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }
}

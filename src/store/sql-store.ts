import type { ExpressionBuilder, Kysely } from 'kysely'
import type { Lock } from '../release/lock.ts'
import type { Outcome, Place, Release, Time } from '../release/release.ts'
import type { InboxItem } from '../shepherd/asked.ts'
import type { CardPlace } from '../shepherd/reply.ts'
import { Arrivals } from './arrivals.ts'
import { releaseOf } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import { SqlOutbox } from './outbox.ts'
import { prune } from './prune.ts'
import type { Schema } from './schema.ts'
import {
  type AuditRow,
  Fenced,
  type HistoryCursor,
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

  undone(limit?: number): Promise<readonly InboxItem[]> {
    return new SqlTransaction(this.#db, this.#dialect).undone(limit)
  }

  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute((tx) => work(new SqlTransaction(tx, this.#dialect)))
  }

  prune(now: Time): Promise<void> {
    return prune(this.#db, now)
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

  bookmark(name: string): Promise<unknown> {
    return new SqlTransaction(this.#db, this.#dialect).bookmark(name)
  }

  card(releaseId: string): Promise<CardPlace | null> {
    return new SqlTransaction(this.#db, this.#dialect).card(releaseId)
  }

  async cards(releaseIds: readonly string[]) {
    if (releaseIds.length === 0) return []
    return this.#db
      .selectFrom('card')
      .select((eb) => ['release_id as releaseId', 'channel', eb.ref('ts').$notNull().as('ts')])
      .where('release_id', 'in', releaseIds)
      .where('ts', 'is not', null)
      .execute()
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

  async endedAwake(): Promise<readonly Release[]> {
    const rows = await this.#db
      .selectFrom('release')
      .select(['body', 'body_version'])
      .where('due_at', 'is not', null)
      .where('ended_at', 'is not', null)
      .orderBy('requested_at')
      .orderBy('id')
      .execute()
    return rows.map(releaseOf)
  }

  async history({ limit, ended, from, ...equal }: HistoryQuery): Promise<readonly Release[]> {
    const order = from?.go === 'newer' ? 'asc' : 'desc'
    let query = this.#db
      .selectFrom('release')
      .select(['body', 'body_version'])
      .orderBy('requested_at', order)
      .orderBy('id', order)
      .limit(limit)
    if (from) query = query.where(beyond(from))
    for (const column of ['service', 'environment', 'requester'] as const) {
      const value = equal[column]
      if (value !== undefined) query = query.where(column, '=', value)
    }
    if (ended !== undefined) query = query.where('ended_at', ended ? 'is not' : 'is', null)
    const found = (await query.execute()).map(releaseOf)
    return order === 'asc' ? found.toReversed() : found
  }

  async lastEnded(places: readonly Place[]): Promise<readonly Release[]> {
    if (places.length === 0) return []
    const last = this.#db
      .selectFrom('release')
      .select(['service', 'environment', 'outcome'])
      .select((eb) => eb.fn.max('ended_at').as('ended_at'))
      .where('outcome', 'in', mayServe)
      .where((eb) => eb.or(places.map(({ service, environment }) => eb.and({ service, environment }))))
      .groupBy(['service', 'environment', 'outcome'])
      .as('last')
    const rows = await this.#db
      .selectFrom('release')
      .innerJoin(last, (join) =>
        join
          .onRef('last.service', '=', 'release.service')
          .onRef('last.environment', '=', 'release.environment')
          .onRef('last.outcome', '=', 'release.outcome')
          .onRef('last.ended_at', '=', 'release.ended_at'),
      )
      .select(['release.body', 'release.body_version'])
      .orderBy('release.ended_at', 'desc')
      .orderBy('release.id', 'desc')
      .execute()
    return rows.map(releaseOf)
  }

  async auditOf(chain: string): Promise<readonly AuditRow[]> {
    const rows = await this.#db
      .selectFrom('audit')
      .selectAll()
      .where('chain', '=', chain)
      .orderBy('seq')
      .execute()
    return rows.map(({ detail, ...row }) => ({
      ...row,
      detail: JSON.parse(detail) as AuditRow['detail'],
    }))
  }

  async locks(): Promise<readonly Lock[]> {
    const rows = await this.#db
      .selectFrom('lock')
      .select('body')
      .orderBy('environment')
      .orderBy('service')
      .execute()
    return rows.map(({ body }) => JSON.parse(body) as Lock)
  }

  async nextLockDue(): Promise<Time | null> {
    const row = await this.#db
      .selectFrom('lock')
      .select((eb) => eb.fn.min('due_at').as('due'))
      .executeTakeFirst()
    return row?.due ?? null
  }

  async ping(): Promise<void> {
    await this.#db.selectFrom('schema_version').select('version').executeTakeFirstOrThrow()
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }
}

/** After these something of the release may serve. */
const mayServe: readonly Outcome[] = [
  'succeeded',
  'failed',
  'rollback failed',
  'superseded',
  'stopped',
  'unknown',
]

/** Those on the other side of a place in the list. */
function beyond({ go, requestedAt, id }: HistoryCursor) {
  const than = go === 'older' ? '<' : '>'
  return ({ eb, and, or }: ExpressionBuilder<Schema, 'release'>) =>
    or([
      eb('requested_at', than, requestedAt),
      and([eb('requested_at', '=', requestedAt), eb('id', than, id)]),
    ])
}

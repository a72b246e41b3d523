import type { Kysely } from 'kysely'
import type { InboxItem } from '../messages/intent.ts'
import type { CardPlace } from '../messages/places.ts'
import type { ServiceEnvironmentName, Time } from '../release/names.ts'
import type { Lock } from '../release/policy/lock.ts'
import type { Release } from '../release/release.ts'
import type { Change, Signals } from '../runtime/signals.ts'
import { readable, releaseIn } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import { SqlDirectMessages } from './direct.ts'
import { historyRows, isInFlight, mayServe } from './filters.ts'
import { Inbox } from './inbox.ts'
import { InboxWriter } from './inbox-writer.ts'
import { adoptRoles, locate } from './locations.ts'
import { SqlOutbox } from './outbox.ts'
import { prune } from './prune.ts'
import type { Schema } from './schema.ts'
import { sentTo } from './sent.ts'
import {
  type AuditRow,
  asideMs,
  type DirectMessages,
  Fenced,
  type HistoryQuery,
  type Lease,
  type OnSetAside,
  type Outbox,
  type RoleOf,
  type SentQuery,
  type Store,
  type Transaction,
  type UndonePage,
  Unreadable,
  type Unreleased,
} from './store.ts'
import { SqlTransaction } from './transaction.ts'
import { SqlUnreleased } from './unreleased.ts'

type ReleaseRow = Pick<Schema['release'], 'id' | 'body' | 'body_version'>

export type SqlStoreDeps = {
  readonly db: Kysely<Schema>
  readonly dialect: SqlDialect
  readonly onSetAside: OnSetAside
  readonly signals: Pick<Signals, 'changed'>
}

/** The store, in any SQL database. Its tables must exist: see `migrate`. */
export class SqlStore implements Store {
  readonly outbox: Outbox
  readonly direct: DirectMessages
  readonly unreleased: Unreleased
  readonly #arrivals: InboxWriter
  readonly #db: Kysely<Schema>
  readonly #dialect: SqlDialect
  readonly #inbox: Inbox
  readonly #onSetAside: OnSetAside
  readonly #signals: Pick<Signals, 'changed'>

  constructor({ db, dialect, onSetAside, signals }: SqlStoreDeps) {
    this.#arrivals = new InboxWriter(db)
    this.#inbox = new Inbox(db, onSetAside)
    this.#db = db
    this.#dialect = dialect
    this.#onSetAside = onSetAside
    this.#signals = signals
    this.outbox = new SqlOutbox({ db, dialect, onSetAside, signals })
    this.direct = new SqlDirectMessages(db, () => signals.changed('outbox'))
    this.unreleased = new SqlUnreleased(db)
  }

  receive(item: InboxItem): Promise<'new' | 'seen'> {
    return this.#arrivals.receive(item)
  }

  pendingItems(): Promise<readonly InboxItem[]> {
    return this.#inbox.pendingItems()
  }

  pendingItemsAfter(place: number, limit: number): Promise<UndonePage> {
    return this.#inbox.pendingItemsAfter(place, limit)
  }

  /** The releases of these rows; those that cannot be read are reported and left out. */
  #releases(rows: readonly ReleaseRow[]): readonly Release[] {
    return rows.flatMap((row) => {
      const release = readable(() => releaseIn(row))
      if (!(release instanceof Unreadable)) return [release]
      this.#onSetAside({ what: 'release', id: row.id, error: release })
      return []
    })
  }

  /** What it changed is signaled once it is committed. */
  async transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const changes = new Set<Change>()
    const result = await this.#db
      .transaction()
      .execute((tx) => work(new SqlTransaction(tx, this.#dialect, changes)))
    this.#signals.changed(...changes)
    return result
  }

  locate(region: string): Promise<void> {
    return this.#db.transaction().execute((tx) => locate(tx, this.#dialect, region))
  }

  adoptRoles(roles: readonly RoleOf[]): Promise<void> {
    return this.#db.transaction().execute((tx) => adoptRoles(tx, this.#dialect, roles))
  }

  prune(now: Time): Promise<void> {
    return prune(this.#db, now)
  }

  /** A release that cannot be read is deferred, so that the following ones are processed. */
  async claim(ask: { owner: string; now: Time; leaseMs: number }) {
    for (;;) {
      const row = await this.#claimed(ask)
      if (!row) return null
      const { epoch, ...body } = row
      const lease: Lease = { releaseId: row.id, owner: ask.owner, epoch, until: ask.now + ask.leaseMs }
      const release = readable(() => releaseIn(body))
      if (!(release instanceof Unreadable)) return { release, lease }
      this.#onSetAside({ what: 'release', id: row.id, error: release })
      await this.#held(lease)
        .set({ lease_owner: null, lease_until: null, wake_at: ask.now + asideMs })
        .execute()
    }
  }

  #claimed({ owner, now, leaseMs }: { owner: string; now: Time; leaseMs: number }) {
    const due = this.#db
      .selectFrom('release as due')
      .select('due.id')
      .where('due.due_at', '<=', now)
      .orderBy('due.due_at')
      .limit(1)
    return this.#db
      .updateTable('release')
      .set((eb) => ({
        lease_owner: owner,
        lease_until: now + leaseMs,
        epoch: eb('epoch', '+', 1),
        wake_at: null,
      }))
      .where('id', '=', this.#dialect.skipLocked(due))
      .returning(['id', 'epoch', 'body', 'body_version'])
      .executeTakeFirst()
  }

  async renew(lease: Lease, until: Time): Promise<Lease> {
    const { numUpdatedRows } = await this.#held(lease).set({ lease_until: until }).executeTakeFirst()
    if (numUpdatedRows === 0n) throw new Fenced(lease.releaseId)
    return { ...lease, until }
  }

  async releaseLease(lease: Lease): Promise<void> {
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
      .select(['id', 'body', 'body_version'])
      .where(isInFlight)
      .orderBy('requested_at')
      .orderBy('id')
      .execute()
    return this.#releases(rows)
  }

  async countInFlight(): Promise<number> {
    const { count } = await this.#db
      .selectFrom('release')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where(isInFlight)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async awaitingAcknowledgement(): Promise<readonly Release[]> {
    const rows = await this.#db
      .selectFrom('release')
      .select(['id', 'body', 'body_version'])
      .where('due_at', 'is not', null)
      .where('ended_at', 'is not', null)
      .orderBy('requested_at')
      .orderBy('id')
      .execute()
    return this.#releases(rows)
  }

  async history(query: HistoryQuery): Promise<readonly Release[]> {
    const found = this.#releases(await historyRows(this.#db, query))
    return query.from?.go === 'newer' ? found.toReversed() : found
  }

  sentTo(query: SentQuery): Promise<readonly Release[]> {
    return sentTo(this.#db, query)
  }

  async lastEnded(places: readonly ServiceEnvironmentName[]): Promise<readonly Release[]> {
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
      .select(['release.id', 'release.body', 'release.body_version'])
      .orderBy('release.ended_at', 'desc')
      .orderBy('release.id', 'desc')
      .execute()
    return this.#releases(rows)
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

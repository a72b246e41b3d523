import type { Kysely } from 'kysely'
import type { InboxItem, Origin } from '../messages/intent.ts'
import type { CardPlace } from '../messages/places.ts'
import type { Reply } from '../messages/reply.ts'
import type { AuditEntry, AuditHead, ReleasePost } from '../release/effects.ts'
import { type PersonId, type Target, type Time, targetName } from '../release/names.ts'
import type { Announced } from '../release/notice.ts'
import type { Lock } from '../release/policy/lock.ts'
import { holdsLane, type Release } from '../release/release.ts'
import type { LanePlace } from '../release/request.ts'
import type { Change } from '../runtime/signals.ts'
import { chained, noRows } from './audit.ts'
import { releaseColumns, releaseIn } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import { SqlDirectMessages } from './direct.ts'
import { headOf } from './heads.ts'
import { itemIn, pendingRows } from './inbox.ts'
import type { DirectMessagesInTransaction } from './interface/direct.ts'
import { freeLanes, holdLanes, insertLanes, takeLanes } from './lanes.ts'
import { liftLock, locksDue, locksOf, setLock } from './locks.ts'
import { nextTurn, unposted } from './outbox.ts'
import { noteApprovers, noteName } from './people.ts'
import { addPosts, announce, moveNotices, writeCardLoss, writeReply } from './posts.ts'
import type { Schema } from './schema.ts'
import { nextSent, noteSent } from './sent.ts'
import { Fenced, type Lease, type Transaction } from './store.ts'
import { storable } from './text.ts'

/** The operations of one transaction, in any SQL database. */
export class SqlTransaction implements Transaction {
  readonly direct: DirectMessagesInTransaction
  readonly #db: Kysely<Schema>
  readonly #dialect: SqlDialect
  readonly #changes: Set<Change>

  /** @param changes takes what this transaction changes */
  constructor(db: Kysely<Schema>, dialect: SqlDialect, changes = new Set<Change>()) {
    this.#db = db
    this.#dialect = dialect
    this.#changes = changes
    this.direct = new SqlDirectMessages(db, () => changes.add('outbox'))
  }

  async release(id: string): Promise<Release | null> {
    const row = await this.#db
      .selectFrom('release')
      .select(['id', 'body', 'body_version'])
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? releaseIn(row) : null
  }

  async hasRelease(id: string): Promise<boolean> {
    const row = await this.#db.selectFrom('release').select('id').where('id', '=', id).executeTakeFirst()
    return row !== undefined
  }

  async card(releaseId: string): Promise<CardPlace | null> {
    const row = await this.#db
      .selectFrom('card')
      .select(['channel', 'ts'])
      .where('release_id', '=', releaseId)
      .executeTakeFirst()
    return row?.ts ? { channel: row.channel, ts: row.ts } : null
  }

  async releasesOfRun(runId: number): Promise<readonly Release[]> {
    const rows = await this.#db
      .selectFrom('release')
      .select(['id', 'body', 'body_version'])
      .where('run_id', '=', runId)
      .orderBy('requested_at', 'desc')
      .execute()
    return rows.map(releaseIn)
  }

  async releaseForUpdate(id: string, lease?: Lease): Promise<Release | null> {
    const row = await this.#dialect
      .forUpdate(
        this.#db
          .selectFrom('release')
          .select(['id', 'body', 'body_version', 'epoch', 'lease_owner'])
          .where('id', '=', id),
      )
      .executeTakeFirst()
    if (!row) return null
    if (lease && (row.epoch !== lease.epoch || row.lease_owner !== lease.owner)) throw new Fenced(id)
    return releaseIn({ id, body: row.body, body_version: row.body_version })
  }

  async holders(targets: readonly Target[], except?: string): Promise<readonly Release[]> {
    if (targets.length === 0) return []
    const holding = this.#db
      .selectFrom('lane')
      .select('release_id')
      .where('target', 'in', targets.map(targetName))
    const rows = await this.#dialect
      .forUpdate(
        this.#db
          .selectFrom('release')
          .select(['id', 'body', 'body_version'])
          .where('id', 'in', holding)
          .$if(except !== undefined, (query) => query.where('id', '!=', except ?? ''))
          .orderBy('id'),
      )
      .execute()
    return rows.map(releaseIn)
  }

  nextSent(release: Release): Promise<Time | null> {
    return nextSent(this.#db, release)
  }

  async create(release: Release, place: LanePlace): Promise<void> {
    const { id, channel, requestedAt } = release
    await this.#db
      .insertInto('release')
      .values({ id, ...releaseColumns(release), wake_at: requestedAt, lease_owner: null, lease_until: null })
      .execute()
    if (place !== 'later') await insertLanes(this.#db, release, place)
    await this.#db
      .insertInto('card')
      .values({ ...unposted, release_id: id, channel, replaces: null, version: 1, sent_version: 0 })
      .execute()
    await noteSent(this.#db, release)
    this.#changes.add('release').add('outbox')
  }

  async save(release: Release, wakeAt: Time | null): Promise<void> {
    const columns = releaseColumns(release)
    const { numUpdatedRows } = await this.#db
      .updateTable('release')
      .set(columns)
      .where('id', '=', release.id)
      .where('body', '!=', columns.body)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) {
      await this.#changeCard(release.id)
      await noteSent(this.#db, release)
      await noteApprovers(this.#db, release)
      this.#changes.add('release').add('outbox')
    }
    const { stage } = release
    if (stage.at === 'ended' && !holdsLane(release))
      for (const waiting of await freeLanes(this.#db, release.id)) await this.wake(waiting, stage.since)
    if (wakeAt !== null) await this.wake(release.id, wakeAt)
  }

  async #changeCard(releaseId: string): Promise<void> {
    await this.#db
      .updateTable('card')
      .set((eb) => ({
        version: eb('version', '+', 1),
        turn: eb.case().when('due_at', 'is', null).then(nextTurn).else(eb.ref('turn')).end(),
        due_at: eb.fn.coalesce('due_at', eb.lit(0)),
      }))
      .where('release_id', '=', releaseId)
      .execute()
  }

  holdLanes(release: Release, beside: readonly string[]): Promise<void> {
    return holdLanes(this.#db, release, beside)
  }

  takeLanes(releaseId: string): Promise<void> {
    return takeLanes(this.#db, releaseId)
  }

  async wake(releaseId: string, at: Time): Promise<void> {
    this.#changes.add('release')
    await this.#db
      .updateTable('release')
      .set({ wake_at: at })
      .where('id', '=', releaseId)
      .where((eb) => eb.or([eb('wake_at', 'is', null), eb('wake_at', '>', at)]))
      .execute()
  }

  async wakeInFlight(at: Time, environment: string | null): Promise<void> {
    this.#changes.add('release')
    await this.#db
      .updateTable('release')
      .set({ wake_at: at })
      .where((eb) =>
        eb.or([eb('wake_at', '>', at), eb.and([eb('wake_at', 'is', null), eb('ended_at', 'is', null)])]),
      )
      .$if(environment !== null, (query) => query.where('environment', '=', environment ?? ''))
      .execute()
  }

  async audit(chain: string, entries: readonly AuditEntry[], at: Time): Promise<AuditHead> {
    const head = await headOf(this.#db, chain)
    const rows = chained(head ?? noRows, { chain, at, entries })
    if (rows.length > 0)
      await this.#db
        .insertInto('audit')
        .values(rows.map(({ detail, ...row }) => ({ ...row, detail: JSON.stringify(detail) })))
        .execute()
    const { seq, hash } = rows.at(-1) ?? head ?? noRows
    return { seq, hash }
  }

  noteName(person: PersonId, name: string, at: Time): Promise<void> {
    return noteName(this.#db, { id: person, name, at })
  }

  locks(environment: string): Promise<readonly Lock[]> {
    return locksOf(this.#db, this.#dialect, environment)
  }

  dueLocks(now: Time): Promise<readonly Lock[]> {
    return locksDue(this.#db, this.#dialect, now)
  }

  setLock(lock: Lock, dueAt: Time): Promise<void> {
    this.#changes.add('locks')
    return setLock(this.#db, lock, dueAt)
  }

  liftLock(lock: Pick<Lock, 'environment' | 'service'>): Promise<boolean> {
    this.#changes.add('locks')
    return liftLock(this.#db, lock)
  }

  async moveCard(releaseId: string, channel: string, at: Time): Promise<void> {
    this.#changes.add('outbox')
    const card = await this.card(releaseId)
    await this.#db
      .updateTable('card')
      .set({ ...unposted, channel, replaces: null })
      .where('release_id', '=', releaseId)
      .execute()
    if (card) await writeCardLoss(this.#db, { releaseId, card, why: 'moved', at })
  }

  moveNotices(channels: { readonly known: readonly string[]; readonly to: string }): Promise<void> {
    this.#changes.add('outbox')
    return moveNotices(this.#db, channels)
  }

  async bookmark(name: string): Promise<unknown> {
    const row = await this.#dialect
      .forUpdate(this.#db.selectFrom('bookmark').select('body').where('name', '=', name))
      .executeTakeFirst()
    return row ? JSON.parse(row.body) : null
  }

  async setBookmark(name: string, body: unknown): Promise<void> {
    const written = { body: JSON.stringify(body) }
    await this.#db
      .insertInto('bookmark')
      .values({ name, ...written })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(written))
      .execute()
  }

  addPosts(releaseId: string, posts: readonly ReleasePost[], at: Time): Promise<void> {
    if (posts.length > 0) this.#changes.add('outbox')
    return addPosts(this.#db, this, { releaseId, posts, at })
  }

  announce(channel: string, announced: Announced, at: Time): Promise<void> {
    this.#changes.add('outbox')
    return announce(this.#db, this, { channel, announced, at })
  }

  reply(to: Origin, reply: Reply, at: Time): Promise<void> {
    this.#changes.add('outbox')
    return writeReply(this.#db, { to, reply, at })
  }

  async pendingItems(): Promise<readonly InboxItem[]> {
    return (await pendingRows(this.#db).execute()).map(itemIn)
  }

  async finish(inboxId: string, at: Time): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('inbox')
      .set({ done_at: at })
      .where('id', '=', storable(inboxId))
      .where('done_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}

import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import type { Time } from '../release/names.ts'
import type { Signals } from '../runtime/signals.ts'
import { readable, releaseIn } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import { isInFlight } from './filters.ts'
import { apartIn, postIn } from './post-body.ts'
import { writeCardLoss } from './posts.ts'
import type { Schema } from './schema.ts'
import {
  asideMs,
  type DueCard,
  type DuePost,
  type LostCard,
  type OnSetAside,
  type Outbox,
  Unreadable,
} from './store.ts'
import { storable } from './text.ts'

/** The end of the queue of cards. */
export const nextTurn = sql<number>`(select coalesce(max(turn), 0) + 1 from card)`

/** A card that Slack does not show and that is due to be posted. */
export const unposted = { ts: null, shown: null, sending_since: null, due_at: 0, turn: nextTurn } as const

/**
 * The position of a row in its own queue. The first of each queue is sent before the second of any, so a channel that
 * accepts nothing does not block the others.
 */
function inTurn(queue: RawBuilder<unknown>, id: string): RawBuilder<number> {
  return sql`row_number() over (partition by ${queue} order by ${sql.ref(id)})`
}

/** The messages to be sent to Slack, in any SQL database. */
export class SqlOutbox implements Outbox {
  readonly #db: Kysely<Schema>
  readonly #dialect: SqlDialect
  readonly #onSetAside: OnSetAside
  readonly #signals: Pick<Signals, 'changed'>

  constructor({
    db,
    dialect,
    onSetAside,
    signals,
  }: {
    readonly db: Kysely<Schema>
    readonly dialect: SqlDialect
    readonly onSetAside: OnSetAside
    readonly signals: Pick<Signals, 'changed'>
  }) {
    this.#db = db
    this.#dialect = dialect
    this.#onSetAside = onSetAside
    this.#signals = signals
  }

  async dueCards(now: Time, limit: number): Promise<readonly DueCard[]> {
    const rows = await this.#db
      .selectFrom('card')
      .innerJoin('release', 'release.id', 'card.release_id')
      .select(['id', 'body', 'body_version', 'version', 'channel', 'ts', 'replaces'])
      .select(['sending_since', 'shown'])
      .where('card.due_at', '<=', now)
      .orderBy((eb) =>
        eb
          .case()
          .when('release.ended_at', 'is not', null)
          .then(0)
          .when('ts', 'is', null)
          .then(1)
          .else(2)
          .end(),
      )
      .orderBy('turn')
      .limit(limit)
      .execute()
    const due: DueCard[] = []
    for (const { version, channel, ts, replaces, sending_since, shown, ...body } of rows) {
      const release = readable(() => releaseIn(body))
      if (release instanceof Unreadable) {
        this.#onSetAside({ what: 'card', id: body.id, error: release })
        await this.cardLater(body.id, now + asideMs)
      } else due.push({ release, version, channel, ts, replaces, sendingSince: sending_since, shown })
    }
    return due
  }

  async duePosts(now: Time, limit: number): Promise<readonly DuePost[]> {
    const replies = this.#apart(now).where('key', 'is', null).orderBy('id').limit(limit)
    const notices = this.#apart(now)
      .where('key', 'is not', null)
      .orderBy(inTurn(this.#dialect.field('body', 'channel'), 'id'))
      .orderBy('id')
      .limit(limit)
    return [
      ...(await this.#readApart(await replies.execute(), now)),
      ...(await this.#readApart(await notices.execute(), now)),
      ...(await this.#dueOfReleases(now, limit)),
    ]
  }

  /** Posts that are not of a release: answers, which have no key, and notices. */
  #apart(now: Time) {
    return this.#db
      .selectFrom('post')
      .select(['id', 'at', 'attempts', 'sending_since', 'body'])
      .where('release_id', 'is', null)
      .where('due_at', '<=', now)
  }

  #readApart(
    rows: readonly Pick<Selectable<Schema['post']>, 'id' | 'at' | 'attempts' | 'sending_since' | 'body'>[],
    now: Time,
  ): Promise<readonly DuePost[]> {
    return this.#readable(rows, now, ({ sending_since, body, ...post }) => {
      return { ...post, sendingSince: sending_since, what: apartIn(post.id, body) }
    })
  }

  /** The posts of these rows; those that cannot be read are reported and deferred. */
  async #readable<Row extends { readonly id: number }>(
    rows: readonly Row[],
    now: Time,
    read: (row: Row) => DuePost,
  ): Promise<readonly DuePost[]> {
    const posts: DuePost[] = []
    for (const row of rows) {
      const post = readable(() => read(row))
      if (post instanceof Unreadable) {
        this.#onSetAside({ what: 'post', id: String(row.id), error: post })
        await this.postLater(row.id, now + asideMs)
      } else posts.push(post)
    }
    return posts
  }

  /** Thread posts and direct messages. */
  async #dueOfReleases(now: Time, limit: number): Promise<readonly DuePost[]> {
    const rows = await this.#db
      .selectFrom('post')
      .innerJoin('card', 'card.release_id', 'post.release_id')
      .innerJoin('release', 'release.id', 'post.release_id')
      .select(['post.id', 'post.at', 'post.attempts', 'post.sending_since', 'post.body as stored'])
      .select((eb) => [
        'release.id as releaseId',
        'release.body',
        'release.body_version',
        'card.channel',
        eb.ref('card.ts').$notNull().as('ts'),
      ])
      .where('card.ts', 'is not', null)
      .where('post.due_at', '<=', now)
      .orderBy(inTurn(sql.ref('post.release_id'), 'post.id'))
      .orderBy('post.id')
      .limit(limit)
      .execute()
    return this.#readable(
      rows,
      now,
      ({ id, at, attempts, sending_since, stored, channel, ts, releaseId, ...body }) => ({
        id,
        at,
        attempts,
        sendingSince: sending_since,
        what: {
          ...postIn(id, releaseId, stored),
          release: releaseIn({ id: releaseId, ...body }),
          thread: { channel, ts },
        },
      }),
    )
  }

  async nextDue(): Promise<Time | null> {
    const card = await this.#db
      .selectFrom('card')
      .select((eb) => eb.fn.min('due_at').as('due'))
      .executeTakeFirst()
    const post = await this.#db
      .selectFrom('post')
      .leftJoin('card', 'card.release_id', 'post.release_id')
      .select((eb) => eb.fn.min('post.due_at').as('due'))
      .where((eb) => eb.or([eb('post.release_id', 'is', null), eb('card.ts', 'is not', null)]))
      .where('post.due_at', 'is not', null)
      .executeTakeFirst()
    const due = [card?.due, post?.due].filter((time) => typeof time === 'number')
    return due.length > 0 ? Math.min(...due) : null
  }

  async wake(now: Time): Promise<void> {
    await this.#db.updateTable('card').set({ due_at: now }).where('due_at', '>', now).execute()
    await this.#db.updateTable('post').set({ due_at: now }).where('due_at', '>', now).execute()
    this.#signals.changed('outbox')
  }

  async cardSending(releaseId: string, at: Time): Promise<void> {
    await this.#db
      .updateTable('card')
      .set((eb) => ({ sending_since: eb.fn.coalesce('sending_since', eb.val(at)) }))
      .where('release_id', '=', releaseId)
      .execute()
  }

  async cardSent(
    releaseId: string,
    { ts, version, shown }: { readonly ts: string; readonly version: number; readonly shown: string },
  ): Promise<void> {
    await this.#db
      .updateTable('card')
      .set((eb) => ({
        ts,
        shown,
        sent_version: version,
        sending_since: null,
        due_at: eb.case().when('version', '>', version).then(0).else(null).end(),
        turn: eb.case().when('version', '>', version).then(nextTurn).else(eb.ref('turn')).end(),
      }))
      .where('release_id', '=', releaseId)
      .execute()
  }

  async cardLost(releaseId: string, { ts, why }: LostCard, at: Time): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const card = await db
        .updateTable('card')
        .set({ ...unposted, replaces: ts })
        .where('release_id', '=', releaseId)
        .where((eb) => eb.or([eb('ts', '=', ts), eb('ts', 'is', null)]))
        .returning('channel')
        .executeTakeFirst()
      if (card) await writeCardLoss(db, { releaseId, card: { channel: card.channel, ts }, why, at })
    })
  }

  async cardsAgain(): Promise<void> {
    await this.#db
      .updateTable('card')
      .set({ due_at: 0 })
      .where('due_at', 'is', null)
      .where('release_id', 'in', (eb) => eb.selectFrom('sent').select('release_id'))
      .where('release_id', 'in', (eb) => eb.selectFrom('release').select('id').where(isInFlight))
      .execute()
  }

  async cardLater(releaseId: string, at: Time): Promise<void> {
    await this.#db
      .updateTable('card')
      .set({ due_at: at })
      .where('release_id', '=', releaseId)
      .where('due_at', 'is not', null)
      .execute()
  }

  async postSending(id: number, at: Time): Promise<void> {
    await this.#db
      .updateTable('post')
      .set((eb) => ({
        attempts: eb('attempts', '+', 1),
        sending_since: eb.fn.coalesce('sending_since', eb.val(at)),
      }))
      .where('id', '=', id)
      .execute()
  }

  async postNotSent(id: number): Promise<void> {
    await this.#db.updateTable('post').set({ sending_since: null }).where('id', '=', id).execute()
  }

  async postSent(id: number, ts: string | null): Promise<void> {
    await this.#db
      .updateTable('post')
      .set({ ts, due_at: null, sending_since: null })
      .where('id', '=', id)
      .execute()
  }

  async postLater(id: number, at: Time): Promise<void> {
    await this.#db
      .updateTable('post')
      .set({ due_at: at })
      .where('id', '=', id)
      .where('due_at', 'is not', null)
      .execute()
  }

  async postDropped(id: number, reason: string): Promise<void> {
    await this.#db
      .updateTable('post')
      .set({ dropped: storable(reason), due_at: null, sending_since: null })
      .where('id', '=', id)
      .execute()
  }
}

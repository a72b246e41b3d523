import type { Kysely } from 'kysely'
import type { Direct, DirectChoice } from '../messages/direct.ts'
import type { PersonId, Time } from '../release/names.ts'
import type { DirectMessages, DirectMessagesInTransaction } from './interface/direct.ts'
import type { Schema } from './schema.ts'
import { storable } from './text.ts'

type DirectRow = {
  readonly releaseId: string
  readonly key: string
  readonly direct: Direct
  readonly at: Time
}

/** Direct messages and who wants them, in any SQL database. */
export class SqlDirectMessages implements DirectMessages, DirectMessagesInTransaction {
  readonly #db: Kysely<Schema>
  readonly #onAdded: () => void

  /** @param onAdded called for messages that are to be sent */
  constructor(db: Kysely<Schema>, onAdded: () => void) {
    this.#db = db
    this.#onAdded = onAdded
  }

  async choices(): Promise<ReadonlyMap<PersonId, DirectChoice>> {
    const rows = await this.#db.selectFrom('direct_choice').select(['person', 'choice']).execute()
    return new Map(rows.map(({ person, choice }) => [person, choice]))
  }

  async choice(person: PersonId): Promise<DirectChoice | null> {
    const row = await this.#db
      .selectFrom('direct_choice')
      .select('choice')
      .where('person', '=', storable(person))
      .executeTakeFirst()
    return row?.choice ?? null
  }

  async isWantedByAny(): Promise<boolean> {
    const row = await this.#db
      .selectFrom('direct_choice')
      .select('person')
      .where('choice', '=', 'on')
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  async choose(accounts: readonly PersonId[], choice: DirectChoice, at: Time): Promise<void> {
    const people = accounts.map(storable)
    await this.#db
      .insertInto('direct_choice')
      .values(people.map((person) => ({ person, choice, at })))
      .onConflict((conflict) => conflict.column('person').doUpdateSet({ choice, at }))
      .execute()
    if (choice === 'on') return
    for (const person of people)
      await this.#db
        .updateTable('post')
        .set({ dropped: 'the person turned direct messages off', due_at: null })
        .where('release_id', 'is not', null)
        .where('due_at', 'is not', null)
        // Slack may have got this one already.
        .where('sending_since', 'is', null)
        .where((eb) =>
          eb.or([eb('key', '=', approvalKey(person)), eb('key', 'like', outcomeKey(person, '%'))]),
        )
        .execute()
  }

  async askApprovers(releaseId: string, at: Time): Promise<void> {
    await insert(this.#db, [{ releaseId, key: 'direct-approvers', direct: { direct: 'approvers' }, at }])
    this.#onAdded()
  }

  async sendOutcome(
    releaseId: string,
    { to, end }: { readonly to: PersonId; readonly end: string },
    at: Time,
  ): Promise<void> {
    await this.#db
      .updateTable('post')
      .set({ dropped: 'a later end replaces it', due_at: null })
      .where('release_id', '=', releaseId)
      .where('key', 'like', outcomeKey(to, '%'))
      .where('due_at', 'is not', null)
      .where('sending_since', 'is', null)
      .execute()
    await insert(this.#db, [{ releaseId, key: outcomeKey(to, end), direct: { direct: 'outcome', to }, at }])
    this.#onAdded()
  }

  async addressed(postId: number, people: readonly PersonId[], at: Time): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const post = await db
        .updateTable('post')
        .set({ due_at: null })
        .where('id', '=', postId)
        .where('due_at', 'is not', null)
        .returning('release_id')
        .executeTakeFirst()
      if (!post?.release_id) return
      const { release_id: releaseId } = post
      const choices = await new SqlDirectMessages(db, () => {}).choices()
      const wanting = people.filter((person) => choices.get(person) !== 'off')
      await insert(
        db,
        wanting.map((to) => ({ releaseId, key: approvalKey(to), direct: { direct: 'approval', to }, at })),
      )
    })
    this.#onAdded()
  }
}

function approvalKey(to: PersonId): string {
  return `direct-approval ${to}`
}

function outcomeKey(to: PersonId, end: string): string {
  return `direct-outcome ${to} ${end}`
}

async function insert(db: Kysely<Schema>, rows: readonly DirectRow[]): Promise<void> {
  if (rows.length === 0) return
  await db
    .insertInto('post')
    .values(
      rows.map(({ releaseId, key, direct, at }) => ({
        release_id: releaseId,
        key: storable(key),
        body: JSON.stringify({ key, ...direct }),
        at,
        due_at: at,
        sending_since: null,
        ts: null,
        dropped: null,
      })),
    )
    .onConflict((conflict) => conflict.columns(['release_id', 'key']).doNothing())
    .execute()
}

/** A migration: adds what people chose about direct messages to themselves. */
export async function addDirectChoices(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('direct_choice')
    .addColumn('person', 'text', (column) => column.primaryKey())
    .addColumn('choice', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
}

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { Kysely, type RawBuilder, sql } from 'kysely'
import type { AuditHead, ReleasePost } from '../release/effects.ts'
import type { Time } from '../release/names.ts'
import type { Announced } from '../release/notice.ts'
import { copyStore } from './copy.ts'
import { detailOf } from './detail.ts'
import { migrate } from './migrations.ts'
import { NodeSqliteDialect } from './node-sqlite.ts'
import { type ReportReader, reportReader } from './report-reader.ts'
import type { Schema } from './schema.ts'
import { asStoreError, sqlite, storeFile } from './sqlite.ts'
import { holdSqliteFile } from './sqlite-file.ts'
import { type AuditRow, environmentOf, strayChain } from './store.ts'

/** A row with the service environment that it concerns, as far as that is known. */
export type LocatedRow = AuditRow & { readonly service: string | null; readonly environment: string | null }

/** What to read; `since` inclusive, `until` exclusive. */
export type AuditFilter = {
  readonly since?: Time
  readonly until?: Time
  readonly service?: string
  readonly environment?: string
  /** Rows by any of these people. */
  readonly persons?: readonly string[]
}

/** The end of a chain, now or at an earlier time. */
export type ChainHead = AuditHead & { readonly chain: string }

/** The audit log at one moment, even of a store that a running twokey has open. Read in pages. */
export interface AuditReader {
  /** All rows, chain by chain, each from its first row. */
  chains(): AsyncIterable<AuditRow>
  /** Oldest first. */
  byTime(filter: AuditFilter): AsyncIterable<LocatedRow>
  /** The hash of a row; null if it does not exist. */
  hashOf(chain: string, seq: number): Promise<string | null>
  /** Whether a row after this one has this hash. */
  hasLater(chain: string, seq: number, hash: string): Promise<boolean>
  /** Heads that were put into posts for Slack. */
  toldHeads(): AsyncIterable<ChainHead>
  /** Releases without audit rows. */
  releasesWithoutChain(): Promise<readonly string[]>
  /** Chains whose release does not exist. */
  chainsWithoutRelease(): Promise<readonly string[]>
  /** Whether the table still rejects changes to its rows: its triggers must be exactly those that twokey writes. */
  refusesChanges(): Promise<boolean>
  /** What reports read. */
  readonly report: ReportReader
  close(): Promise<void>
}

/**
 * Reads a copy of the store in a folder, which is removed by `close`; the original is not changed, and may be in use.
 * Throws `StoreMissing`, `StoreBusy`, `StoreTooNew`, `StoreUnreadable`.
 */
export async function openAuditReader({ folder }: { readonly folder: string }): Promise<AuditReader> {
  const original = { folder, file: join(folder, storeFile) }
  try {
    const copy = await copyStore(folder, storeFile)
    try {
      const file = join(copy.folder, storeFile)
      await upgradeCopy(file)
      const database = new DatabaseSync(file, { readOnly: true })
      return new SqlAuditReader(new Kysely({ dialect: new NodeSqliteDialect(database) }), {
        asError: (error) => asStoreError(error, original),
        removed: copy.remove,
      })
    } catch (error) {
      copy.remove()
      throw error
    }
  } catch (error) {
    throw asStoreError(error, original)
  }
}

/** Applies the write-ahead log of a process that was killed, and migrates a store of an older twokey, as a start would. */
async function upgradeCopy(file: string): Promise<void> {
  const database = holdSqliteFile(file)
  try {
    await migrate(new Kysely<Schema>({ dialect: new NodeSqliteDialect(database) }), sqlite)
  } finally {
    database.close()
  }
}

/** Rows per page. */
const page = 500

/**
 * Reads all rows, one page at a time.
 * @param after returns the page that follows this row; null: the first one
 */
async function* paged<Row>(after: (last: Row | null) => Promise<readonly Row[]>): AsyncGenerator<Row> {
  let last: Row | null = null
  for (;;) {
    const rows: readonly Row[] = await after(last)
    yield* rows
    last = rows.at(-1) ?? null
    if (rows.length < page) return
  }
}

type AuditText = Schema['audit']

type Source = { readonly asError: (error: unknown) => unknown; readonly removed: () => void }

class SqlAuditReader implements AuditReader {
  readonly report: ReportReader
  readonly #db: Kysely<Schema>
  readonly #source: Source

  constructor(db: Kysely<Schema>, source: Source) {
    this.#db = db
    this.#source = source
    this.report = reportReader(db, (ask) => this.#asked(ask))
  }

  async *chains(): AsyncIterable<AuditRow> {
    const rows = paged<AuditText>((last) => {
      let query = this.#db.selectFrom('audit').selectAll().orderBy('chain').orderBy('seq').limit(page)
      if (last) query = query.where(after(['chain', 'seq'], [last.chain, last.seq]))
      return this.#asked(() => query.execute())
    })
    for await (const row of rows) yield { ...row, detail: detailOf(row.detail) }
  }

  async *byTime({ since, until, service, environment, persons }: AuditFilter): AsyncIterable<LocatedRow> {
    type Text = AuditText & { readonly service: string | null; readonly environment: string | null }
    const rows = paged<Text>((last) => {
      let query = this.#db
        .selectFrom('audit')
        .leftJoin('release', 'release.id', 'audit.chain')
        .selectAll('audit')
        .select(['release.service', 'release.environment'])
        .orderBy('audit.at')
        .orderBy('audit.chain')
        .orderBy('audit.seq')
        .limit(page)
      if (last) query = query.where(after(['at', 'chain', 'seq'], [last.at, last.chain, last.seq]))
      if (since !== undefined) query = query.where('audit.at', '>=', since)
      if (until !== undefined) query = query.where('audit.at', '<', until)
      if (persons !== undefined) query = query.where('audit.actor', 'in', persons)
      return this.#asked(() => query.execute())
    })
    for await (const row of rows) {
      const located = locatedOf({ ...row, detail: detailOf(row.detail) })
      if (service !== undefined && located.service !== service) continue
      if (environment !== undefined && located.environment !== environment) continue
      yield located
    }
  }

  async hashOf(chain: string, seq: number): Promise<string | null> {
    const row = await this.#asked(() =>
      this.#db
        .selectFrom('audit')
        .select('hash')
        .where('chain', '=', chain)
        .where('seq', '=', seq)
        .executeTakeFirst(),
    )
    return row ? String(row.hash) : null
  }

  async hasLater(chain: string, seq: number, hash: string): Promise<boolean> {
    const row = await this.#asked(() =>
      this.#db
        .selectFrom('audit')
        .select('seq')
        .where('chain', '=', chain)
        .where('seq', '>', seq)
        .where('hash', '=', hash)
        .executeTakeFirst(),
    )
    return row !== undefined
  }

  async *toldHeads(): AsyncIterable<ChainHead> {
    const posts = paged<Post & { readonly id: number }>((last) =>
      this.#asked(() =>
        this.#db
          .selectFrom('post')
          .select(['id', 'release_id', 'body'])
          .where('id', '>', last?.id ?? 0)
          .where('key', 'is not', null)
          .where('body', 'like', '%"head"%')
          .orderBy('id')
          .limit(page)
          .execute(),
      ),
    )
    for await (const post of posts) yield* headsIn(post)
  }

  async releasesWithoutChain(): Promise<readonly string[]> {
    const rows = await this.#asked(() =>
      this.#db
        .selectFrom('release')
        .select('id')
        .where('id', 'not in', this.#db.selectFrom('audit').select('chain'))
        .orderBy('requested_at')
        .execute(),
    )
    return rows.map(({ id }) => id)
  }

  async chainsWithoutRelease(): Promise<readonly string[]> {
    const rows = await this.#asked(() =>
      this.#db
        .selectFrom('audit')
        .select('chain')
        .distinct()
        .where('chain', 'not in', this.#db.selectFrom('release').select('id'))
        .orderBy('chain')
        .execute(),
    )
    return rows.map(({ chain }) => chain).filter(isOfRelease)
  }

  async refusesChanges(): Promise<boolean> {
    const { rows } = await this.#asked(() =>
      sql<{
        readonly sql: string
      }>`select sql from sqlite_master where type = 'trigger' and tbl_name = 'audit'`.execute(this.#db),
    )
    const found = rows.map((row) => plain(row.sql)).sort()
    const written = sqlite.appendOnly('audit').map((refusal) => plain(refusal.compile(this.#db).sql))
    return isDeepStrictEqual(found, written.sort())
  }

  async close(): Promise<void> {
    try {
      await this.#db.destroy()
    } finally {
      this.#source.removed()
    }
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      throw this.#source.asError(error)
    }
  }
}

/** Rows that follow these values in the order of these columns. */
function after(columns: readonly string[], values: readonly unknown[]): RawBuilder<boolean> {
  return sql<boolean>`(${sql.join(columns.map((column) => sql.ref(`audit.${column}`)))}) > (${sql.join(values)})`
}

/** SQLite normalizes the first words of a statement, so spaces and case are ignored. */
function plain(statement: string): string {
  return statement.replace(/\s+/g, ' ').toLowerCase()
}

/** A row of an environment's chain names its service itself. */
function locatedOf(row: LocatedRow): LocatedRow {
  const environment = row.environment ?? environmentOf(row.chain)
  const { service } = row.detail
  return { ...row, environment, service: row.service ?? (typeof service === 'string' ? service : null) }
}

function isOfRelease(chain: string): boolean {
  return environmentOf(chain) === null && chain !== strayChain
}

type Post = { readonly release_id: string | null; readonly body: string }

function headsIn({ release_id, body }: Post): readonly ChainHead[] {
  const { announced, ...post } = JSON.parse(body) as Partial<ReleasePost> & { readonly announced?: Announced }
  const { also } = announced ?? post
  const chain = announced?.chain ?? release_id
  const head = announced?.head ?? post.head
  return [
    ...(head && chain !== null ? [{ chain, ...head }] : []),
    ...(also ? [{ chain: also.chain, ...also.head }] : []),
  ]
}

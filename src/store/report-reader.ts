import type { Kysely } from 'kysely'
import type { PersonId, Time } from '../release/names.ts'
import type { UnreleasedRollout } from '../release/unreleased.ts'
import { detailOf } from './detail.ts'
import type { Schema } from './schema.ts'
import { type AuditRow, environmentOf } from './store.ts'

/** A release with its audit chain. */
export type ReleaseChain = {
  readonly id: string
  readonly service: string
  readonly environment: string
  readonly requester: PersonId
  readonly requestedAt: Time
  /** Null: it is in progress. */
  readonly endedAt: Time | null
  /** Oldest first. */
  readonly rows: readonly AuditRow[]
  /** The release of which it is a retry; null: it is none. */
  readonly retryOf: string | null
}

/** `since` inclusive, `until` exclusive. */
export type ReportPeriod = { readonly since?: Time; readonly until?: Time }

/** Names that the audit log knows. */
export type AuditNames = {
  readonly services: readonly string[]
  readonly environments: readonly string[]
  /** Everybody who did something, with the name that Slack showed last, if it was stored. */
  readonly people: ReadonlyMap<PersonId, string | null>
}

/** What a report of releases reads. */
export interface ReportReader {
  names(): Promise<AuditNames>
  /** Releases that were in progress at some time in the period, oldest first. */
  releases(period: ReportPeriod): AsyncIterable<ReleaseChain>
  /** Rollouts in the period that no release made, as far as they were seen. */
  rollouts(period: ReportPeriod): Promise<readonly UnreleasedRollout[]>
}

/** Releases per page. */
const page = 100

type Asked = <T>(ask: () => Promise<T>) => Promise<T>

/** @param asked runs a query, and throws its error as an error of the store */
export function reportReader(db: Kysely<Schema>, asked: Asked): ReportReader {
  return {
    names: async () => ({
      services: await services(db, asked),
      environments: await environments(db, asked),
      people: await people(db, asked),
    }),
    releases: (period) => releases(db, asked, period),
    async rollouts({ since, until }) {
      const rows = await asked(() =>
        db
          .selectFrom('unreleased')
          .select('body')
          .$if(since !== undefined, (query) => query.where('at', '>=', since ?? 0))
          .$if(until !== undefined, (query) => query.where('at', '<', until ?? 0))
          .orderBy('at')
          .orderBy('deployment')
          .execute(),
      )
      return rows.map(({ body }) => JSON.parse(body) as UnreleasedRollout)
    },
  }
}

async function* releases(
  db: Kysely<Schema>,
  asked: Asked,
  { since, until }: ReportPeriod,
): AsyncGenerator<ReleaseChain> {
  let last: { readonly requestedAt: Time; readonly id: string } | null = null
  for (;;) {
    let query = db
      .selectFrom('release')
      .select([
        'id',
        'service',
        'environment',
        'requester',
        'requested_at as requestedAt',
        'ended_at as endedAt',
      ])
      .orderBy('requested_at')
      .orderBy('id')
      .limit(page)
    if (until !== undefined) query = query.where('requested_at', '<', until)
    if (since !== undefined)
      query = query.where(({ eb, or }) => or([eb('ended_at', 'is', null), eb('ended_at', '>=', since)]))
    const { requestedAt = 0, id = '' } = last ?? {}
    if (last !== null)
      query = query.where(({ eb, or, and }) =>
        or([
          eb('requested_at', '>', requestedAt),
          and([eb('requested_at', '=', requestedAt), eb('id', '>', id)]),
        ]),
      )
    const found = await asked(() => query.execute())
    const chains = await chainsOf(
      db,
      asked,
      found.map((release) => release.id),
    )
    const retries = await retriesAt(
      db,
      asked,
      found.map((release) => release.requestedAt),
    )
    for (const release of found)
      yield { ...release, rows: chains.get(release.id) ?? [], retryOf: retries.get(release.id) ?? null }
    last = found.at(-1) ?? null
    if (found.length < page) return
  }
}

async function chainsOf(
  db: Kysely<Schema>,
  asked: Asked,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly AuditRow[]>> {
  if (ids.length === 0) return new Map()
  const rows = await asked(() =>
    db.selectFrom('audit').selectAll().where('chain', 'in', ids).orderBy('chain').orderBy('seq').execute(),
  )
  return Map.groupBy(
    rows.map((row): AuditRow => ({ ...row, detail: detailOf(row.detail) })),
    ({ chain }) => chain,
  )
}

/** The retried release by the new one. Both are written at the same time. */
async function retriesAt(
  db: Kysely<Schema>,
  asked: Asked,
  times: readonly Time[],
): Promise<ReadonlyMap<string, string>> {
  if (times.length === 0) return new Map()
  const rows = await asked(() =>
    db
      .selectFrom('audit')
      .select(['chain', 'detail'])
      .where('at', 'in', [...new Set(times)])
      .where('what', '=', 'retry')
      .execute(),
  )
  return new Map(rows.map(({ chain, detail }) => [String(detailOf(detail).as), chain]))
}

async function services(db: Kysely<Schema>, asked: Asked): Promise<readonly string[]> {
  const released = await asked(() => db.selectFrom('release').select('service').distinct().execute())
  // Rows of an environment's chain name their service, or several, themselves.
  const rows = await asked(() =>
    db.selectFrom('audit').select('detail').distinct().where('chain', 'like', 'environment:%').execute(),
  )
  const named = rows.flatMap(({ detail }) => {
    const { service, services: several } = detailOf(detail)
    return [service, ...(Array.isArray(several) ? several : [])].filter((name) => typeof name === 'string')
  })
  const outside = await asked(() => db.selectFrom('unreleased').select('service').distinct().execute())
  return sorted([...named, ...[...released, ...outside].map(({ service }) => service)])
}

async function environments(db: Kysely<Schema>, asked: Asked): Promise<readonly string[]> {
  const released = await asked(() => db.selectFrom('release').select('environment').distinct().execute())
  const chains = await asked(() =>
    db.selectFrom('audit').select('chain').distinct().where('chain', 'like', 'environment:%').execute(),
  )
  return sorted([
    ...released.map(({ environment }) => environment),
    ...chains.flatMap(({ chain }) => environmentOf(chain) ?? []),
  ])
}

async function people(db: Kysely<Schema>, asked: Asked): Promise<AuditNames['people']> {
  const rows = await asked(() =>
    db
      .selectFrom('audit')
      .leftJoin('person', 'person.id', 'audit.actor')
      .select(['audit.actor', 'person.name'])
      .distinct()
      .where('audit.actor', '!=', 'twokey')
      .orderBy('audit.actor')
      .execute(),
  )
  return new Map(rows.map(({ actor, name }) => [actor, name]))
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted()
}

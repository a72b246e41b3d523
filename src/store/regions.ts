import { type Kysely, sql } from 'kysely'
import { inRegion } from '../release/region.ts'
import { readable, releaseColumns, releaseIn } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import type { Schema } from './schema.ts'
import { Unreadable } from './store.ts'

/** Sets this region for each release, and each lane, that names none. A second call changes nothing. */
export async function locate(db: Kysely<Schema>, dialect: SqlDialect, region: string): Promise<void> {
  const releases = await db
    .selectFrom('release')
    .select(['id', 'body', 'body_version'])
    // All targets of a release are in one region.
    .where(dialect.field('body', 'targets[0].region'), 'is', null)
    .execute()
  for (const row of releases) {
    const release = readable(() => releaseIn(row))
    // Reported when it is next read; its lanes get the region anyway, and stay held.
    if (release instanceof Unreadable) continue
    await db
      .updateTable('release')
      .set(releaseColumns(inRegion(release, region)))
      .where('id', '=', row.id)
      .execute()
  }
  // A name with a region contains a colon, which no name in ECS does.
  await db
    .updateTable('sent')
    .set({ target: sql<string>`${`${region}:`} || target` })
    .where('target', 'not like', '%:%')
    .execute()
  const lanes = await db.selectFrom('lane').selectAll().where('target', 'not like', '%:%').execute()
  for (const lane of lanes) await rename(db, lane, `${region}:${lane.target}`)
}

/** If a release with a region already has the same place in the lane, the other one is kept as a replaced release. */
async function rename(
  db: Kysely<Schema>,
  { target, place, release_id }: Schema['lane'],
  name: string,
): Promise<void> {
  const isOccupied = await db
    .selectFrom('lane')
    .select('release_id')
    .where('target', '=', name)
    .where('place', '=', place)
    .executeTakeFirst()
  await db
    .updateTable('lane')
    .set({ target: name, place: isOccupied ? 'replaced' : place })
    .where('target', '=', target)
    .where('release_id', '=', release_id)
    .execute()
}

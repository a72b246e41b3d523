import { type Kysely, sql } from 'kysely'
import { inRegion } from '../release/region.ts'
import { columnsOf, readable, releaseIn } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import type { Schema } from './schema.ts'
import { Unreadable } from './store.ts'

/** Gives this region to each release, and to each lane, that names none. Once done, it finds nothing more to do. */
export async function locate(db: Kysely<Schema>, dialect: SqlDialect, region: string): Promise<void> {
  const releases = await db
    .selectFrom('release')
    .select(['id', 'body', 'body_version'])
    // All targets of a release are in one region.
    .where(dialect.field('body', 'targets[0].region'), 'is', null)
    .execute()
  for (const row of releases) {
    const release = readable(() => releaseIn(row))
    // Set aside where it is next read; its lanes are named all the same, and stay held.
    if (release instanceof Unreadable) continue
    await db
      .updateTable('release')
      .set(columnsOf(inRegion(release, region)))
      .where('id', '=', row.id)
      .execute()
  }
  // A name with a region has a colon, which no name in ECS has.
  await db
    .updateTable('sent')
    .set({ target: sql<string>`${`${region}:`} || target` })
    .where('target', 'not like', '%:%')
    .execute()
  const lanes = await db.selectFrom('lane').selectAll().where('target', 'not like', '%:%').execute()
  for (const lane of lanes) await rename(db, lane, `${region}:${lane.target}`)
}

/** Where a release that named its region has that place of the lane already, the other holds the lane beside it. */
async function rename(
  db: Kysely<Schema>,
  { target, place, release_id }: Schema['lane'],
  name: string,
): Promise<void> {
  const isTaken = await db
    .selectFrom('lane')
    .select('release_id')
    .where('target', '=', name)
    .where('place', '=', place)
    .executeTakeFirst()
  await db
    .updateTable('lane')
    .set({ target: name, place: isTaken ? 'replaced' : place })
    .where('target', '=', target)
    .where('release_id', '=', release_id)
    .execute()
}

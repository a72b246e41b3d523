import type { Kysely } from 'kysely'
import { inRegion } from '../release/region.ts'
import { columnsOf, readable, releaseIn } from './body.ts'
import type { Schema } from './schema.ts'
import { Unreadable } from './store.ts'

/** Gives this region to each release, and to each lane, that names none. Once done, it finds nothing more to do. */
export async function locate(db: Kysely<Schema>, region: string): Promise<void> {
  const releases = await db
    .selectFrom('release')
    .select(['id', 'body', 'body_version'])
    .where('body', 'not like', '%"region":%')
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
  const lanes = await db.selectFrom('lane').selectAll().where('target', 'not like', '%:%').execute()
  for (const { target, place } of lanes) await rename(db, { target, place }, `${region}:${target}`)
}

/** Where the lane of that name is held already, by a release that named its region, that one keeps it: the other goes on without. */
async function rename(
  db: Kysely<Schema>,
  { target, place }: Pick<Schema['lane'], 'target' | 'place'>,
  name: string,
): Promise<void> {
  const isHeld = await db
    .selectFrom('lane')
    .select('release_id')
    .where('target', '=', name)
    .where('place', '=', place)
    .executeTakeFirst()
  if (isHeld) await db.deleteFrom('lane').where('target', '=', target).where('place', '=', place).execute()
  else
    await db
      .updateTable('lane')
      .set({ target: name })
      .where('target', '=', target)
      .where('place', '=', place)
      .execute()
}

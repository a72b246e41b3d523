import { type Kysely, sql } from 'kysely'
import { inRegion, inRole } from '../release/location.ts'
import { targetName } from '../release/names.ts'
import { readable, releaseColumns, releaseIn } from './body.ts'
import type { SqlDialect } from './dialect.ts'
import type { Schema } from './schema.ts'
import { type RoleOf, Unreadable } from './store.ts'

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

/**
 * Has the releases of these service environments use the role that twokey.yml names now, unless they are of another
 * account. Their lanes get the account's name. A second call changes nothing.
 */
export async function adoptRoles(
  db: Kysely<Schema>,
  dialect: SqlDialect,
  roles: readonly RoleOf[],
): Promise<void> {
  const role = dialect.field('body', 'targets[0].roleArn')
  for (const { service, environment, region, roleArn } of roles) {
    const rows = await db
      .selectFrom('release')
      .select(['id', 'body', 'body_version'])
      .where('service', '=', service)
      .where('environment', '=', environment)
      .where(dialect.field('body', 'targets[0].region'), '=', region)
      .where(({ or, eb }) => or([eb(role, 'is', null), eb(role, '!=', roleArn)]))
      .execute()
    for (const row of rows) {
      const release = readable(() => releaseIn(row))
      if (release instanceof Unreadable) continue
      const adopted = inRole(release, roleArn)
      if (adopted === null) continue
      await db.updateTable('release').set(releaseColumns(adopted)).where('id', '=', row.id).execute()
      for (const [index, target] of release.targets.entries())
        await renameOf(db, release.id, { from: targetName(target), to: targetName(adopted.targets[index]!) })
    }
  }
}

/** Renames a target of one release. */
async function renameOf(
  db: Kysely<Schema>,
  releaseId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  if (from === to) return
  await db
    .updateTable('sent')
    .set({ target: to })
    .where('release_id', '=', releaseId)
    .where('target', '=', from)
    .execute()
  const lane = await db
    .selectFrom('lane')
    .selectAll()
    .where('release_id', '=', releaseId)
    .where('target', '=', from)
    .executeTakeFirst()
  if (lane) await rename(db, lane, to)
}

/** If a release of that name already has the same place in the lane, the other one is kept as a replaced release. */
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

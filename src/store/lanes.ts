import type { Kysely } from 'kysely'
import { targetName } from '../release/names.ts'
import type { Release } from '../release/release.ts'
import type { Schema } from './schema.ts'

/** Gives a release its lanes, or the place behind their holder. Throws if that is taken. */
export async function insertLanes(
  db: Kysely<Schema>,
  { id, targets }: Release,
  place: 'current' | 'next',
): Promise<void> {
  await db
    .insertInto('lane')
    .values(targets.map((target) => ({ target: targetName(target), place, release_id: id })))
    .execute()
}

/**
 * Gives a release its lanes unless it holds them already, as when its review of a gate is sent again. Throws if another
 * release holds one.
 * @param beside ids of releases that hold them beside it from then on
 */
export async function holdLanes(
  db: Kysely<Schema>,
  release: Release,
  beside: readonly string[],
): Promise<void> {
  const held = await db
    .selectFrom('lane')
    .select('target')
    .where('release_id', '=', release.id)
    .executeTakeFirst()
  if (held) return
  if (beside.length > 0)
    await db
      .updateTable('lane')
      .set({ place: 'replaced' })
      .where('place', '=', 'current')
      .where('target', 'in', release.targets.map(targetName))
      .where('release_id', 'in', beside)
      .execute()
  await insertLanes(db, release, 'current')
}

/** Moves a release from `next` to `current`. The earlier holder holds the lane beside it. */
export async function takeLanes(db: Kysely<Schema>, releaseId: string): Promise<void> {
  const waited = db
    .selectFrom('lane as waited')
    .select('waited.target')
    .where('waited.release_id', '=', releaseId)
    .where('waited.place', '=', 'next')
  await db
    .updateTable('lane')
    .set({ place: 'replaced' })
    .where('place', '=', 'current')
    .where('target', 'in', waited)
    .execute()
  await db
    .updateTable('lane')
    .set({ place: 'current' })
    .where('release_id', '=', releaseId)
    .where('place', '=', 'next')
    .execute()
}

/** Frees the lanes of a release. Returns the releases that are next in one of them. */
export async function freeLanes(db: Kysely<Schema>, releaseId: string): Promise<readonly string[]> {
  const freed = await db.deleteFrom('lane').where('release_id', '=', releaseId).returning('target').execute()
  if (freed.length === 0) return []
  const targets = freed.map(({ target }) => target)
  const waiting = await db
    .selectFrom('lane')
    .select('release_id')
    .distinct()
    .where('place', '=', 'next')
    .where('target', 'in', targets)
    .execute()
  return waiting.map(({ release_id }) => release_id)
}

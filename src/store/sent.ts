import type { Kysely } from 'kysely'
import { type Time, targetName } from '../release/names.ts'
import type { Release } from '../release/release.ts'
import { releaseIn } from './body.ts'
import type { Schema } from './schema.ts'
import type { SentQuery } from './store.ts'

/**
 * Records the targets that a release was sent to, and when. A dispatch that was held back and returned to `ready` was
 * not sent.
 */
export async function noteSent(db: Kysely<Schema>, release: Release): Promise<void> {
  const at = sentAtOf(release)
  if (at === null) {
    await db.deleteFrom('sent').where('release_id', '=', release.id).execute()
    return
  }
  await db
    .insertInto('sent')
    .values(release.targets.map((target) => ({ release_id: release.id, target: targetName(target), at })))
    .onConflict((conflict) => conflict.columns(['release_id', 'target']).doUpdateSet({ at }))
    .execute()
}

/** By AWS's clock; by ours if the release does not have that time. */
function sentAtOf({ sentAt, sentAtAws }: Pick<Release, 'sentAt' | 'sentAtAws'>): Time | null {
  return sentAtAws ?? sentAt
}

/** Throws `Unreadable`: what an unreadable release did must not be attributed to others. */
export async function sentTo(
  db: Kysely<Schema>,
  { target, until, limit }: SentQuery,
): Promise<readonly Release[]> {
  const rows = await db
    .selectFrom('sent')
    .innerJoin('release', 'release.id', 'sent.release_id')
    .select(['release.id', 'release.body', 'release.body_version'])
    .where('sent.target', '=', targetName(target))
    .where('sent.at', '<=', until)
    .orderBy('sent.at', 'desc')
    .orderBy('sent.release_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(releaseIn)
}

/** When the first release after this one was sent to one of its targets. Reads no body. */
export async function nextSent(db: Kysely<Schema>, release: Release): Promise<Time | null> {
  const own = sentAtOf(release)
  if (own === null) return null
  const row = await db
    .selectFrom('sent')
    .select('at')
    .where('target', 'in', release.targets.map(targetName))
    .where('release_id', '!=', release.id)
    .where('at', '>=', own)
    .orderBy('at')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? null
}

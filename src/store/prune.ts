import type { Kysely } from 'kysely'
import type { Time } from '../release/names.ts'
import type { Schema } from './schema.ts'

/** As long as Slack takes answers at a `response_url`, ms. Source: docs.slack.dev, handling user interaction. */
const answerableMs = 30 * 60_000

/** How long it is known which deliveries came, and what was posted of releases that ended, ms: far longer than Slack delivers anything again. */
const keptMs = 30 * 86_400_000

/**
 * Deletes what nobody reads any more: what people asked and what they alone were answered, half an hour after it was
 * done; the ids of deliveries, and the posts of releases that ended, after 30 days. Never what waits to be done or sent,
 * a row of the audit log, or a post that shows where an audit chain ended.
 */
export async function prune(db: Kysely<Schema>, now: Time): Promise<void> {
  await db
    .updateTable('inbox')
    .set({ body: '' })
    .where('done_at', '<=', now - answerableMs)
    .where('body', '!=', '')
    .execute()
  await db
    .deleteFrom('inbox')
    .where('done_at', '<=', now - keptMs)
    .execute()
  await db
    .deleteFrom('post')
    .where('release_id', 'is', null)
    .where('key', 'is', null)
    .where('due_at', 'is', null)
    .where('at', '<=', now - answerableMs)
    .execute()
  const over = db
    .selectFrom('release')
    .select('release.id')
    .where('release.ended_at', '<=', now - keptMs)
    .where('release.due_at', 'is', null)
    .where('release.id', 'not in', db.selectFrom('lane').select('lane.release_id'))
  await db
    .deleteFrom('post')
    .where('due_at', 'is', null)
    .where('body', 'not like', '%"head"%')
    .where('release_id', 'in', over)
    .execute()
}

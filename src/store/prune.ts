import type { Kysely } from 'kysely'
import type { Time } from '../release/names.ts'
import type { Schema } from './schema.ts'

/** For how long Slack accepts answers at a `response_url`, ms. Source: docs.slack.dev, handling user interaction. */
const answerableMs = 30 * 60_000

/** For how long the ids of deliveries, and posts of ended releases, are kept, ms: far longer than Slack repeats a delivery. */
const keptMs = 30 * 86_400_000

/**
 * Deletes what is no longer needed: people's requests and the answers to one person, half an hour after they are done;
 * the ids of deliveries, and the posts of ended releases, after 30 days. Never deletes what waits to be done or sent, a
 * row of the audit log, or a post that shows the head of an audit chain.
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

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqliteStore, storeFile } from '../../src/store/sqlite.ts'
import { ana, item } from './fixtures.ts'
import { ownFolder } from './folder.ts'

const responseUrl = 'https://hooks.slack.com/commands/T0TEAM/1/secret'
const from = { ...ana, responseUrl }

test('keeps no response_url longer than Slack accepts answers there', async () => {
  const folder = ownFolder()
  const store = await openSqliteStore({ folder })
  await store.receive({ ...item('a'), from })
  await store.transact(async (tx) => {
    await tx.finish('a', 1_000)
    await tx.reply(from, { reply: 'done', sentence: 'Done.' }, 1_000)
  })
  const [reply] = await store.outbox.duePosts(1_000, 1)
  await store.outbox.postSent(reply?.id ?? 0, null)
  await store.prune(1_000 + 30 * 60_000)
  await store.close()
  const database = new DatabaseSync(join(folder, storeFile))
  const bodies = database.prepare('select body from inbox union all select body from post').all()
  database.close()
  expect(JSON.stringify(bodies)).not.toContain('secret')
})

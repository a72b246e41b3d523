import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InboxItem } from '../../src/messages/intent.ts'
import { rollbackUnderWay } from '../../src/release/refusals/asking.ts'
import type { AnswerDeps } from '../../src/requests/complete.ts'
import type { Prepared } from '../../src/requests/prepare.ts'
import { askFor } from '../../src/requests/request-release.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { minute } from '../release/driver.ts'
import { start } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'
import { ownFolder } from '../store/folder.ts'

const prod = serviceEnvironment()
const item: InboxItem = {
  id: 'i1',
  asked: { ask: 'rollback', service: 'blog-api', environment: 'prod', revision: 42 },
  from: { user: 'U0ANA', team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null },
  receivedAt: start,
}

let store: Store
let now: number
beforeEach(async () => {
  now = start
  store = await openSqliteStore({ folder: ownFolder() })
  await store.receive(item)
})
afterEach(() => store.close())

/** Requests it; each read is followed by a pause of the process. Returns the refusal's code, and how often it was read. */
async function asked(pauseMs: number, answers: readonly (() => Prepared)[]) {
  let reads = 0
  const deps = {
    store,
    settings: settingsOf([prod]),
    outside: { people: { knownName: () => null } },
    clock: () => now,
    checkpoint: () => {},
    log: { error: () => {} },
  }
  await askFor(deps as unknown as AnswerDeps, item, prod, async () => {
    const answer = answers[Math.min(reads, answers.length - 1)]!()
    reads += 1
    now += pauseMs
    return answer
  })
  const [post] = await store.outbox.duePosts(now, 9)
  const reply = post?.what.kind === 'reply' ? post.what.reply : null
  return { reads, code: reply?.reply === 'refusal' ? reply.refusal.code : null }
}

const old = (): Prepared => ({ request: {} as Extract<Prepared, { request: unknown }>['request'] })

test('a request whose reads are old by the time its release would be created is read again', async () => {
  const holder = { id: 'r-1', requester: 'U0BEN', state: 'queued', buttons: [], rollback: 'refused' } as const
  const refused = () => ({ refused: rollbackUnderWay(prod, holder) })
  expect(await asked(3 * minute, [old, refused])).toEqual({ reads: 2, code: refused().refused.code })
})

test('a request that is never read in time is refused after three times', async () => {
  expect(await asked(3 * minute, [old])).toEqual({ reads: 3, code: 'cannot_see' })
})

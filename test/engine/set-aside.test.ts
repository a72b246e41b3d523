import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Asked, InboxItem } from '../../src/messages/intent.ts'
import { type InboxWorkerDeps, startInboxWorker } from '../../src/requests/inbox-worker.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { SetAside, Store } from '../../src/store/store.ts'
import { ana, requestedDeploy, start } from '../store/fixtures.ts'
import { ownFolder } from '../store/folder.ts'

const settings = {
  services: ['blog-api'],
  environments: ['prod'],
  directMessages: { approvers: false, requester: false },
  serviceEnvironments: [],
} as unknown as Settings

function requested(id: string, what: Asked): InboxItem {
  return { id, asked: what, from: ana, receivedAt: Date.now() }
}

const help: Asked = { ask: 'help', command: '/deploy' }

function inboxWorker(store: Store, differs: Partial<InboxWorkerDeps> = {}): readonly SetAside[] {
  const told: SetAside[] = []
  const running = startInboxWorker({
    store,
    settings,
    outside: { people: { membership: async () => ({ is: 'member' }), knownName: () => null } },
    clock: Date.now,
    checkpoint: () => {},
    log: pino({ level: 'silent' }),
    onSetAside: (aside: SetAside) => told.push(aside),
    ...differs,
  } as unknown as InboxWorkerDeps)
  onTestFinished(() => running.stop())
  return told
}

async function replies(store: Store) {
  const posts = await store.outbox.duePosts(Date.now() + 1, 99)
  return posts.flatMap(({ what }) => (what.kind === 'reply' ? [what.reply] : []))
}

test('a click on an unreadable release is answered with the reason, audited, and done', async () => {
  const folder = ownFolder()
  const first = await openSqliteStore({ folder })
  await start(first, requestedDeploy('r-old'))
  await first.outbox.cardSent('r-old', { ts: '1.1', version: 1, shown: 'hash' })
  await first.close()
  const database = new DatabaseSync(`${folder}/twokey.db`)
  database.exec('update release set body_version = 99')
  database.close()
  const store = await openSqliteStore({ folder })
  const card = { channel: 'C0SHIP', ts: '1.1' }
  await store.receive(
    requested('i1', { ask: 'action', action: 'approve', releaseId: 'r-old', round: 1, card }),
  )
  const told = inboxWorker(store)
  await vi.waitFor(async () => expect(await replies(store)).toHaveLength(1))
  expect(await replies(store)).toMatchObject([
    { reply: 'refusal', refusal: { code: 'cannot_see', sentence: expect.stringContaining('release r-old') } },
  ])
  expect(told).toMatchObject([{ what: 'request', id: 'i1' }])
  expect(await store.pendingItems()).toEqual([])
  expect((await store.auditOf('r-old')).map(({ what }) => what)).toEqual(['approve refused'])
  await store.close()
})

test('a request that always fails is given up after two minutes, and those behind it continue', async () => {
  const store = await openSqliteStore({ folder: ownFolder() })
  await store.receive(requested('i1', { ask: 'unlock', service: null, environment: 'prod' }))
  await store.receive(requested('i2', help))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  // Without its list of actions, every unlock throws an internal error.
  const told = inboxWorker(store, {
    settings: { ...settings, serviceEnvironments: [undefined] } as unknown as Settings,
  })
  await vi.advanceTimersByTimeAsync(100_000)
  expect(await replies(store)).toMatchObject([{ reply: 'help' }])
  expect(told).toEqual([])
  expect((await store.pendingItems()).map(({ id }) => id)).toEqual(['i1'])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await replies(store)).toMatchObject([
    { reply: 'help' },
    { reply: 'refusal', refusal: { code: 'own_error' } },
  ])
  expect(told).toMatchObject([{ what: 'request', id: 'i1' }])
  expect(await store.pendingItems()).toEqual([])
  await store.close()
})

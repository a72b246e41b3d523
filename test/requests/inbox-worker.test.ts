import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import type { Asked, InboxItem } from '../../src/messages/intent.ts'
import { type InboxWorkerDeps, startInboxWorker } from '../../src/requests/inbox-worker.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ana } from '../store/fixtures.ts'
import { ownFolder } from '../store/folder.ts'

const settings = {
  services: ['blog-api'],
  environments: ['prod'],
  directMessages: { approvers: false, requester: false },
  serviceEnvironments: [],
} as unknown as Settings

const status: Asked = { ask: 'status', service: null, environment: null, page: 0 }

/** An inbox worker whose lookups of people in Slack are slow: each waits until the test releases it. */
async function slowWorker() {
  const store = await openSqliteStore({ folder: ownFolder() })
  const read: number[] = []
  const paged = store.pendingItemsAfter.bind(store)
  vi.spyOn(store, 'pendingItemsAfter').mockImplementation(async (...ask) => {
    const page = await paged(...ask)
    read.push(page.items.length)
    return page
  })
  const lookups: (() => void)[] = []
  const inboxWorker = startInboxWorker({
    store,
    settings,
    outside: {
      people: {
        membership: ({ user }: InboxItem['from']) =>
          user === 'U0GUS'
            ? new Promise((resolve) => lookups.push(() => resolve({ is: 'guest' })))
            : Promise.resolve({ is: 'member' }),
      },
    },
    clock: Date.now,
    checkpoint: () => {},
    log: pino({ level: 'silent' }),
    onSetAside: () => {},
  } as unknown as InboxWorkerDeps)
  let isOpen = true
  const asks = async (user: string, count: number, asked = status) => {
    for (let each = 0; each < count; each += 1)
      await store.receive({
        id: `${user} ${each}`,
        asked,
        from: { ...ana, user },
        receivedAt: Date.now(),
      })
    inboxWorker.wake()
  }
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    const letGo = setInterval(() => {
      for (const go of lookups.splice(0)) go()
    }, 1)
    await inboxWorker.stop()
    clearInterval(letGo)
    await store.close()
  }
  onTestFinished(close)
  return { store, lookups, read, asks, close }
}

test('a person with a hundred requests, while Slack is slow, delays nobody else', async () => {
  const { store, lookups, read, asks } = await slowWorker()
  await asks('U0GUS', 150)
  await vi.waitFor(() => expect(lookups).toHaveLength(10), { timeout: patience })
  await asks('U0BEN', 1, { ask: 'help', command: '/deploy' })
  const answered = async () => (await store.outbox.duePosts(Date.now() + 1, 9)).map(({ what }) => what)
  await vi.waitFor(
    async () => expect(await answered()).toMatchObject([{ kind: 'reply', to: { user: 'U0BEN' } }]),
    { timeout: patience },
  )
  expect(lookups).toHaveLength(10)
  expect(read.reduce((sum, each) => sum + each, 0)).toBe(151)
})

test('handles all requests in the end, each once', async () => {
  const { store, lookups, asks } = await slowWorker()
  await asks('U0GUS', 30)
  await vi.waitFor(
    async () => {
      for (const go of lookups.splice(0)) go()
      expect(await store.pendingItems()).toEqual([])
    },
    { timeout: patience },
  )
  expect(await store.outbox.duePosts(Date.now() + 1, 99)).toHaveLength(30)
})

import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { type SetAside, type Store, Unreadable } from '../../src/store/store.ts'
import { ana, blog, dueIds, ended, item, requestedDeploy, start, story, worker } from './fixtures.ts'
import { ownFolder } from './folder.ts'

const now = 1_000_000

/** A store after `before` and then this statement, as somebody with access to the file could run it. */
async function damaged(
  before: (store: Store) => Promise<void>,
  statement: string,
): Promise<{ readonly store: Store; readonly aside: readonly SetAside[] }> {
  const folder = ownFolder()
  const first = await openSqliteStore({ folder })
  await before(first)
  await first.close()
  const database = new DatabaseSync(`${folder}/twokey.db`)
  database.exec(statement)
  database.close()
  const aside: SetAside[] = []
  const store = await openSqliteStore({ folder, onSetAside: (each) => aside.push(each) })
  onTestFinished(() => store.close())
  return { store, aside }
}

const two = (store: Store) =>
  start(
    store,
    requestedDeploy('r-old'),
    requestedDeploy('r-fine', { targets: [worker], service: 'blog-worker' }),
  )

const kinds = (aside: readonly SetAside[]) => aside.map(({ what, id }) => `${what} ${id}`)

const damages = [
  ['that a newer twokey wrote', `update release set body_version = 99 where id = 'r-old'`],
  ['whose body is no JSON', `update release set body = '{"id":' where id = 'r-old'`],
  ['whose body is no release', `update release set body = '{"id":"r-old"}' where id = 'r-old'`],
  [
    'whose body is of another',
    `update release set body = replace(body, 'r-old', 'r-new') where id = 'r-old'`,
  ],
] as const

describe.each(damages)('a release %s', (_, statement) => {
  test('an unreadable release is not driven, but those behind it are', async () => {
    const { store, aside } = await damaged(two, statement)
    expect(await dueIds(store, now)).toEqual(['r-fine'])
    expect(kinds(aside)).toEqual(['release r-old'])
  })

  test('claims an unreadable release again after ten minutes, and not before', async () => {
    const { store, aside } = await damaged(two, statement)
    await dueIds(store, now)
    await dueIds(store, now + 599_000)
    expect(aside).toHaveLength(1)
    await dueIds(store, now + 600_000)
    expect(aside).toHaveLength(2)
  })

  test('an unreadable release keeps its lane, and a request for its service says so', async () => {
    const { store } = await damaged(two, statement)
    const holders = store.transact((tx) => tx.holders([blog]))
    await expect(holders).rejects.toThrow(Unreadable)
    await expect(holders).rejects.toThrow(/release r-old cannot be read/)
    expect((await store.transact((tx) => tx.holders([worker]))).map(({ id }) => id)).toEqual(['r-fine'])
  })

  test('an unreadable release counts as sent, so its rollouts are attributed to no other', async () => {
    const before = { ...requestedDeploy('r-before'), sentAt: 1_100, sentAtAws: 1_100 }
    const { store } = await damaged(async (first) => {
      await two(first)
      await first.transact((tx) =>
        tx.save({ ...requestedDeploy('r-old'), sentAt: 1_200, sentAtAws: 1_300 }, null),
      )
    }, statement)
    expect(await store.transact((tx) => tx.nextSent(before))).toBe(1_300)
    await expect(store.sentTo({ target: blog, until: 2_000, limit: 9 })).rejects.toThrow(Unreadable)
    expect(await store.sentTo({ target: blog, until: 1_200, limit: 9 })).toEqual([])
  })

  test('an unreadable release does not count as absent', async () => {
    const { store } = await damaged(two, statement)
    await expect(store.release('r-old')).rejects.toThrow(Unreadable)
    await expect(store.transact((tx) => tx.releaseForUpdate('r-old'))).rejects.toThrow(Unreadable)
    expect(await store.transact((tx) => tx.hasRelease('r-old'))).toBe(true)
    expect(await store.transact((tx) => tx.hasRelease('r-none'))).toBe(false)
  })

  test('leaves an unreadable release out of lists, but counts it', async () => {
    const { store, aside } = await damaged(two, statement)
    expect((await store.inFlight()).map(({ id }) => id)).toEqual(['r-fine'])
    expect((await store.history({ limit: 9 })).map(({ id }) => id)).toEqual(['r-fine'])
    expect(await store.countInFlight()).toBe(2)
    expect(kinds(aside)).toEqual(['release r-old', 'release r-old'])
  })

  test('an unreadable release does not delay other cards, and is due again after ten minutes', async () => {
    const { store, aside } = await damaged(two, statement)
    const due = async (at: number) => (await store.outbox.dueCards(at, 9)).map(({ release }) => release.id)
    expect(await due(now)).toEqual(['r-fine'])
    expect(kinds(aside)).toEqual(['card r-old'])
    expect(await due(now + 599_000)).toEqual(['r-fine'])
    expect(aside).toHaveLength(1)
    await due(now + 600_000)
    expect(aside).toHaveLength(2)
  })

  test('an unreadable release does not delay other thread posts', async () => {
    const { store, aside } = await damaged(async (first) => {
      await two(first)
      for (const id of ['r-old', 'r-fine']) {
        await first.outbox.cardSent(id, { ts: `${id}.ts`, version: 1, shown: 'hash' })
        await first.transact((tx) => tx.addPosts(id, [story(`of ${id}`)], 1_000))
      }
    }, statement)
    const posts = await store.outbox.duePosts(now, 9)
    expect(posts.map(({ what }) => what.kind === 'story' && what.post.key)).toEqual(['of r-fine'])
    expect(kinds(aside)).toEqual(['post 1'])
    expect(await store.outbox.nextDue()).toBe(1_000)
  })
})

test('counts releases in progress without reading a body, and without ended ones', async () => {
  const { store, aside } = await damaged(async (first) => {
    await two(first)
    await first.transact((tx) =>
      tx.save(
        ended(requestedDeploy('r-fine', { targets: [worker], service: 'blog-worker' }), 'succeeded'),
        null,
      ),
    )
  }, `update release set body = 'no JSON'`)
  expect(await store.countInFlight()).toBe(1)
  expect(aside).toEqual([])
})

test('a post that cannot be read does not delay others', async () => {
  const { store, aside } = await damaged(async (first) => {
    await first.transact((tx) =>
      tx.reply(ana, { reply: 'help', command: '/deploy', services: [], environments: [] }, 1),
    )
    await first.transact((tx) =>
      tx.reply(ana, { reply: 'help', command: '/deploy', services: [], environments: [] }, 1),
    )
  }, `update post set body = '{' where id = 1`)
  expect((await store.outbox.duePosts(now, 9)).map(({ id }) => id)).toEqual([2])
  expect(kinds(aside)).toEqual(['post 1'])
  expect((await store.outbox.duePosts(now + 599_000, 9)).map(({ id }) => id)).toEqual([2])
  expect(aside).toHaveLength(1)
})

test.each([
  ['no JSON', '{'],
  ['no request', '{"id":"i1"}'],
])('gives up a request that is %s, and continues with those behind it', async (_, body) => {
  const { store, aside } = await damaged(async (first) => {
    for (const id of ['i1', 'i2']) await first.receive(item(id))
  }, `update inbox set body = '${body}' where id = 'i1'`)
  expect((await store.pendingItemsAfter(0, 9)).items.map(({ id }) => id)).toEqual(['i2'])
  expect(kinds(aside)).toEqual(['request i1'])
})

test('sends nothing while a pending request cannot be read, because it may be a Reject', async () => {
  const { store } = await damaged(async (first) => {
    await first.receive(item('i1'))
  }, `update inbox set body = '{' where id = 'i1'`)
  await expect(store.transact((tx) => tx.pendingItems())).rejects.toThrow(Unreadable)
})

import { expect, test } from 'vitest'
import type { Announced } from '../../../src/release/notice.ts'
import type { Release } from '../../../src/release/release.ts'
import type { DuePost, Store } from '../../../src/store/store.ts'
import type { Given } from '../contract.ts'
import { ana, ended, moved, requestedDeploy, save, start, story, worker } from '../fixtures.ts'

async function cards(store: Store, now = 1_000_000): Promise<readonly string[]> {
  return (await store.outbox.dueCards(now, 99)).map(({ release }) => release.id)
}

async function stories(store: Store, now = 1_000_000): Promise<readonly string[]> {
  const posts = await store.outbox.duePosts(now, 99)
  return posts.map(nameOf)
}

function nameOf({ what }: DuePost): string {
  switch (what.kind) {
    case 'story':
      return what.post.key
    case 'direct':
      return 'to' in what.message ? `${what.message.direct} ${what.message.to}` : what.message.direct
    case 'notice':
      return what.announced.notice.notice
    case 'reply':
      return what.reply.reply
  }
}

const locked: Announced = {
  notice: {
    notice: 'locked',
    lock: { environment: 'prod', service: null, by: 'U0ANA', why: 'an incident', since: 1_000, until: null },
  },
  chain: 'environment:prod',
  head: { seq: 1, hash: 'abc' },
}

/** Sends the current card of a release. */
async function sent(store: Store, id: string): Promise<void> {
  const card = (await store.outbox.dueCards(1_000_000, 99)).find(({ release }) => release.id === id)
  if (!card) throw new Error(`the card of ${id} is not due`)
  await store.outbox.cardSent(id, { ts: `${id}.ts`, version: card.version, shown: 'hash' })
}

function onlyTarget(number: number) {
  return { targets: [{ cluster: 'prod', service: `s${number}` }] }
}

export function outboxContract(given: Given): void {
  test('a new release has one card to post', async () => {
    const { store } = given
    const release = requestedDeploy('r1')
    await start(store, release)
    expect(await store.outbox.nextDue()).toBeLessThanOrEqual(release.requestedAt)
    expect(await store.card('r1')).toBeNull()
    const [card] = await store.outbox.dueCards(1_000, 9)
    expect(card).toMatchObject({ release, channel: 'C0SHIP', ts: null, sendingSince: null, shown: null })
    await sent(store, 'r1')
    expect(await cards(store)).toEqual([])
    expect(await store.outbox.nextDue()).toBeNull()
    expect(await store.card('r1')).toEqual({ channel: 'C0SHIP', ts: 'r1.ts' })
  })

  test('a change makes the card due in its current state; an unchanged release does not', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await save(store, requestedDeploy('r1'), 5_000)
    expect(await cards(store)).toEqual([])
    await save(store, moved(requestedDeploy('r1'), 2_000))
    await save(store, moved(requestedDeploy('r1'), 3_000))
    const due = await store.outbox.dueCards(3_000, 9)
    expect(due).toHaveLength(1)
    expect(due[0]).toMatchObject({ release: moved(requestedDeploy('r1'), 3_000), ts: 'r1.ts', shown: 'hash' })
  })

  test('a lost card is posted again, and its thread waits for the new card', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await store.transact((tx) => tx.addPosts('r1', [story('asked')], 2_000))
    await store.outbox.cardLost('r1', { ts: 'r1.ts', why: 'uneditable' }, 3_000)
    expect(await store.card('r1')).toBeNull()
    expect(await stories(store)).toEqual([])
    const [card] = await store.outbox.dueCards(3_000, 9)
    expect(card).toMatchObject({ ts: null, replaces: 'r1.ts', sendingSince: null, shown: null })
    await store.outbox.cardSent('r1', { ts: 'new.ts', version: card!.version, shown: 'hash' })
    const posts = await store.outbox.duePosts(3_000, 9)
    expect(posts.map(nameOf)).toEqual(['asked', 'card-replaced-r1.ts', 'card-outdated-r1.ts'])
    for (const { what } of posts) expect(what).toMatchObject({ thread: { channel: 'C0SHIP', ts: 'new.ts' } })
  })

  test('a deleted card has no thread in which to report the loss', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await store.outbox.cardLost('r1', { ts: 'r1.ts', why: 'gone' }, 3_000)
    await sent(store, 'r1')
    expect(await stories(store)).toEqual(['card-replaced-r1.ts'])
  })

  test('reports a card that was lost twice only once in its new thread', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    for (const ts of ['r1.ts', 'second.ts', 'third.ts']) {
      await store.outbox.cardSent('r1', { ts, version: 1, shown: 'hash' })
      await store.outbox.cardLost('r1', { ts, why: 'uneditable' }, 3_000)
    }
    await sent(store, 'r1')
    const outdated = ['r1.ts', 'second.ts', 'third.ts'].map((ts) => `card-outdated-${ts}`)
    expect((await stories(store)).toSorted()).toEqual([...outdated, 'card-replaced-third.ts'])
  })

  test('reports a lost card also if its edit and a post in its thread both found it lost', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    for (let found = 0; found < 2; found += 1)
      await store.outbox.cardLost('r1', { ts: 'r1.ts', why: 'gone' }, 3_000)
    await sent(store, 'r1')
    expect(await stories(store)).toEqual(['card-replaced-r1.ts'])
  })

  test('a moved card is posted in the other channel, and both threads say so', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await store.transact((tx) => tx.moveCard('r1', 'C0NEW', 3_000))
    expect(await store.card('r1')).toBeNull()
    const [card] = await store.outbox.dueCards(3_000, 9)
    expect(card).toMatchObject({
      channel: 'C0NEW',
      ts: null,
      replaces: null,
      sendingSince: null,
      shown: null,
    })
    await store.outbox.cardSent('r1', { ts: 'new.ts', version: card!.version, shown: 'hash' })
    for (const { what } of await store.outbox.duePosts(3_000, 9))
      expect(what).toMatchObject({
        thread: { channel: 'C0NEW', ts: 'new.ts' },
        post: { story: { why: 'moved', card: { channel: 'C0SHIP', ts: 'r1.ts' } } },
      })
    expect(await stories(store)).toEqual(['card-replaced-r1.ts', 'card-outdated-r1.ts'])
  })

  test('a card moved before its post is posted only in the other channel', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await store.transact((tx) => tx.moveCard('r1', 'C0NEW', 3_000))
    await sent(store, 'r1')
    expect(await store.card('r1')).toEqual({ channel: 'C0NEW', ts: 'r1.ts' })
    expect(await stories(store)).toEqual([])
  })

  test('moves notices of an unknown channel to another one, and keeps those of known channels', async () => {
    const { store } = given
    for (const channel of ['C0GONE', 'C0SHIP'])
      await store.transact((tx) => tx.announce(channel, locked, 2_000))
    const [first] = await store.outbox.duePosts(3_000, 9)
    await store.outbox.postSending(first!.id, 2_500)
    await store.outbox.postLater(first!.id, 900_000)
    await store.transact((tx) => tx.moveNotices({ known: ['C0SHIP'], to: 'C0NEW' }))
    const posts = await store.outbox.duePosts(3_000, 9)
    expect(
      posts.map(({ what, sendingSince }) => [what.kind === 'notice' && what.channel, sendingSince]),
    ).toEqual([
      ['C0NEW', null],
      ['C0SHIP', null],
    ])
  })

  test('ignores a result about an earlier card', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await store.outbox.cardLost('r1', { ts: 'older.ts', why: 'uneditable' }, 3_000)
    expect(await store.card('r1')).toEqual({ channel: 'C0SHIP', ts: 'r1.ts' })
    expect(await cards(store)).toEqual([])
    expect(await stories(store)).toEqual([])
  })

  test('keeps a change that comes while the card is being sent', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const [sending] = await store.outbox.dueCards(1_000, 9)
    await store.outbox.cardSending('r1', 1_000)
    await save(store, ended(requestedDeploy('r1'), 'succeeded'))
    await store.outbox.cardSent('r1', { ts: 'r1.ts', version: sending?.version ?? 0, shown: 'old' })
    const [due] = await store.outbox.dueCards(1_000, 9)
    expect(due).toMatchObject({ release: { stage: { outcome: 'succeeded' } }, ts: 'r1.ts', shown: 'old' })
    expect(due?.sendingSince).toBeNull()
    await sent(store, 'r1')
    expect(await cards(store)).toEqual([])
  })

  test('sends ends first, then cards without a post, then the oldest change', async () => {
    const { store } = given
    const names = ['progress', 'older', 'bad', 'good']
    const releases = new Map<string, Release>(
      names.map((name, number) => [name, requestedDeploy(name, onlyTarget(number))]),
    )
    await start(store, ...releases.values())
    for (const name of names) await sent(store, name)
    const change = (name: string, to: (release: Release) => Release) =>
      save(store, to(releases.get(name) ?? requestedDeploy(name)))
    await change('older', (release) => moved(release, 2_000))
    await change('progress', (release) => moved(release, 2_000))
    await change('older', (release) => moved(release, 3_000))
    await start(store, requestedDeploy('new', onlyTarget(9)))
    await change('bad', (release) => ended(release, 'failed'))
    await change('good', (release) => ended(release, 'succeeded'))
    expect(await cards(store)).toEqual(['bad', 'good', 'new', 'older', 'progress'])
    expect((await store.outbox.dueCards(9_000, 2)).map(({ release }) => release.id)).toEqual(['bad', 'good'])
  })

  test('a card that changes constantly does not delay others', async () => {
    const { store } = given
    await start(store, requestedDeploy('busy'), requestedDeploy('calm', { targets: [worker] }))
    await sent(store, 'busy')
    await sent(store, 'calm')
    await save(store, moved(requestedDeploy('busy'), 2_000))
    const [sending] = await store.outbox.dueCards(9_000, 1)
    await save(store, moved(requestedDeploy('calm', { targets: [worker] }), 2_000))
    await save(store, moved(requestedDeploy('busy'), 3_000))
    await store.outbox.cardSent('busy', { ts: 'b', version: sending?.version ?? 0, shown: 'h' })
    expect(await cards(store)).toEqual(['calm', 'busy'])
  })

  test('a deferred card waits for its time, whatever changes meanwhile', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await store.outbox.cardLater('r1', 8_000)
    await save(store, moved(requestedDeploy('r1'), 2_000))
    expect(await cards(store, 7_999)).toEqual([])
    expect(await store.outbox.nextDue()).toBe(8_000)
    expect(await cards(store, 8_000)).toEqual(['r1'])
    await sent(store, 'r1')
    await store.outbox.cardLater('r1', 8_000)
    expect(await cards(store)).toEqual([])
  })

  test('deferred messages are due at once if the clock was set back; sent ones stay sent', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'), requestedDeploy('r2', { targets: [worker] }))
    await store.transact((tx) => tx.reply(ana, { reply: 'done', sentence: 'Locked.' }, 1_000))
    const [reply] = await store.outbox.duePosts(1_000, 1)
    await store.outbox.cardLater('r1', 8_000)
    await store.outbox.postLater(reply?.id ?? 0, 8_000)
    await sent(store, 'r2')
    await store.outbox.wake(2_000)
    expect(await cards(store, 2_000)).toEqual(['r1'])
    expect(await store.outbox.duePosts(2_000, 9)).toMatchObject([{ id: reply?.id }])
  })

  test('a post that was begun counts as begun after a restart, since its first attempt', async () => {
    await start(given.store, requestedDeploy('r1'))
    await given.store.outbox.cardSending('r1', 1_000)
    await given.store.outbox.cardLater('r1', 2_000)
    await given.store.outbox.cardSending('r1', 2_000)
    await given.store.transact((tx) => tx.reply(ana, { reply: 'done', sentence: 'Locked.' }, 1_000))
    const [reply] = await given.store.outbox.duePosts(1_000, 1)
    await given.store.outbox.postSending(reply?.id ?? 0, 1_500)
    const store = await given.reopen()
    expect(await store.outbox.dueCards(9_000, 9)).toMatchObject([{ sendingSince: 1_000 }])
    expect(await store.outbox.duePosts(9_000, 9)).toMatchObject([{ sendingSince: 1_500, attempts: 1 }])
  })

  test('thread posts wait for their card; answers to one person do not', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await store.transact(async (tx) => {
      await tx.addPosts('r1', [story('one'), story('two')], 1_000)
      await tx.reply(ana, { reply: 'done', sentence: 'Asked.' }, 1_000)
    })
    expect(await stories(store)).toEqual(['done'])
    await sent(store, 'r1')
    expect(await stories(store)).toEqual(['done', 'one', 'two'])
    const [reply, first] = await store.outbox.duePosts(1_000, 2)
    expect(reply?.what).toEqual({ kind: 'reply', to: ana, reply: { reply: 'done', sentence: 'Asked.' } })
    expect(first).toMatchObject({
      at: 1_000,
      attempts: 0,
      sendingSince: null,
      what: {
        release: requestedDeploy('r1'),
        post: story('one'),
        thread: { channel: 'C0SHIP', ts: 'r1.ts' },
      },
    })
  })

  test('a notice does not wait for a card; answers come before it, and every notice is sent', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await store.transact(async (tx) => {
      await tx.addPosts('r1', [story('one')], 1_000)
      await tx.announce('C0SHIP', locked, 1_000)
      await tx.announce('C0OTHER', locked, 1_000)
      await tx.reply(ana, { reply: 'done', sentence: 'Locked.' }, 1_000)
    })
    expect(await store.outbox.nextDue()).toBe(1_000)
    expect(await stories(store)).toEqual(['done', 'locked', 'locked', 'one'])
    const [, notice] = await store.outbox.duePosts(1_000, 2)
    expect(notice?.what).toEqual({ kind: 'notice', channel: 'C0SHIP', announced: locked })
    await store.outbox.postSending(notice?.id ?? 0, 2_000)
    await store.outbox.postSent(notice?.id ?? 0, '17.1')
    expect(await stories(store)).toEqual(['done', 'locked', 'one'])
  })

  test('a thread post is not due while its card is deferred, but the card is', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await store.transact((tx) => tx.addPosts('r1', [story('one')], 1_000))
    await store.outbox.cardLater('r1', 8_000)
    expect(await store.outbox.nextDue()).toBe(8_000)
  })

  test('a thousand notices for a channel that accepts none do not delay other channels or threads', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await store.transact(async (tx) => {
      for (let seq = 1; seq <= 1_000; seq += 1) await tx.announce('C0GONE', locked, seq)
      await tx.announce('C0SHIP', locked, 1_001)
      await tx.addPosts('r1', [story('a'), story('b')], 1)
    })
    const due = await store.outbox.duePosts(9_000, 3)
    expect(
      due.map(({ what }) => (what.kind === 'notice' ? what.channel : nameOf({ what } as DuePost))),
    ).toEqual(['C0GONE', 'C0SHIP', 'C0GONE', 'a', 'b'])
  })

  test('posts a key once per release', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'), requestedDeploy('r2', { targets: [worker] }))
    await sent(store, 'r1')
    await sent(store, 'r2')
    await store.transact((tx) => tx.addPosts('r1', [story('one')], 1_000))
    await store.transact((tx) => tx.addPosts('r1', [story('one'), story('two')], 2_000))
    await store.transact((tx) => tx.addPosts('r2', [story('one')], 2_000))
    await store.transact((tx) => tx.addPosts('r2', [], 2_000))
    expect(await stories(store)).toEqual(['one', 'one', 'two'])
  })

  test('of cards that did not change, those of releases in progress that were sent are due again when asked for', async () => {
    const { store } = given
    await start(
      store,
      requestedDeploy('r1'),
      requestedDeploy('waits', { targets: [worker] }),
      requestedDeploy('over', onlyTarget(3)),
    )
    for (const id of ['r1', 'over'])
      await save(store, { ...requestedDeploy(id, id === 'over' ? onlyTarget(3) : {}), sentAt: 2_000 })
    await save(store, ended(requestedDeploy('over', onlyTarget(3)), 'succeeded'))
    for (const id of ['r1', 'waits', 'over']) await sent(store, id)
    await store.outbox.cardsAgain()
    expect(await cards(store)).toEqual(['r1'])
    await sent(store, 'r1')
    expect(await store.outbox.nextDue()).toBeNull()
  })

  test('a message that was sent or given up is never due again', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await sent(store, 'r1')
    await store.transact((tx) => tx.addPosts('r1', [story('sent'), story('lost'), story('left')], 1_000))
    const [first, second] = await store.outbox.duePosts(1_000, 9)
    await store.outbox.postSending(first?.id ?? 0, 1_000)
    await store.outbox.postSent(first?.id ?? 0, '17.1')
    await store.outbox.postLater(first?.id ?? 0, 2_000)
    await store.outbox.postDropped(second?.id ?? 0, 'channel is \ud800 archived\0')
    expect(await stories(store)).toEqual(['left'])
    await store.transact((tx) => tx.addPosts('r1', [story('sent'), story('lost')], 5_000))
    expect(await stories(store)).toEqual(['left'])
  })

  test('a deferred post waits for its time', async () => {
    const { store } = given
    await store.transact((tx) => tx.reply(ana, { reply: 'done', sentence: 'Asked.' }, 1_000))
    const [post] = await store.outbox.duePosts(1_000, 9)
    await store.outbox.postLater(post?.id ?? 0, 4_000)
    expect(await stories(store, 3_999)).toEqual([])
    expect(await store.outbox.nextDue()).toBe(4_000)
    expect(await stories(store, 4_000)).toEqual(['done'])
  })
}

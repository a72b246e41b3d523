import { expect, test } from 'vitest'
import type { Given } from '../contract.ts'
import { ana, item } from '../fixtures.ts'

export function inboxContract(given: Given): void {
  test('stores an item once that Slack delivers again', async () => {
    const { store } = given
    expect(await store.receive(item('first'))).toBe('new')
    expect(await store.receive(item('second'))).toBe('new')
    expect(await store.receive(item('first', 2_000))).toBe('seen')
    expect(await store.pendingItems()).toEqual([item('first'), item('second')])
  })

  test('finishes an item once, and recognizes it afterwards', async () => {
    const { store } = given
    await store.receive(item('a'))
    await store.receive(item('b'))
    expect(await store.transact((tx) => tx.pendingItems())).toEqual([item('a'), item('b')])
    expect(await store.transact((tx) => tx.finish('a', 2_000))).toBe(true)
    expect(await store.transact((tx) => tx.pendingItems())).toEqual([item('b')])
    expect(await store.transact((tx) => tx.finish('a', 3_000))).toBe(false)
    expect(await store.transact((tx) => tx.finish('never received', 3_000))).toBe(false)
    expect(await store.pendingItems()).toEqual([item('b')])
    expect(await store.receive(item('a'))).toBe('seen')
  })

  test('a failed transaction leaves its item pending, and nothing else behind', async () => {
    const { store } = given
    await store.receive(item('a'))
    const failing = store.transact(async (tx) => {
      await tx.finish('a', 2_000)
      await tx.reply(ana, { reply: 'done', sentence: 'Locked.' }, 2_000)
      throw new Error('Ben pulled the plug')
    })
    await expect(failing).rejects.toThrow('Ben pulled the plug')
    expect(await store.pendingItems()).toEqual([item('a')])
    expect(await store.outbox.duePosts(9_000, 10)).toEqual([])
  })

  test('keeps received items after a restart', async () => {
    await given.store.receive(item('a'))
    const store = await given.reopen()
    expect(await store.pendingItems()).toEqual([item('a')])
    expect(await store.receive(item('a'))).toBe('seen')
  })

  test('keeps the order of hundreds of items received at the same time', async () => {
    const { store } = given
    const items = Array.from({ length: 300 }, (_, number) => item(`trigger-${number}`))
    await Promise.all(items.map((one) => store.receive(one)))
    expect(await store.pendingItems()).toEqual(items)
  })

  test('an item that comes twice at the same time is new once', async () => {
    const { store } = given
    const twice = [item('a'), item('b'), item('a')].map((one) => store.receive(one))
    expect(await Promise.all(twice)).toEqual(['new', 'new', 'seen'])
    expect(await store.pendingItems()).toEqual([item('a'), item('b')])
  })

  test('reads pending items page by page, including items received later', async () => {
    const { store } = given
    for (const id of ['a', 'b', 'c']) await store.receive(item(id))
    await store.transact((tx) => tx.finish('b', 2_000))
    const first = await store.pendingItemsAfter(0, 1)
    expect(first).toMatchObject({ items: [item('a')], isAll: false })
    const second = await store.pendingItemsAfter(first.last, 9)
    expect(second).toMatchObject({ items: [item('c')], isAll: true })
    expect(await store.pendingItemsAfter(second.last, 9)).toEqual({
      items: [],
      last: second.last,
      isAll: true,
    })
    await store.receive(item('d'))
    expect(await store.pendingItemsAfter(second.last, 9)).toMatchObject({ items: [item('d')], isAll: true })
  })

  test.each([
    ['half a character', 'a\ud800b'],
    ['NUL', 'a\0b'],
    ['a quote and a backslash', `'; drop table inbox; -- \\`],
    ['characters beyond the basic plane', '🚀'.repeat(1_000)],
  ])('keeps text with %s unchanged', async (_, text) => {
    const { store } = given
    const odd = { ...item(`id ${text}`), asked: { ask: 'help', command: text } as const }
    expect(await store.receive(odd)).toBe('new')
    expect(await store.receive(odd)).toBe('seen')
    expect(await store.pendingItems()).toEqual([odd])
    expect(await store.transact((tx) => tx.finish(odd.id, 2_000))).toBe(true)
  })
}

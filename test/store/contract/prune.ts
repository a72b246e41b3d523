import { expect, test } from 'vitest'
import type { ReleasePost } from '../../../src/release/effects.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Given } from '../contract.ts'
import { ana, ended, item, requestedDeploy, save, start, story, worker } from '../fixtures.ts'

const minute = 60_000
const day = 24 * 60 * minute
const head = { seq: 3, hash: 'f'.repeat(64) }

/** Sends everything that waits, at a time. */
async function sendAll(store: Store, ...releaseIds: readonly string[]): Promise<void> {
  for (const id of releaseIds) await store.outbox.cardSent(id, { ts: `${id}.ts`, version: 9, shown: 'all' })
  for (const { id } of await store.outbox.duePosts(2_000, 99)) await store.outbox.postSent(id, '17.1')
}

/** Writes all posts again; returns those whose key was no longer known and that wait now. */
async function toldAgain(store: Store, id: string, told: readonly ReleasePost[]): Promise<readonly string[]> {
  await store.transact((tx) => tx.addPosts(id, told, 3_000))
  const due = await store.outbox.duePosts(3_000, 99)
  return due.map(({ what }) => (what.kind === 'story' ? what.post.key : what.kind))
}

export function pruneContract(given: Given): void {
  test('keeps a delivery for 30 days after it was done, and pending ones longer', async () => {
    const { store } = given
    await store.receive(item('done'))
    await store.receive(item('waits'))
    await store.transact((tx) => tx.finish('done', 2_000))
    await store.prune(2_000 + 30 * minute)
    expect(await store.receive(item('done'))).toBe('seen')
    expect(await store.transact((tx) => tx.finish('done', 3_000))).toBe(false)
    await store.prune(2_000 + 30 * day)
    expect(await store.pendingItems()).toEqual([item('waits')])
    expect(await store.receive(item('waits'))).toBe('seen')
    expect(await store.receive(item('done'))).toBe('new')
  })

  test('keeps posts of a release for 30 days after its end, and those that show its audit head longer', async () => {
    const { store } = given
    const told = [story('one'), { ...story('end'), head }]
    await start(store, requestedDeploy('over'), requestedDeploy('underway', { targets: [worker] }))
    for (const id of ['over', 'underway']) await store.transact((tx) => tx.addPosts(id, told, 1_000))
    await sendAll(store, 'over', 'underway')
    await save(store, ended(requestedDeploy('over'), 'succeeded', 9_000))
    // Nothing wakes it: the release has ended for good.
    await store
      .claim({ owner: 'one', now: 9_000, leaseMs: 1 })
      .then((claim) => claim && store.releaseLease(claim.lease))
    await store
      .claim({ owner: 'one', now: 9_000, leaseMs: 1 })
      .then((claim) => claim && store.releaseLease(claim.lease))
    await store.prune(9_000 + 29 * day)
    expect(await toldAgain(store, 'over', told)).toEqual([])
    await store.prune(9_000 + 30 * day)
    expect(await toldAgain(store, 'over', told)).toEqual(['one'])
    expect(await toldAgain(store, 'underway', told)).toEqual(['one'])
  })

  test('keeps an unsent answer however old, and deletes a sent one after half an hour', async () => {
    const { store } = given
    const says = (sentence: string) =>
      store.transact((tx) => tx.reply(ana, { reply: 'done', sentence }, 1_000))
    await says('Sent.')
    await sendAll(store)
    await says('Waits.')
    await store.prune(1_000 + day)
    const due = await store.outbox.duePosts(1_000, 9)
    expect(due.map(({ what }) => what)).toEqual([
      { kind: 'reply', to: ana, reply: { reply: 'done', sentence: 'Waits.' } },
    ])
  })

  test('never prunes the audit log', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    await store.transact((tx) => tx.audit('r1', [{ actor: 'U0ANA', what: 'requested', detail: {} }], 1_000))
    await store.prune(1_000 + 4_000 * day)
    expect(await store.auditOf('r1')).toHaveLength(1)
  })
}

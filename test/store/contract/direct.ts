import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import type { Given } from '../contract.ts'
import { requestedDeploy } from '../fixtures.ts'

/** A release whose card is posted. */
async function posted(store: Store): Promise<void> {
  await store.transact((tx) => tx.create(requestedDeploy('r1'), 'current'))
  await store.outbox.cardSent('r1', { ts: '1.1', version: 1, shown: '' })
}

async function due(store: Store) {
  const posts = await store.outbox.duePosts(1_000_000, 99)
  return posts.flatMap(({ id, what }) =>
    what.kind === 'direct'
      ? [{ id, said: [what.message.direct, 'to' in what.message ? what.message.to : 'all'].join(' ') }]
      : [],
  )
}

const said = async (store: Store) => (await due(store)).map((each) => each.said)

/** What every store does with direct messages, and with what people chose about them. */
export function directContract(given: Given): void {
  test('a choice holds for all accounts of a person, until the next one, also after a restart', async () => {
    const choose = (choice: 'on' | 'off') =>
      given.store.transact((tx) => tx.direct.choose(['U0BEN', 'W0BEN'], choice, 1))
    const isWanted = () => given.store.transact((tx) => tx.direct.isWantedByAny())
    expect(await isWanted()).toBe(false)
    await choose('on')
    expect(await isWanted()).toBe(true)
    await choose('off')
    const store = await given.reopen()
    expect(await store.direct.choices()).toEqual(
      new Map([
        ['U0BEN', 'off'],
        ['W0BEN', 'off'],
      ]),
    )
    const choice = (person: string) => store.transact((tx) => tx.direct.choice(person))
    expect([await choice('W0BEN'), await choice('U0ANA'), await isWanted()]).toEqual(['off', null, false])
  })

  test('approvers are asked once, and not those who have turned direct messages off by then', async () => {
    const { store } = given
    await posted(store)
    const ask = () => store.transact((tx) => tx.direct.askApprovers('r1', 1))
    await ask()
    await ask()
    const [post, ...more] = await due(store)
    expect([post?.said, more]).toEqual(['approvers all', []])
    await store.transact((tx) => tx.direct.choose(['U0BEN'], 'off', 2))
    await store.direct.addressed(post!.id, ['U0BEN', 'U0CHLOE'], 3)
    await store.direct.addressed(post!.id, ['U0DAI'], 4)
    expect(await said(store)).toEqual(['approval U0CHLOE'])
    await ask()
    expect(await said(store)).toEqual(['approval U0CHLOE'])
  })

  test('the message about a later end replaces one that waits, and follows one that was sent', async () => {
    const { store } = given
    await posted(store)
    const tell = (end: string) => store.transact((tx) => tx.direct.sendOutcome('r1', { to: 'U0ANA', end }, 1))
    await tell('ended-1')
    await tell('ended-1')
    await tell('ended-2')
    const [only, ...more] = await due(store)
    expect([only?.said, more]).toEqual(['outcome U0ANA', []])
    await store.outbox.postSending(only!.id, 2)
    await tell('ended-3')
    expect(await said(store)).toEqual(['outcome U0ANA', 'outcome U0ANA'])
    await store.outbox.postSent(only!.id, '2.2')
    expect(await said(store)).toEqual(['outcome U0ANA'])
  })

  test('an attempt that was not sent leaves the message unmarked', async () => {
    const { store } = given
    await posted(store)
    await store.transact((tx) => tx.direct.sendOutcome('r1', { to: 'U0ANA', end: 'ended-1' }, 1))
    const [post] = await due(store)
    await store.outbox.postSending(post!.id, 7)
    await store.outbox.postNotSent(post!.id)
    const [again] = await store.outbox.duePosts(1_000_000, 99)
    expect(again).toMatchObject({ sendingSince: null, attempts: 1 })
  })
}

import { describe, expect, onTestFinished, test } from 'vitest'
import { isOnCard } from '../../src/engine/card-clicks.ts'
import { hasPendingStop, pendingRequests } from '../../src/engine/pending-stops.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ana, ben, chloe, ReleaseDriver } from '../release/driver.ts'
import { ownFolder } from '../store/folder.ts'

const channel = 'C0DEPLOYS'

/** A message's `ts` for a time in ms. */
const tsAt = (ms: number) => (ms / 1_000).toFixed(6)

describe('a click counts on the card of its release', () => {
  const at = 1_780_000_000_000
  const now = { channel, ts: tsAt(at) }
  const earlier = { channel, ts: tsAt(at - 60_000) }

  test.each([
    ['approve', 'the card', now, at + 1_000, true],
    ['approve', 'the card that it replaced, before', earlier, at - 1_000, false],
    ['approve', 'the card that it replaced, afterwards', earlier, at + 1_000, false],
    ['cancel', 'the card', now, at + 1_000, true],
    ['cancel', 'the card that it replaced, before', earlier, at - 1_000, true],
    ['reject', 'the card that it replaced, before', earlier, at - 1_000, true],
    ['withdraw', 'the card that it replaced, before', earlier, at - 1_000, true],
    ['roll-back', 'the card that it replaced, before', earlier, at - 1_000, false],
    ['cancel', 'the card that it replaced, afterwards', earlier, at + 1_000, false],
    ['reject', 'the card that it replaced, afterwards', earlier, at + 1_000, false],
  ] as const)('%s on %s', (action, _, card, receivedAt, counts) => {
    expect(isOnCard(now, { action, card, receivedAt })).toBe(counts)
  })
})

test.each(['moved', 'posted again'] as const)(
  'a Cancel that was stored while its card was the current one delays the dispatch once that card is %s',
  async (how) => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    const { release, now } = driver
    const store = await openSqliteStore({ folder: ownFolder() })
    onTestFinished(() => store.close())
    const clicked = { channel, ts: tsAt(now - 60_000) }
    await store.transact((tx) => tx.create(release, 'current'))
    await store.outbox.cardSent('r1', { ts: clicked.ts, version: 1, shown: '' })
    await store.receive({
      id: '1',
      asked: { ask: 'action', action: 'cancel', releaseId: 'r1', round: 0, card: clicked },
      from: { user: ana, team: 'T0TEAM', channel, responseUrl: null },
      receivedAt: now,
    })
    const isDelayed = () => store.transact(async (tx) => hasPendingStop(release, await pendingRequests(tx)))
    expect(await isDelayed()).toBe(true)
    if (how === 'moved') await store.transact((tx) => tx.moveCard('r1', 'C0NEW', now))
    else await store.outbox.cardLost('r1', { ts: clicked.ts, why: 'uneditable' }, now)
    expect(await isDelayed()).toBe(true)
    await store.outbox.cardSent('r1', { ts: tsAt(now + 1_000), version: 2, shown: '' })
    expect(await isDelayed()).toBe(true)
  },
)

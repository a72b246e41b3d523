import { expect, test } from 'vitest'
import { pendingRequests } from '../../src/engine/pending-stops.ts'
import type { InboxItem } from '../../src/messages/intent.ts'

test('a stored click of a button that this version does not have delays nothing', async () => {
  const asked = {
    ask: 'action',
    action: 'pause',
    releaseId: 'r1',
    round: 0,
    card: { channel: 'C0', ts: '1.1' },
  } as unknown as InboxItem['asked']
  const from = { user: 'U0BEN', team: 'T0', channel: 'C0', responseUrl: null }
  const tx = {
    pendingItems: async () => [{ id: '1', asked, from, receivedAt: 1 }],
    card: async () => null,
    release: async () => null,
  }
  expect(await pendingRequests(tx)).toEqual([])
})

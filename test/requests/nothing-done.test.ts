import { expect, test, vi } from 'vitest'
import type { InboxItem } from '../../src/messages/intent.ts'
import { Trouble } from '../../src/ports/ports.ts'
import { nothingDone } from '../../src/requests/complete.ts'

const item: InboxItem = {
  id: '1795435200.0001.deadbeefcafe',
  asked: { ask: 'form' },
  from: { user: 'U0ANA', team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null },
  receivedAt: 0,
}

test('repeats errors of outside systems to the person', () => {
  const log = { error: vi.fn() }
  const refusal = nothingDone({ log }, item, new Trouble('passing', 'GitHub did not answer'))
  expect(refusal.code).toBe('cannot_see')
  expect(refusal.sentence).toContain('GitHub did not answer')
  expect(log.error).not.toHaveBeenCalled()
})

test('logs an error of our own, and shows the person its reference', () => {
  const log = { error: vi.fn() }
  const refusal = nothingDone({ log }, item, new Error('SQLITE_ERROR: no such column secret'))
  expect(refusal.code).toBe('own_error')
  expect(refusal.sentence).toContain('deadbeefcafe')
  expect(JSON.stringify(refusal)).not.toContain('SQLITE')
  expect(log.error).toHaveBeenCalledWith(expect.objectContaining({ inbox: item.id }), expect.any(String))
})

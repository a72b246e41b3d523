import { expect, test } from 'vitest'
import { Signals } from '../../src/runtime/signals.ts'

test('a change reaches everyone who waits for it at once, and nobody else', () => {
  const signals = new Signals()
  const notified: string[] = []
  signals.on('outbox', () => notified.push('one'))
  signals.on('outbox', () => notified.push('other'))
  signals.on('locks', () => notified.push('locks'))
  signals.changed('outbox')
  expect(notified).toEqual(['one', 'other'])
})

test('several changes are reported one after the other', () => {
  const signals = new Signals()
  const notified: string[] = []
  for (const change of ['release', 'outbox', 'locks', 'inbox'] as const)
    signals.on(change, () => notified.push(change))
  signals.changed('release', 'outbox')
  expect(notified).toEqual(['release', 'outbox'])
})

test('a change for which nobody waits is no error', () => {
  expect(() => new Signals().changed('inbox')).not.toThrow()
})

import { expect, test } from 'vitest'
import { Signals } from '../../src/runtime/signals.ts'

test('a change reaches everyone who waits for it at once, and nobody else', () => {
  const signals = new Signals()
  const told: string[] = []
  signals.on('outbox', () => told.push('one'))
  signals.on('outbox', () => told.push('other'))
  signals.on('locks', () => told.push('locks'))
  signals.changed('outbox')
  expect(told).toEqual(['one', 'other'])
})

test('several changes are reported one after the other', () => {
  const signals = new Signals()
  const told: string[] = []
  for (const change of ['release', 'outbox', 'locks', 'inbox'] as const)
    signals.on(change, () => told.push(change))
  signals.changed('release', 'outbox')
  expect(told).toEqual(['release', 'outbox'])
})

test('a change for which nobody waits is no error', () => {
  expect(() => new Signals().changed('inbox')).not.toThrow()
})

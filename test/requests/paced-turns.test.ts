import { expect, test } from 'vitest'
import { PacedTurns } from '../../src/requests/paced-turns.ts'

const pauses = { urgent: 1_000, other: 10_000 }

test('the first turn is at once, and the next one after the pause', () => {
  const paced = new PacedTurns<string>(pauses)
  paced.ask('a', { isUrgent: false, now: 0 })
  expect(paced.take(0)).toEqual({ name: 'a', isUrgent: false })
  paced.ask('a', { isUrgent: false, now: 5 })
  expect(paced.take(5)).toBeNull()
  expect(paced.waitMs(5)).toBe(9_995)
  expect(paced.take(10_000)).toEqual({ name: 'a', isUrgent: false })
  expect(paced.waitMs(10_000)).toBe(Number.POSITIVE_INFINITY)
})

test('an urgent turn comes before one that waits, and replaces it', () => {
  const paced = new PacedTurns<string>(pauses)
  paced.ask('a', { isUrgent: false, now: 0 })
  paced.take(0)
  paced.ask('a', { isUrgent: false, now: 1 })
  paced.ask('a', { isUrgent: true, now: 2 })
  paced.ask('a', { isUrgent: false, now: 3 })
  expect(paced.waitMs(3)).toBe(997)
  expect(paced.take(1_000)).toEqual({ name: 'a', isUrgent: true })
  expect(paced.take(99_000)).toBeNull()
})

test('names do not wait for each other', () => {
  const paced = new PacedTurns<number>(pauses)
  paced.ask(1, { isUrgent: false, now: 0 })
  expect(paced.take(0)?.name).toBe(1)
  paced.ask(1, { isUrgent: false, now: 0 })
  paced.ask(2, { isUrgent: false, now: 0 })
  expect(paced.take(0)?.name).toBe(2)
  expect(paced.take(0)).toBeNull()
})

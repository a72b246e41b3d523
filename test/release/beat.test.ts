import { expect, test } from 'vitest'
import { nextBeat } from '../../src/release/stages/beat.ts'

test.each([
  ['just after a beat: the next one', 9_100, 12_000],
  ['at a beat: the next one', 9_000, 12_000],
  ['half a pause before a beat: that one', 10_500, 12_000],
  ['shortly before a beat: the one after it', 11_900, 15_000],
])('looks every 3 s happen at the same moments, %s', (_, now, next) => {
  expect(nextBeat(now, 3_000)).toBe(next)
})

import { expect, test } from 'vitest'
import { missingTitles, namedTests, readPage } from './named-tests.ts'

const page = readPage('security.md')
const named = namedTests(page)

test('docs/security.md names tests', () => {
  expect(named.length).toBeGreaterThan(80)
})

test.each(named)('docs/security.md names %s, which exists', (name) => {
  expect(missingTitles(name)).toEqual([])
})

test('docs/security.md names a test for every invariant, every reported failure and every finding', () => {
  const rows = page.split('\n').filter((line) => /^\| \d+\. /.test(line))
  const numbers = rows.map((row) => Number(/^\| (\d+)\./.exec(row)?.[1]))
  expect(numbers).toEqual([...counting(10), ...counting(27), ...counting(20)])
  for (const row of rows) expect(row).toContain(' › ')
})

function counting(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

import { expect, test } from 'vitest'
import { missingTitles, namedTests, readPage } from './named-tests.ts'

const page = readPage('real-pipelines.md')

test.each(namedTests(page))('docs/real-pipelines.md names %s, which exists', (name) => {
  expect(missingTitles(name)).toEqual([])
})

test.each(namedTests(readPage('benchmarks.md')))('docs/benchmarks.md names %s, which exists', (name) => {
  expect(missingTitles(name)).toEqual([])
})

test.each([
  ['A', 19],
  ['B', 25],
  ['D', 8],
  ['F', 12],
])('docs/real-pipelines.md has the cases %s1 to %s%i, each once and in order', (letter, last) => {
  const numbers = [...page.matchAll(new RegExp(`^\\| ${letter}(\\d+)\\. `, 'gm'))].map(([, number]) =>
    Number(number),
  )
  expect(numbers).toEqual(Array.from({ length: last }, (_, index) => index + 1))
})

test('docs/real-pipelines.md names a test for every case', () => {
  const cases = page.split('\n').filter((line) => /^\| (?:[ABD]\d+\. |the sandbox)/.test(line))
  expect(cases.filter((row) => !row.includes(' › '))).toEqual([])
  expect(cases.length).toBeGreaterThan(52)
})

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const page = readFileSync(new URL('docs/security.md', root), 'utf8')
const named = [...new Set([...page.matchAll(/`(test\/[^`]+)`/g)].map(([, name]) => String(name)))].filter(
  (name) => name.includes(' › '),
)

/** Whether a test, a table of tests or a group of them has this title. */
function isTitle(source: string, title: string): boolean {
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`[([,{\\s](['"\`])${escaped}\\1\\s*[,:\\]]`).test(source)
}

test('docs/security.md names tests', () => {
  expect(named.length).toBeGreaterThan(80)
})

test.each(named)('%s is there', (name) => {
  const [file = '', ...titles] = name.split(' › ')
  expect(existsSync(new URL(file, root))).toBe(true)
  const source = readFileSync(new URL(file, root), 'utf8')
  expect(titles.filter((title) => !isTitle(source, title))).toEqual([])
})

test('every invariant, every reported failure and every finding has a test', () => {
  const rows = page.split('\n').filter((line) => /^\| \d+\. /.test(line))
  const numbers = rows.map((row) => Number(/^\| (\d+)\./.exec(row)?.[1]))
  expect(numbers).toEqual([...counting(10), ...counting(27), ...counting(20)])
  for (const row of rows) expect(row).toContain(' › ')
})

function counting(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { page, upToDate } from './card-table.ts'

const markdown = readFileSync(page, 'utf8')

test('docs/cards.md has the current sizes of cards (to update: node test/slack/card-table.ts)', () => {
  expect(upToDate(markdown)).toBe(markdown)
})

test('docs/cards.md links pictures that exist', () => {
  const pictures = [...markdown.matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, path]) => path!)
  expect(pictures.length).toBeGreaterThan(10)
  expect(pictures.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([])
})

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const guide = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8')
const named = [...new Set(guide.match(/(?<=`)(?:src|test|scripts|docs|sandbox)\/[\w./-]+(?=`)/g))]

test.each(named)('CONTRIBUTING.md names %s, which exists', (path) => {
  expect(existsSync(new URL(path, root))).toBe(true)
})

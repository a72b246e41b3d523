import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { page, upToDate } from './kinds-table.ts'

test('docs/workflow.md states the result for each kind (else: node test/workflows/kinds-table.ts)', () => {
  const text = readFileSync(page, 'utf8')
  expect(upToDate(text)).toBe(text)
})

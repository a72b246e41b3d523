import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { coverage as aws } from '../../sandbox/aws/coverage.ts'
import { operations } from '../../sandbox/aws/operations.ts'
import { queryServices } from '../../sandbox/aws/query.ts'
import { coverage as github } from '../../sandbox/github/coverage.ts'
import { coverage as slack } from '../../sandbox/slack/methods.ts'

const page = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8')

/** The rows of a section's first table: name, support and notes. */
function rowsOf(part: string): Record<string, { support: string; note: string }> {
  const text = page.slice(page.indexOf(`\n## ${part}`)).split(/\n## /)[1] ?? ''
  const [table = ''] = /(?:^\|.*\n)+/m.exec(text) ?? []
  const rows = [...table.matchAll(/^\| `?(?:[a-z0-9]+:)?([^|`]+?)`? +\| (supported|partial) +\|(.*)\|$/gm)]
  return Object.fromEntries(
    rows.map(([, name = '', support = '', note = '']) => [name, { support, note: note.trim() }]),
  )
}

describe('docs/sandbox.md lists exactly what is supported', () => {
  it.each([
    ['The sandbox’s Slack', slack],
    ['The sandbox’s GitHub', github],
    ['The sandbox’s AWS', aws],
  ])('the first table under %s lists the supported names and notes', (part, coverage) => {
    expect(rowsOf(part)).toEqual(coverage)
  })
})

it('every operation of AWS in docs/sandbox.md is supported', () => {
  const served = [
    ...Object.values(operations).flatMap((all) => Object.keys(all)),
    ...queryServices.flatMap((service) => Object.keys(service.operations)),
  ]
  expect(served.sort()).toEqual(Object.keys(aws).sort())
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { upToDate } from '../../scripts/config-docs.ts'
import { standard } from '../../src/config/environment-schema.ts'
import { type Field, wholeFile } from '../../src/config/fields.ts'
import { parseConfig } from '../../src/config/load.ts'

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

test('docs/configuration.md matches the schema (else: node scripts/config-docs.ts)', () => {
  expect(upToDate(page)).toBe(page)
})

test('the problem shown in docs/configuration.md is that of the example', () => {
  const example = readFileSync(new URL('../../twokey.example.yml', import.meta.url), 'utf8')
  const loaded = parseConfig(example.replace('required: 2', 'required: "two"'))
  if (!('problems' in loaded)) throw new Error('the mistake was accepted')
  const { line, path, found, allowed } = loaded.problems[0]!
  expect(page).toContain(`twokey.yml:${line}  ${path}  found ${found}; allowed: ${allowed}`)
})

test('every field has a description', () => {
  expect(undescribed(wholeFile, 'file')).toEqual([])
})

test('no description points to a place on a page, because problems on the command line show it too', () => {
  const pointing = descriptions(wholeFile).filter((words) => /\b(?:below|above|see)\b/.test(words))
  expect(pointing).toEqual([])
  expect(descriptions(wholeFile).length).toBeGreaterThan(50)
})

test('docs/configuration.md has every default of an environment', () => {
  const { deadlines, ...rest } = standard
  for (const value of [rest.expireAfter, rest.wait, deadlines.run, deadlines.rollout, rest.requesters]) {
    expect(page).toMatch(new RegExp(`\\| \`${value}\` +\\|`))
  }
})

function undescribed(field: Field, path: string): readonly string[] {
  return Object.entries(field.properties ?? {}).flatMap(([key, value]) => [
    ...(value.description && (value.allowed || value.properties) ? [] : [`${path}.${key}`]),
    ...undescribed(value, `${path}.${key}`),
    ...(typeof value.additionalProperties === 'object'
      ? undescribed(value.additionalProperties, `${path}.${key}.*`)
      : []),
    ...(value.items ? undescribed(value.items, `${path}.${key}[]`) : []),
  ])
}

function descriptions({
  description,
  properties = {},
  additionalProperties,
  items,
}: Field): readonly string[] {
  const nested = [
    ...Object.values(properties),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
    ...(items ? [items] : []),
  ]
  return [...(description === undefined ? [] : [description]), ...nested.flatMap(descriptions)]
}

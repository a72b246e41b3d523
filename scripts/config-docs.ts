import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { environmentSchema } from '../src/config/environment.ts'
import { allowedText, type Field, isUnsupported, wholeFile } from '../src/config/fields.ts'

/** Writes the tables of docs/configuration.md from the descriptions in the schemas. */

const page = new URL('../docs/configuration.md', import.meta.url)
const example = new URL('../twokey.example.yml', import.meta.url)

/** The page with all generated parts updated from the schemas and the example. */
export function upToDate(markdown: string): string {
  const environments = fieldIn(wholeFile, 'environments')
  const services = fieldIn(wholeFile, 'services')
  const parts: Record<string, string> = {
    example: `\`\`\`yaml\n${readFileSync(example, 'utf8').trimEnd()}\n\`\`\``,
    top: table('Field', rowsBelow(wholeFile, { skip: ['environments', 'services'] })),
    environments: table('Field', rowsBelow(ofEach(environments))),
    services: table('Field', rowsBelow(ofEach(services))),
    'service-environments': table(
      'Field',
      rowsBelow(ofEach(fieldIn(ofEach(services), 'environments')), {
        skip: Object.keys(ofEach(environments).properties ?? {}),
      }),
    ),
    variables: table('Variable', rowsBelow(z.toJSONSchema(environmentSchema, { io: 'input' }) as Field)),
  }
  return Object.entries(parts).reduce(
    (text, [name, part]) => text.replace(between(name), (_all, open, close) => `${open}\n${part}\n${close}`),
    markdown,
  )
}

function between(name: string): RegExp {
  return new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`)
}

type Row = readonly [field: string, what: string, allowed: string, defaultText: string]

/** Columns of one width, as this repository's formatter writes tables. */
function table(head: string, rows: readonly Row[]): string {
  const cells = [[head, 'What', 'Allowed', 'Default'], ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|')),
  )
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)))
  const [first, ...others] = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)))
  const rule = widths.map((width) => '-'.repeat(width))
  return [first!, rule, ...others].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** One row per field, then those below it, unless it only repeats the fields of another one. */
function rowsBelow(
  field: Field,
  { above = '', skip = [] }: { readonly above?: string; readonly skip?: readonly string[] } = {},
): readonly Row[] {
  const properties = Object.entries(field.properties ?? {}).filter(([key]) => !skip.includes(key))
  return properties.flatMap(([key, value]) => {
    const path = `${above}${key}`
    const isRequired = field.required?.includes(key) ?? false
    const row: Row = [
      `\`${path}\``,
      value.description ?? '',
      allowedIn(value),
      defaultText(value, isRequired),
    ]
    if (value.properties) return value.allowed ? [row] : [row, ...rowsBelow(value, { above: `${path}.` })]
    return value.items?.properties ? [row, ...rowsBelow(value.items, { above: `${path}[].` })] : [row]
  })
}

function allowedIn(field: Field): string {
  if (isUnsupported(field)) return 'not supported yet'
  if (field.additionalProperties && !field.properties) return allowedText(field)
  return field.properties && !field.allowed ? 'a mapping' : allowedText(field)
}

function defaultText(field: Field, isRequired: boolean): string {
  if (isRequired) return 'required'
  if (field.defaultText !== undefined) return String(field.defaultText)
  return field.default === undefined || typeof field.default === 'object' ? '' : `\`${field.default}\``
}

function fieldIn(field: Field, key: string): Field {
  return found(field.properties?.[key], key)
}

/** The schema of each entry of a mapping with free names. */
function ofEach(field: Field): Field {
  const each = field.additionalProperties
  return found(typeof each === 'object' ? each : undefined, 'each')
}

function found(field: Field | undefined, key: string): Field {
  if (!field) throw new Error(`The schema has no field ${key}.`)
  return field
}

if (import.meta.main) writeFileSync(page, upToDate(readFileSync(page, 'utf8')))

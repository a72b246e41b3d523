import { readFileSync, writeFileSync } from 'node:fs'
import { unmarked } from '../src/release/foreign.ts'
import type { Refusal } from '../src/release/refusal.ts'
import { type Area, areas } from './refusal-samples.ts'

/** Writes the tables of docs/refusals.md: the text of every refusal, with sample values. */

const page = new URL('../docs/refusals.md', import.meta.url)

/** The page with its tables updated from the refusals. */
export function upToDate(markdown: string): string {
  const tables = areas.map((area) => `## ${area.title}\n\n${table(area)}`).join('\n\n')
  return markdown.replace(
    /(<!-- refusals -->)[\s\S]*?(<!-- \/refusals -->)/,
    (_all, open, close) => `${open}\n\n${tables}\n\n${close}`,
  )
}

function table({ file, samples }: Area): string {
  const source = readFileSync(new URL(`../src/release/refusals/${file}.ts`, import.meta.url), 'utf8')
  const rows = Object.entries(samples).flatMap(([name, said]) =>
    said.map((refusal) => row(refusal, docOf(source, name))),
  )
  return ['| code | when | what is said | next |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function row({ code, sentence, said, next }: Refusal, when: string): string {
  const why = said === undefined ? '' : ` Why: ${said}`
  const cells = [`\`${code}\``, when, shown(sentence) + why, shown(next)]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** The docstring of a function, without its parameters. */
function docOf(source: string, name: string): string {
  const [before] = source.split(`export function ${name}(`)
  const doc = before && /\/\*\*\s((?:(?!\*\/).)*)\s\*\/\s*$/s.exec(before)?.[1]
  if (!doc) throw new Error(`${name} has no docstring`)
  return doc
    .replace(/^\s*\* ?/gm, ' ')
    .replace(/\s*@param.*$/s, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Shows people, groups and channels by name, as Slack does, and escapes markup. */
function shown(text: string): string {
  return unmarked(text)
    .replaceAll(/<@U0([A-Z]+)>/g, (_, name: string) => `@${name.toLowerCase()}`)
    .replaceAll(/<!subteam\^S0([A-Z]+)>/g, (_, name: string) => `@${name.toLowerCase()}`)
    .replaceAll(/<#C0([A-Z]+)>/g, (_, name: string) => `#${name.toLowerCase()}`)
}

if (import.meta.main) writeFileSync(page, upToDate(readFileSync(page, 'utf8')))

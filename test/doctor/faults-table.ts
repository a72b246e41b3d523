import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checks } from '../../src/doctor/checks.ts'
import { diagnose } from '../../src/doctor/diagnosis.ts'
import { type Parts, seenOf } from './parts.ts'
import { broken, faults, healthy } from './setups.ts'

/** Writes the tables of docs/doctor.md: the checks, and what doctor finds in the setups of its tests. */

/** The path of the page. */
export const page = fileURLToPath(new URL('../../docs/doctor.md', import.meta.url))

/** The checks that find something in a setup. */
export function found(parts: Parts): readonly string[] {
  const problems = diagnose(checks, seenOf(parts)).filter(({ verdict }) => verdict !== 'ok')
  return [...new Set(problems.map(({ id }) => id))].toSorted()
}

/** The page with its tables updated from the checks and the setups. */
export function upToDate(markdown: string): string {
  const parts = { checks: checksTable(), faults: faultsTable() }
  return Object.entries(parts).reduce(
    (text, [name, table]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`),
        (_all, open, close) => `${open}\n\n${table}\n\n${close}`,
      ),
    markdown,
  )
}

function checksTable(): string {
  return [
    '| check | what it looks at | why |',
    '| --- | --- | --- |',
    ...checks.map(({ id, label, why }) => `| \`${id}\` | ${label} | ${why} |`),
  ].join('\n')
}

function faultsTable(): string {
  const rows = faults.map((fault) => {
    const setups = broken.filter((each) => each.fault === fault)
    const right = setups.filter(({ parts, finds }) => finds.every((id) => found(parts).includes(id)))
    const ids = [...new Set(setups.flatMap(({ finds }) => finds))]
    return `| ${fault} | ${ids.map((id) => `\`${id}\``).join(', ')} | ${right.length} of ${setups.length} |`
  })
  const healthyOnes = Object.values(healthy)
  const alarms = healthyOnes.filter((parts) => found(parts).length > 0)
  return [
    '| fault | checks | found |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `Of ${broken.length} broken setups, each is found by the checks that concern it and by no other one. In ${healthyOnes.length} healthy setups there are ${alarms.length} false alarms.`,
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(page, upToDate(readFileSync(page, 'utf8')))

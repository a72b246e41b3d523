import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ends, evidences } from './evidence.ts'
import { type Answer, type Evidence, type Kind, kinds, type Outcome, type Properties } from './kinds.ts'

/** Writes the table of docs/workflow.md: what twokey does with the kinds of workflow that teams have. */

/** The path of the page. */
export const page = fileURLToPath(new URL('../../docs/workflow.md', import.meta.url))

/** The page with the table updated from the kinds. */
export function upToDate(markdown: string): string {
  return markdown.replace(
    /(<!-- kinds -->)[\s\S]*?(<!-- \/kinds -->)/,
    (_all, open, close) => `${open}\n\n${table()}\n\n${close}`,
  )
}

function table(): string {
  const rows = kinds.map((kind) => [
    kind.name,
    propertyWords(kind.properties),
    outcomeWords(kind.before),
    mapWords(kind),
    evidenceText(kind.evidence),
  ])
  const ships = kinds.filter(({ map }) => map.is !== 'impossible').length
  const as = kinds.filter(({ map }) => map.is === 'not needed').length
  return [
    '| workflow | what it has | without a map | with these lines | its rollout is recognized by |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
    '',
    `Of ${kinds.length} kinds, ${as} ship what was approved as they are, ${ships - as} do with the lines of the table, and ${kinds.length - ships} are refused; 0 ship something else.`,
    '',
    `Their rollouts were followed as they stand, without a wait for stability, with a rollout that the circuit breaker takes back, and with a migration that fails: ${followed('commit')} are recognized by the commit of the image, ${followed('time')} by their time alone, and 0 end as "nothing was rolled out" while the service changed.`,
    '',
    `The sandbox's own workflow was followed to the same ${Object.keys(ends).length} ends with one thing alone that tells its rollout: the tag, the commit, the run's log beside a rollout by hand, or its time. All ${evidences.length * Object.keys(ends).length} end as they should, and 0 end as "nothing was rolled out" while the service changed.`,
  ].join('\n')
}

function propertyWords(properties: Properties): string {
  const { inputs, environment, version, service, unfilled, decidedBy } = properties
  const named = typeof environment === 'string' ? [`environment (${environment})`] : (environment ?? [])
  const found = [
    inputs === 0 ? 'no inputs' : `${inputs} input${inputs === 1 ? '' : 's'}`,
    named.length > 0 ? `environment by ${named.join(', ')}` : null,
    version ? `ships ${version.input}${version.default ? `, default ${version.default}` : ''}` : null,
    service ? `service by ${service}` : null,
    unfilled.length > 0 ? `requires ${unfilled.join(', ')}` : null,
    properties.push ? 'also on push' : null,
    properties.reusable ? 'reusable workflow' : null,
    decidedBy === 'branch' ? 'the branch decides' : null,
  ]
  return found.filter((words) => words !== null).join('; ')
}

function outcomeWords(outcome: Outcome): string {
  if (outcome.outcome === 'config error') return 'a problem of twokey.yml'
  return [...new Set(Object.values(outcome.requests).map(answerWords))].join('; ')
}

function answerWords(answer: Answer): string {
  if (answer.answer === 'ships')
    return answer.commits === 'any' ? 'ships what was approved' : 'ships the approved tip'
  return `refused: \`${answer.problems[0]?.code}\``
}

function evidenceText(evidence: Evidence): string {
  switch (evidence) {
    case 'commit':
      return 'the commit of its image'
    case 'time':
      return 'its time alone'
    case 'elsewhere':
      return 'not tried: another repository ships'
    case null:
      return '–'
  }
}

function followed(by: Evidence): number {
  return kinds.filter(({ evidence }) => evidence === by).length
}

function mapWords({ map }: Kind): string {
  switch (map.is) {
    case 'not needed':
      return 'none needed'
    case 'impossible':
      return `refused: ${map.why}`
    case 'needed':
      return `\`${inlined(map.lines)}\`: ${[...new Set(Object.values(map.after).map(answerWords))].join('; ')}`
  }
}

/** The lines of a map in one line, without the names of services. */
function inlined(lines: string): string {
  const said = lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^blog-\w+:$/.test(line))
  return [...new Set(said)].join(' ')
}

if (import.meta.main) writeFileSync(page, upToDate(readFileSync(page, 'utf8')))

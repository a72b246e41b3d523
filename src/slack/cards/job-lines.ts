import type { JobSighting } from '../../release/sighting.ts'
import { outside } from '../escape.ts'
import { count, firstOf, link } from '../mrkdwn.ts'
import { joinWithDots } from './marks.ts'
import { took } from './track-words.ts'

/** How many lines a card has for jobs. */
const lines = 5

/** How many combinations of a matrix a line names. */
const combinations = 3

/** The jobs of a run, one line each. If there are too many, the jobs of one matrix with the same verdict share a line. */
export function jobLines(jobs: readonly JobSighting[]): readonly string[] {
  const groups = jobs.length > lines ? [...Map.groupBy(jobs, groupOf).values()] : jobs.map((job) => [job])
  const rest = groups.slice(lines).flat().length
  return [
    ...groups.slice(0, lines).map((group) => `• ${groupLine(group)}`),
    ...(rest > 0 ? [`• … and ${count(rest, 'more job')}`] : []),
  ]
}

function groupOf({ name, verdict }: JobSighting): string {
  return `${verdict} ${matrixName(name).base}`
}

/** GitHub appends the combination: `deploy / test (node 24, linux)`. */
function matrixName(name: string): { readonly base: string; readonly combination: string | null } {
  const [, base = name, combination = null] = /^(.*\S) \(([^()]*)\)$/.exec(name) ?? []
  return { base, combination }
}

function groupLine(group: readonly JobSighting[]): string {
  const [first, ...others] = group
  if (!first) return ''
  return others.length === 0 ? jobLine(first) : matrixLine(first, group)
}

/** `Roll out the release: failed at “Roll out” · 42 s`. */
function jobLine({ name, url, verdict, step, startedAt, completedAt }: JobSighting): string {
  return `${link(url, name)}: ${joinWithDots([`${wordOf(verdict)}${stepText(step)}`, took(startedAt, completedAt)])}`
}

/** `test: 12 jobs failed (node 20, node 22, node 24 and 9 more) at “Run tests”`. The step, if it is that of all. */
function matrixLine({ name, url, verdict, step }: JobSighting, group: readonly JobSighting[]): string {
  const named = group.flatMap((job) => matrixName(job.name).combination ?? [])
  const which =
    named.length === 0 ? '' : ` (${firstOf(named, combinations, (each) => outside(each, 40), '; ')})`
  const isSameStep = group.every((job) => job.step === step)
  return `${link(url, matrixName(name).base)}: ${count(group.length, 'job')} ${wordOf(verdict)}${which}${stepText(isSameStep ? step : null)}`
}

function wordOf(verdict: JobSighting['verdict']): string {
  return verdict === 'moving' ? 'running' : verdict
}

function stepText(step: string | null): string {
  return step === null ? '' : ` at “${outside(step, 60)}”`
}

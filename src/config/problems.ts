import { closest, distance } from 'fastest-levenshtein'
import { maskTokens } from './token.ts'

/** Keys and list positions from the top of the file. */
export type Path = readonly (string | number)[]

/** One mistake in the config file, ready for display: no field contains a token. */
export type Problem = {
  /** 1-based; if the field is missing, the line of the nearest parent that exists. */
  readonly line: number
  /** For example `environments.prod.approvals.approvers[1]`; empty for the file as a whole. */
  readonly path: string
  readonly found: string
  readonly allowed: string
  /** What the field means, or why the value is rejected and what to do. */
  readonly message: string
}

/** A mistake at a path of the file. `line` and `found` are set if they differ from those of the value there. */
export type Finding = {
  readonly path: Path
  readonly line?: number
  readonly found?: string
  readonly allowed: string
  readonly message: string
}

/** Formats problems for a terminal, one block each: line and path, what was found, what is allowed, and why. */
export function formatProblems(file: string, problems: readonly Problem[]): string {
  return problems.map((problem) => formatProblem(file, problem)).join('\n')
}

/** The last line after lists of problems: how many there are in all, and what did not happen. */
export function problemCount(...lists: readonly { readonly length: number }[]): string {
  const count = lists.reduce((sum, { length }) => sum + length, 0)
  return `\n${count} ${count === 1 ? 'problem' : 'problems'}. Nothing was started.`
}

function formatProblem(file: string, { line, path, found, allowed, message }: Problem): string {
  const location = path ? `${file}:${line}  ${path}` : `${file}:${line}`
  switch (found) {
    case brokenYaml:
      return `${location}  Invalid YAML: ${message}`
    case noFile:
      return `${file}  ${message}`
    case nothing:
      return `${location}  is missing or empty; allowed: ${allowed}\n    ${message}`
    default:
      return `${location}  found ${found}; allowed: ${allowed}\n    ${message}`
  }
}

/** What was found if the file is not YAML, if it cannot be read, and if there is no value. */
export const brokenYaml = 'broken YAML'
export const noFile = 'no readable file'
const nothing = 'nothing'

/** A path as people write it. */
export function pathText(path: Path): string {
  const joined = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return maskTokens(joined.replace(/^\./, ''))
}

/** What was found, in a few words and without secrets. */
export function foundText(value: unknown): string {
  if (value === undefined || value === null) return nothing
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping'
  if (typeof value !== 'string') return String(value)
  const text = maskTokens(value)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** ` Did you mean "prod"?`, or an empty text if no name is similar. */
export function nearest(word: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const match = closest(word, names)
  return distance(word, match) <= Math.max(2, word.length / 3) ? ` Did you mean "${match}"?` : ''
}

import { readFileSync, statSync } from 'node:fs'
import type { z } from 'zod'
import { crossFindings } from './checks.ts'
import { allowedText, fieldAt, isUnsupported, knownKeys } from './fields.ts'
import { expressionFindings, hintsFor } from './hints.ts'
import {
  brokenYaml,
  type Finding,
  foundText,
  nearest,
  noFile,
  type Path,
  type Problem,
  pathText,
} from './problems.ts'
import { type Config, resolve } from './resolve.ts'
import { configSchema, type Draft } from './schema.ts'
import {
  lineOf,
  parseSource,
  repeatedKeys,
  type Source,
  tokensIn,
  unknownAliases,
  writtenScalars,
} from './source.ts'
import type { Surroundings } from './target-check.ts'
import { maskTokens, tokenIssuer } from './token.ts'

export type Loaded = { readonly config: Config } | { readonly problems: readonly Problem[] }

/** Used if only the file is read. */
const nothingKnown: Surroundings = { region: undefined }

/** Reads the config file at this path; a file that cannot be read is reported as a problem like any other. */
export function loadConfig(path: string, surroundings = nothingKnown): Loaded {
  let text: string
  try {
    if (statSync(path).size > maxFileBytes) return { problems: [tooLong] }
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return { problems: [unreadable(path, error)] }
  }
  return parseConfig(text, surroundings)
}

/** Limit of the file in bytes: a thousand services in ten environments need a tenth of it. */
const maxFileBytes = 2 ** 20

const tooLong: Problem = {
  line: 1,
  path: '',
  found: 'a file of more than 1 MiB',
  allowed: 'a config file of 1 MiB at most',
  message: 'The file is longer than 1 MiB, so it was not read. TWOKEY_CONFIG sets its path.',
}

function unreadable(path: string, error: unknown): Problem {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  const reason = error instanceof Error ? error.message : String(error)
  return {
    line: 1,
    path: '',
    found: noFile,
    allowed: 'a config file',
    message: isMissing
      ? `There is no file ${path}. Copy twokey.example.yml to twokey.yml and fill it in, or set TWOKEY_CONFIG to the path of another file. docs/configuration.md describes it.`
      : `${reason}. TWOKEY_CONFIG sets its path; docs/configuration.md describes it.`,
  }
}

/** Parses the config in this text; returns all of its problems together, in the order of their lines. */
export function parseConfig(text: string, surroundings = nothingKnown): Loaded {
  const source = parseSource(text)
  const tokens = tokensIn(source).map(tokenFinding)
  const read = valuesOf(source)
  // Values of broken YAML are a guess, so only certain problems are reported.
  if ('problems' in read)
    return { problems: inOrder([...read.problems, ...withLines(source, undefined, tokens)]) }
  const { values } = read
  const parsed = configSchema.safeParse(values)
  const shape = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) => shapeFindings(issue, values, source))
  const cross = crossFindings(withoutMistakes(values, shape), surroundings)
  const repeated = repeatedKeys(source).map(repeatedFinding)
  const expressions = expressionFindings(source)
  const problems = inOrder(
    withLines(source, values, firstOfEachPath([...tokens, ...expressions, ...repeated, ...shape, ...cross])),
  )
  return parsed.success && problems.length === 0
    ? { config: resolve(parsed.data, (path) => lineOf(source, path)) }
    : { problems }
}

type Read = { readonly values: unknown } | { readonly problems: readonly Problem[] }

/** The plain values; `yaml` throws if aliases would multiply them excessively. */
function valuesOf(source: Source): Read {
  const problems = syntaxProblems(source)
  if (problems.length > 0) return { problems }
  try {
    return { values: withWrittenInputs(source, source.document.toJS()) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { problems: [yamlProblem(1, `${reason}.`)] }
  }
}

/**
 * Replaces the values of each `inputs` by their text in the file: GitHub receives texts, so `1.10` must not become the
 * number 1.1.
 */
function withWrittenInputs(source: Source, values: unknown): unknown {
  for (const path of inputPaths(values)) {
    const inputs = valueAt(values, path)
    if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) continue
    for (const [name, text] of writtenScalars(source, path)) {
      if (Object.hasOwn(inputs, name)) Reflect.set(inputs, name, text)
    }
  }
  return values
}

/** The paths of `inputs`: of each service, and of each of its environments. */
function inputPaths(values: unknown): readonly Path[] {
  return keysAt(values, ['services']).flatMap((service) => [
    ['services', service, 'inputs'],
    ...keysAt(values, ['services', service, 'environments']).map((environment) => [
      'services',
      service,
      'environments',
      environment,
      'inputs',
    ]),
  ])
}

function keysAt(values: unknown, path: Path): readonly string[] {
  const value = valueAt(values, path)
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function syntaxProblems(source: Source): readonly Problem[] {
  const { document, lines } = source
  return [
    ...[...document.errors, ...document.warnings].map(({ pos, message }) =>
      yamlProblem(lines.linePos(pos[0]).line, `${message}.`),
    ),
    ...unknownAliases(source).map(({ name, line }) =>
      yamlProblem(line, `The alias *${name} has no anchor: no &${name} is above it.`),
    ),
  ]
}

function yamlProblem(line: number, message: string): Problem {
  return { line, path: '', found: brokenYaml, allowed: 'YAML', message: maskTokens(message) }
}

function tokenFinding({ path, text }: { readonly path: Path; readonly text: string }): Finding {
  return {
    path,
    found: foundText(text),
    allowed: 'no token',
    message: `This is a ${tokenIssuer(text)} token. Tokens belong in the environment, never in this file. Revoke it: others may have read it here.`,
  }
}

function repeatedFinding({ path, line }: { readonly path: Path; readonly line: number }): Finding {
  return {
    path,
    line,
    found: foundText(path.at(-1)),
    allowed: 'each key once',
    message: 'This key already exists.',
  }
}

function shapeFindings(issue: z.core.$ZodIssue, values: unknown, source: Source): readonly Finding[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key]))
  const field = fieldAt(path)
  const isEntry = typeof path.at(-1) === 'number'
  const meaning =
    field?.description ??
    (isEntry ? fieldAt(path.slice(0, -1))?.description : null) ??
    'The config of twokey.'
  const message = isUnsupported(field)
    ? `\`${path.at(-1)}\` is not supported yet. Leave it out.`
    : [meaning, ...hintsFor(field, source, path)].join(' ')
  return [{ path, found: foundText(valueAt(values, path)), allowed: allowedText(field), message }]
}

function unknownKey(path: Path): Finding {
  const key = String(path.at(-1))
  const above = fieldAt(path.slice(0, -1))
  const known = above ? knownKeys(above) : []
  return {
    path,
    found: foundText(key),
    allowed: known.join(', '),
    message: `There is no field with this name here.${nearest(key, known)}`,
  }
}

/** The values without those that the schema rejected, so that each remaining value has its type. */
function withoutMistakes(values: unknown, mistakes: readonly Finding[]): Draft {
  const copy = structuredClone(values)
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) return {}
  for (const { path } of mistakes) {
    const parent = valueAt(copy, path.slice(0, -1))
    const key = path.at(-1)
    if (key !== undefined && typeof parent === 'object' && parent !== null && key in parent) {
      Object.assign(parent, { [key]: undefined })
    }
  }
  return copy
}

function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    return Reflect.get(value, part)
  }, values)
}

/**
 * If one field has several findings, only the first is reported: a token, then its shape, then its relation to other
 * fields.
 */
function firstOfEachPath(findings: readonly Finding[]): readonly Finding[] {
  const firstByPath = new Map<string, Finding>()
  for (const finding of findings) {
    const key = JSON.stringify(finding.path)
    if (!firstByPath.has(key)) firstByPath.set(key, finding)
  }
  return [...firstByPath.values()]
}

function withLines(source: Source, values: unknown, findings: readonly Finding[]): readonly Problem[] {
  return findings.map(({ path, line, found, allowed, message }) => ({
    line: line ?? lineOf(source, path),
    path: pathText(path),
    found: maskTokens(found ?? foundText(valueAt(values, path))),
    allowed: maskTokens(allowed),
    message: maskTokens(message),
  }))
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((one, other) => one.line - other.line)
}

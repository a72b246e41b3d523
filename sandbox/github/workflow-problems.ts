import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { wrongExpression } from './expression.ts'
import { fileShape, mostInputs, type WorkflowFile } from './workflow-shapes.ts'

/** A file that GitHub does not accept as a workflow; the message is GitHub's, with the line. */
export class InvalidWorkflow extends Error {}

/** Parsed files by their text, because every push, dispatch and run parses the same file again. */
const known = new Map<string, WorkflowFile>()
const mostKnown = 50

/** Parses a workflow. Throws an InvalidWorkflow if GitHub would refuse it. */
export function readWorkflow(text: string): WorkflowFile {
  const file = known.get(text) ?? readAnew(text)
  if (known.size >= mostKnown) known.clear()
  known.set(text, file)
  return file
}

function readAnew(text: string): WorkflowFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const at = (node: unknown) => positionOf(node, lines)
  const [broken] = document.errors
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw new InvalidWorkflow(`(Line: ${line}, Col: ${col}): ${broken.message.split('\n')[0]}`)
  }
  const wrong = mergeKey(document, at) ?? expressionProblem(document, at)
  if (wrong) throw new InvalidWorkflow(wrong)
  const read = fileShape.safeParse(document.toJS())
  if (!read.success) throw new InvalidWorkflow(shapeProblem(document, read.error.issues[0]!, at))
  if (Object.keys(read.data.on.workflow_dispatch?.inputs ?? {}).length > mostInputs)
    throw new InvalidWorkflow(
      `you may only define up to ${mostInputs} \`inputs\` for a \`workflow_dispatch\` event`,
    )
  const needs = needsProblem(read.data)
  if (needs) throw new InvalidWorkflow(needs)
  return read.data
}

/** A job that needs a job that does not exist, or needs itself. */
function needsProblem({ jobs }: WorkflowFile): string | undefined {
  const left = new Map(Object.entries(jobs))
  for (const [key, { needs = [] }] of left)
    for (const needed of needs)
      if (!left.has(needed)) return `Job '${key}' depends on unknown job '${needed}'.`
  for (let size = -1; size !== left.size; ) {
    size = left.size
    for (const [key, { needs = [] }] of left) if (!needs.some((needed) => left.has(needed))) left.delete(key)
  }
  const [key] = left.keys()
  return key && `Job '${key}' depends on itself through its needs.`
}

type At = (node: unknown) => string

function positionOf(node: unknown, lines: LineCounter): string {
  const { line, col } = lines.linePos((node as Node | null | undefined)?.range?.[0] ?? 0)
  return `(Line: ${line}, Col: ${col})`
}

/** Anchors are supported, merge keys are not. Source: actions/runner#1182. */
function mergeKey(document: Document, at: At): string | undefined {
  let problem: string | undefined
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.value !== '<<' || key.type !== 'PLAIN') return undefined
      problem = `${at(key)}: Unexpected value '<<'`
      return visit.BREAK
    },
  })
  return problem
}

/** The first expression of the file that does not parse. */
function expressionProblem(document: Document, at: At): string | undefined {
  let problem: string | undefined
  visit(document, {
    Scalar(_, node) {
      const wrong = typeof node.value === 'string' ? wrongExpression(node.value) : undefined
      if (!wrong) return undefined
      problem = `${at(node)}: ${wrong.message}. Located within expression: ${wrong.expression}`
      return visit.BREAK
    },
  })
  return problem
}

/** The problem of the file's shape, in the words of GitHub's parser. */
function shapeProblem(document: Document, issue: z.core.$ZodIssue, at: At): string {
  const deepest = deepestOf(issue)
  const path = [...deepest.path] as (string | number)[]
  if (deepest.code === 'unrecognized_keys') {
    const [key] = deepest.keys
    return `${at(keyIn(document, path, key!))}: Unexpected value '${key}'`
  }
  const node = document.getIn(path, true)
  if (node === undefined) {
    return `${at(document.getIn(path.slice(0, -1), true))}: Required property is missing: ${path.at(-1)}`
  }
  const value = document.getIn(path)
  if (typeof value !== 'object' || value === null) return `${at(node)}: Unexpected value '${value ?? ''}'`
  return `${at(node)}: A ${isSeq(node) ? 'sequence' : 'mapping'} was not expected`
}

function keyIn(document: Document, path: readonly (string | number)[], name: string): unknown {
  const map = path.length === 0 ? document.contents : document.getIn(path, true)
  return isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === name)?.key : map
}

/** Of several possible shapes, the issue with the longest path is the most specific. */
function deepestOf(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const within = issue.errors.flat().map((inner) => {
    const found = deepestOf(inner)
    return { ...found, path: [...issue.path, ...found.path] }
  })
  const isDeeper = within.filter(({ path }) => path.length > issue.path.length)
  return isDeeper.toSorted((a, b) => b.path.length - a.path.length)[0] ?? issue
}

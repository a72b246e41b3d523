import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { type DeclaredInput, mostInputs } from '../release/inputs.ts'
import { keyText, lineAt, resolved, startOf } from '../text/yaml.ts'
import { type ActionPlan, actionPlan, type JobPlan, jobPlans } from './job-plans.ts'

/** How a workflow file can be started. */
export type Trigger =
  | {
      readonly trigger: 'dispatch'
      readonly inputs: readonly DeclaredInput[]
      /** The filters of each event; null: none. */
      readonly events: Readonly<Record<string, unknown>>
      readonly jobs: readonly JobPlan[]
    }
  | {
      readonly trigger: 'other'
      readonly events: Readonly<Record<string, unknown>>
      readonly jobs: readonly JobPlan[]
    }
  | { readonly trigger: 'unreadable'; readonly why: string }

/** Limit of characters of a file that is parsed: the longest in public repositories have half of it. */
export const maxFileLength = 100 * 1024

/** Limit of structure: 15,000 one-letter keys in 100 KiB take the parser a third of a second, as does a list of lists. */
const maxMarks = 8_000

const events = z.union([
  z.string().transform((event): Record<string, unknown> => ({ [event]: null })),
  z.array(z.string()).transform((names) => Object.fromEntries(names.map((name) => [name, null]))),
  z.record(z.string(), z.unknown()),
])

/** A YAML 1.1 document reads the key `on` as true. */
const file = z
  .looseObject({ on: events })
  .or(z.looseObject({ true: events }).transform(({ true: on }) => ({ on })))

const inputTypes = ['string', 'choice', 'boolean', 'number', 'environment'] as const

/** Reads the parts of a workflow file that twokey needs: its triggers in all their forms, its inputs, its jobs. */
export function readTrigger(text: string): Trigger {
  const source = parsed(text)
  if ('why' in source) return unreadable(source.why)
  const { data } = file.safeParse(source.value)
  if (!data) return unreadable('it has no `on` with events')
  const jobs = jobPlans(source.value)
  if (!Object.hasOwn(data.on, 'workflow_dispatch')) return { trigger: 'other', events: data.on, jobs }
  const inputs = declaredInputs(source)
  return 'why' in inputs
    ? unreadable(inputs.why)
    : { trigger: 'dispatch', inputs: inputs.declared, events: data.on, jobs }
}

/** The whole value of a workflow file; null if it cannot be read as YAML that GitHub accepts. */
export function workflowValue(text: string): unknown {
  const source = parsed(text)
  return 'why' in source ? null : source.value
}

/** Counts characters that may end a line or an item, or begin a value or a list. */
function marksIn(text: string): number {
  return text.match(/[\n,[{]|:(?=\s)/g)?.length ?? 0
}

/** What an action's file says that it runs; or why it cannot be read. */
export function readAction(text: string): ActionPlan | Problem {
  const source = parsed(text)
  if ('why' in source) return source
  return actionPlan(source.value) ?? { why: 'it has no `runs`' }
}

function unreadable(why: string): Trigger {
  return { trigger: 'unreadable', why }
}

type Source = { readonly document: Document.Parsed; readonly lines: LineCounter; readonly value: unknown }
type Problem = { readonly why: string }

/** Duplicate keys are detected here: the parser compares each key with each other one, which takes seconds for thousands. */
function parsed(text: string): Source | Problem {
  if (text.length > maxFileLength)
    return { why: `it is longer than the ${maxFileLength / 1024} KiB that twokey reads` }
  if (marksIn(text) > maxMarks)
    return { why: `it has more than the ${maxMarks} lines, keys and items that twokey reads` }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error', uniqueKeys: false })
  const [error] = document.errors
  if (error) return { why: `line ${lines.linePos(error.pos[0]).line}: ${firstLineOf(error.message)}` }
  const wrong = wrongKey(document)
  if (wrong) return { why: `line ${lineAt(lines, startOf(wrong.key))}: ${wrong.why}` }
  try {
    const value: unknown = document.toJS()
    return nodesIn(value) > maxMarks
      ? { why: `its anchors repeat more than the ${maxMarks} lines, keys and items that twokey reads` }
      : { document, lines, value }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { why: firstLineOf(error.message) }
  }
}

/** Counts keys and items, repeated for each alias; stops at the limit. */
function nodesIn(value: unknown, before = 0): number {
  if (typeof value !== 'object' || value === null) return before
  let count = before
  for (const inner of Object.values(value)) {
    if (count > maxMarks) break
    count = nodesIn(inner, count + 1)
  }
  return count
}

function firstLineOf(message: string): string {
  return message.split('\n')[0]!.replace(/[:.]$/, '')
}

/** A key that GitHub rejects in a workflow: it does not merge keys, and each may occur once. */
function wrongKey(document: Document.Parsed): { readonly key: unknown; readonly why: string } | null {
  let wrong: { readonly key: unknown; readonly why: string } | null = null
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        const name = keyText(key)
        if (name === '<<') wrong = { key, why: 'GitHub does not merge keys with `<<`' }
        else if (name === '__proto__') wrong = { key, why: `\`${name}\` is no name` }
        else if (seen.has(name)) wrong = { key, why: `the key \`${name}\` is there twice` }
        if (wrong) return visit.BREAK
        seen.add(name)
      }
      return undefined
    },
  })
  return wrong
}

/** The inputs of `workflow_dispatch`, each with its line; or what GitHub would reject about them. */
function declaredInputs({
  document,
  lines,
}: Source): { readonly declared: readonly DeclaredInput[] } | Problem {
  const on = valueIn(document, document.contents, 'on') ?? valueIn(document, document.contents, 'true')
  const inputs = valueIn(document, valueIn(document, on, 'workflow_dispatch'), 'inputs')
  if (inputs === null || (isScalar(inputs) && inputs.value === null)) return { declared: [] }
  if (!isMap(inputs)) return { why: 'the `inputs` of its `workflow_dispatch` are not a mapping' }
  if (inputs.items.length > mostInputs)
    return {
      why: `line ${lineAt(lines, startOf(inputs))}: it declares ${inputs.items.length} inputs, and GitHub accepts ${mostInputs}`,
    }
  const declared: DeclaredInput[] = []
  for (const { key } of inputs.items) {
    const name = keyText(key)
    const at = `line ${lineAt(lines, startOf(key))}: `
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return { why: `${at}\`${name}\` is not a valid input name` }
    const twin = declared.find((input) => input.name.toLowerCase() === name.toLowerCase())
    if (twin) return { why: `${at}the inputs \`${twin.name}\` and \`${name}\` have the same name` }
    const settings = valueIn(document, inputs, name)
    const input = declaredInput(document, settings, { name, line: lineAt(lines, startOf(key)) })
    if ('why' in input) return { why: `${at}${input.why}` }
    declared.push(input)
  }
  return { declared }
}

function declaredInput(
  document: Document.Parsed,
  settings: unknown,
  { name, line }: Pick<DeclaredInput, 'name' | 'line'>,
): DeclaredInput | Problem {
  const isEmpty = settings === null || (isScalar(settings) && settings.value === null)
  if (!isEmpty && !isMap(settings)) return { why: `the input \`${name}\` is not a mapping` }
  const text = (key: string) => scalarText(valueIn(document, settings, key))
  const type = inputTypes.find((each) => each === (text('type') ?? 'string'))
  if (!type)
    return { why: `the input \`${name}\` has the type \`${text('type')}\`, which GitHub does not know` }
  if (text('default')?.includes('${{'))
    return { why: `the default of \`${name}\` is an expression, which GitHub does not evaluate there` }
  const options = valueIn(document, settings, 'options')
  const isList = options !== null && typeof options === 'object' && 'items' in options && !isMap(options)
  if (type === 'choice' && !isList) return { why: `the choice \`${name}\` has no list of options` }
  return {
    name,
    line,
    type,
    required: text('required') === 'true',
    default: text('default'),
    options:
      type === 'choice' && isList
        ? (options.items as readonly unknown[]).map((item) => scalarText(resolved(document, item)) ?? '')
        : [],
  }
}

/** The value of a key in a mapping, aliases resolved; null if absent. GitHub supports anchors, but no merge keys. */
function valueIn(document: Document.Parsed, node: unknown, key: string): unknown {
  const map = resolved(document, node)
  if (!isMap(map)) return null
  const pair = map.items.find((each) => keyText(each.key) === key)
  return pair ? resolved(document, pair.value) : null
}

/** A scalar as written: `1.10` stays `1.10`. Null if it is absent or empty. */
function scalarText(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null
  // `True` is the boolean, whatever its case.
  if (typeof node.value === 'string' || typeof node.value === 'boolean') return String(node.value)
  return node.source ?? String(node.value)
}

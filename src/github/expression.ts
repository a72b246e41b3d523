import { data, Evaluator, type Expr, Lexer, Parser, wellKnownFunctions } from '@actions/expressions'
import type { Logical } from '@actions/expressions/ast'
import type { FunctionDefinition } from '@actions/expressions/funcs/info'
import { TokenType } from '@actions/expressions/lexer'
import { falsy } from '@actions/expressions/result'
import type { Allowance } from './allowance.ts'
import { NotKnown, PartlyKnown, PartlyKnownByCase } from './partly-known.ts'

/** A plain value in GitHub's expression language. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined }

/**
 * Stands for a value that is known only in the run. It can be passed on unchanged; any expression that inspects it is
 * not known.
 */
export class StandIn {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * Key of the evaluation budget in contexts. A symbol cannot clash with a name in an expression, and is copied wherever
 * contexts are passed on.
 */
export const allowance = Symbol('allowance')

/** The known part of the contexts before a run: `{ github: { ref_name: 'main' } }`. A missing name is not known. */
export type Contexts = Readonly<Record<string, Readonly<Record<string, Plain | StandIn | undefined>>>> & {
  readonly [allowance]: Allowance
}

/** The same for a text, in the form that the evaluator takes. */
class StandInData {
  readonly kind = data.Kind.String
  readonly primitive = true
  readonly standIn: StandIn

  constructor(standIn: StandIn) {
    this.standIn = standIn
  }

  get value(): never {
    throw new NotKnown('value')
  }

  coerceString(): never {
    throw new NotKnown('value')
  }

  number(): never {
    throw new NotKnown('value')
  }
}

/** Whether a value counts as false. The value behind a stand-in is never empty. */
function isFalsy(value: data.ExpressionData): boolean {
  return !(value instanceof StandInData) && falsy(value)
}

/**
 * The result of a call may be many times longer than its arguments, and nested calls multiply that. A call whose result
 * may exceed this many characters is not made. Values that decide where a job runs are never that long.
 */
const maxValueLength = 4_000

/** GitHub's own functions, called only with arguments that are short enough. */
const boundedFunctions: readonly FunctionDefinition[] = Object.entries(wellKnownFunctions).map(
  ([name, definition]) => ({
    ...definition,
    name,
    call: (...args) => {
      if (longestResult(name, args) > maxValueLength) throw new NotKnown(name)
      return definition.call(...args)
    },
  }),
)

/** The maximum length of a call's result, as pretty-printed JSON or as text. */
function longestResult(name: string, args: readonly data.ExpressionData[]): number {
  const lengths = args.map((each) => lengthOf(each))
  const own = lengths.reduce((sum, length) => sum + length, 0)
  const [first, second] = args
  if (name === 'format') return own + (first?.coerceString().split('{').length ?? 0) * Math.max(...lengths)
  if (name === 'join' && first instanceof data.Array)
    return own + first.values().length * (second?.coerceString().length ?? 1)
  return own
}

/** Values nested deeper than this are not processed. */
const maxDepth = 50

function lengthOf(value: data.ExpressionData, depth = 0): number {
  if (depth > maxDepth) return Number.POSITIVE_INFINITY
  if (value instanceof PartlyKnown) return 0
  if (value instanceof data.Array || value instanceof data.Dictionary)
    return value.values().reduce((sum, each) => sum + lengthOf(each, depth + 1), 2 + depth)
  return value.coerceString().length + 2 * (depth + 1)
}

/** GitHub's own evaluator, extended for partly known values: an expression that is false for every unknown value is false. */
class PartialEvaluator extends Evaluator {
  override visitLogical(logical: Logical): data.ExpressionData {
    let unknown: NotKnown | null = null
    let last: data.ExpressionData = new data.Null()
    for (const part of logical.args) {
      const value = this.#tried(part)
      if (value instanceof NotKnown) {
        unknown ??= value
        continue
      }
      last = value
      const decides =
        logical.operator.type === TokenType.AND ? isFalsy(value) : unknown === null && !isFalsy(value)
      if (decides) return value
    }
    if (unknown !== null) throw unknown
    return last
  }

  #tried(part: Expr): data.ExpressionData | NotKnown {
    try {
      return this.eval(part)
    } catch (error) {
      // The evaluator wraps errors that an index access throws.
      return error instanceof NotKnown ? error : new NotKnown('', { cause: error })
    }
  }
}

const contextNames = [
  'github',
  'inputs',
  'vars',
  'secrets',
  'needs',
  'strategy',
  'matrix',
  'env',
  'steps',
  'runner',
  'job',
  'jobs',
]
/** Functions that the package leaves to a runner. Only `always()` is known before the run. */
const runnerFunctions: readonly FunctionDefinition[] = [
  'always',
  'success',
  'failure',
  'cancelled',
  'hashfiles',
].map((name) => ({
  name,
  minArgs: 0,
  maxArgs: 255,
  call: () => {
    if (name !== 'always') throw new NotKnown(name)
    return new data.BooleanData(true)
  },
}))
const functionsByName = new Map([...boundedFunctions, ...runnerFunctions].map((each) => [each.name, each]))

/** Limit of characters and of calls in an expression: nested calls multiply their arguments. */
const maxExpressionLength = 4_000
const mostCalls = 20

/** The value of an expression without its braces; undefined if it is invalid or cannot be determined before the run. */
function evaluated(expression: string, contexts: Contexts): data.ExpressionData | undefined {
  if (expression.length > maxExpressionLength || expression.split('(').length > mostCalls) return undefined
  if (!contexts[allowance].take(expression.length)) return undefined
  try {
    const parsed = new Parser(new Lexer(expression).lex().tokens, contextNames, [...runnerFunctions]).parse()
    return new PartialEvaluator(parsed, contextData(contexts), functionsByName).evaluate()
  } catch {
    // Any error of GitHub's own parser or evaluator means that the value is not known: the caller reports that.
    return undefined
  }
}

/** Contexts converted for the evaluator, cached because a file has many expressions for the same contexts. */
const contextDatas = new WeakMap<Contexts[string], data.Dictionary>()

function contextData(contexts: Contexts): data.Dictionary {
  const known = Object.entries(contexts).map(([key, values]) => {
    const value = contextDatas.get(values) ?? partly(values, key === 'env' ? PartlyKnownByCase : PartlyKnown)
    contextDatas.set(values, value)
    return { key, value }
  })
  return new PartlyKnown(...known)
}

function partly(values: Contexts[string], Known = PartlyKnown): data.Dictionary {
  return new Known(
    ...Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, value: dataOf(value) }],
    ),
  )
}

/** A missing name in a mapping counts as not known: a payload has more fields than twokey knows. */
function dataOf(value: Plain | StandIn): data.ExpressionData {
  if (value instanceof StandIn) return new StandInData(value)
  if (typeof value === 'string') return new data.StringData(value)
  if (Array.isArray(value)) return new data.Array(...value.map(dataOf))
  if (typeof value === 'object' && value !== null) return partly(value as Contexts[string])
  return JSON.parse(JSON.stringify(value), data.reviver)
}

/** Limit of characters substituted in one text: a long variable may be named thousands of times. */
const maxSubstituted = 64 * 1024

/** A text with each `${{ … }}` evaluated, as input of other contexts; undefined if one cannot be evaluated before the run. */
export function handedOn(text: string, contexts: Contexts): string | StandIn | undefined {
  let isKnown = true
  let standsIn = false
  const value = withExpressions(
    text,
    (expression) => {
      const found = evaluated(expression, contexts)
      if (found instanceof StandInData) standsIn = true
      return found && textOf(found)
    },
    () => {
      isKnown = false
      return ''
    },
  )
  if (!isKnown) return undefined
  return standsIn ? new StandIn(value) : value
}

/** A text with each `${{ … }}` evaluated; null if one cannot be evaluated before the run. */
export function rendered(text: string, contexts: Contexts): string | null {
  const value = handedOn(text, contexts)
  return (value instanceof StandIn ? value.text : value) ?? null
}

/** A text with each `${{ … }}` evaluated, and `$` for each one that cannot be evaluated before the run. */
export function partlyRendered(text: string, contexts: Contexts): string {
  return withExpressions(
    text,
    (expression) => {
      const found = evaluated(expression, contexts)
      return found && textOf(found)
    },
    () => '$',
  )
}

function textOf(value: data.ExpressionData): string {
  return value instanceof StandInData ? value.standIn.text : value.coerceString()
}

/**
 * Replaces each `${{ … }}` in a text. A regular expression would search for the end of each `${{` up to the end of the
 * text.
 * @param evaluate returns the replacement of an expression; undefined: not known, which also applies to all expressions
 * after the limit of substituted characters is reached
 * @param unknown the replacement of those that are not known
 */
function withExpressions(
  text: string,
  evaluate: (expression: string) => string | undefined,
  unknown: () => string,
): string {
  let done = ''
  let putIn = 0
  for (let at = 0; ; ) {
    const opens = text.indexOf('${{', at)
    const closes = opens < 0 ? -1 : text.indexOf('}}', opens + 3)
    if (closes < 0) return done + text.slice(at)
    const value = putIn > maxSubstituted ? undefined : evaluate(text.slice(opens + 3, closes))
    putIn += value?.length ?? 0
    done += text.slice(at, opens) + (value === undefined || putIn > maxSubstituted ? unknown() : value)
    at = closes + 2
  }
}

/** A text that consists of exactly one expression. */
const inBraces = /^\$\{\{([\s\S]*)\}\}$/

/**
 * The value of a text that consists of one expression, as plain data; undefined if it is not known or the text is
 * something else.
 */
export function plainValue(text: string, contexts: Contexts): unknown {
  const [, expression] = inBraces.exec(text) ?? []
  const found = expression === undefined ? undefined : evaluated(expression, contexts)
  return found === undefined || found instanceof StandInData
    ? undefined
    : JSON.parse(JSON.stringify(found, data.replacer))
}

/**
 * Whether a condition is certainly false. Braces around the whole condition are optional. With anything else around
 * them, even the line break of a block scalar, the condition is a non-empty text and therefore true. Source:
 * actionlint, rule `if-cond`; actions/runner#1173.
 */
export function isNever(condition: string, contexts: Contexts): boolean {
  const [, expression = condition] = inBraces.exec(condition) ?? []
  if (expression.includes('${{')) return false
  const found = evaluated(expression, contexts)
  return found !== undefined && isFalsy(found)
}

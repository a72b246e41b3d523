import { data, Evaluator, type Expr, Lexer, Parser } from '@actions/expressions'
import type { Logical } from '@actions/expressions/ast'
import { TokenType } from '@actions/expressions/lexer'
import { falsy } from '@actions/expressions/result'

/** A plain value of GitHub's expressions. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined }

/** What is known of the contexts before a run: `{ github: { ref_name: 'main' } }`. What is not named is not known. */
export type Contexts = Readonly<Record<string, Readonly<Record<string, Plain | undefined>>>>

/** The expression asks for what is only known once the run is under way. */
class NotKnown extends Error {}

/** A context of which a part is known. */
class PartlyKnown extends data.Dictionary {
  override get(key: string): data.ExpressionData {
    const found = super.get(key)
    if (found === undefined) throw new NotKnown(key)
    return found
  }

  override values(): data.ExpressionData[] {
    throw new NotKnown('*')
  }
}

/** GitHub's own evaluator, but that what is false whatever is not known is false. */
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
        logical.operator.type === TokenType.AND ? falsy(value) : unknown === null && !falsy(value)
      if (decides) return value
    }
    if (unknown !== null) throw unknown
    return last
  }

  #tried(part: Expr): data.ExpressionData | NotKnown {
    try {
      return this.eval(part)
    } catch (error) {
      // The evaluator wraps what an index asked for.
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
const runnerFunctions = ['always', 'success', 'failure', 'cancelled', 'hashfiles']

/** Longer expressions are not evaluated, characters, nor those of more calls: calls within calls multiply what they are given. */
const longest = 4_000
const mostCalls = 20

/** The value of an expression without its braces; undefined: it cannot be told before the run, or is none. */
function evaluated(expression: string, contexts: Contexts): data.ExpressionData | undefined {
  if (expression.length > longest || expression.split('(').length > mostCalls) return undefined
  const functions = runnerFunctions.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 255,
    call: () => {
      if (name !== 'always') throw new NotKnown(name)
      return new data.BooleanData(true)
    },
  }))
  try {
    const parsed = new Parser(new Lexer(expression).lex().tokens, contextNames, functions).parse()
    const byName = new Map(functions.map((each) => [each.name, each]))
    return new PartialEvaluator(parsed, contextData(contexts), byName).evaluate()
  } catch {
    // Whatever keeps GitHub's own parser or evaluator from a value leaves it unknown: the caller says so to people.
    return undefined
  }
}

/** As the evaluator takes them; a file has many expressions for the same contexts. */
const contextDatas = new WeakMap<Contexts, data.Dictionary>()

function contextData(contexts: Contexts): data.Dictionary {
  const made = contextDatas.get(contexts)
  if (made) return made
  const known = Object.entries(contexts).map(([key, values]) => ({ key, value: partly(values) }))
  const dictionary = new PartlyKnown(...known)
  contextDatas.set(contexts, dictionary)
  return dictionary
}

function partly(values: Contexts[string]): data.Dictionary {
  return new PartlyKnown(
    ...Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, value: dataOf(value) }],
    ),
  )
}

/** Of a mapping, what is not named is not known: a payload has more fields than we know of. */
function dataOf(value: Plain): data.ExpressionData {
  if (Array.isArray(value)) return new data.Array(...value.map(dataOf))
  if (typeof value === 'object' && value !== null) return partly(value as Contexts[string])
  return JSON.parse(JSON.stringify(value), data.reviver)
}

/** A text with each `${{ … }}` in it evaluated; null where one cannot be before the run. */
export function rendered(text: string, contexts: Contexts): string | null {
  let isKnown = true
  const value = withExpressions(text, (expression) => {
    const found = evaluated(expression, contexts)
    if (found === undefined) isKnown = false
    return found?.coerceString() ?? ''
  })
  return isKnown ? value : null
}

/** A text with each `${{ … }}` in it evaluated, and a `$` for one that cannot be before the run. */
export function partlyRendered(text: string, contexts: Contexts): string {
  return withExpressions(text, (expression) => evaluated(expression, contexts)?.coerceString() ?? '$')
}

/** A text with each `${{ … }}` replaced. A pattern would look for the end of each `${{` to the end of the text. */
function withExpressions(text: string, replace: (expression: string) => string): string {
  let done = ''
  for (let at = 0; ; ) {
    const opens = text.indexOf('${{', at)
    const closes = opens < 0 ? -1 : text.indexOf('}}', opens + 3)
    if (closes < 0) return done + text.slice(at)
    done += text.slice(at, opens) + replace(text.slice(opens + 3, closes))
    at = closes + 2
  }
}

/** The value of a text that is one expression, as plain data; undefined: not known, or it is none. */
export function plainValue(text: string, contexts: Contexts): unknown {
  const [, expression] = /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(text) ?? []
  const found = expression === undefined ? undefined : evaluated(expression, contexts)
  return found === undefined ? undefined : JSON.parse(JSON.stringify(found, data.replacer))
}

/** Whether a condition is surely false. Braces around the whole are optional there. */
export function isNever(condition: string, contexts: Contexts): boolean {
  const [, inBraces] = /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(condition) ?? []
  const found = evaluated(inBraces ?? condition, contexts)
  return found !== undefined && falsy(found)
}

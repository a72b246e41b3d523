import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

/** A value of GitHub's expression language, as JSON. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** The contexts of an expression by name: `{ github: { sha: '…' }, inputs: { … } }`. */
export type Contexts = Readonly<Record<string, unknown>>

/** The values of `success()`, `failure()` and `cancelled()`. */
export type Status = { readonly success: boolean; readonly failure: boolean; readonly cancelled: boolean }

const contextNames = [
  'github',
  'inputs',
  'env',
  'vars',
  'secrets',
  'matrix',
  'needs',
  'steps',
  'strategy',
  'runner',
  'job',
  'jobs',
]
const statusNames = ['success', 'failure', 'cancelled', 'always']
const extraFunctions = [
  ...statusNames.map((name) => ({ name, minArgs: 0, maxArgs: 0 })),
  { name: 'hashFiles', minArgs: 1, maxArgs: 255 },
]
const allIsWell: Status = { success: true, failure: false, cancelled: false }

/** Matches `${{ … }}`, whose text may contain `}}` in quotes. */
const marked = /\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}/g

/**
 * Evaluates an expression without its braces, with GitHub's own parser and evaluator. Throws if it is not valid, or
 * where it fails, such as `fromJSON` of invalid JSON.
 */
export function evaluate(expression: string, contexts: Contexts, status: Status = allIsWell): Value {
  return JSON.parse(JSON.stringify(resultOf(expression, contexts, status), data.replacer)) as Value
}

/** Evaluates each `${{ … }}` in a text. Throws as `evaluate` does. */
export function render(text: string, contexts: Contexts, status: Status = allIsWell): string {
  return text.replace(marked, (_, expression: string) =>
    resultOf(expression, contexts, status).coerceString(),
  )
}

/**
 * The value of a setting: a string that is a single expression becomes that expression's value, other strings are
 * rendered, and the members of lists and maps are evaluated one by one.
 */
export function evaluated(setting: unknown, contexts: Contexts, status: Status = allIsWell): Value {
  if (Array.isArray(setting)) return setting.map((each) => evaluated(each, contexts, status))
  if (typeof setting === 'object' && setting !== null)
    return Object.fromEntries(
      Object.entries(setting).map(([key, each]) => [key, evaluated(each, contexts, status)]),
    )
  if (typeof setting !== 'string') return (setting ?? null) as Value
  const alone = soleExpression(setting)
  return alone === undefined ? render(setting, contexts, status) : evaluate(alone, contexts, status)
}

/**
 * Whether the condition of a job or step is met. Without a condition, or if the condition uses no status function,
 * everything before it must have succeeded.
 */
export function isMet(condition: string | undefined, contexts: Contexts, status: Status): boolean {
  const text = condition?.trim() ?? ''
  if (text === '') return status.success
  const expression = soleExpression(text) ?? (text.includes('${{') ? asText(text, contexts, status) : text)
  const isConditionTrue = isTrue(evaluate(expression, contexts, status))
  return isConditionTrue && (asksForStatus(expression) || status.success)
}

/** The first expression in a text that GitHub's parser refuses, with the parser's message. */
export function wrongExpression(
  text: string,
): { readonly expression: string; readonly message: string } | undefined {
  for (const [, expression] of text.matchAll(marked)) {
    try {
      parsed(expression!)
    } catch (trouble) {
      if (!(trouble instanceof Error)) throw trouble
      return { expression: expression!.trim(), message: trouble.message }
    }
  }
  return undefined
}

export function isTrue(value: Value): boolean {
  return value !== null && value !== false && value !== 0 && value !== ''
}

function soleExpression(text: string): string | undefined {
  const [first, ...others] = text.trim().matchAll(marked)
  return first && others.length === 0 && first[0] === text.trim() ? first[1] : undefined
}

/** A condition with text around its expressions is a string, and so true if it is not empty. */
function asText(text: string, contexts: Contexts, status: Status): string {
  return `'${render(text, contexts, status).replaceAll("'", "''")}'`
}

function asksForStatus(expression: string): boolean {
  const { tokens } = new Lexer(expression).lex()
  return tokens.some(
    ({ lexeme }, at) => statusNames.includes(lexeme.toLowerCase()) && tokens[at + 1]?.lexeme === '(',
  )
}

function parsed(expression: string) {
  return new Parser(new Lexer(expression).lex().tokens, contextNames, extraFunctions).parse()
}

function resultOf(expression: string, contexts: Contexts, status: Status): data.ExpressionData {
  const all = Object.fromEntries(contextNames.map((name) => [name, contexts[name] ?? {}]))
  const functions = new Map(
    extraFunctions.map((each) => [
      each.name.toLowerCase(),
      { ...each, call: () => answerOf(each.name, status) },
    ]),
  )
  return new Evaluator(parsed(expression), asData(all) as data.Dictionary, functions).evaluate()
}

function answerOf(name: string, status: Status): data.ExpressionData {
  if (name === 'hashFiles') return new data.StringData('0'.repeat(64))
  return new data.BooleanData(name === 'always' || status[name as keyof Status])
}

function asData(value: unknown): data.ExpressionData {
  return JSON.parse(JSON.stringify(value), data.reviver) as data.ExpressionData
}

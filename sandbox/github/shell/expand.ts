import type { Part, Script, Word } from './syntax.ts'

/** What the expansion of a word reads. */
export type ExpansionContext = {
  /** The value of a variable; undefined if it is not set. */
  variable(name: string): string | undefined
  set(name: string, value: string): void
  /** What a script prints. */
  output(script: Script): Promise<string>
}

type Piece = { readonly text: string; readonly isQuoted: boolean }

/** Expands a word to words: unquoted text is split at blanks, and may become no word at all. */
export async function expand(word: Word, context: ExpansionContext): Promise<string[]> {
  const words: string[] = []
  let current: string | undefined
  for (const part of word) {
    const { text, isQuoted } = await pieceOf(part, context)
    if (isQuoted || part.kind === 'text') {
      current = (current ?? '') + text
      continue
    }
    const [first = '', ...others] = text.split(/[ \t\n]+/)
    if (text === '') continue
    if (first === '' && current !== undefined) words.push(current)
    current = first === '' ? undefined : (current ?? '') + first
    for (const other of others) {
      if (current !== undefined) words.push(current)
      current = other === '' ? undefined : other
    }
  }
  return current === undefined ? words : [...words, current]
}

/** Expands a word to one text. */
export async function expandText(word: Word, context: ExpansionContext): Promise<string> {
  let text = ''
  for (const part of word) text += (await pieceOf(part, context)).text
  return text
}

/** Expands a word to a regular expression: unquoted `*`, `?` and `[…]` are patterns. */
export async function expandPattern(word: Word, context: ExpansionContext): Promise<RegExp> {
  return new RegExp(`^(?:${await patternText(word, context)})$`, 's')
}

async function patternText(word: Word, context: ExpansionContext): Promise<string> {
  let pattern = ''
  for (const part of word) {
    const { text, isQuoted } = await pieceOf(part, context)
    pattern += isQuoted ? escaped(text) : globbed(text)
  }
  return pattern
}

function globbed(text: string): string {
  return escaped(text)
    .replaceAll('\\*', '.*')
    .replaceAll('\\?', '.')
    .replaceAll(/\\\[(.*?)\\\]/g, '[$1]')
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

async function pieceOf(part: Part, context: ExpansionContext): Promise<Piece> {
  const { isQuoted } = part
  switch (part.kind) {
    case 'text':
      return part
    case 'output':
      return { text: (await context.output(part.script)).replace(/\n+$/, ''), isQuoted }
    case 'arithmetic':
      return { text: String(calculate(await expandText(part.text, context), context)), isQuoted }
    case 'variable': {
      const value = context.variable(part.name)
      const text = part.change ? await changed(part.name, value, part.change, context) : (value ?? '')
      return { text, isQuoted }
    }
    default:
      return part satisfies never
  }
}

type Change = { readonly operator: string; readonly word: Word }

async function changed(
  name: string,
  value: string | undefined,
  { operator, word }: Change,
  context: ExpansionContext,
): Promise<string> {
  const text = value ?? ''
  const isMissing = operator.startsWith(':') ? text === '' : value === undefined
  switch (operator) {
    case 'length':
      return String(text.length)
    case ':-':
    case '-':
      return isMissing ? expandText(word, context) : text
    case ':+':
    case '+':
      return isMissing ? '' : expandText(word, context)
    case ':=':
    case '=':
      if (isMissing) context.set(name, await expandText(word, context))
      return context.variable(name) ?? ''
    case ':?':
    case '?':
      if (isMissing) throw new UnsetVariable(`${name}: ${await expandText(word, context)}`)
      return text
    case '^^':
      return text.toUpperCase()
    case '^':
      return text.slice(0, 1).toUpperCase() + text.slice(1)
    case ',,':
      return text.toLowerCase()
    case ',':
      return text.slice(0, 1).toLowerCase() + text.slice(1)
    case ':':
      return cut(text, await expandText(word, context))
    case '/':
    case '//':
      return replaced(text, operator, await expandText(word, context))
    default:
      return trimmed(text, operator, await patternText(word, context))
  }
}

/** `${NAME:?}` of a variable that is not set ends the script. */
export class UnsetVariable extends Error {}

function cut(text: string, range: string): string {
  const [from, length] = range.split(':').map(Number) as [number, number?]
  const start = from < 0 ? text.length + from : from
  return length === undefined ? text.slice(start) : text.slice(start, length < 0 ? length : start + length)
}

function replaced(text: string, operator: string, change: string): string {
  const slash = change.indexOf('/')
  const [pattern, by] = slash < 0 ? [change, ''] : [change.slice(0, slash), change.slice(slash + 1)]
  return text.replace(new RegExp(globbed(pattern), operator === '//' ? 'gs' : 's'), () => by)
}

/** Removes the shortest (`#`, `%`) or longest (`##`, `%%`) match at the start or the end. */
function trimmed(text: string, operator: string, pattern: string): string {
  const isWhole = (piece: string) => new RegExp(`^(?:${pattern})$`, 's').test(piece)
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length)
  const tried = operator.length === 2 ? lengths.toReversed() : lengths
  const fromStart = operator.startsWith('#')
  const found = tried.find((length) =>
    isWhole(fromStart ? text.slice(0, length) : text.slice(text.length - length)),
  )
  if (found === undefined) return text
  return fromStart ? text.slice(found) : text.slice(0, text.length - found)
}

/** Evaluates whole numbers with `+ - * / %` and comparisons, from left to right within one precedence. */
function calculate(text: string, context: ExpansionContext): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|[<>=!]=|[-+*/%()<>]/g) ?? []
  const levels = [
    ['==', '!=', '<', '>', '<=', '>='],
    ['+', '-'],
    ['*', '/', '%'],
  ]
  const level = (at: number): number => {
    const operators = levels[at]
    if (!operators) return single()
    let value = level(at + 1)
    while (operators.includes(tokens[0] ?? '')) value = combine(tokens.shift()!, value, level(at + 1))
    return value
  }
  const single = (): number => {
    const token = tokens.shift() ?? '0'
    if (token === '-') return -single()
    if (token === '(') {
      const value = level(0)
      tokens.shift()
      return value
    }
    return /^\d/.test(token) ? Number(token) : Number(context.variable(token) ?? 0)
  }
  return level(0)
}

function combine(operator: string, one: number, other: number): number {
  switch (operator) {
    case '+':
      return one + other
    case '-':
      return one - other
    case '*':
      return one * other
    case '/':
      return Math.trunc(one / other)
    case '%':
      return one % other
    case '==':
      return Number(one === other)
    case '!=':
      return Number(one !== other)
    case '<':
      return Number(one < other)
    case '>':
      return Number(one > other)
    case '<=':
      return Number(one <= other)
    default:
      return Number(one >= other)
  }
}

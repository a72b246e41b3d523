/** A value of GitHub's expression language, as far as workflows of the sandbox need it. */
export type Value = string | number | boolean | null
/** What a name means, as `{ 'inputs.sha': '3f2c…', 'github.sha': '…' }`; what is missing is null. */
export type Names = Readonly<Record<string, Value>>

const tokens = /\s*(\|\||&&|==|!=|!|\(|\)|'(?:[^']|'')*'|-?\d+(?:\.\d+)?|[A-Za-z_][\w.-]*)/y

/** A text with each `${{ … }}` in it carried out: names, literals, `&&`, `||`, `!`, `==`, `!=`, brackets. */
export function render(text: string, names: Names): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => said(evaluate(expression, names)))
}

/** The value of an expression without its braces. Throws on what the language here does not have. */
export function evaluate(expression: string, names: Names): Value {
  const left = tokenize(expression)
  const value = either(left, names)
  if (left.length > 0) throw new SyntaxError(`Unexpected '${left[0]}' in: ${expression.trim()}`)
  return value
}

function tokenize(expression: string): string[] {
  const found: string[] = []
  tokens.lastIndex = 0
  while (tokens.lastIndex < expression.trimEnd().length) {
    const at = tokens.lastIndex
    const token = tokens.exec(expression)?.[1]
    if (token === undefined) throw new SyntaxError(`Cannot read '${expression.slice(at)}'`)
    found.push(token)
  }
  return found
}

function either(left: string[], names: Names): Value {
  let value = both(left, names)
  while (left[0] === '||') {
    left.shift()
    const other = both(left, names)
    value = isTrue(value) ? value : other
  }
  return value
}

function both(left: string[], names: Names): Value {
  let value = equal(left, names)
  while (left[0] === '&&') {
    left.shift()
    const other = equal(left, names)
    value = isTrue(value) ? other : value
  }
  return value
}

function equal(left: string[], names: Names): Value {
  const value = single(left, names)
  if (left[0] !== '==' && left[0] !== '!=') return value
  const wanted = left.shift() === '=='
  const other = single(left, names)
  return (said(value).toLowerCase() === said(other).toLowerCase()) === wanted
}

function single(left: string[], names: Names): Value {
  const token = left.shift()
  if (token === undefined) throw new SyntaxError('The expression ends early')
  if (token === '!') return !isTrue(single(left, names))
  if (token === '(') {
    const value = either(left, names)
    if (left.shift() !== ')') throw new SyntaxError('A bracket is not closed')
    return value
  }
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'")
  if (/^-?\d/.test(token)) return Number(token)
  if (token === 'true' || token === 'false') return token === 'true'
  return names[token] ?? null
}

function isTrue(value: Value): boolean {
  return value !== null && value !== false && value !== 0 && value !== ''
}

function said(value: Value): string {
  return value === null ? '' : String(value)
}

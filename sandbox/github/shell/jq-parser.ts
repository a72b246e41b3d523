/** A jq filter as a tree. */
export type Filter =
  | { readonly kind: 'identity' }
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'text'; readonly parts: readonly (string | Filter)[] }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'access'; readonly of: Filter; readonly key: Filter }
  | { readonly kind: 'iterate'; readonly of: Filter }
  | { readonly kind: 'optional'; readonly of: Filter }
  | { readonly kind: 'pipe' | 'comma'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'operator'; readonly operator: string; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'bind'; readonly of: Filter; readonly name: string; readonly body: Filter }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Filter[] }
  | { readonly kind: 'if'; readonly test: Filter; readonly then: Filter; readonly otherwise: Filter }
  | { readonly kind: 'array'; readonly of: Filter | undefined }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [Filter, Filter])[] }

const tokens =
  /\s*(?:#[^\n]*\n?\s*)*(\.\.|\?\/\/|\/\/=|\|=|\+=|-=|==|!=|<=|>=|\/\/|[.[\]{}(),:;|=<>+\-*/%?]|\$?[A-Za-z_]\w*|@\w+|\d+(?:\.\d+)?|")/y

/** The operators by precedence, lowest first. */
const levels: readonly (readonly string[])[] = [
  ['//'],
  ['=', '|=', '+=', '-=', '//='],
  ['or'],
  ['and'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
]

/** Parses a jq filter. Throws a SyntaxError on what it does not support: `reduce`, `def`, `..` and the like. */
export function parseFilter(text: string): Filter {
  const reader = new Reader(text)
  const filter = reader.pipe()
  reader.expect(undefined)
  return filter
}

class Reader {
  readonly #text: string
  #at = 0
  #token: string | undefined

  constructor(text: string) {
    this.#text = text
    this.#advance()
  }

  expect(token: string | undefined): void {
    if (this.#token !== token) throw new SyntaxError(`jq: syntax error at '${this.#token}' in ${this.#text}`)
    this.#advance()
  }

  #advance(): void {
    tokens.lastIndex = this.#at
    const found = tokens.exec(this.#text)
    if (
      !found &&
      this.#text
        .slice(this.#at)
        .replaceAll(/#[^\n]*/g, '')
        .trim() !== ''
    )
      throw new SyntaxError(`jq: cannot parse ${this.#text.slice(this.#at)}`)
    this.#token = found?.[1]
    this.#at = found ? tokens.lastIndex : this.#text.length
  }

  #take(token: string): boolean {
    if (this.#token !== token) return false
    this.#advance()
    return true
  }

  pipe(): Filter {
    const left = this.#comma()
    if (this.#token === 'as') return this.#bind(left)
    if (!this.#take('|')) return left
    return { kind: 'pipe', left, right: this.pipe() }
  }

  #bind(of: Filter): Filter {
    this.expect('as')
    const name = this.#word().slice(1)
    this.expect('|')
    return { kind: 'bind', of, name, body: this.pipe() }
  }

  #comma(): Filter {
    let left = this.#level(0)
    while (this.#take(',')) left = { kind: 'comma', left, right: this.#level(0) }
    return left
  }

  #level(at: number): Filter {
    const operators = levels[at]
    if (!operators) return this.#postfix()
    let left = this.#level(at + 1)
    while (this.#token !== undefined && operators.includes(this.#token)) {
      const operator = this.#token
      this.#advance()
      left = { kind: 'operator', operator, left, right: this.#level(at + 1) }
    }
    return left
  }

  #postfix(): Filter {
    let of = this.#term()
    for (;;) {
      if (this.#take('?')) of = { kind: 'optional', of }
      else if (this.#token === '[') of = this.#bracket(of)
      else if (this.#take('.')) of = this.#afterDot(of)
      else return of
    }
  }

  #afterDot(of: Filter): Filter {
    return this.#token === '[' ? this.#bracket(of) : { kind: 'access', of, key: this.#key() }
  }

  #bracket(of: Filter): Filter {
    this.expect('[')
    if (this.#take(']')) return { kind: 'iterate', of }
    const key = this.pipe()
    this.expect(']')
    return { kind: 'access', of, key }
  }

  #key(): Filter {
    if (this.#token === '"') return this.#string()
    return { kind: 'constant', value: this.#word() }
  }

  #word(): string {
    const word = this.#token
    if (word === undefined || !/^\$?[A-Za-z_]/.test(word)) throw new SyntaxError(`jq: unexpected ${word}`)
    this.#advance()
    return word
  }

  #term(): Filter {
    const token = this.#token
    if (token === '"') return this.#string()
    if (token === '.') return this.#path()
    if (token === '(') return this.#enclosed()
    if (token === '[') return this.#array()
    if (token === '{') return this.#object()
    if (token === '-') {
      this.#advance()
      return { kind: 'operator', operator: '-', left: { kind: 'constant', value: 0 }, right: this.#postfix() }
    }
    if (token !== undefined && /^\d/.test(token)) {
      this.#advance()
      return { kind: 'constant', value: Number(token) }
    }
    const word = this.#word()
    if (word.startsWith('$')) return { kind: 'variable', name: word.slice(1) }
    if (word === 'if') return this.#if()
    if (word in constants) return { kind: 'constant', value: constants[word] }
    return this.#call(word)
  }

  #path(): Filter {
    this.expect('.')
    const of: Filter = { kind: 'identity' }
    if (this.#token === '"' || /^[A-Za-z_]/.test(this.#token ?? '')) {
      if (keywords.has(this.#token!)) return of
      return { kind: 'access', of, key: this.#key() }
    }
    return of
  }

  #enclosed(): Filter {
    this.expect('(')
    const inner = this.pipe()
    this.expect(')')
    return inner
  }

  #array(): Filter {
    this.expect('[')
    if (this.#take(']')) return { kind: 'array', of: undefined }
    const of = this.pipe()
    this.expect(']')
    return { kind: 'array', of }
  }

  #object(): Filter {
    const entries: [Filter, Filter][] = []
    this.expect('{')
    while (!this.#take('}')) {
      entries.push(this.#entry())
      if (this.#token !== '}') this.expect(',')
    }
    return { kind: 'object', entries }
  }

  #entry(): [Filter, Filter] {
    if (this.#token?.startsWith('$')) {
      const name = this.#word().slice(1)
      return [
        { kind: 'constant', value: name },
        { kind: 'variable', name },
      ]
    }
    const key = this.#token === '(' ? this.#enclosed() : this.#key()
    if (this.#take(':')) return [key, this.#level(0)]
    return [key, { kind: 'access', of: { kind: 'identity' }, key }]
  }

  #if(): Filter {
    const test = this.pipe()
    this.expect('then')
    const then = this.pipe()
    if (this.#take('elif')) return { kind: 'if', test, then, otherwise: this.#if() }
    const otherwise: Filter = this.#take('else') ? this.pipe() : { kind: 'identity' }
    this.expect('end')
    return { kind: 'if', test, then, otherwise }
  }

  #call(name: string): Filter {
    const args: Filter[] = []
    if (this.#take('(')) {
      do args.push(this.pipe())
      while (this.#take(';'))
      this.expect(')')
    }
    return { kind: 'call', name, args }
  }

  /** A text in double quotes, in which `\( … )` are filters. */
  #string(): Filter {
    const parts: (string | Filter)[] = []
    let plain = ''
    for (;;) {
      const letter = this.#text[this.#at]
      if (letter === undefined) throw new SyntaxError('jq: a string is not closed')
      this.#at += 1
      if (letter === '"') break
      if (letter !== '\\') plain += letter
      else if (this.#text[this.#at] === '(') {
        parts.push(JSON.parse(`"${plain}"`) as string)
        plain = ''
        this.#advance()
        parts.push(this.#inText())
      } else {
        plain += `\\${this.#text[this.#at]}`
        this.#at += 1
      }
    }
    parts.push(JSON.parse(`"${plain}"`) as string)
    this.#advance()
    return parts.length === 1 ? { kind: 'constant', value: parts[0] } : { kind: 'text', parts }
  }

  /** Stops right after the bracket, because the rest is text again. */
  #inText(): Filter {
    this.expect('(')
    const inner = this.pipe()
    if (this.#token !== ')') throw new SyntaxError('jq: a bracket within a string is not closed')
    return inner
  }
}

const constants: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }
const keywords = new Set(['as', 'then', 'elif', 'else', 'end', 'and', 'or'])

type Json = unknown
type Query = (value: Json) => Json

const tokens =
  /\s*(`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\[\?|\[\]|\|\||&&|==|!=|<=|>=|[|<>!@*.,:(){}[\]]|-?\d+|[A-Za-z_]\w*)/y

/** The binding power of each operator. Source: the JMESPath grammar. */
const bindingPower: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '[?': 21,
  '.': 40,
  '[': 55,
}
/** An operator with a lower binding power ends a projection. */
const projectionEnd = 10
const notTightness = 45

const compare: Readonly<Record<string, (one: Json, other: Json) => boolean>> = {
  '==': (one, other) => JSON.stringify(one) === JSON.stringify(other),
  '!=': (one, other) => JSON.stringify(one) !== JSON.stringify(other),
  '<': (one, other) => Number(one) < Number(other),
  '<=': (one, other) => Number(one) <= Number(other),
  '>': (one, other) => Number(one) > Number(other),
  '>=': (one, other) => Number(one) >= Number(other),
}

const functions: Readonly<Record<string, (...values: Json[]) => Json>> = {
  length: (value) => (typeof value === 'string' ? value.length : Object.keys(value as object).length),
  join: (glue, parts) => (parts as string[]).join(String(glue)),
  contains: (value, part) => (value as Json[] | string).includes(part as string),
  starts_with: (text, start) => String(text).startsWith(String(start)),
  ends_with: (text, end) => String(text).endsWith(String(end)),
  to_string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  to_number: (value) => Number(value),
  keys: (value) => Object.keys(value as object),
  values: (value) => Object.values(value as object),
  sort: (values) => (values as Json[]).toSorted(),
  reverse: (values) => (values as Json[]).toReversed(),
  not_null: (...values) => values.find((value) => value !== null) ?? null,
}

/**
 * Evaluates a JMESPath query, as `--query` of the AWS command line does; null if nothing matches. Slices and
 * functions that take expressions are not supported. Throws a SyntaxError on what it cannot parse.
 */
export function search(query: string, value: Json): Json {
  const reader = new Reader(query)
  const found = reader.expression(0)
  reader.end()
  return found(value)
}

class Reader {
  readonly #query: string
  readonly #left: string[] = []

  constructor(query: string) {
    this.#query = query
    tokens.lastIndex = 0
    while (tokens.lastIndex < query.trimEnd().length) {
      const token = tokens.exec(query)?.[1]
      if (token === undefined) throw this.#unreadable()
      this.#left.push(token)
    }
  }

  end(): void {
    if (this.#left.length > 0) throw this.#unreadable()
  }

  expression(tighterThan: number): Query {
    let query = this.#first()
    while ((bindingPower[this.#left[0] ?? ''] ?? 0) > tighterThan) query = this.#then(query, this.#next())
    return query
  }

  #unreadable(): SyntaxError {
    return new SyntaxError(`Bad value for --query ${this.#query}`)
  }

  #next(): string {
    const token = this.#left.shift()
    if (token === undefined) throw this.#unreadable()
    return token
  }

  #expect(token: string): void {
    if (this.#next() !== token) throw this.#unreadable()
  }

  #take(token: string): boolean {
    if (this.#left[0] !== token) return false
    this.#left.shift()
    return true
  }

  #first(): Query {
    const token = this.#next()
    if (token === '@') return (value) => value
    if (token === '*') return this.#projection((value) => (isObject(value) ? Object.values(value) : null))
    if (token === '[]') return this.#projection(flat)
    if (token === '[') return this.#bracket((value) => value, 'list')
    if (token === '[?') return this.#filter((value) => value)
    if (token === '{') return this.#hash()
    if (token === '!') {
      const negated = this.expression(notTightness)
      return (value) => isFalse(negated(value))
    }
    if (token === '(') {
      const inner = this.expression(0)
      this.#expect(')')
      return inner
    }
    if (token.startsWith('`')) {
      const literal = literalOf(token.slice(1, -1))
      return () => literal
    }
    if (token.startsWith("'")) return () => token.slice(1, -1).replaceAll("\\'", "'")
    if (this.#left[0] === '(' && functions[token]) return this.#call(functions[token])
    return field(this.#name(token))
  }

  #name(token: string): string {
    if (token.startsWith('"')) return JSON.parse(token) as string
    if (!/^[A-Za-z_]/.test(token)) throw this.#unreadable()
    return token
  }

  #then(before: Query, token: string): Query {
    switch (token) {
      case '.':
        return this.#dot(before)
      case '[':
        return this.#bracket(before, 'index')
      case '[?':
        return this.#filter(before)
      case '[]':
        return this.#projection((value) => flat(before(value)))
      default:
        return this.#binary(before, token)
    }
  }

  #binary(before: Query, operator: string): Query {
    const after = this.expression(bindingPower[operator]!)
    switch (operator) {
      case '|':
        return (value) => after(before(value))
      case '||':
        return (value) => (isFalse(before(value)) ? after(value) : before(value))
      case '&&':
        return (value) => (isFalse(before(value)) ? before(value) : after(value))
      default:
        return (value) => compare[operator]!(before(value), after(value))
    }
  }

  #dot(before: Query): Query {
    const token = this.#next()
    if (token === '*')
      return this.#projection((value) => {
        const found = before(value)
        return isObject(found) ? Object.values(found) : null
      })
    const after = this.#afterDot(token)
    return (value) => ifThere(before(value), after)
  }

  #afterDot(token: string): Query {
    if (token === '[') return this.#list()
    if (token === '{') return this.#hash()
    if (this.#left[0] === '(' && functions[token]) return this.#call(functions[token])
    return field(this.#name(token))
  }

  #bracket(before: Query, otherwise: 'list' | 'index'): Query {
    if (this.#left[0] === '*' && this.#left[1] === ']') {
      this.#left.splice(0, 2)
      return this.#projection((value) => {
        const found = before(value)
        return Array.isArray(found) ? found : null
      })
    }
    if (/^-?\d+$/.test(this.#left[0] ?? '')) {
      const index = Number(this.#next())
      this.#expect(']')
      return (value) => {
        const found = before(value)
        return Array.isArray(found) ? (found.at(index) ?? null) : null
      }
    }
    if (otherwise === 'index') throw this.#unreadable()
    return this.#list()
  }

  #filter(before: Query): Query {
    const condition = this.expression(0)
    this.#expect(']')
    return this.#projection((value) => {
      const found = before(value)
      return Array.isArray(found) ? found.filter((each) => !isFalse(condition(each))) : null
    })
  }

  /** Applies the rest of the query to each of the values, and drops nulls. */
  #projection(values: Query): Query {
    const each = this.#afterProjection()
    return (value) => {
      const found = values(value)
      return Array.isArray(found) ? found.map(each).filter((one) => one !== null && one !== undefined) : null
    }
  }

  #afterProjection(): Query {
    let query: Query = (value) => value
    while ((bindingPower[this.#left[0] ?? ''] ?? 0) > projectionEnd) query = this.#then(query, this.#next())
    return query
  }

  #list(): Query {
    const parts: Query[] = []
    do parts.push(this.expression(0))
    while (this.#take(','))
    this.#expect(']')
    return (value) => ifThere(value, (there) => parts.map((part) => part(there)))
  }

  #hash(): Query {
    const parts: [string, Query][] = []
    do {
      const name = this.#name(this.#next())
      this.#expect(':')
      parts.push([name, this.expression(0)])
    } while (this.#take(','))
    this.#expect('}')
    return (value) =>
      ifThere(value, (there) => Object.fromEntries(parts.map(([name, part]) => [name, part(there)])))
  }

  #call(work: (...values: Json[]) => Json): Query {
    this.#expect('(')
    const parts: Query[] = []
    if (!this.#take(')')) {
      do parts.push(this.expression(0))
      while (this.#take(','))
      this.#expect(')')
    }
    return (value) => work(...parts.map((part) => part(value)))
  }
}

function field(name: string): Query {
  return (value) => (isObject(value) ? (value[name] ?? null) : null)
}

function ifThere(value: Json, query: Query): Json {
  return value === null || value === undefined ? null : query(value)
}

function flat(value: Json): Json {
  return Array.isArray(value) ? value.flat(1) : null
}

function literalOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text.trim()
  }
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** False, null and empty values count as false. */
function isFalse(value: Json): boolean {
  if (value === false || value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

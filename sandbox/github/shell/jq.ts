import { type Filter, parseFilter } from './jq-parser.ts'

type Key = string | number
/** A value and its path in the input; a computed value has no path. */
type Found = { readonly value: unknown; readonly path?: readonly Key[] }
type Names = Readonly<Record<string, unknown>>

/**
 * All outputs of a jq filter for an input. Throws a SyntaxError on what it cannot parse, an Error if it fails.
 * @param names the values of `$name` variables
 */
export function runJq(filter: string, input: unknown, names: Names): unknown[] {
  return run(parseFilter(filter), { value: input, path: [] }, names).map(({ value }) => value)
}

function run(filter: Filter, at: Found, names: Names): Found[] {
  switch (filter.kind) {
    case 'identity':
      return [at]
    case 'constant':
      return [{ value: filter.value }]
    case 'text':
      return [{ value: filter.parts.map((part) => inText(part, at, names)).join('') }]
    case 'variable':
      if (!(filter.name in names)) throw new Error(`$${filter.name} is not defined`)
      return [{ value: names[filter.name] }]
    case 'access':
      return run(filter.of, at, names).flatMap((of) =>
        run(filter.key, at, names).map(({ value: key }) => step(of, key as Key)),
      )
    case 'iterate':
      return run(filter.of, at, names).flatMap(each)
    case 'optional':
      return orNothing(() => run(filter.of, at, names))
    case 'pipe':
      return run(filter.left, at, names).flatMap((found) => run(filter.right, found, names))
    case 'comma':
      return [...run(filter.left, at, names), ...run(filter.right, at, names)]
    case 'bind':
      return run(filter.of, at, names).flatMap(({ value }) =>
        run(filter.body, at, { ...names, [filter.name]: value }),
      )
    case 'if':
      return run(filter.test, at, names).flatMap(({ value }) =>
        run(isTrue(value) ? filter.then : filter.otherwise, at, names),
      )
    case 'array':
      return [{ value: filter.of ? run(filter.of, at, names).map(({ value }) => value) : [] }]
    case 'object':
      return [{ value: Object.fromEntries(filter.entries.map((entry) => pair(entry, at, names))) }]
    case 'operator':
      return operate(filter, at, names)
    case 'call':
      return call(filter, at, names)
    default:
      return filter satisfies never
  }
}

function one(filter: Filter, at: Found, names: Names): unknown {
  return run(filter, at, names)[0]?.value ?? null
}

function inText(part: string | Filter, at: Found, names: Names): string {
  return typeof part === 'string' ? part : asText(one(part, at, names))
}

function pair([key, value]: readonly [Filter, Filter], at: Found, names: Names): [string, unknown] {
  return [String(one(key, at, names)), one(value, at, names)]
}

function orNothing(work: () => Found[]): Found[] {
  try {
    return work()
  } catch (trouble) {
    if (trouble instanceof SyntaxError) throw trouble
    return []
  }
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function member(value: unknown, key: Key): unknown {
  if (value === null || value === undefined) return null
  if (typeof key === 'number' && Array.isArray(value)) return value.at(key) ?? null
  if (typeof key === 'string' && typeof value === 'object' && !Array.isArray(value))
    return (value as Record<string, unknown>)[key] ?? null
  throw new Error(`Cannot index ${typeOf(value)} with ${JSON.stringify(key)}`)
}

function step({ value, path }: Found, key: Key): Found {
  return { value: member(value, key), ...(path && { path: [...path, key] }) }
}

function each(found: Found): Found[] {
  const { value } = found
  if (Array.isArray(value)) return value.map((_, index) => step(found, index))
  if (typeof value === 'object' && value !== null) return Object.keys(value).map((key) => step(found, key))
  throw new Error(`Cannot iterate over ${typeOf(value)}`)
}

function typeOf(value: unknown): string {
  return value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

function withValue(root: unknown, path: readonly Key[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const inner = withValue(member(root, key), rest, value)
  if (typeof key === 'string') return { ...(root as object), [key]: inner }
  const list = [...((root ?? []) as unknown[])]
  list[key < 0 ? list.length + key : key] = inner
  return list
}

function without(root: unknown, path: readonly Key[]): unknown {
  const [key, ...rest] = path
  if (key === undefined || root === null || root === undefined) return null
  if (rest.length > 0) {
    const inner = member(root, key)
    return inner === null ? root : withValue(root, [key], without(inner, rest))
  }
  if (Array.isArray(root)) return root.filter((_, index) => index !== key)
  const { [key]: _gone, ...kept } = root as Record<string, unknown>
  return kept
}

type Operation = Extract<Filter, { kind: 'operator' }>

function operate(filter: Operation, at: Found, names: Names): Found[] {
  const { operator, left, right } = filter
  switch (operator) {
    case '=':
      return run(right, at, names).map(({ value }) => ({ value: assigned(left, at, names, () => value) }))
    case '|=':
      return [{ value: assigned(left, at, names, (found) => one(right, { ...found, path: [] }, names)) }]
    case '+=':
    case '-=':
    case '//=':
      return run(right, at, names).map(({ value }) => ({
        value: assigned(left, at, names, (found) => binary(operator.slice(0, -1), found.value, value)),
      }))
    case '//': {
      const found = orNothing(() => run(left, at, names)).filter(({ value }) => isTrue(value))
      return found.length > 0 ? found : run(right, at, names)
    }
    case 'and':
      return [{ value: isTrue(one(left, at, names)) && isTrue(one(right, at, names)) }]
    case 'or':
      return [{ value: isTrue(one(left, at, names)) || isTrue(one(right, at, names)) }]
    default:
      return [{ value: binary(operator, one(left, at, names), one(right, at, names)) }]
  }
}

function assigned(target: Filter, at: Found, names: Names, made: (found: Found) => unknown): unknown {
  let root = at.value
  for (const found of run(target, { value: at.value, path: [] }, names)) {
    if (!found.path) throw new Error('Invalid path expression')
    root = withValue(root, found.path, made(found))
  }
  return root
}

function binary(operator: string, one: unknown, other: unknown): unknown {
  switch (operator) {
    case '+':
      return sum(one, other)
    case '-':
      if (!Array.isArray(one)) return Number(one) - Number(other)
      return one.filter((value) => !(other as unknown[]).some((gone) => isDeepEqual(gone, value)))
    case '*':
      return Number(one) * Number(other)
    case '/':
      return typeof one === 'string' ? one.split(String(other)) : Number(one) / Number(other)
    case '%':
      return Number(one) % Number(other)
    case '//':
      return isTrue(one) ? one : other
    case '==':
      return isDeepEqual(one, other)
    case '!=':
      return !isDeepEqual(one, other)
    case '<':
      return (one as number) < (other as number)
    case '<=':
      return (one as number) <= (other as number)
    case '>':
      return (one as number) > (other as number)
    case '>=':
      return (one as number) >= (other as number)
    default:
      throw new SyntaxError(`jq: ${operator} is not supported`)
  }
}

function isDeepEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null)
}

function sum(one: unknown, other: unknown): unknown {
  if (one === null || one === undefined) return other
  if (other === null || other === undefined) return one
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other]
  if (typeof one === 'object' && typeof other === 'object') return { ...one, ...other }
  if (typeof one !== typeof other) throw new Error(`${typeOf(one)} and ${typeOf(other)} cannot be added`)
  return (one as string) + (other as string)
}

const plain: Readonly<Record<string, (value: unknown) => unknown>> = {
  not: (value) => !isTrue(value),
  length: (value) =>
    value === null ? 0 : typeof value === 'string' ? value.length : Object.keys(value as object).length,
  keys: (value) => (Array.isArray(value) ? [...value.keys()] : Object.keys(value as object).sort()),
  tostring: asText,
  tonumber: Number,
  tojson: (value) => JSON.stringify(value),
  fromjson: (value) => JSON.parse(String(value)) as unknown,
  type: typeOf,
  first: (value) => member(value, 0),
  last: (value) => member(value, -1),
  add: (value) => (value as unknown[]).reduce(sum, null),
  any: (value) => (value as unknown[]).some(isTrue),
  all: (value) => (value as unknown[]).every(isTrue),
  sort: (value) => (value as unknown[]).toSorted(),
  unique: (value) => [...new Set(value as unknown[])].sort(),
  reverse: (value) => (value as unknown[]).toReversed(),
  to_entries: (value) => Object.entries(value as object).map(([key, inner]) => ({ key, value: inner })),
  from_entries: (value) =>
    Object.fromEntries(
      (value as { key?: Key; name?: Key; value: unknown }[]).map((entry) => [
        entry.key ?? entry.name,
        entry.value,
      ]),
    ),
  ascii_downcase: (value) => String(value).toLowerCase(),
  ascii_upcase: (value) => String(value).toUpperCase(),
}

const withText: Readonly<Record<string, (value: unknown, text: string) => unknown>> = {
  has: (value, key) => key in (value as object),
  startswith: (value, text) => String(value).startsWith(text),
  endswith: (value, text) => String(value).endsWith(text),
  test: (value, pattern) => new RegExp(pattern).test(String(value)),
  split: (value, text) => String(value).split(text),
  join: (value, text) => (value as unknown[]).map((part) => (part === null ? '' : asText(part))).join(text),
  contains: (value, text) => String(value).includes(text),
}

function call({ name, args }: Extract<Filter, { kind: 'call' }>, at: Found, names: Names): Found[] {
  const [first, second] = args
  if (!first) {
    if (name === 'empty') return []
    const work = plain[name]
    if (work) return [{ value: work(at.value) }]
    throw new SyntaxError(`jq: ${name}/0 is not defined`)
  }
  switch (name) {
    case 'select':
      return isTrue(one(first, at, names)) ? [at] : []
    case 'map':
      return [{ value: each(at).flatMap((found) => run(first, found, names).map(({ value }) => value)) }]
    case 'del':
      return [{ value: deleted(first, at, names) }]
    case 'first':
      return run(first, at, names).slice(0, 1)
    case 'with_entries': {
      const entries = plain.to_entries!(at.value) as unknown[]
      const kept = entries.flatMap((value) => run(first, { value }, names).map((found) => found.value))
      return [{ value: plain.from_entries!(kept) }]
    }
    case 'any':
    case 'all': {
      const answers = each(at).map((found) => one(first, found, names))
      return [{ value: plain[name]!(answers) }]
    }
    default: {
      const work = withText[name]
      if (!work || second) throw new SyntaxError(`jq: ${name}/${args.length} is not defined`)
      return run(first, at, names).map(({ value }) => ({ value: work(at.value, String(value)) }))
    }
  }
}

/** Deletes from the last to the first, so that a deletion does not move the remaining targets. */
function deleted(targets: Filter, at: Found, names: Names): unknown {
  const paths = run(targets, { value: at.value, path: [] }, names).map(({ path }) => path ?? [])
  return paths.toReversed().reduce<unknown>((root, path) => without(root, path), at.value)
}

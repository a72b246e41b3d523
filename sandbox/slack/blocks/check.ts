/** Finds the problems of a value, one sentence for each. `at` is the JSON pointer of the value. */
export type Check = (value: unknown, at: string) => string[]

type Range = { readonly min?: number; readonly max: number }

/** A problem, worded as in Slack's `response_metadata.messages`. */
export function problem(what: string, at: string): string {
  return `${what} [json-pointer:${at}]`
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A string of `min` (default 1) to `max` UTF-16 units: the strictest way to count. */
export function string({ min = 1, max }: Range): Check {
  return (value, at) => {
    if (typeof value !== 'string') return [problem('must be a string', at)]
    if (value.length > max) return [problem(`must be less than ${max + 1} characters`, at)]
    return value.length < min ? [problem(`must be more than ${min - 1} characters`, at)] : []
  }
}

export function url(max: number): Check {
  return all(string({ max }), (value, at) =>
    typeof value === 'string' && !/^https?:\/\/\S+$/.test(value) ? [problem('invalid url', at)] : [],
  )
}

export const boolean: Check = (value, at) =>
  typeof value === 'boolean' ? [] : [problem('must be a boolean', at)]

export function integer({ min = 0, max }: Range): Check {
  return (value, at) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? []
      : [problem(`must be an integer from ${min} to ${max}`, at)]
}

export function oneOf(...words: readonly string[]): Check {
  return (value, at) =>
    typeof value === 'string' && words.includes(value)
      ? []
      : [problem(`must be one of ${words.join(', ')}`, at)]
}

export function matching(pattern: RegExp, what: string): Check {
  return (value, at) =>
    typeof value === 'string' && pattern.test(value) ? [] : [problem(`must be ${what}`, at)]
}

/** A list of `min` (default 1) to `max` items. */
export function list(item: Check, { min = 1, max }: Range): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return [problem('must be an array', at)]
    if (value.length > max) return [problem(`no more than ${max} items allowed`, at)]
    if (value.length < min) return [problem(`no less than ${min} items allowed`, at)]
    return value.flatMap((entry, index) => item(entry, `${at}/${index}`))
  }
}

/** An object with these fields and no others. */
export function shape(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, at) => {
    if (!isRecord(value)) return [problem('must be an object', at)]
    const missing = Object.keys(required).filter((key) => value[key] === undefined)
    const known: Record<string, Check> = { ...required, ...optional }
    return [
      ...missing.map((key) => problem(`missing required field: ${key}`, at)),
      ...Object.entries(value).flatMap(([key, field]) => {
        if (field === undefined) return []
        const check = known[key]
        return check ? check(field, `${at}/${key}`) : [problem(`invalid additional property: ${key}`, at)]
      }),
    ]
  }
}

/** An object whose `type` selects its check; a type that is not listed is a problem. */
export function byType(kinds: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    if (!isRecord(value)) return [problem('must be an object', at)]
    const type = value.type
    if (typeof type !== 'string') return [problem('missing required field: type', at)]
    const check = kinds[type]
    return check ? check(value, at) : [problem(`unsupported type: ${type}`, `${at}/type`)]
  }
}

export function all(...checks: readonly Check[]): Check {
  return (value, at) => checks.flatMap((check) => check(value, at))
}

/** Exactly one of these fields is present. */
export function exactlyOne(...keys: readonly string[]): Check {
  return (value, at) => {
    const given = isRecord(value) ? keys.filter((key) => value[key] !== undefined) : []
    return given.length === 1 ? [] : [problem(`must define exactly one of: ${keys.join(', ')}`, at)]
  }
}

/** At least one of these fields is present. */
export function atLeastOne(...keys: readonly string[]): Check {
  return (value, at) =>
    isRecord(value) && keys.some((key) => value[key] !== undefined)
      ? []
      : [problem(`must define one of: ${keys.join(', ')}`, at)]
}

/** Accepts the `type` field, which `byType` has already checked. */
export const typed: Check = () => []

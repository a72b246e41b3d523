/** A piece of Block Kit as received; each field must be checked before use. */
export type Part = Readonly<Record<string, unknown>>

export function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parts(value: unknown): Part[] {
  return Array.isArray(value) ? value.filter(isPart) : []
}

/** The text of a field; empty if it has none. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return isPart(value) ? textOf(value.text) : ''
}

/** A piece of Block Kit, as it came: nothing is believed of it before it is looked at. */
export type Part = Readonly<Record<string, unknown>>

export function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parts(value: unknown): Part[] {
  return Array.isArray(value) ? value.filter(isPart) : []
}

/** A field that is a text; empty where it is none. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return isPart(value) ? textOf(value.text) : ''
}

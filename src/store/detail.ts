import { maskTokens } from '../text/mask.ts'

/** Limit of a text in a detail, characters. */
const maxTextLength = 1_000

/** Limit of a list in a detail. */
const maxItems = 200

/** A detail as stored in a chain: JSON values only, long texts and lists cut and marked, tokens masked. */
export function keptDetail(detail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(detail), (_, value: unknown) => {
    if (typeof value === 'string') return keptText(value)
    if (Array.isArray(value) && value.length > maxItems)
      return [...value.slice(0, maxItems), `… and ${value.length - maxItems} more`]
    return value
  })
}

function keptText(text: string): string {
  const masked = maskTokens(text)
  return masked.length > maxTextLength ? `${masked.slice(0, maxTextLength)}…` : masked
}

/** A stored detail that is not valid JSON is kept as it is: its hash shows the damage. */
export function detailOf(detail: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(detail)
  } catch {
    return { unreadable: detail }
  }
}

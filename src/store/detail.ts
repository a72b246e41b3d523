import { maskTokens } from '../text/mask.ts'

/** Longest text within a detail, characters. */
const longest = 1_000

/** Longest list within a detail. */
const most = 200

/** A detail as a chain keeps it: what JSON can say, long text and long lists cut and marked so, tokens masked. */
export function keptDetail(detail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(detail), (_, value: unknown) => {
    if (typeof value === 'string') return keptText(value)
    if (Array.isArray(value) && value.length > most)
      return [...value.slice(0, most), `… and ${value.length - most} more`]
    return value
  })
}

function keptText(text: string): string {
  const masked = maskTokens(text)
  return masked.length > longest ? `${masked.slice(0, longest)}…` : masked
}

import { type Known, knownFrom } from './known.ts'

/** How a value of a policy is compared. */
type Comparison = {
  readonly isCaseSensitive: boolean
  readonly hasWildcards: boolean
  /** Whether IAM replaces `${…}` in it. */
  readonly hasVariables: boolean
}

/** Whether a value equals one of a policy. A policy variable has a value that only the request has. */
export function matches(value: string, pattern: string, comparison: Comparison): Known {
  const parts = partsOf(pattern, comparison)
  if (parts === null) return 'unclear'
  const source = parts.map((part) => (typeof part === 'string' ? escaped(part) : part.any)).join('')
  return knownFrom(new RegExp(`^${source}$`, comparison.isCaseSensitive ? 's' : 'si').test(value))
}

/** Whether a value that is not known equals one of a policy: only if everything does. */
export function matchesAnything(pattern: string, { hasWildcards }: Comparison): Known {
  return hasWildcards && /^\*+$/.test(pattern) ? 'yes' : 'unclear'
}

type Part = string | { readonly any: string }

/** Literal text and wildcards; null if there is a policy variable. `${*}`, `${?}` and `${$}` are literal. */
function partsOf(pattern: string, { hasWildcards, hasVariables }: Comparison): readonly Part[] | null {
  const parts: Part[] = []
  for (const [token] of pattern.matchAll(/\$\{[^}]*\}|[\s\S]/g)) {
    const variable = hasVariables && token.length > 1 ? token.slice(2, -1) : null
    if (variable !== null && !['*', '?', '$'].includes(variable)) return null
    if (variable !== null) parts.push(variable)
    else if (hasWildcards && token === '*') parts.push({ any: '.*' })
    else if (hasWildcards && token === '?') parts.push({ any: '.' })
    else parts.push(token)
  }
  return parts
}

function escaped(literal: string): string {
  return literal.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

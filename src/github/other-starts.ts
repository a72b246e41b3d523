import { z } from 'zod'

const patterns = z.union([z.string().transform((one) => [one]), z.array(z.coerce.string())])
const filters = z
  .looseObject({
    branches: patterns.optional(),
    'branches-ignore': patterns.optional(),
    tags: patterns.optional(),
    'tags-ignore': patterns.optional(),
    types: patterns.optional(),
  })
  .nullish()

type Filters = NonNullable<z.infer<typeof filters>>

/**
 * The words for an event that may deploy; null if it does not start the workflow for this branch, or by convention
 * deploys nothing.
 */
const names: Readonly<Record<string, (filter: Filters, branch: string) => string | null>> = {
  push: (filter, branch) => {
    if (isPushed(filter, branch)) return `push to ${branch}`
    return filter.tags || filter['tags-ignore'] ? 'push of a tag' : null
  },
  schedule: () => 'schedule',
  release: () => 'release',
  create: () => 'create',
  deployment: () => 'deployment',
  registry_package: () => 'registry_package',
  repository_dispatch: () => 'repository_dispatch',
  workflow_run: () => 'workflow_run',
  workflow_call: () => 'a call by another workflow',
  // A merged pull request is a closed one.
  pull_request: ({ types }) => (types?.includes('closed') ? 'a closed pull request' : null),
  pull_request_target: ({ types }) => (types?.includes('closed') ? 'a closed pull request' : null),
}

/**
 * Lists the events besides a dispatch that start the workflow on the branch and may deploy. Source: docs.github.com,
 * events that trigger workflows.
 */
export function otherStarts(events: Readonly<Record<string, unknown>>, branch: string): readonly string[] {
  const found = Object.entries(events).flatMap(([event, said]) => {
    const filter = filters.safeParse(said).data ?? {}
    return Object.hasOwn(names, event) ? (names[event]!(filter, branch) ?? []) : []
  })
  return [...new Set(found)]
}

function isPushed(filter: Filters, branch: string): boolean {
  if (filter.branches) return matches(filter.branches, branch)
  if (filter['branches-ignore']) return !matches(filter['branches-ignore'], branch)
  return !filter.tags && !filter['tags-ignore']
}

/** The last matching pattern decides; `!` excludes. Source: docs.github.com, filter pattern cheat sheet. */
function matches(all: readonly string[], branch: string): boolean {
  return all.reduce((isIn, pattern) => {
    const isExcluding = pattern.startsWith('!')
    return fits(isExcluding ? pattern.slice(1) : pattern, branch) ? !isExcluding : isIn
  }, false)
}

/** A part of a pattern: which characters it matches, and how many. */
type Part = {
  readonly takes: (character: string) => boolean
  readonly least: 0 | 1
  readonly most: 1 | 'any'
}

/** `*` does not match a slash, `**` does; `?` and `+` repeat the preceding character; `[…]` matches one of its characters. */
function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = []
  for (const [token] of pattern.matchAll(/\*\*|\[[^\]]*\]|\\?./gs)) {
    const last = parts.at(-1)
    if (token === '**') parts.push({ takes: () => true, least: 0, most: 'any' })
    else if (token === '*') parts.push({ takes: (character) => character !== '/', least: 0, most: 'any' })
    else if (token === '?' && last) parts.splice(-1, 1, { ...last, least: 0 })
    else if (token === '+' && last) parts.splice(-1, 1, { ...last, most: 'any' })
    else parts.push({ takes: takesOf(token), least: 1, most: 1 })
  }
  return parts
}

function takesOf(token: string): Part['takes'] {
  if (!token.startsWith('[') || token.length < 3) {
    const literal = token.length > 1 ? token.slice(1) : token
    return (character) => character === literal
  }
  const ranges = [...token.slice(1, -1).matchAll(/(.)-(.)|(.)/gs)].map(([, from, to, one]) => [
    from ?? one!,
    to ?? one!,
  ])
  return (character) => ranges.some(([from, to]) => character >= from! && character <= to!)
}

/** Follows all alternatives at once, so a pattern with many stars takes no longer than a plain one. */
function fits(pattern: string, text: string): boolean {
  const parts = partsOf(pattern)
  let at = skipped(new Set([0]), parts)
  for (const character of text) {
    const next = new Set<number>()
    for (const index of at) {
      const part = parts[index]
      if (!part?.takes(character)) continue
      next.add(index + 1)
      if (part.most === 'any') next.add(index)
    }
    // Parts that were already skipped need not be skipped again.
    at = skipped(next, parts)
  }
  return at.has(parts.length)
}

/** Returns these positions and those after optional parts. */
function skipped(indexes: ReadonlySet<number>, parts: readonly Part[]): ReadonlySet<number> {
  const all = new Set(indexes)
  for (const index of all) if (parts[index]?.least === 0) all.add(index + 1)
  return all
}

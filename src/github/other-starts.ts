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

/** How an event that may ship is called on a card; null: it does not start the workflow for this branch, or ships nothing by custom. */
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
  // A merged pull request is a closed one.
  pull_request: ({ types }) => (types?.includes('closed') ? 'a closed pull request' : null),
  pull_request_target: ({ types }) => (types?.includes('closed') ? 'a closed pull request' : null),
}

/**
 * What starts the workflow on the branch beside a dispatch, and may ship.
 * Source: docs.github.com, events that trigger workflows.
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

/** The last pattern that fits decides; `!` excludes. Source: docs.github.com, filter pattern cheat sheet. */
function matches(all: readonly string[], branch: string): boolean {
  return all.reduce((isIn, pattern) => {
    const isExcluding = pattern.startsWith('!')
    const fits = expressionOf(isExcluding ? pattern.slice(1) : pattern).test(branch)
    return fits ? !isExcluding : isIn
  }, false)
}

const special: Readonly<Record<string, string>> = { '**': '.*', '*': '[^/]*' }

/** `*` stays within a part of the name, `**` does not; `?` and `+` repeat what stands before them; `[…]` is one of these. */
function expressionOf(pattern: string): RegExp {
  const source = pattern.replaceAll(
    /\*\*|\*|\\.|[.^$(){}|\\]/g,
    (part) => special[part] ?? (part.length > 1 ? part : `\\${part}`),
  )
  try {
    return new RegExp(`^(?:${source})$`)
  } catch {
    // GitHub takes no such pattern: what it means is not known, so it is taken to fit.
    return /^/
  }
}

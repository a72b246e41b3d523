import { isDeepStrictEqual } from 'node:util'

/** One combination of a matrix: the values of `matrix.<name>` in one of its jobs. */
export type Combination = Readonly<Record<string, unknown>>

/**
 * The combinations of a matrix whose expressions are evaluated: every value with every other, without those of
 * `exclude`. Each `include` extends the combinations that it does not contradict; if there are none, it is a new
 * combination. Throws in GitHub's words if the matrix is empty. Source: the workflow syntax reference,
 * `strategy.matrix`.
 */
export function combinationsOf(matrix: Readonly<Record<string, unknown>>): Combination[] {
  const { include = [], exclude = [], ...vectors } = matrix
  const original = Object.entries(vectors).reduce<Combination[]>(
    (found, [name, values]) => {
      if (!Array.isArray(values) || values.length === 0)
        throw new Error(`Matrix vector '${name}' does not contain any values`)
      return found.flatMap((one) => values.map((value) => ({ ...one, [name]: value })))
    },
    Object.keys(vectors).length > 0 ? [{}] : [],
  )
  const kept = original.filter((one) => !listOf(exclude).some((gone) => agrees(one, gone, Object.keys(gone))))
  const all = kept.map((one) => ({ one, added: {} as Combination }))
  const alone: Combination[] = []
  for (const extra of listOf(include)) {
    const shared = Object.keys(extra).filter((name) => name in vectors)
    const extended = all.filter(({ one }) => agrees(one, extra, shared))
    if (extended.length === 0) alone.push(extra)
    for (const each of extended) each.added = { ...each.added, ...extra }
  }
  const combinations = [...all.map(({ one, added }) => ({ ...one, ...added })), ...alone]
  if (combinations.length === 0) throw new Error('Matrix must define at least one vector')
  return combinations
}

function listOf(value: unknown): Combination[] {
  return Array.isArray(value) ? (value as Combination[]) : []
}

function agrees(one: Combination, other: Combination, names: readonly string[]): boolean {
  return names.every((name) => isDeepStrictEqual(one[name], other[name]))
}

/** The suffix that GitHub adds to the name of a job to distinguish the combinations. */
export function suffixOf(combination: Combination): string {
  const values = Object.values(combination).flatMap(leaves)
  return values.length === 0 ? '' : ` (${values.join(', ')})`
}

function leaves(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value ?? '')]
  return Object.values(value).flatMap(leaves)
}

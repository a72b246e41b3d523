/**
 * A file or folder outside `.github` that the workflow runs from the branch's tip. `path`: from the root of the
 * repository, text from outside. `sha`: its git object there; null: it does not exist there.
 */
export type WorkflowPath = { readonly path: string; readonly sha: string | null }

/** Paths of `now` that differ from `before`, and those that were added or left out. */
export function changedPaths(
  before: readonly WorkflowPath[],
  now: readonly WorkflowPath[],
): readonly string[] {
  const was = new Map(before.map(({ path, sha }) => [path, sha]))
  const is = new Map(now.map(({ path, sha }) => [path, sha]))
  return [...new Set([...was.keys(), ...is.keys()])].filter((path) => was.get(path) !== is.get(path)).sort()
}

import { z } from 'zod'
import type { Start } from '../ports/start.ts'

/** How many runs are remembered of each kind: more never wait at once. */
const remembered = 100

const namesShape = z.array(z.string()).catch([])

/** The bookmark of the runs of a repository that were rejected at a gate without asking anybody. */
export function rejectedBookmark(repository: string): string {
  return `gates:${repository}`
}

/** The bookmark of the runs of a repository of which people were told that nobody can be asked about them. */
export function unaskedBookmark(repository: string): string {
  return `gates-unasked:${repository}`
}

/** The names of the runs in such a bookmark. */
export function runsIn(bookmark: unknown): readonly string[] {
  return namesShape.parse(bookmark)
}

/** The name of a run at a gate. Each attempt asks anew. */
export function nameAtGate({
  runId,
  attempt,
  environment,
}: Pick<Start, 'runId' | 'attempt'> & { readonly environment: string }): string {
  return `${runId}/${attempt}/${environment}`
}

/** The names with one more. */
export function withRun(names: readonly string[], name: string): readonly string[] {
  return [...names, name].slice(-remembered)
}

/** Whether the run was rejected at one of the gates. */
export function isRejected(
  names: readonly string[],
  { runId, attempt }: Pick<Start, 'runId' | 'attempt'>,
): boolean {
  return names.some((name) => name.startsWith(`${runId}/${attempt}/`))
}

import { z } from 'zod'
import type { WaitingAtGate } from '../ports/gates.ts'
import type { Start } from '../ports/start.ts'
import type { Store, Transaction } from '../store/store.ts'

/** How many runs are remembered of each kind: more never wait at once. */
const remembered = 100

const namesShape = z.array(z.string()).catch([])

/** The bookmark of the runs of a repository that were rejected at a gate without asking anybody. */
export function rejectedBookmark(repository: string): string {
  return `gates:${repository}`
}

/** The bookmark of the runs of a repository that were announced because nobody can be asked to approve them. */
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

/** Announces something about a run at a gate, unless its name is in the bookmark, and adds it there. */
export async function announceOnce(
  store: Pick<Store, 'transact'>,
  { bookmark, run }: { readonly bookmark: string; readonly run: WaitingAtGate },
  announce: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await store.transact(async (tx) => {
    const known = runsIn(await tx.bookmark(bookmark))
    const name = nameAtGate(run)
    if (known.includes(name)) return
    await announce(tx)
    await tx.setBookmark(bookmark, [...known, name].slice(-remembered))
  })
}

/** Whether the run was rejected at one of the gates. */
export function isRejected(
  names: readonly string[],
  { runId, attempt }: Pick<Start, 'runId' | 'attempt'>,
): boolean {
  return names.some((name) => name.startsWith(`${runId}/${attempt}/`))
}

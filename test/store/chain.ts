import type { AuditHead } from '../../src/release/effects.ts'
import { type Break, followed, noRows } from '../../src/store/audit.ts'
import type { AuditRow } from '../../src/store/store.ts'

/** The result of a check. Rows removed at the end leave the chain intact: compare `head` with the one in the thread. */
type ChainVerdict =
  | { readonly intact: true; readonly head: AuditHead }
  | { readonly intact: false; readonly seq: number; readonly why: Break }

/** Checks the rows of one chain, oldest first. `seq`: where the chain breaks. */
export function verifyChain(rows: readonly AuditRow[]): ChainVerdict {
  let head = noRows
  for (const row of rows) {
    const next = followed(head, row)
    if ('broken' in next) return { intact: false, seq: head.seq + 1, why: next.broken }
    head = next.head
  }
  return { intact: true, head }
}

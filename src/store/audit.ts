import { createHash } from 'node:crypto'
import type { AuditEntry } from '../release/effects.ts'
import type { Time } from '../release/release.ts'
import type { AuditRow } from './store.ts'
import { storable } from './text.ts'

/** Where a chain ends. `hash`: the empty string where it has not begun. */
type Head = { readonly seq: number; readonly hash: string }

/** Before the first row. */
export const noRows: Head = { seq: 0, hash: '' }

/** What is written into a release's chain at one moment. */
type Written = {
  readonly releaseId: string
  readonly at: Time
  readonly entries: readonly AuditEntry[]
}

/** The rows that follow `head`, each as it will be read back. */
export function chain(head: Head, { releaseId, at, entries }: Written): readonly AuditRow[] {
  const rows: AuditRow[] = []
  let { seq, hash } = head
  for (const entry of entries) {
    const told = {
      releaseId,
      seq: ++seq,
      at,
      actor: storable(entry.actor),
      what: storable(entry.what),
      detail: JSON.parse(JSON.stringify(entry.detail)),
    }
    const row = { ...told, prev: hash, hash: hashOf(hash, told) }
    rows.push(row)
    hash = row.hash
  }
  return rows
}

/** What a chain proves. Rows cut off at its end leave it intact: compare `head` with the one shown in the thread. */
type ChainVerdict =
  | { readonly intact: true; readonly head: Head }
  | { readonly intact: false; readonly seq: number; readonly why: 'missing' | 'unchained' | 'changed' }

/** Checks the rows of one release, the oldest first. `seq`: where the chain breaks. */
export function verifyChain(rows: readonly AuditRow[]): ChainVerdict {
  let head = noRows
  for (const { prev, hash, ...told } of rows) {
    const seq = head.seq + 1
    if (told.seq !== seq) return { intact: false, seq, why: 'missing' }
    if (prev !== head.hash) return { intact: false, seq, why: 'unchained' }
    if (hash !== hashOf(prev, told)) return { intact: false, seq, why: 'changed' }
    head = { seq, hash }
  }
  return { intact: true, head }
}

function hashOf(prev: string, { releaseId, seq, at, actor, what, detail }: Omit<AuditRow, 'prev' | 'hash'>) {
  return createHash('sha256')
    .update(prev + canonicalJson({ releaseId, seq, at, actor, what, detail }))
    .digest('hex')
}

/** JSON with sorted keys and no spaces (the order and the numbers of RFC 8785), of what JSON can say. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`).join(',')}}`
}

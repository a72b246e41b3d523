import { createHash } from 'node:crypto'
import type { AuditEntry, AuditHead } from '../release/effects.ts'
import type { Time } from '../release/names.ts'
import { keptDetail } from './detail.ts'
import type { AuditRow } from './store.ts'
import { storable } from './text.ts'

/** Before the first row. */
export const noRows: AuditHead = { seq: 0, hash: '' }

/** What is written into a chain at one moment. */
type Written = {
  readonly chain: string
  readonly at: Time
  readonly entries: readonly AuditEntry[]
}

/** The rows that follow `head`, each as it will be read back. */
export function chained(head: AuditHead, { chain, at, entries }: Written): readonly AuditRow[] {
  const rows: AuditRow[] = []
  let { seq, hash } = head
  for (const entry of entries) {
    const told = {
      chain,
      seq: ++seq,
      at,
      actor: nameOf(entry.actor),
      what: nameOf(entry.what),
      detail: keptDetail(entry.detail),
    }
    const row = { ...told, prev: hash, hash: hashOf(hash, told) }
    rows.push(row)
    hash = row.hash
  }
  return rows
}

/** Longest id of somebody, or name of a deed, characters: what comes from outside may be forged. */
const longestName = 200

function nameOf(text: string): string {
  return storable(text.slice(0, longestName))
}

/** Why a row does not follow the one before. */
export type Break =
  /** Rows between the two are gone. */
  | 'missing'
  /** It names another row before it: one was put in, exchanged or written anew. */
  | 'unchained'
  /** What it says is not what was written. */
  | 'changed'

/** The head with this row, or why it cannot follow. */
export function followed(
  head: AuditHead,
  { prev, hash, ...told }: AuditRow,
): { readonly head: AuditHead } | { readonly broken: Break } {
  const seq = head.seq + 1
  if (told.seq > seq) return { broken: 'missing' }
  if (told.seq !== seq || prev !== head.hash) return { broken: 'unchained' }
  if (hash !== hashOf(prev, told)) return { broken: 'changed' }
  return { head: { seq, hash } }
}

/** Of the row before and what this one says; a chain is named as the first twokey named it. */
function hashOf(prev: string, { chain, seq, at, actor, what, detail }: Omit<AuditRow, 'prev' | 'hash'>) {
  return createHash('sha256')
    .update(prev + canonicalJson({ releaseId: chain, seq, at, actor, what, detail }))
    .digest('hex')
}

/** JSON with sorted keys and no spaces (the order and the numbers of RFC 8785), of what JSON can say. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`).join(',')}}`
}

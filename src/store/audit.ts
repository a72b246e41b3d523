import { createHash } from 'node:crypto'
import type { AuditEntry, AuditHead } from '../release/effects.ts'
import type { Time } from '../release/names.ts'
import { keptDetail } from './detail.ts'
import type { AuditRow } from './store.ts'
import { storable } from './text.ts'

/** The head of an empty chain. */
export const noRows: AuditHead = { seq: 0, hash: '' }

/** What is written to a chain at one time. */
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
    const written = {
      chain,
      seq: ++seq,
      at,
      actor: nameOf(entry.actor),
      what: nameOf(entry.what),
      detail: keptDetail(entry.detail),
    }
    const row = { ...written, prev: hash, hash: hashOf(hash, written) }
    rows.push(row)
    hash = row.hash
  }
  return rows
}

/** Limit of an actor's id and of an action's name, characters: external values may be forged. */
const maxNameLength = 200

function nameOf(text: string): string {
  return storable(text.slice(0, maxNameLength))
}

/** Why a row does not follow the previous one. */
export type Break =
  /** Rows between the two are missing. */
  | 'missing'
  /** It names another previous row: a row was inserted, exchanged or rewritten. */
  | 'unchained'
  /** Its content is not what was written. */
  | 'changed'

/** The head with this row, or why it cannot follow. */
export function followed(
  head: AuditHead,
  { prev, hash, ...row }: AuditRow,
): { readonly head: AuditHead } | { readonly broken: Break } {
  const seq = head.seq + 1
  if (row.seq > seq) return { broken: 'missing' }
  if (row.seq !== seq || prev !== head.hash) return { broken: 'unchained' }
  if (hash !== hashOf(prev, row)) return { broken: 'changed' }
  return { head: { seq, hash } }
}

/** The hash of the previous row's hash and this row. The field names are those of the first version and must not change. */
function hashOf(prev: string, { chain, seq, at, actor, what, detail }: Omit<AuditRow, 'prev' | 'hash'>) {
  return createHash('sha256')
    .update(prev + canonicalJson({ releaseId: chain, seq, at, actor, what, detail }))
    .digest('hex')
}

/** JSON with sorted keys and no spaces (order and numbers as in RFC 8785), for values that JSON supports. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`).join(',')}}`
}

import type { AuditHead } from '../release/effects.ts'
import { type Break, followed, noRows } from './audit.ts'
import type { AuditReader, ChainHead } from './audit-reader.ts'

/** A difference from what was written. */
export type Finding =
  /** A row does not follow the previous one. `to`: the last missing row. */
  | {
      readonly found: 'broken'
      readonly chain: string
      readonly seq: number
      readonly to: number
      readonly why: Break | 'reordered'
    }
  /** The chain ends before the row that a head names. */
  | { readonly found: 'cut'; readonly head: ChainHead; readonly shownBy: 'slack' | 'store' }
  /** The row that a head names has another hash. */
  | {
      readonly found: 'rewritten'
      readonly head: ChainHead
      readonly shownBy: 'slack' | 'store'
      readonly hash: string
    }
  | { readonly found: 'no chain'; readonly release: string }
  | { readonly found: 'no release'; readonly chain: string }
  /** The table no longer rejects changes to its rows. */
  | { readonly found: 'unguarded' }

export type Checked = {
  readonly findings: readonly Finding[]
  readonly chains: number
  readonly rows: number
  /** Number of heads in posts that were compared. */
  readonly storeHeads: number
}

/**
 * Checks each chain in itself, against the heads that the store put into its posts, and against heads that somebody
 * copied from Slack.
 * @param heads their hashes may be shortened
 */
export async function checkAudit(reader: AuditReader, heads: readonly ChainHead[]): Promise<Checked> {
  const { findings, ...counts } = await checkChains(reader)
  for (const head of heads) findings.push(...(await compared(reader, head, 'slack')))
  let storeHeads = 0
  for await (const head of reader.toldHeads()) {
    storeHeads++
    if (!heads.some((given) => isSameHead(given, head)))
      findings.push(...(await compared(reader, head, 'store')))
  }
  for (const release of await reader.releasesWithoutChain()) findings.push({ found: 'no chain', release })
  for (const chain of await reader.chainsWithoutRelease()) findings.push({ found: 'no release', chain })
  if (!(await reader.refusesChanges())) findings.push({ found: 'unguarded' })
  return { findings, ...counts, storeHeads }
}

/** Checks each chain up to its first break. */
async function checkChains(reader: AuditReader) {
  const findings: Finding[] = []
  let chains = 0
  let rows = 0
  let chain: string | null = null
  let head: AuditHead | null = noRows
  for await (const row of reader.chains()) {
    rows++
    if (row.chain !== chain) {
      chains++
      chain = row.chain
      head = noRows
    }
    if (head === null) continue
    const next = followed(head, row)
    if ('head' in next) {
      head = next.head
      continue
    }
    const seq = next.broken === 'missing' ? head.seq + 1 : row.seq
    const exchanged = next.broken === 'unchained' && (await reader.hasLater(chain, row.seq, row.prev))
    const why = exchanged ? 'reordered' : next.broken
    findings.push({ found: 'broken', chain, seq, to: why === 'missing' ? row.seq - 1 : seq, why })
    head = null
  }
  return { findings, chains, rows }
}

async function compared(
  reader: AuditReader,
  head: ChainHead,
  shownBy: 'slack' | 'store',
): Promise<readonly Finding[]> {
  const hash = await reader.hashOf(head.chain, head.seq)
  if (hash === null) return [{ found: 'cut', head, shownBy }]
  return hash.startsWith(head.hash) ? [] : [{ found: 'rewritten', head, shownBy, hash }]
}

function isSameHead(given: ChainHead, known: ChainHead): boolean {
  return given.chain === known.chain && given.seq === known.seq && known.hash.startsWith(given.hash)
}

import type { LocatedRow } from '../../src/store/audit-reader.ts'
import { runHere } from '../cli/run-here.ts'

/** All rows of the audit log while the bot runs, oldest first; the chains are complete. */
export async function auditOf(folder: string): Promise<readonly LocatedRow[]> {
  const verified = await runHere(folder, ['audit', 'verify'])
  if (verified.status !== 0) throw new Error(`${verified.out}\n${verified.err}`)
  const { status, out, err } = await runHere(folder, ['audit', 'export'])
  if (status !== 0) throw new Error(err)
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** The actors of this action, in order. */
export function actorsOf(rows: readonly LocatedRow[], chain: string, what: string): readonly string[] {
  return rows.filter((row) => row.chain === chain && row.what === what).map(({ actor }) => actor)
}

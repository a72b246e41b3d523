import type { Variables } from '../config/variables.ts'
import { checkAudit } from '../store/audit-check.ts'
import type { LocatedRow } from '../store/audit-reader.ts'
import { readHeads } from './audit-heads.ts'
import { unknownName } from './audit-names.ts'
import { type FilterOptions, filterOf } from './audit-options.ts'
import { printed, reading } from './audit-reading.ts'
import { verdictText } from './audit-words.ts'

/** As they were typed. */
export type VerifyOptions = { readonly head?: readonly string[]; readonly heads?: string }

/** `twokey audit verify`: 0 if every chain is intact, 1 if one is not, or cannot be read. */
export async function auditVerify(variables: Variables, options: VerifyOptions): Promise<0 | 1 | 2> {
  const read = await readHeads(options.head ?? [], options.heads)
  if ('wrong' in read) {
    console.error(read.wrong)
    return 2
  }
  return reading(variables, async (reader) => {
    const checked = await checkAudit(reader, read.heads)
    console.log(verdictText(checked, read.heads.length))
    return checked.findings.length === 0 ? 0 : 1
  })
}

/** `twokey audit export`: one row per line, JSON, oldest first. The reader may close the pipe early. */
export async function auditExport(variables: Variables, options: FilterOptions): Promise<0 | 1 | 2> {
  const filter = filterOf(options)
  if ('wrong' in filter) {
    console.error(filter.wrong)
    return 2
  }
  return reading(variables, async (reader) => {
    const unknown = unknownName(filter, await reader.report.names())
    if (unknown !== null) {
      console.error(unknown)
      return 2
    }
    await printed(lines(reader.byTime(filter)))
    return 0
  })
}

async function* lines(rows: AsyncIterable<LocatedRow>): AsyncIterable<string> {
  for await (const row of rows) {
    const { chain, seq, at, service, environment, actor, what, detail, prev, hash } = row
    const exported = {
      time: isoOf(at),
      chain,
      seq,
      service,
      environment,
      actor,
      what,
      detail,
      at,
      prev,
      hash,
    }
    yield `${JSON.stringify(exported)}\n`
  }
}

/** Null if the number is not a valid time. */
function isoOf(at: number): string | null {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { dataDir } from '../config/environment.ts'
import type { Variables } from '../config/variables.ts'
import { checkAudit } from '../store/audit-check.ts'
import {
  type AuditFilter,
  type AuditReader,
  type LocatedRow,
  openAuditReader,
} from '../store/audit-reader.ts'
import { StoreMissing } from '../store/errors.ts'
import { readHeads } from './audit-heads.ts'
import { verdictWords } from './audit-words.ts'

/** As they were typed. */
export type VerifyOptions = { readonly head?: readonly string[]; readonly heads?: string }
export type ExportOptions = {
  readonly since?: string
  readonly until?: string
  readonly service?: string
  readonly environment?: string
  readonly person?: readonly string[]
}

/** `twokey audit verify`: 0 if every chain is intact, 1 if one is not, or cannot be read. */
export async function auditVerify(variables: Variables, options: VerifyOptions): Promise<0 | 1 | 2> {
  const read = await readHeads(options.head ?? [], options.heads)
  if ('wrong' in read) {
    console.error(read.wrong)
    return 2
  }
  return reading(variables, async (reader) => {
    const checked = await checkAudit(reader, read.heads)
    console.log(verdictWords(checked, read.heads.length))
    return checked.findings.length === 0 ? 0 : 1
  })
}

/** `twokey audit export`: one row per line, JSON, oldest first. The reader may close the pipe early. */
export async function auditExport(variables: Variables, options: ExportOptions): Promise<0 | 1 | 2> {
  const filter = filterOf(options)
  if ('wrong' in filter) {
    console.error(filter.wrong)
    return 2
  }
  return reading(variables, async (reader) => {
    try {
      await pipeline(Readable.from(lines(reader.byTime(filter))), process.stdout, { end: false })
    } catch (error) {
      if (!isClosed(error)) throw error
    }
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

function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}

async function reading(
  variables: Variables,
  work: (reader: AuditReader) => Promise<0 | 1>,
): Promise<0 | 1 | 2> {
  if (variables.DATABASE_URL) {
    console.error('`DATABASE_URL` is not supported yet (Postgres, for several replicas). Unset it.')
    return 2
  }
  // Exit explicitly: a signal alone would leave the copy behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  try {
    const reader = await openAuditReader({ folder: dataDir(variables) })
    try {
      return await work(reader)
    } finally {
      await reader.close()
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    console.error(`The audit log was not read: ${error.message}.`)
    return error instanceof StoreMissing ? 2 : 1
  }
}

function filterOf(options: ExportOptions): AuditFilter | { readonly wrong: string } {
  const { service, environment, person: persons } = options
  const since = timeOf('--since', options.since)
  const until = timeOf('--until', options.until)
  if (typeof since === 'object') return since
  if (typeof until === 'object') return until
  if (since !== undefined && until !== undefined && since >= until)
    return {
      wrong: `--until ${options.until} is not after --since ${options.since}: no row can be between them.`,
    }
  const odd = persons?.find((id) => !/^(?:[UW][A-Z0-9]+|twokey)$/.test(id))
  if (odd !== undefined)
    return {
      wrong: `--person ${JSON.stringify(odd)} is not a Slack user id: copy it from the person's profile, "Copy member ID", as in U0ANA.`,
    }
  return { since, until, service, environment, persons }
}

/** A day in UTC, or a time with its zone. */
const day = /^\d{4}-\d\d-\d\d$/
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/

function timeOf(option: string, typed: string | undefined): number | undefined | { readonly wrong: string } {
  if (typed === undefined) return undefined
  const time = day.test(typed) || moment.test(typed) ? Date.parse(typed) : Number.NaN
  if (!Number.isNaN(time)) return time
  return {
    wrong: `${option} ${JSON.stringify(typed)} is not a time: write a day (2026-11-23, from midnight UTC) or a moment with its zone (2026-11-23T14:00:00Z).`,
  }
}

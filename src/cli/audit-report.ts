import type { Variables } from '../config/variables.ts'
import type { PersonId } from '../release/names.ts'
import type { AuditFilter, AuditReader } from '../store/audit-reader.ts'
import type { AuditRow } from '../store/store.ts'
import { unknownName } from './audit-names.ts'
import { type FilterOptions, filterOf } from './audit-options.ts'
import { printed, reading } from './audit-reading.ts'
import { rowOf } from './report/fold.ts'
import { type Format, formatted } from './report/formats.ts'
import { outsideRows, rolledOutOutside } from './report/outside.ts'
import { concerns, type PersonReport, personLines, personReport } from './report/person.ts'
import type { NameOf, ReportRow } from './report/row.ts'

/** As they were typed. */
export type ReportOptions = Omit<FilterOptions, 'person'> & {
  readonly person?: string
  readonly format?: string
}

const formats: readonly string[] = ['table', 'csv', 'json'] satisfies readonly Format[]

/**
 * `twokey audit report`: one row for each release that was in progress in the period, and for what was started or rolled out
 * outside twokey.
 * Remarks on the report go to standard error, except in a table.
 */
export async function auditReport(variables: Variables, options: ReportOptions): Promise<0 | 1 | 2> {
  const { person, format = 'table', ...rest } = options
  const filter = filterOf({ ...rest, ...(person !== undefined && { person: [person] }) })
  const isFormat = (text: string): text is Format => formats.includes(text)
  if (!isFormat(format)) return wrong(`Unknown format ${JSON.stringify(format)}: use table, csv or json.`)
  if ('wrong' in filter) return wrong(filter.wrong)
  return reading(variables, async (reader) => {
    const names = await reader.report.names()
    const unknown = unknownName(filter, names)
    if (unknown !== null) return wrong(unknown)
    const nameOf: NameOf = (id) => ({ id, name: names.people.get(id) ?? null })
    const all = await rowsIn(reader, filter, nameOf)
    const about = person === undefined ? null : await reportOn(reader, { filter, person, rows: all, nameOf })
    const rows = person === undefined ? all : all.filter((row) => concerns(row, person))
    await print(rows, { format, filter, about })
    return 0
  })
}

function wrong(sentence: string): 2 {
  console.error(sentence)
  return 2
}

async function rowsIn(
  reader: AuditReader,
  filter: AuditFilter,
  nameOf: NameOf,
): Promise<readonly ReportRow[]> {
  const { since, until, service, environment } = filter
  const rows: ReportRow[] = []
  for await (const chain of reader.report.releases(filter)) rows.push(rowOf(chain, nameOf))
  const period = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) }
  for await (const row of reader.byTime({ ...period, persons: ['twokey'] }))
    rows.push(...outsideRows(row, nameOf))
  rows.push(...(await reader.report.rollouts(filter)).map(rolledOutOutside))
  return rows
    .filter((row) => service === undefined || row.service === service)
    .filter((row) => environment === undefined || row.environment === environment)
    .toSorted((one, other) => one.requestedAt - other.requestedAt)
}

async function reportOn(
  reader: AuditReader,
  {
    filter,
    person,
    rows,
    nameOf,
  }: {
    readonly filter: AuditFilter
    readonly person: PersonId
    readonly rows: readonly ReportRow[]
    readonly nameOf: NameOf
  },
): Promise<PersonReport> {
  const actions: AuditRow[] = []
  for await (const row of reader.byTime(filter)) actions.push(row)
  return personReport(person, { actions, rows, nameOf })
}

async function print(
  rows: readonly ReportRow[],
  {
    format,
    filter,
    about,
  }: { readonly format: Format; readonly filter: AuditFilter; readonly about: PersonReport | null },
): Promise<void> {
  const notes = [
    ...(rows.length === 0 ? [nothingIn(filter)] : []),
    ...(about === null ? [] : personLines(about)),
  ]
  if (format === 'table')
    return printed([
      `${(rows.length === 0 ? notes : [formatted(rows, format), '', ...notes, verifies]).join('\n')}\n`,
    ])
  for (const note of notes) console.error(note)
  await printed([`${formatted(rows, format)}\n`])
}

const verifies =
  'Taken from the audit log; `twokey audit verify` checks that nobody changed it. Names are those that Slack showed last.'

/** `No releases of blog-api in prod from … until …, and no runs or rollouts outside twokey …`. */
function nothingIn({ since, until, service, environment, persons = [] }: AuditFilter): string {
  const parts = [
    service === undefined ? '' : ` of ${service}`,
    environment === undefined ? '' : ` in ${environment}`,
    persons.length === 0 ? '' : ` that ${persons.join(', ')} requested, approved, rejected or cancelled`,
    since === undefined ? '' : ` from ${momentText(since)}`,
    until === undefined ? '' : ` until ${momentText(until)}`,
  ]
  return `No releases${parts.join('')}, and no runs or rollouts outside twokey that twokey knows of.`
}

function momentText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

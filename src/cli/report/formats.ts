import { personName, plain, type ReportRow } from './row.ts'

export type Format = 'table' | 'csv' | 'json'

type Column = { readonly name: string; readonly of: (row: ReportRow) => string }

const csvColumns: readonly Column[] = [
  { name: 'release', of: ({ release }) => release ?? '' },
  { name: 'requested_at', of: ({ requestedAt }) => iso(requestedAt) },
  { name: 'ended_at', of: ({ endedAt }) => (endedAt === null ? '' : iso(endedAt)) },
  { name: 'service', of: ({ service }) => service },
  { name: 'environment', of: ({ environment }) => environment },
  { name: 'kind', of: ({ kind }) => kind },
  { name: 'commit', of: ({ commit }) => commit ?? '' },
  { name: 'title', of: ({ title }) => title ?? '' },
  { name: 'revision', of: ({ revision }) => revision ?? '' },
  { name: 'requester_id', of: ({ requester }) => requester?.id ?? '' },
  { name: 'requester_name', of: ({ requester }) => requester?.name ?? '' },
  { name: 'github_login', of: ({ login }) => login ?? '' },
  { name: 'approvals_required', of: ({ required }) => (required === null ? '' : String(required)) },
  { name: 'approvals', of: approvalText },
  { name: 'outcome', of: ({ outcome }) => outcome },
  { name: 'ended_by', of: ({ endedBy }) => (endedBy === null ? '' : personName(endedBy)) },
  { name: 'run', of: ({ run }) => run ?? '' },
  { name: 'exceptions', of: ({ exceptions }) => exceptions.join('; ') },
]

const tableColumns: readonly Column[] = [
  { name: 'TIME (UTC)', of: ({ requestedAt }) => iso(requestedAt).slice(0, 16).replace('T', ' ') },
  { name: 'RELEASE', of: ({ release }) => release ?? '-' },
  { name: 'SERVICE', of: ({ service }) => service },
  { name: 'ENVIRONMENT', of: ({ environment }) => environment },
  { name: 'KIND', of: ({ kind }) => kind },
  { name: 'WHAT', of: whatText },
  {
    name: 'REQUESTER',
    of: ({ requester, login }) =>
      requester ? personName(requester) : login === null ? '-' : `${login} on GitHub`,
  },
  { name: 'APPROVALS', of: (row) => approvalText(row) || (row.required === 0 ? 'none required' : '-') },
  {
    name: 'OUTCOME',
    of: ({ outcome, endedBy }) => (endedBy === null ? outcome : `${outcome} by ${personName(endedBy)}`),
  },
  { name: 'RUN', of: ({ run }) => run ?? '-' },
  { name: 'EXCEPTIONS', of: ({ exceptions }) => exceptions.join('; ') || '-' },
]

/** Longer titles are cut in the table, characters. */
const titleShown = 40

/** The rows in a format, without what a person did. */
export function formatted(rows: readonly ReportRow[], format: Format): string {
  switch (format) {
    case 'table':
      return table(rows)
    case 'csv':
      return csv(rows)
    case 'json':
      return JSON.stringify(rows.map(timesAsText), null, 2)
  }
}

/** RFC 4180, each cell quoted. */
function csv(rows: readonly ReportRow[]): string {
  const lines = [
    csvColumns.map(({ name }) => name),
    ...rows.map((row) => csvColumns.map(({ of }) => safe(plain(of(row))))),
  ]
  return lines.map((cells) => cells.map(quoted).join(',')).join('\r\n')
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`
}

/**
 * Spreadsheets run a cell that begins like a formula, and anybody may write a commit: an apostrophe before it makes it text. Source:
 * owasp.org, CSV Injection.
 */
function safe(cell: string): string {
  return /^\s*[=+\-@＝＋－＠]/.test(cell) ? `'${cell}` : cell
}

function table(rows: readonly ReportRow[]): string {
  const lines = [
    tableColumns.map(({ name }) => name),
    ...rows.map((row) => tableColumns.map(({ of }) => plain(of(row)))),
  ]
  const widths = tableColumns.map((_, index) =>
    Math.max(...lines.map((cells) => [...(cells[index] ?? '')].length)),
  )
  return lines
    .map((cells) =>
      cells
        .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - [...cell].length))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function whatText({ commit, title, revision }: ReportRow): string {
  const shown =
    title !== null && [...title].length > titleShown ? `${[...title].slice(0, titleShown).join('')}…` : title
  return [revision, commit?.slice(0, 7), shown].filter((part) => part).join(' ') || '-'
}

/** `Ben (U0BEN) at 2026-11-24T10:13:05Z via S0DEPLOYERS`. */
function approvalText({ approvals }: ReportRow): string {
  return approvals
    .map(({ by, at, via }) => {
      const admitted = via === by.id ? 'named in twokey.yml' : `via ${via}`
      return `${personName(by)} at ${iso(at).replace(/\.\d+/, '')} ${admitted}`
    })
    .join('; ')
}

function timesAsText({ requestedAt, endedAt, approvals, ...row }: ReportRow) {
  return {
    ...row,
    requestedAt: iso(requestedAt),
    endedAt: endedAt === null ? null : iso(endedAt),
    approvals: approvals.map(({ at, ...approval }) => ({ ...approval, at: iso(at) })),
  }
}

function iso(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString()
}

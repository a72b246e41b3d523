import type { AuditFilter } from '../store/audit-reader.ts'

/** As they were typed. */
export type FilterOptions = {
  readonly since?: string
  readonly until?: string
  readonly service?: string
  readonly environment?: string
  readonly person?: readonly string[]
}

/** What to read, or what is wrong with an option. */
export function filterOf(options: FilterOptions): AuditFilter | { readonly wrong: string } {
  const { service, environment, person: persons } = options
  const since = timeOf('--since', options.since)
  const until = timeOf('--until', options.until)
  if (typeof since === 'object') return since
  if (typeof until === 'object') return until
  if (since !== undefined && until !== undefined && since >= until)
    return {
      wrong: `--until ${options.until} is not after --since ${options.since}, so no row can be in that period.`,
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
    wrong: `Cannot read the date ${JSON.stringify(typed)} of ${option}: write a day (2026-11-23, from midnight UTC) or a time with its zone (2026-11-23T14:00:00Z).`,
  }
}

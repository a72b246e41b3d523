import type { AuditNames } from '../store/report-reader.ts'
import { personName } from './report/row.ts'

/** The names that a command of the audit was called with. */
export type NamesAsked = {
  readonly service?: string | undefined
  readonly environment?: string | undefined
  readonly persons?: readonly string[] | undefined
}

/** How many names an error lists. */
const listedAtMost = 30

/** A name that the audit log does not know, with those that it knows; null: it knows all. */
export function unknownName(
  { service, environment, persons = [] }: NamesAsked,
  { services, environments, people }: AuditNames,
): string | null {
  if (environment !== undefined && !environments.includes(environment))
    return wrong(`environment ${JSON.stringify(environment)}`, environments)
  if (service !== undefined && !services.includes(service))
    return wrong(`service ${JSON.stringify(service)}`, services)
  const stranger = persons.find((id) => id !== 'twokey' && !people.has(id))
  if (stranger === undefined) return null
  return wrong(
    `person ${stranger}`,
    [...people].map(([id, name]) => personName({ id, name })),
  )
}

function wrong(what: string, known: readonly string[]): string {
  const more = known.length > listedAtMost ? `, and ${known.length - listedAtMost} more` : ''
  const there =
    known.length === 0 ? 'It has none yet.' : `There are: ${known.slice(0, listedAtMost).join(', ')}${more}.`
  return `The audit log has no ${what}. ${there}`
}

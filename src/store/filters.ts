import type { ExpressionBuilder, Kysely } from 'kysely'
import type { HistoryCursor } from '../messages/places.ts'
import type { Outcome } from '../release/stage.ts'
import type { Schema } from './schema.ts'
import type { HistoryQuery } from './store.ts'

/** Outcomes after which something of the release may serve, including what was rolled out after its end. */
export const mayServe: readonly Outcome[] = [
  'succeeded',
  'failed',
  'unchanged',
  'cancelled',
  'rollback failed',
  'superseded',
  'stopped',
  'unknown',
]

/** Releases that have not ended, or still hold a lane. */
export function isInFlight({ eb, or, selectFrom }: ExpressionBuilder<Schema, 'release'>) {
  return or([eb('ended_at', 'is', null), eb('id', 'in', selectFrom('lane').select('release_id'))])
}

/** Releases before or after a cursor. */
function onOtherSide({ go, requestedAt, id }: HistoryCursor) {
  const than = go === 'older' ? '<' : '>'
  return ({ eb, and, or }: ExpressionBuilder<Schema, 'release'>) =>
    or([
      eb('requested_at', than, requestedAt),
      and([eb('requested_at', '=', requestedAt), eb('id', than, id)]),
    ])
}

/** Releases that a person requested, or whose approvals include theirs. */
function involvesPerson({ id, as }: NonNullable<HistoryQuery['person']>) {
  return ({ eb, or, selectFrom }: ExpressionBuilder<Schema, 'release'>) => {
    const requested = eb('requester', '=', id)
    const approved = eb('id', 'in', selectFrom('approver').select('release_id').where('person', '=', id))
    switch (as) {
      case 'requester':
        return requested
      case 'approver':
        return approved
      case 'requester or approver':
        return or([requested, approved])
    }
  }
}

/** The rows of a page of the history, from its cursor on. */
export function historyRows(
  db: Kysely<Schema>,
  { limit, ended, from, person, since, until, ...equal }: HistoryQuery,
) {
  const order = from?.go === 'newer' ? 'asc' : 'desc'
  let query = db
    .selectFrom('release')
    .select(['id', 'body', 'body_version'])
    .orderBy('requested_at', order)
    .orderBy('id', order)
    .limit(limit)
  if (from) query = query.where(onOtherSide(from))
  if (person) query = query.where(involvesPerson(person))
  if (since !== undefined) query = query.where('requested_at', '>=', since)
  if (until !== undefined) query = query.where('requested_at', '<', until)
  for (const column of ['service', 'environment'] as const) {
    const value = equal[column]
    if (value !== undefined) query = query.where(column, '=', value)
  }
  if (ended !== undefined) query = query.where('ended_at', ended ? 'is not' : 'is', null)
  return query.execute()
}

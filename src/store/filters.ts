import type { ExpressionBuilder } from 'kysely'
import type { HistoryCursor } from '../messages/places.ts'
import type { Outcome } from '../release/stage.ts'
import type { Schema } from './schema.ts'

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
export function onOtherSide({ go, requestedAt, id }: HistoryCursor) {
  const than = go === 'older' ? '<' : '>'
  return ({ eb, and, or }: ExpressionBuilder<Schema, 'release'>) =>
    or([
      eb('requested_at', than, requestedAt),
      and([eb('requested_at', '=', requestedAt), eb('id', than, id)]),
    ])
}

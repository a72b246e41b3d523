import type { ExpressionBuilder } from 'kysely'
import type { HistoryCursor } from '../messages/places.ts'
import type { Outcome } from '../release/stage.ts'
import type { Schema } from './schema.ts'

/** After these something of the release may serve, also what was rolled out after its end. */
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

/** Not ended, or holding a lane still. */
export function isInFlight({ eb, or, selectFrom }: ExpressionBuilder<Schema, 'release'>) {
  return or([eb('ended_at', 'is', null), eb('id', 'in', selectFrom('lane').select('release_id'))])
}

/** Those on the other side of a place in the list. */
export function beyond({ go, requestedAt, id }: HistoryCursor) {
  const than = go === 'older' ? '<' : '>'
  return ({ eb, and, or }: ExpressionBuilder<Schema, 'release'>) =>
    or([
      eb('requested_at', than, requestedAt),
      and([eb('requested_at', '=', requestedAt), eb('id', than, id)]),
    ])
}

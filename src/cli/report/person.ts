import type { PersonId } from '../../release/names.ts'
import type { AuditRow } from '../../store/store.ts'
import { count } from '../count.ts'
import { type Named, type NameOf, personName, type ReportRow } from './row.ts'

/** Of `of` approved releases of one requester, how many one approver approved. */
type Pair = {
  readonly requester: Named
  readonly approver: Named
  readonly count: number
  readonly of: number
}

/** What a person did in the period. */
export type PersonReport = {
  readonly person: Named
  readonly requested: number
  readonly approved: number
  readonly rejected: number
  /** Requests and clicks that were refused. */
  readonly refused: number
  /** Who approved the person's releases, and whose releases the person approved: the most frequent first. */
  readonly pairs: readonly Pair[]
}

type Did = Pick<PersonReport, 'requested' | 'approved' | 'rejected' | 'refused'>

const kinds: readonly (readonly [keyof Did, (what: string) => boolean])[] = [
  ['requested', (what) => what === 'requested' || what === 'requested in emergency'],
  ['approved', (what) => what === 'approved'],
  ['rejected', (what) => what === 'rejected'],
  ['refused', (what) => what.endsWith(' refused')],
]

/** @param actions the person's own rows of the period. @param rows all releases of the period */
export function personReport(
  id: PersonId,
  {
    actions,
    rows,
    nameOf,
  }: { readonly actions: readonly AuditRow[]; readonly rows: readonly ReportRow[]; readonly nameOf: NameOf },
): PersonReport {
  const [requested = 0, approved = 0, rejected = 0, refused = 0] = kinds.map(
    ([, isKind]) => actions.filter(({ what }) => isKind(what)).length,
  )
  const pairs = pairsIn(rows).filter(({ requester, approver }) => requester.id === id || approver.id === id)
  return { person: nameOf(id), requested, approved, rejected, refused, pairs }
}

function pairsIn(rows: readonly ReportRow[]): readonly Pair[] {
  const approved = rows.filter(({ requester, approvals }) => requester !== null && approvals.length > 0)
  return [...Map.groupBy(approved, ({ requester }) => requester?.id ?? '').values()]
    .flatMap((releases) => {
      const requester = releases[0]?.requester
      if (!requester) return []
      const approvers = releases.flatMap(({ approvals }) => approvals.map(({ by }) => by))
      return [...Map.groupBy(approvers, ({ id }) => id).values()].flatMap(([approver, ...more]) =>
        approver ? [{ requester, approver, count: 1 + more.length, of: releases.length }] : [],
      )
    })
    .toSorted((one, other) => other.count / other.of - one.count / one.of || other.count - one.count)
}

/** Whether a release concerns the person: as requester or approver, or because they rejected or cancelled it. */
export function concerns({ requester, approvals, endedBy }: ReportRow, id: PersonId): boolean {
  return requester?.id === id || endedBy?.id === id || approvals.some(({ by }) => by.id === id)
}

/** `Ben (U0BEN): 3 requested, 7 approved …`, then a line for each pair. */
export function personLines({ person, pairs, ...did }: PersonReport): readonly string[] {
  const counts = kinds.map(([kind]) => `${did[kind]} ${kind}`).join(', ')
  return [
    `${personName(person)}: ${counts}.`,
    ...pairs.map(({ requester, approver, count: times, of }) => {
      const share = Math.round((100 * times) / of)
      return `  ${personName(approver)} approved ${times} of ${count(of, 'approved release')} of ${personName(requester)} (${share} %).`
    }),
  ]
}

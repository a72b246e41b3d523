import type { Judged } from './judged.ts'
import type { Seen } from './seen.ts'

/** One check of the live setup: pure, and independent of all others. */
export type Check = {
  /** Never changes: programs read it. */
  readonly id: string
  readonly label: string
  /** What happens if it is not in order, one sentence. */
  readonly why: string
  judge(seen: Seen): readonly Judged[]
}

/** What a check found, with the check. */
export type Diagnosis = Pick<Check, 'id' | 'label' | 'why'> & Judged

/** Runs all checks, in their order. */
export function diagnose(checks: readonly Check[], seen: Seen): readonly Diagnosis[] {
  return checks.flatMap(({ id, label, why, judge }) =>
    judge(seen).map((judged) => ({ id, label, why, ...judged })),
  )
}

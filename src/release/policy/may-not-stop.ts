import type { Clicker } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Release } from '../release.ts'
import type { Eligibility } from './approval.ts'

/** How many accounts are stored; more exist only if very many people try. */
const cached = 100

/**
 * Stores that this person may neither reject nor cancel the release nor lock its service environment, so that their
 * repeated clicks do not delay the dispatch. A person who could not be looked up is not stored, because they may be an
 * approver.
 */
export function withoutStopping(release: Release, { id, standing }: Clicker): Release {
  const { mayNotStop, requester } = release
  if (!isKnownNot(standing) || id === requester || mayNotStop.includes(id)) return release
  return { ...release, mayNotStop: [...mayNotStop, id].slice(-cached) }
}

/** Whether a person is known to be not eligible. */
export function isKnownNot(standing: Eligibility): boolean {
  return !standing.eligible && (standing.why === 'not_a_member' || standing.why === 'not_an_approver')
}

/** As `withoutStopping`, in a decision. */
export function noteMayNotStop(draft: Draft, by: Clicker): void {
  draft.change(withoutStopping(draft.release, by))
}

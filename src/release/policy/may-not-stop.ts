import type { Clicker } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Release } from '../release.ts'
import type { Eligibility } from './approval.ts'

/** How many accounts are remembered; there are more only where very many people try. */
const cached = 100

/**
 * The release, remembering that this person may neither reject nor cancel it, nor lock its service environment, so that they
 * cannot hold its dispatch by trying again and again. Whoever could not be looked up is not remembered: they may be an approver.
 */
export function withoutStopping(release: Release, { id, standing }: Clicker): Release {
  const { mayNotStop, requester } = release
  if (!isKnownNot(standing) || id === requester || mayNotStop.includes(id)) return release
  return { ...release, mayNotStop: [...mayNotStop, id].slice(-cached) }
}

/** Whether somebody may not, as far as that could be looked up. */
export function isKnownNot(standing: Eligibility): boolean {
  return !standing.eligible && (standing.why === 'not_a_member' || standing.why === 'not_an_approver')
}

/** As `withoutStopping`, in a decision. */
export function noteMayNotStop(draft: Draft, by: Clicker): void {
  draft.change(withoutStopping(draft.release, by))
}

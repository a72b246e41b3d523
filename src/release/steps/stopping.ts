import type { Clicker } from '../decide.ts'
import type { Draft } from '../draft.ts'
import type { Release } from '../release.ts'

/** How many accounts are remembered; there are more only where very many people try. */
const remembered = 100

/**
 * The release, remembering that this person may neither reject nor cancel it, nor lock its service environment, so that they
 * cannot hold its dispatch by trying again and again. Whoever could not be looked up is not remembered: they may be an approver.
 */
export function withoutStopping(release: Release, { id, standing }: Clicker): Release {
  const { mayNotStop, requester } = release
  if (standing.eligible || id === requester || mayNotStop.includes(id)) return release
  if (standing.why !== 'not_a_member' && standing.why !== 'not_an_approver') return release
  return { ...release, mayNotStop: [...mayNotStop, id].slice(-remembered) }
}

/** As `withoutStopping`, in a decision. */
export function noteMayNotStop(draft: Draft, by: Clicker): void {
  draft.change(withoutStopping(draft.release, by))
}

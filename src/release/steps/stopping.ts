import type { Clicker } from '../decide.ts'
import type { Draft } from '../draft.ts'

/** How many accounts are remembered; there are more only where very many people try. */
const remembered = 100

/**
 * Remembers who may neither reject nor cancel this release, so that they cannot hold its dispatch by clicking again and
 * again. Whoever could not be looked up is not remembered: they may be an approver.
 */
export function noteMayNotStop(draft: Draft, { id, standing }: Clicker): void {
  const { mayNotStop, requester } = draft.release
  if (standing.eligible || id === requester || mayNotStop.includes(id)) return
  if (standing.why !== 'not_a_member' && standing.why !== 'not_an_approver') return
  draft.change({ mayNotStop: [...mayNotStop, id].slice(-remembered) })
}

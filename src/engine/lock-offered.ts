import type { LockAsked } from '../messages/intent.ts'
import type { NewRequest } from '../release/actions/action.ts'
import { type Action, actions } from '../release/actions/actions.ts'
import type { Release } from '../release/release.ts'

/** The lock that a button requests. It has no end, so that a rolled-back service stays so until somebody unlocks it. */
export function lockAsked(
  { service, environment }: Release,
  { reason }: Extract<NewRequest, { request: 'lock' }>,
): LockAsked {
  return { ask: 'lock', environment, service, reason, until: null, as: { hold: 'offered' } }
}

/** The lock that a click on this button requests; null: the button requests none, or the card does not offer it. */
export function lockOffered(action: Action, release: Release): LockAsked | null {
  const button = actions[action]
  const requested = 'request' in button ? button.request(release) : null
  return requested !== null && 'request' in requested && requested.request === 'lock'
    ? lockAsked(release, requested)
    : null
}

import type { LockAsked } from '../messages/intent.ts'
import type { Release } from '../release/release.ts'
import { actionsOf } from '../release/state.ts'

/** The lock that the button Lock on a rollback’s card asks for: what was rolled back stays so until somebody unlocks it. Null: the card offers none. */
export function lockOffered(release: Release): LockAsked | null {
  if (!actionsOf(release).includes('lock')) return null
  const { id, service, environment, subject } = release
  const to = subject.kind === 'rollback' ? subject.revision.name : 'what served before'
  return {
    ask: 'lock',
    environment,
    service,
    reason: `rolled back to ${to} by release ${id}: what it took back must not come back`,
    until: null,
    as: { hold: 'offered' },
  }
}

import type { Draft } from './draft.ts'
import { holdsLane } from './release.ts'
import { type Replacing, replacement } from './replacement.ts'

/**
 * Stops the release for a rollback that replaces it: at once if nothing was sent, otherwise its run is cancelled
 * first, if it has one.
 */
export function supersede(draft: Draft, by: Replacing): undefined {
  const { release } = draft
  const { stage } = release
  switch (stage.at) {
    case 'approval':
    case 'wait':
    case 'ready':
      draft.end('superseded', `rollback ${by.id} replaced it`, { actor: by.requester })
      return
    case 'sending':
    case 'underway':
      stopUnderWay(draft, by)
      return
    case 'ended':
      if (holdsLane(release)) stopUnderWay(draft, by)
  }
}

/**
 * Stops a release under way, which is still followed. Its run is cancelled for the rollback, a migration is not. That
 * does not count as settled by a person.
 */
function stopUnderWay(draft: Draft, by: Replacing): void {
  const { id, requester } = by
  draft.change({ supersededBy: replacement(draft.release.supersededBy, by, draft.now) })
  draft.record(requester, 'superseded', { by: id })
  draft.post(`superseding-${id}`, { tell: 'superseding', by: id })
}

import type { Draft } from './draft.ts'
import { holdsLane } from './release.ts'
import { type Replacing, replacement } from './replacement.ts'

/** Gives its place to a rollback: at once where nothing was sent, else its run, where it has one, is cancelled first. */
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
      giveWay(draft, by)
      return
    case 'ended':
      if (holdsLane(release)) giveWay(draft, by)
  }
}

/**
 * It is followed on: its run is cancelled for the rollback that replaces it, a migration is not. No person has settled it by
 * that.
 */
function giveWay(draft: Draft, by: Replacing): void {
  const { id, requester } = by
  draft.change({ supersededBy: replacement(draft.release.supersededBy, by, draft.now) })
  draft.record(requester, 'superseded', { by: id })
  draft.post(`superseding-${id}`, { tell: 'superseding', by: id })
}

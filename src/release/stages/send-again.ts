import type { Draft } from '../draft.ts'
import type { Time } from '../names.ts'

/**
 * Nothing was started, so everything is read again before another mark. A cancellation or replacement requested
 * meanwhile comes first.
 */
export function sendAgainLater(
  draft: Draft,
  held: { readonly notBefore?: Time; readonly delay?: string },
): undefined {
  const { supersededBy, cancelAsked } = draft.release
  draft.change({ sentAt: null, sentAtAws: null })
  if (supersededBy)
    draft.end('superseded', `rollback ${supersededBy.release} replaced it; nothing was started`)
  else if (cancelAsked)
    draft.end('cancelled', `cancelled by <@${cancelAsked.by}>; nothing was started`, {
      actor: cancelAsked.by,
    })
  else draft.moveTo({ at: 'ready', since: draft.now, placeAskedAt: null, ...held })
}

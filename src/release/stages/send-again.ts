import type { Draft } from '../draft.ts'
import type { Time } from '../names.ts'
import { sendableUntil } from '../preconditions/age.ts'
import { expireTooOld } from '../preconditions/expire.ts'

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

/** The shortest wait if the time that GitHub named did not suffice, ms; doubled each time. */
const limitedAgainMs = 60_000

/** GitHub's rate limit delays the release: posts that and sends it again then, unless that is too late. */
export function waitForGitHub(
  draft: Draft,
  { until: asked, reason: delay }: { readonly until: Time; readonly reason: string },
): undefined {
  const times = draft.release.told.filter((key) => key.startsWith('limited-')).length
  const until = times === 0 ? asked : Math.max(asked, draft.now + limitedAgainMs * 2 ** (times - 1))
  sendAgainLater(draft, { notBefore: until, delay })
  if (draft.release.stage.at !== 'ready') return
  if (until > sendableUntil(draft.release)) expireTooOld(draft, delay)
  else draft.postEachTime('limited', { tell: 'limited', until, reason: delay })
}

import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import { awaitsAcknowledgement } from '../policy/acknowledgement.ts'
import { isSamePerson, joined } from '../policy/approval.ts'
import type { Refusal } from '../refusal.ts'
import { alreadyAcknowledged, mayNotAcknowledge } from '../refusals/cards.ts'
import { mayNotClick } from '../refusals/people.ts'
import type { Click, DecidingButton } from './action.ts'

export const acknowledge: DecidingButton = {
  label: 'Acknowledge',
  style: 'primary',
  isOffered: awaitsAcknowledgement,
  whoMay: 'usual approver',
  decide,
}

/**
 * An approver of the usual policy confirms that they know of the emergency deploy; one is enough. `people`: accounts
 * that the current config joins to one person, some perhaps only after the request.
 */
function decide(
  draft: Draft,
  { by }: Pick<Click, 'by'>,
  { people }: Pick<Context, 'people'>,
): Refusal | undefined {
  const { release, now } = draft
  const { emergency, requester, approvals } = release
  if (emergency === null || !awaitsAcknowledgement(release))
    return alreadyAcknowledged(release, emergency?.acknowledged?.by ?? null)
  if (!by.standing.eligible) return mayNotClick(by.standing, 'acknowledge', release.environment)
  const both = { people: joined([...emergency.usual.people, ...people]) }
  if (isSamePerson(both, by.id, requester)) return mayNotAcknowledge('requested')
  if (approvals.some((approval) => isSamePerson(both, approval.by, by.id)))
    return mayNotAcknowledge('approved')
  draft.change({ emergency: { ...emergency, acknowledged: { by: by.id, at: now } } })
  draft.record(by.id, 'acknowledged', { why: emergency.why, via: by.standing.via })
  draft.post('acknowledged', { tell: 'acknowledged', by: by.id })
  return undefined
}

import type { Draft } from '../draft.ts'
import type { Refusal } from '../refusal.ts'
import type { Click, DecidingButton } from './action.ts'
import { isLookAgainOffered, type Met, mayEnd } from './ending.ts'

export const lookAgain: DecidingButton = {
  label: 'Look again',
  isOffered: isLookAgainOffered,
  freesLane: true,
  whoMay: 'requester or approver',
  decide,
}

/** Reads everything again after an `unknown` end. */
function decide(draft: Draft, { by }: Pick<Click, 'by'>, met: Met): Refusal | undefined {
  const { release, now } = draft
  const no = mayEnd(release, by, 'look-again', met)
  if (no) return no
  draft.record(by.id, 'look again')
  // A log that could not be read may be readable now.
  if (release.tracks.runLog?.checked !== 'yes') draft.track({ runLog: undefined })
  if (release.tracks.run === null && release.subject.kind !== 'rollback')
    draft.moveTo({ at: 'sending', since: now, lastAt: now, attempts: 1 })
  else draft.moveTo({ at: 'underway', since: now })
  return undefined
}

import type { Draft } from '../draft.ts'
import { decided } from '../policy/approval-round.ts'
import { noteMayNotStop } from '../policy/may-not-stop.ts'
import type { Refusal } from '../refusal.ts'
import { mayNotClick } from '../refusals/people.ts'
import type { Release } from '../release.ts'
import type { Click, DecidingButton } from './action.ts'
import { noteRejection } from './rejection.ts'

export const reject: DecidingButton = {
  label: 'Reject',
  isOffered,
  whoMay: 'approver',
  decide,
  mayStop: ({ mayNotStop }, by) => !mayNotStop.includes(by),
}

function isOffered({ stage }: Release): boolean {
  return stage.at === 'approval' || stage.at === 'wait' || stage.at === 'ready'
}

/** One rejection before the dispatch ends the release. Its reason may follow. */
function decide(draft: Draft, { by }: Pick<Click, 'by'>): Refusal | undefined {
  const { release } = draft
  if (!isOffered(release)) return decided(release)
  if (!by.standing.eligible) {
    noteMayNotStop(draft, by)
    return mayNotClick(by.standing, 'reject', release.environment)
  }
  draft.record(by.id, 'rejected', { via: by.standing.via })
  draft.end('rejected', `rejected by <@${by.id}>`, { actor: by.id })
  noteRejection(draft, by.id, null)
  return undefined
}

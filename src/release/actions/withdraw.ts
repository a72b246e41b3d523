import { isSamePerson } from '../policy/approval.ts'
import { isInTimeToWithdraw, withdraw as withdrawApproval } from '../policy/approval-round.ts'
import type { DecidingButton } from './action.ts'

export const withdraw: DecidingButton = {
  label: 'Withdraw approval',
  isOffered: ({ stage, approvals }) => stage.at === 'approval' && approvals.length > 0,
  whoMay: 'whoever approved',
  // A click from before the last approval was counted is accepted, although the card no longer offers it.
  decide: (draft, { by, pressedAt }) => withdrawApproval(draft, by.id, pressedAt),
  mayStop: (release, by, pressedAt) =>
    isInTimeToWithdraw(release, pressedAt) &&
    release.approvals.some((approval) => isSamePerson(release.policy, approval.by, by)),
}

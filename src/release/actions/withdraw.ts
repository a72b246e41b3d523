import type { Draft } from '../draft.ts'
import type { PersonId } from '../names.ts'
import { isSamePerson } from '../policy/approval.ts'
import { isInTimeToWithdraw, withdraw as withdrawApproval } from '../policy/approval-round.ts'
import { pauseVerdict } from '../policy/pause-round.ts'
import type { Refusal } from '../refusal.ts'
import { nothingToWithdraw } from '../refusals/cards.ts'
import type { Release } from '../release.ts'
import type { DecidingButton } from './action.ts'

/** Withdraws one's own approval: of the release, or that its paused rollout continues. */
export const withdraw: DecidingButton = {
  label: 'Withdraw approval',
  isOffered: (release) =>
    (release.stage.at === 'approval' && release.approvals.length > 0) || hasOpenApprovals(release),
  whoMay: 'whoever approved',
  // A click from before the last approval was counted is accepted, although the card no longer offers it.
  decide: (draft, { by, pressedAt }) =>
    hasOpenApprovals(draft.release)
      ? withdrawContinue(draft, by.id)
      : withdrawApproval(draft, by.id, pressedAt),
  mayStop: (release, by, pressedAt) =>
    hasOpenApprovals(release)
      ? withoutThose(release, by).length < (release.pause?.approvals.length ?? 0)
      : isInTimeToWithdraw(release, pressedAt) &&
        release.approvals.some((approval) => isSamePerson(release.policy, approval.by, by)),
}

/** Whether people have approved that a paused rollout continues, and AWS was not asked yet. */
function hasOpenApprovals({ stage, pause }: Release): boolean {
  return stage.at === 'underway' && pause?.sent === null && pause.approvals.length > 0
}

function withoutThose({ pause }: Release, by: PersonId) {
  return pause?.approvals.filter((approval) => !isSamePerson(pause.policy, approval.by, by)) ?? []
}

function withdrawContinue(draft: Draft, by: PersonId): Refusal | undefined {
  const { release } = draft
  const { pause } = release
  const approvals = withoutThose(release, by)
  if (!pause || approvals.length === pause.approvals.length) return nothingToWithdraw('Continue')
  draft.change({ pause: { ...pause, approvals } })
  const { missing } = pauseVerdict(release, { ...pause, approvals })
  draft.record(by, 'continue withdrawn', { missing })
  draft.postEachTime('withdrawn', { tell: 'withdrawn', by, missing })
  return undefined
}

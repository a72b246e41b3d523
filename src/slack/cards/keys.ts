import type { Release } from '../../release/release.ts'
import { approvalVerdict } from '../../release/steps/approval.ts'
import { count, date, mention, mentions } from '../mrkdwn.ts'

/** How many approvals are listed with their times. */
const approvalsShown = 10

/** Who turned a key and when, what is missing and who may give it. */
export function keyLines(release: Release): readonly string[] {
  const { policy, stage } = release
  if (policy.required === 0) return ['No approval is asked for here.']
  const { counted, missing } = approvalVerdict(release)
  const given = counted.slice(0, approvalsShown).map(({ by, at }) => `${mention(by)} ${date(at)}`)
  const lines = [
    `*Approvals:* ${counted.length} of ${policy.required}${given.length > 0 ? ` – ${given.join(', ')}` : ''}`,
  ]
  if (stage.at !== 'approval' || missing === 0) return lines
  const others = policy.requesterMayApprove ? '' : ' (not the requester)'
  return [
    ...lines,
    `*Missing:* ${count(missing, 'approval')} of ${mentions(policy.approvers)}${others}, by ${date(stage.since + policy.expireAfterMs)}.`,
  ]
}

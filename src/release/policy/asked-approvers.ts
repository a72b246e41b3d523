import type { PersonId } from '../names.ts'
import type { Release } from '../release.ts'
import { isSamePerson, personOf, whyBarred } from './approval.ts'
import { approvalVerdict } from './approval-round.ts'

/** Whether a release waits for approvals, so that asking for one is of use. */
export function isAwaitingApprovals(release: Release): boolean {
  return release.stage.at === 'approval' && approvalVerdict(release).missing > 0
}

/**
 * The person who would be asked through this account for an approval; null if there is no point in asking: the requester,
 * whatever the policy allows, people whom it bars, and people who have approved.
 */
export function personToAsk(release: Release, account: PersonId): PersonId | null {
  const { policy, requester, approvals } = release
  if (isSamePerson(policy, account, requester) || whyBarred({ ...release, by: account }) !== null) return null
  if (approvals.some(({ by }) => isSamePerson(policy, by, account))) return null
  return personOf(policy, account)
}

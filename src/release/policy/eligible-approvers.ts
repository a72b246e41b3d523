import type { PersonId } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import {
  policyCannotDetermineAuthors,
  policyGroupEmpty,
  policyGroupGone,
  policyGroupTooLarge,
  policyNamesNobody,
  policyUnsatisfiable,
} from '../refusals/approvers.ts'
import type { Subject } from '../subject.ts'
import { authorsOf, type Policy, personOf, whyBarred } from './approval.ts'

/** Who could approve a release, counted before its request is accepted. */
export type EligibleApprovers = {
  /** Distinct eligible people, counted up to the number that suffices. */
  readonly persons: number
  /** One account of each of them, in the order of the list. */
  readonly accounts: readonly PersonId[]
  readonly groups: readonly ListedGroup[]
  /** How many accounts were looked up, of all candidates. */
  readonly looked: number
  readonly candidates: number
}

/** A user group that the policy names. `members` null: there is no such group, or it is disabled. */
export type ListedGroup = { readonly id: string; readonly members: number | null }

export type EligibleApproversAsk = {
  /** Counting stops here. */
  readonly enough: number
  /** The person whose approval a click of this account would be, one id per person; null if the policy bars them. */
  readonly voter: (account: PersonId) => PersonId | null
}

type Election = { readonly policy: Policy; readonly requester: PersonId; readonly subject: Subject }

/** What to count for this request. */
export function eligibleApproversAsk({ policy, requester, subject }: Election): EligibleApproversAsk {
  return {
    enough: policy.required,
    voter: (by) => (whyBarred({ policy, requester, subject, by }) === null ? personOf(policy, by) : null),
  }
}

/** Why too few people could ever approve, with a next step for each cause; null if there are enough. */
export function unsatisfiable(
  { policy, subject, environment }: Omit<Election, 'requester'> & { readonly environment: string },
  eligibleApprovers: EligibleApprovers,
): Refusal | null {
  const { required, approvers } = policy
  const { persons, groups, looked, candidates } = eligibleApprovers
  const wanted = { environment, required }
  if (persons >= required) return null
  if (approvers.length === 0) return policyNamesNobody(wanted)
  if (!policy.authorsMayApprove && authorsOf(subject) === null)
    return policyCannotDetermineAuthors(environment)
  if (looked < candidates) return policyGroupTooLarge(wanted, eligibleApprovers)
  const gone = groups.find(({ members }) => members === null)
  if (gone) return policyGroupGone(wanted, gone.id)
  const empty = groups.find(({ members }) => members === 0)
  if (empty) return policyGroupEmpty(wanted, empty.id)
  return policyUnsatisfiable(wanted, { persons, groups: groups.map(({ id }) => id), leavesOut: policy })
}

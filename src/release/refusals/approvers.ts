import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

/** The most user groups that are named, because Slack cuts a longer message. */
const groupsNamed = 5

/** How many approvals an environment requires. */
type Wanted = { readonly environment: string; readonly required: number }

/** The environment names nobody who may approve. */
export function policyNamesNobody({ environment, required }: Wanted): Refusal {
  return unsatisfiable(
    `${environment} requires ${approvals(required)}, but twokey.yml lists no approvers.`,
    `Ask a maintainer of twokey.yml to list people or user groups under \`approvers\` of ${environment}.`,
  )
}

/** Authors may not approve, and not all authors are known. */
export function policyCannotDetermineAuthors(environment: string): Refusal {
  return unsatisfiable(
    `authors may not approve in ${environment}, and the authors of some commits could not be determined.`,
    'Deploy a commit whose authors have GitHub accounts, or ask a maintainer of twokey.yml.',
  )
}

/** The user groups are too large to be read. */
export function policyGroupTooLarge(
  { environment, required }: Wanted,
  found: { readonly persons: number; readonly looked: number; readonly candidates: number },
): Refusal {
  const { persons, looked, candidates } = found
  return unsatisfiable(
    `${environment} requires ${approvals(required)}. Of ${candidates} accounts, ${looked} were checked, and ${count(persons)} of them may approve.`,
    'Ask a maintainer of twokey.yml to list the approvers themselves, or to use a smaller user group without guests and people who left.',
  )
}

/** Slack has no such user group, or it is disabled. */
export function policyGroupGone({ environment, required }: Wanted, group: string): Refusal {
  return unsatisfiable(
    `${environment} requires ${approvals(required)}, but Slack has no user group ${group}, or it is disabled.`,
    'Ask an owner of the Slack workspace to enable the group, or a maintainer of twokey.yml to use another.',
  )
}

/** A user group of approvers has no members. */
export function policyGroupEmpty({ environment, required }: Wanted, group: string): Refusal {
  return unsatisfiable(
    `${environment} requires ${approvals(required)}, but the user group <!subteam^${group}> (${group}) is empty.`,
    'Ask an admin of the user group in Slack to add people, or a maintainer of twokey.yml to list more approvers.',
  )
}

/**
 * Too few people are left who may approve this request.
 * @param found how many do, the groups that were read, and the policy that excludes others
 */
export function policyUnsatisfiable(
  { environment, required }: Wanted,
  {
    persons,
    groups,
    leavesOut,
  }: { readonly persons: number; readonly groups: readonly string[]; readonly leavesOut: Policy },
): Refusal {
  const named = groups.slice(0, groupsNamed).map((id) => `<!subteam^${id}> ${id}`)
  const more = groups.length > groupsNamed ? ` and ${groups.length - groupsNamed} more` : ''
  const groupsNote = groups.length === 0 ? '' : ` (user groups: ${named.join(', ')}${more})`
  const out = [
    leavesOut.requesterMayApprove ? null : 'the requester, under any account',
    leavesOut.authorsMayApprove ? null : 'authors, and people without a GitHub login under `people`',
  ].filter((words) => words !== null)
  const without = out.length === 0 ? '' : `. Not counted: ${out.join('; ')}`
  return unsatisfiable(
    `${environment} requires ${approvals(required)}, but ${persons === 0 ? 'none' : `only ${persons}`} of its approvers may approve this request${groupsNote}${without}.`,
    'Ask a maintainer of twokey.yml to list more approvers, or add people to the user group.',
  )
}

type Policy = { readonly requesterMayApprove: boolean; readonly authorsMayApprove: boolean }

function unsatisfiable(sentence: string, next: string): Refusal {
  return refuse(
    'policy_unsatisfiable',
    `Nothing was requested, because it could not be approved: ${sentence}`,
    next,
  )
}

function approvals(required: number): string {
  return `${required} ${required === 1 ? 'approval' : 'approvals'}`
}

function count(persons: number): string {
  return persons === 0 ? 'none' : String(persons)
}

import { foreign } from '../foreign.ts'
import type { Refusal } from '../refusal.ts'
import { listed, refuse } from './refuse.ts'

/** A run of a fork's commit, which is nobody's to approve here. */
export function runOfFork({
  headRepository,
  repository,
}: {
  headRepository: string
  repository: string
}): Refusal {
  return refuse(
    'gate_fork',
    `The run is of ${foreign(headRepository)}, not of ${repository}.`,
    `Merge the change into ${repository} and start the workflow there.`,
  )
}

/** A run of a pull request. It builds the merge with the base branch, which GitHub does not name. */
export function runOfPullRequest({
  event,
  environment,
}: {
  readonly event: string
  /** The environment in twokey.yml. */
  readonly environment: string
}): Refusal {
  return refuse(
    'gate_pull_request',
    `The run was started by ${foreign(event)}: it builds the pull request merged with its base branch, not the commit that could be approved for ${environment}.`,
    'Merge the pull request and start the workflow on the branch, by `push` or `workflow_dispatch`.',
  )
}

/** A run of another branch than the one that twokey.yml deploys there. */
export function runOfOtherBranch({
  branch,
  environment,
  deployed,
}: {
  readonly branch: string | null
  /** The environment in twokey.yml. */
  readonly environment: string
  readonly deployed: readonly string[]
}): Refusal {
  const from = branch === null ? 'no branch' : foreign(branch)
  return refuse(
    'gate_branch',
    `The run is of ${from}; twokey.yml deploys ${listed(deployed)} to ${environment}.`,
    `Start it on ${listed(deployed)}, or set \`branch: ${branch === null ? '<name>' : foreign(branch)}\` for ${environment} in twokey.yml.`,
  )
}

/** A run whose commit is not on the branch any more, as after a force push. */
export function runOffBranch(
  { branch, repository }: { branch: string; repository: string },
  sha: string,
): Refusal {
  return refuse(
    'gate_branch',
    `The commit of the run, ${sha.slice(0, 7)}, is not on ${branch} of ${repository}.`,
    `Start the workflow again on ${branch}.`,
  )
}

/** Services that share a gate have different approvers, so no list of people could approve for all of them. */
export function approversDiffer({
  environment,
  services,
}: {
  /** The GitHub environment. */
  readonly environment: string
  readonly services: readonly string[]
}): Refusal {
  return refuse(
    'gate_approvers_differ',
    `${listed(services)} share the GitHub environment ${environment}, and twokey.yml gives them different approvers.`,
    'Give them the same `approvals`, or GitHub environments of their own.',
  )
}

/** A run whose approvals could not be asked for in the time that the policy gives for them. */
export function notAskedInTime({ environment, why }: { environment: string; why: string }): Refusal {
  return refuse(
    'gate_not_asked',
    `twokey could not ask for the approvals for ${environment} within \`expireAfter\`: ${foreign(why)}.`,
    'Correct that, then start the run again on GitHub.',
  )
}

/** A run of a workflow that twokey.yml does not name. */
export function runOfOtherWorkflow({
  workflow,
  environment,
  known,
}: {
  readonly workflow: string
  readonly environment: string
  readonly known: readonly string[]
}): Refusal {
  return refuse(
    'gate_workflow',
    `The run is of ${foreign(workflow)}; twokey.yml names ${listed(known)} for ${environment}.`,
    `Set \`workflow: ${foreign(workflow)}\` for the service in twokey.yml if it may deploy there.`,
  )
}

import { foreign } from '../foreign.ts'
import type { ServiceEnvironmentName } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

type Workflow = { readonly workflow: string; readonly repository: string }
type OnBranch = Workflow & { readonly branch: string }

/** GitHub has no workflow of the name that twokey.yml gives. */
export function workflowUnreadable({ workflow, repository }: Workflow): Refusal {
  return refuse(
    'workflow_unreadable',
    `GitHub has no workflow ${workflow} in ${repository}: its file must also be in .github/workflows on the default branch.`,
    `Add it to the default branch, or ask a maintainer of twokey.yml to correct its name; \`gh workflow list --all --repo ${repository}\` lists the existing ones.`,
  )
}

/**
 * The deployed branch has no such file, or no `.github` at all.
 * @param path of the file or folder
 */
export function workflowUnreadableThere(
  { branch, repository }: Omit<OnBranch, 'workflow'>,
  { path, tip }: { readonly path: string; readonly tip: string },
): Refusal {
  return refuse(
    'workflow_unreadable',
    `${path} cannot be read on ${branch} of ${repository} (at ${tip.slice(0, 7)}): it is not there, or GitHub does not show it.`,
    `Bring the workflow to ${branch}, or ask a maintainer of twokey.yml to set another; \`git ls-tree -r origin/${branch} .github\` lists what is there.`,
  )
}

/** The file is not a readable workflow. */
export function workflowUnreadableText({ workflow, branch, repository }: OnBranch, why: string): Refusal {
  return refuse(
    'workflow_unreadable',
    `The workflow ${workflow} on ${branch} of ${repository} cannot be read: ${foreign(why)}.`,
    `Fix the file on ${branch}, then ask again; \`gh workflow view ${workflow} --yaml --ref ${branch} --repo ${repository}\` shows it.`,
  )
}

/** The workflow is switched off on GitHub. @param state in GitHub's word */
export function workflowDisabled({ workflow, repository }: Workflow, state: string): Refusal {
  return refuse(
    'workflow_disabled',
    `The workflow ${workflow} of ${repository} is disabled on GitHub (${foreign(state)}).`,
    `Enable it: \`gh workflow enable ${workflow} --repo ${repository}\`.`,
  )
}

/** The workflow does not start on `workflow_dispatch`. @param events what it starts on */
export function workflowWithoutTrigger(
  { workflow, branch, repository }: OnBranch,
  events: readonly string[],
): Refusal {
  return refuse(
    'workflow_without_trigger',
    `The workflow ${workflow} on ${branch} of ${repository} starts on ${events.map(foreign).join(', ') || 'nothing'}, not on \`workflow_dispatch\`, so twokey cannot start it.`,
    `Add \`workflow_dispatch:\` under \`on:\`, on ${branch} and on the default branch.`,
  )
}

/** A workflow without a `sha` input always runs the branch's tip. */
export function inputMissingForCommit(
  { workflow, branch, service, environment }: Omit<OnBranch, 'repository'> & ServiceEnvironmentName,
  tip: string,
): Refusal {
  return refuse(
    'input_missing',
    `The workflow ${workflow} has no input that pins the commit, so only the tip of ${branch} (${tip.slice(0, 7)}) can be deployed.`,
    `Deploy the tip with \`/deploy ${environment} ${service}\`, or declare the input \`sha\` under \`workflow_dispatch: inputs:\` on ${branch}; to use another name, map it in twokey.yml: \`inputs: { ref: $sha }\`.`,
  )
}

/** A job of the workflow runs in an environment other than the requested one. */
export function workflowOtherEnvironment(
  { workflow, branch }: Pick<OnBranch, 'workflow' | 'branch'>,
  {
    job,
    environment,
    meant,
  }: { readonly job: string; readonly environment: string; readonly meant: ServiceEnvironmentName },
): Refusal {
  return refuse(
    'workflow_other_environment',
    `The workflow ${workflow} would deploy to ${environment}, not to ${meant.environment}: on ${branch} its job ${foreign(job)} runs in that environment.`,
    `Set the job’s \`environment:\` from an input or the branch, or skip the job on ${branch} with \`if:\`. If ${meant.environment} has its own workflow file, set it under \`services.${meant.service}.environments.${meant.environment}.workflow\`.`,
  )
}

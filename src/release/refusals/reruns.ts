import { type NotRerunnable, notRerunnableText } from '../failed-run.ts'
import { foreign } from '../foreign.ts'
import type { ServiceEnvironmentName } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

function deployInstead({ service, environment }: ServiceEnvironmentName): string {
  return `To deploy, type \`/deploy ${environment} ${service}\`.`
}

/** A click on Re-run failed jobs on a card that does not offer it. */
export function nothingToRerun(at: ServiceEnvironmentName): Refusal {
  return refuse(
    'run_not_rerunnable',
    'Nothing was run again: only the card of a release whose run failed or was cancelled offers that, until something else is released or the run is started again.',
    deployInstead(at),
  )
}

/** GitHub would not run the failed jobs again. */
export function notRerunnable(at: ServiceEnvironmentName, no: NotRerunnable): Refusal {
  return refuse(
    'run_not_rerunnable',
    `The failed jobs cannot be run again: ${notRerunnableText(no)}.`,
    no.because === 'started again' || no.because === 'in progress'
      ? `See the run on GitHub. ${deployInstead(at)}`
      : deployInstead(at),
  )
}

/** twokey.yml names another repository, workflow, branch or service by now. */
export function rerunOfOtherConfig(at: ServiceEnvironmentName): Refusal {
  const { service, environment } = at
  return refuse(
    'run_not_rerunnable',
    `The failed jobs cannot be run again: twokey.yml was changed since, and ${service} in ${environment} is deployed another way now.`,
    deployInstead(at),
  )
}

/** The commit was pushed off its branch. */
export function rerunOffBranch(
  at: ServiceEnvironmentName,
  { commit, branch }: { readonly commit: string; readonly branch: string },
): Refusal {
  return refuse(
    'run_not_rerunnable',
    `The failed jobs cannot be run again: ${commit.slice(0, 7)} is no longer on ${foreign(branch)}.`,
    deployInstead(at),
  )
}

/**
 * Something newer was deployed there, which the run would replace.
 * @param newer another release, or the revision that serves
 */
export function newerServing(
  at: ServiceEnvironmentName,
  newer: { readonly release: string } | { readonly revision: string },
): Refusal {
  const { service, environment } = at
  const what =
    'release' in newer
      ? `release ${newer.release} was sent to ${service} in ${environment} after this one`
      : `${newer.revision} was deployed to ${service} in ${environment} after this release`
  return refuse(
    'newer_serving',
    `The failed jobs cannot be run again: ${what}, and the run would replace it.`,
    deployInstead(at),
  )
}

/** The run deploys an older commit than what serves. */
export function rerunOfOlder(
  at: ServiceEnvironmentName,
  { commit, revision }: { readonly commit: string; readonly revision: string },
): Refusal {
  return refuse(
    'newer_serving',
    `The failed jobs cannot be run again: ${revision} is serving, and ${commit.slice(0, 7)} is older.`,
    `To go back to it, type \`/deploy ${at.environment} ${at.service} ${commit.slice(0, 7)}\`.`,
  )
}

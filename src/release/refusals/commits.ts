import { foreign } from '../foreign.ts'
import type { ServiceEnvironmentName } from '../names.ts'
import type { MissingFirst } from '../order-sighting.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

/**
 * The requested commit already runs there.
 * @param revision of the task definition
 */
export function nothingToDeploy(
  { service, environment }: ServiceEnvironmentName,
  { commit, revision }: { readonly commit: string; readonly revision: string },
): Refusal {
  return refuse(
    'nothing_to_deploy',
    `There is nothing to deploy: ${service} in ${environment} already runs ${commit.slice(0, 7)} (${revision}).`,
    `Choose another commit: \`/deploy ${environment} ${service} <branch, tag or commit>\`.`,
  )
}

/** GitHub knows no such branch, tag or commit, or the name can be none. @param why why the name can be none */
export function refUnknown(ref: string, repository: string, why?: string): Refusal {
  return refuse(
    'ref_unknown',
    why === undefined
      ? `No branch, tag or commit named ${foreign(ref)} in ${repository}.`
      : `${ref === '' ? 'An empty name' : foreign(ref)} is not a commit of ${repository}: ${foreign(why)}.`,
    'Use a branch, a tag or a commit with at least 7 digits; `git ls-remote origin` lists the names.',
  )
}

/** A branch and a tag have the same name. */
export function refAmbiguous(ref: string, repository: string): Refusal {
  return refuse(
    'ref_ambiguous',
    `${repository} has both a branch and a tag ${foreign(ref)}.`,
    `Type \`heads/${foreign(ref)}\` for the branch, or \`tags/${foreign(ref)}\` for the tag.`,
  )
}

/**
 * The commit is not on the branch that is deployed there.
 * @param left the last commit they share, and how many the branch lacks since
 */
export function notOnBranch(
  {
    commit,
    ref,
  }: { readonly commit: string; readonly ref: { readonly as: string; readonly name: string } | null },
  branch: string,
  left: { readonly at: string; readonly commits: number } | null,
): Refusal {
  const short = commit.slice(0, 7)
  const named = ref === null ? short : `${short} (${ref.as} ${foreign(ref.name)})`
  const distance =
    left === null
      ? `it has no commit in common with ${branch}`
      : `${branch} lacks ${left.commits} of its commits, since ${left.at.slice(0, 7)}`
  return refuse(
    'not_on_branch',
    `${named} is not on ${branch}, the branch that deploys there: ${distance}.`,
    `Merge it into ${branch} first, or use a commit of ${branch}: \`git log --oneline origin/${branch}\` lists them.`,
  )
}

/** GitHub has no branch of the name that twokey.yml gives. */
export function branchUnknown(branch: string, repository: string): Refusal {
  return refuse(
    'branch_unknown',
    `twokey.yml uses the branch ${branch}, but ${repository} has no such branch.`,
    'Ask a maintainer of twokey.yml to correct `branch`; `git ls-remote --heads origin` lists the existing ones.',
  )
}

/** `requires` names an environment where the commit has not succeeded. */
export function notShippedThereFirst(
  { service, environment }: ServiceEnvironmentName,
  {
    commit,
    first,
    branch,
    last,
  }: {
    readonly commit: string
    readonly first: string
    /** The branch that is deployed there, if it differs from the one here. */
    readonly branch: string | null
    /** The last release of the commit there. */
    readonly last: MissingFirst['last']
  },
): Refusal {
  const short = commit.slice(0, 7)
  if (last?.outcome === null)
    return refuse(
      'not_shipped_there_first',
      `${environment} requires ${first}: release ${last.release} of ${short} is still in progress in ${first}.`,
      'Request it again once that release has succeeded.',
    )
  const ended = last === null ? '' : ` (release ${last.release}: ${last.outcome})`
  return refuse(
    'not_shipped_there_first',
    `${environment} requires ${first}: ${short} of ${service} has not succeeded in ${first} yet${ended}.`,
    `Deploy it there first: \`/deploy ${first} ${service} ${short}\`${branch === null ? '.' : `, once it is on ${branch}, the branch that deploys there.`}`,
  )
}

import type { Refusal } from '../release/refusal.ts'
import { branchUnknown } from '../release/refusals/commits.ts'
import { workflowUnreadableThere } from '../release/refusals/workflow.ts'
import { type GitHub, type Inspected, Trouble } from '../shepherd/ports.ts'
import { changesSince } from './changes.ts'
import type { Client } from './client.ts'
import { type CommitAnswer, commitOf, findCommit } from './commit.ts'
import { refProblem } from './ref-syntax.ts'
import { branchTip, offBranch, resolveRef, standing, unknownRef } from './refs.ts'
import { dispatchable, githubTree } from './workflow.ts'

/**
 * What GitHub says of a commit that somebody wants to ship: that it lies on the branch, that the workflow on the
 * branch's tip can be dispatched, and what would change. What the person asked for is refused before what the
 * repository lacks. Throws `Trouble`.
 */
export async function inspect(client: Client, ask: Parameters<GitHub['inspect']>[0]): Promise<Inspected> {
  const { repository, branch, ref, running } = ask
  const problem = ref === null ? null : refProblem(ref)
  if (ref !== null && problem !== null) return unknownRef(ref, repository, problem)
  const tip = await branchTip(client, repository, branch)
  if (tip === null) return { refused: branchUnknown(branch, repository) }
  const [wanted, workflow, tree] = await Promise.all([
    wantedCommit(client, { repository, branch, ref, tip }),
    dispatchable(client, { ...ask, tip }),
    githubTree(client, repository, tip),
  ])
  if ('refused' in wanted) return wanted
  if ('refused' in workflow) return workflow
  if (tree === null) return { refused: workflowUnreadableThere(ask, { path: '.github', tip }) }
  return {
    commit: commitOf(wanted),
    tip: { sha: tip, githubTree: tree, commitOnBranch: true, inputs: workflow.inputs },
    ...(await changesSince(client, { repository, running, wanted })),
  }
}

type Wanted = {
  readonly repository: string
  readonly branch: string
  readonly ref: string | null
  readonly tip: string
}

async function wantedCommit(
  client: Client,
  { repository, branch, ref, tip }: Wanted,
): Promise<CommitAnswer | { readonly refused: Refusal }> {
  if (ref === null || ref === branch) return tipCommit(client, repository, tip)
  const resolved = await resolveRef(client, repository, ref)
  if ('refused' in resolved) return resolved
  const where = await standing(client, { repository, sha: resolved.commit.sha, tip })
  return where.on === 'branch' ? resolved.commit : offBranch(ref, resolved, { branch, where })
}

/** A tip that was read a moment ago may not have reached every server of GitHub. */
async function tipCommit(client: Client, repository: string, tip: string): Promise<CommitAnswer> {
  const commit = await findCommit(client, repository, tip)
  if (!commit) throw new Trouble('passing', `GitHub does not show the commit ${tip} yet`)
  return commit
}

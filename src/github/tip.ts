import type { TipSighting } from '../release/observation.ts'
import { type LookOf, Trouble } from '../shepherd/ports.ts'
import type { Client } from './client.ts'
import { branchTip, standing } from './refs.ts'
import { dispatchable, githubTree } from './workflow.ts'

/**
 * The branch and its workflow as they are now. Throws `Trouble`, terminal where the branch is gone or its workflow
 * can no longer be dispatched.
 */
export async function lookAtTip(client: Client, look: LookOf<'tip'>): Promise<TipSighting> {
  const { repository, branch, commit } = look
  const sha = await branchTip(client, repository, branch)
  if (sha === null) throw new Trouble('terminal', `${repository} has no branch ${branch} any more`)
  const [tree, where] = await Promise.all([
    githubTree(client, repository, sha),
    standing(client, { repository, sha: commit, tip: sha }),
  ])
  const commitOnBranch = where.on === 'branch'
  // Without the folder nothing can run: that is for the release to say.
  if (tree === null) return { sha, githubTree: null, commitOnBranch, inputs: [] }
  const workflow = await dispatchable(client, { ...look, tip: sha, needs: [] })
  if ('refused' in workflow) throw new Trouble('terminal', workflow.refused.sentence.replace(/\.$/, ''))
  return { sha, githubTree: tree, commitOnBranch, inputs: workflow.inputs }
}

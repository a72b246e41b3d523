import type { TipSighting } from '../release/observation.ts'
import type { Refusal } from '../release/refusal.ts'
import { type LookOf, Trouble } from '../shepherd/ports.ts'
import type { Client } from './client.ts'
import { branchTip, standing } from './refs.ts'
import { bindWorkflow, githubTree, readDispatchable } from './workflow.ts'

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
  if (tree === null) return { sha, githubTree: null, commitOnBranch, inputs: [], notes: [] }
  const ask = { ...look, tip: sha }
  const workflow = await readDispatchable(client, ask)
  if ('refused' in workflow) throw refusedThere(workflow.refused)
  const bound = await bindWorkflow(client, ask, { trigger: workflow, rules: look.rules })
  if ('refused' in bound) throw refusedThere(bound.refused)
  return { sha, githubTree: tree, commitOnBranch, ...bound }
}

function refusedThere({ sentence }: Refusal): Trouble {
  return new Trouble('terminal', sentence.replace(/\.$/, ''))
}

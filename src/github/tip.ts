import { Trouble } from '../ports/ports.ts'
import type { AskOf } from '../release/look.ts'
import type { Refusal } from '../release/refusal.ts'
import type { HeadSighting, TipSighting } from '../release/sighting.ts'
import type { Client } from './client.ts'
import { branchTip, standing } from './refs.ts'
import type { Reviewer } from './reviewer.ts'
import { Tree } from './tree.ts'
import { bindWorkflow, dispatchableOf, findWorkflow } from './workflow.ts'

/**
 * Reads the branch and its workflow as they are now. Throws `Trouble`, terminal if the branch is gone or its workflow
 * can no longer be dispatched.
 */
export async function lookAtTip(
  client: Client,
  look: AskOf<'tip'>,
  reviewer: Reviewer,
): Promise<TipSighting> {
  const { repository, branch, commit } = look
  const [sha, there] = await Promise.all([branchTip(client, repository, branch), findWorkflow(client, look)])
  if (sha === null) throw new Trouble('terminal', `${repository} no longer has a branch ${branch}`)
  const tree = new Tree(client, repository, sha)
  const ask = { ...look, tip: sha }
  const [github, where, workflow] = await Promise.all([
    tree.github(),
    standing(client, { repository, sha: commit, tip: sha }),
    dispatchableOf(client, ask, there),
  ])
  const commitOnBranch = where.on === 'branch'
  // Without `.github` no workflow can run. The release decides how to handle that.
  if (github === null) return { sha, githubTree: null, paths: [], commitOnBranch, inputs: [], notes: [] }
  if ('refused' in workflow) throw refusedThere(workflow.refused)
  const bound = await bindWorkflow(client, ask, { trigger: workflow, rules: look.rules, tree, reviewer })
  if ('refused' in bound) throw refusedThere(bound.refused)
  return { sha, githubTree: github, commitOnBranch, ...bound }
}

/**
 * Reads the commit that a run started on, and whether it came to the branch after the tip of the last look, as a push
 * without a rewrite does. Throws `Trouble`, passing if GitHub does not show it on the branch yet.
 */
export async function lookAtHead(client: Client, look: AskOf<'headTree'>): Promise<HeadSighting> {
  const { repository, branch, sha, tip } = look
  const tree = new Tree(client, repository, sha)
  const [githubTree, paths, follows, now] = await Promise.all([
    tree.github(),
    Promise.all(look.paths.map(async (path) => ({ path, sha: await objectShaAt(tree, path) }))),
    standing(client, { repository, sha: tip, tip: sha }),
    branchTip(client, repository, branch),
  ])
  const onBranch =
    follows.on === 'branch' && now !== null && (await liesOn(client, { repository, sha, tip: now }))
  return { githubTree, paths, onBranch }
}

async function objectShaAt(tree: Tree, path: string): Promise<string | null> {
  const found = await tree.find(path)
  if (found.found === 'unread') throw new Trouble('terminal', `${path} could not be read: too many folders`)
  return 'sha' in found ? found.sha : null
}

/** A commit that was just pushed may be ahead of the tip that GitHub returns. */
async function liesOn(
  client: Client,
  { repository, sha, tip }: { readonly repository: string; readonly sha: string; readonly tip: string },
): Promise<boolean> {
  const where = await standing(client, { repository, sha, tip })
  if (where.on === 'elsewhere' && where.leftAt === tip)
    throw new Trouble('passing', `GitHub does not show ${sha.slice(0, 7)} on the branch yet`)
  return where.on === 'branch'
}

function refusedThere({ sentence }: Refusal): Trouble {
  return new Trouble('terminal', sentence.replace(/\.$/, ''))
}

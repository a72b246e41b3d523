import { z } from 'zod'
import type { Refusal } from '../release/refusal.ts'
import {
  inputMissing,
  inputMissingHere,
  workflowDisabled,
  workflowUnreadable,
  workflowUnreadableText,
  workflowUnreadableThere,
  workflowWithoutTrigger,
} from '../release/refusals/workflow.ts'
import type { WorkflowInput } from '../release/release.ts'
import { Trouble } from '../shepherd/ports.ts'
import { type Client, ownerAndName } from './client.ts'
import { foreignInputs, inputsOf, readTrigger } from './workflow-file.ts'

const workflowShape = z.object({ path: z.string(), state: z.string() })
/** A folder is a list; a file of more than 1 MB comes with another encoding and no content. */
const contentShape = z
  .object({ type: z.string(), encoding: z.string().optional(), content: z.string().optional() })
  .or(z.array(z.unknown()))
const treeShape = z.object({
  truncated: z.boolean().default(false),
  tree: z.array(z.object({ path: z.string(), type: z.string(), sha: z.string() })),
})

export type WorkflowAsk = {
  readonly repository: string
  readonly workflow: string
  readonly branch: string
  /** Sha of the branch's tip: the file as it stands there is what would run. */
  readonly tip: string
  readonly needs: readonly WorkflowInput[]
}

/**
 * The inputs that a dispatch on the branch's tip would take of us. Refuses `workflow_unreadable`, `workflow_disabled`,
 * `workflow_without_trigger`, `input_missing`. Throws `Trouble`.
 */
export async function dispatchable(
  client: Client,
  ask: WorkflowAsk,
): Promise<{ readonly inputs: readonly WorkflowInput[] } | { readonly refused: Refusal }> {
  const { repository, workflow, tip } = ask
  const there = await client.find({
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}',
    parameters: { ...ownerAndName(repository), workflow_id: workflow },
    shape: workflowShape,
  })
  if (!there || there.state === 'deleted') return { refused: workflowUnreadable(ask) }
  if (there.state !== 'active') return { refused: workflowDisabled(ask, there.state) }
  const text = await fileAt(client, { repository, path: there.path, sha: tip })
  if (text === null) return { refused: workflowUnreadableThere(ask, { path: there.path, tip }) }
  return servable(ask, text)
}

function servable(
  ask: WorkflowAsk,
  text: string,
): { readonly inputs: readonly WorkflowInput[] } | { readonly refused: Refusal } {
  const trigger = readTrigger(text)
  switch (trigger.trigger) {
    case 'unreadable':
      return { refused: workflowUnreadableText(ask, trigger.why) }
    case 'other':
      return { refused: workflowWithoutTrigger(ask, trigger.events) }
    case 'dispatch': {
      const foreign = foreignInputs(trigger.inputs)
      if (foreign.length > 0) return { refused: inputMissingHere(ask, foreign) }
      const inputs = inputsOf(trigger.inputs)
      const missing = ask.needs.filter((need) => !inputs.includes(need))
      return missing.length === 0 ? { inputs } : { refused: inputMissing(ask, missing) }
    }
  }
}

async function fileAt(
  client: Client,
  { repository, path, sha }: { readonly repository: string; readonly path: string; readonly sha: string },
): Promise<string | null> {
  const content = await client.find({
    route: 'GET /repos/{owner}/{repo}/contents/{path}',
    parameters: { ...ownerAndName(repository), path, ref: sha },
    shape: contentShape,
  })
  if (content === null || Array.isArray(content)) return null
  if (content.type !== 'file' || content.encoding !== 'base64' || content.content === undefined) return null
  return Buffer.from(content.content, 'base64').toString('utf8')
}

/** The sha of the `.github` tree at a commit: its workflows, and what they use of the repository's own; null where there is none. Throws `Trouble`. */
export async function githubTree(client: Client, repository: string, sha: string): Promise<string | null> {
  const { tree, truncated } = await client.read({
    route: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
    parameters: { ...ownerAndName(repository), tree_sha: sha },
    shape: treeShape,
  })
  const found = tree.find(({ path, type }) => path === '.github' && type === 'tree')
  if (!found && truncated)
    throw new Trouble('terminal', `the root of ${repository} has more entries than GitHub shows`)
  return found?.sha ?? null
}

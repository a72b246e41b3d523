import { z } from 'zod'
import { type Refusal, refuse } from '../release/refusal.ts'
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
  const { repository, workflow, branch, tip } = ask
  const there = await client.find({
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}',
    parameters: { ...ownerAndName(repository), workflow_id: workflow },
    shape: workflowShape,
  })
  if (!there || there.state === 'deleted')
    return refuse(
      'workflow_unreadable',
      `GitHub knows no workflow ${workflow} in ${repository}: its file must lie in .github/workflows on the default branch too, or GitHub dispatches it nowhere.`,
      `Add it to the default branch, or correct the name in twokey.yml; \`gh workflow list --all --repo ${repository}\` lists those there are.`,
    )
  if (there.state !== 'active')
    return refuse(
      'workflow_disabled',
      `The workflow ${workflow} of ${repository} is switched off on GitHub (${there.state}).`,
      `Switch it on: \`gh workflow enable ${workflow} --repo ${repository}\`.`,
    )
  const text = await fileAt(client, { repository, path: there.path, sha: tip })
  if (text === null)
    return refuse(
      'workflow_unreadable',
      `${branch} of ${repository} has no file ${there.path} that can be read at ${tip.slice(0, 7)}.`,
      `Bring the workflow to ${branch}, or name another in twokey.yml.`,
    )
  return servable(ask, text)
}

function servable(
  { repository, workflow, branch, needs }: WorkflowAsk,
  text: string,
): { readonly inputs: readonly WorkflowInput[] } | { readonly refused: Refusal } {
  const trigger = readTrigger(text)
  switch (trigger.trigger) {
    case 'unreadable':
      return refuse(
        'workflow_unreadable',
        `The workflow ${workflow} on ${branch} of ${repository} cannot be read: ${trigger.why}.`,
        `Mend the file on ${branch} and ask again.`,
      )
    case 'other':
      return refuse(
        'workflow_without_trigger',
        `The workflow ${workflow} on ${branch} of ${repository} starts on ${trigger.events.join(', ') || 'nothing'}, not on \`workflow_dispatch\`: nobody can dispatch it.`,
        `Add \`workflow_dispatch:\` under \`on:\` on ${branch} and on the default branch.`,
      )
    case 'dispatch': {
      const foreign = foreignInputs(trigger.inputs)
      if (foreign.length > 0)
        return refuse(
          'input_missing',
          `The workflow ${workflow} on ${branch} requires ${list(foreign)}, which twokey does not know, without a default.`,
          `Give ${list(foreign)} a \`default\`, or make it \`required: false\`.`,
        )
      const inputs = inputsOf(trigger.inputs)
      const missing = needs.filter((need) => !inputs.includes(need))
      if (missing.length === 0) return { inputs }
      return refuse(
        'input_missing',
        `The workflow ${workflow} on ${branch} takes no ${list(missing)}, without which it cannot tell the environments apart that it serves.`,
        `Declare ${list(missing)} under \`workflow_dispatch: inputs:\` on ${branch}.`,
      )
    }
  }
}

function list(names: readonly string[]): string {
  return names.length === 1
    ? `the input \`${names[0]}\``
    : `the inputs ${names.map((name) => `\`${name}\``).join(', ')}`
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

import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { type Contexts, render } from './expression.ts'
import { InvalidWorkflow, readWorkflow } from './workflow-problems.ts'
import type { Input, WorkflowFile } from './workflow-shapes.ts'

/** The path of the default world's deploy workflow. */
export const deployPath = '.github/workflows/deploy.yml'

/** Parses a workflow; undefined if it is not valid: GitHub accepts the push, and starts no run. */
export function workflowIn(text: string): WorkflowFile | undefined {
  try {
    return readWorkflow(text)
  } catch (trouble) {
    if (trouble instanceof InvalidWorkflow) return undefined
    throw trouble
  }
}

/** The inputs of its `workflow_dispatch` trigger; undefined if it has no such trigger. */
export function dispatchInputs(file: WorkflowFile): Readonly<Record<string, Input>> | undefined {
  return file.on.workflow_dispatch?.inputs
}

/** Whether a push to the branch starts the workflow. */
export function startsOnPush({ on }: WorkflowFile, branch: string): boolean {
  if (!on.push) return false
  const { branches, 'branches-ignore': ignored, tags, 'tags-ignore': ignoredTags } = on.push
  if (branches) return isNamed(branch, branches)
  if (ignored) return !isNamed(branch, ignored)
  return tags === undefined && ignoredTags === undefined
}

/** Whether the last pattern that matches a name includes it; `!` before a pattern excludes the name. */
function isNamed(name: string, patterns: readonly string[]): boolean {
  const fitting = patterns.findLast((pattern) => filter(pattern.replace(/^!/, '')).test(name))
  return fitting !== undefined && !fitting.startsWith('!')
}

/** A filter pattern: `*` stops at a slash, `**` does not. Source: GitHub's filter pattern cheat sheet. */
function filter(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.^${}()|\\]/g, '\\$&')
    .replaceAll('**', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '.*')
  return new RegExp(`^${source}$`)
}

/** The run's title: `run-name`, or `otherwise` if that is missing or renders to an empty string. */
export function runTitle(file: WorkflowFile, contexts: Contexts, otherwise: string): string {
  const title = render(file['run-name'] ?? '', contexts).trim()
  return title === '' ? otherwise : title
}

/** How the deploy workflow may be reduced. */
export type WorkflowVariant = {
  /** The events that start it. */
  readonly on?: readonly ('push' | 'workflow_dispatch')[]
  /** Which of its inputs it declares. */
  readonly inputs?: readonly ('environment' | 'sha' | 'release_id')[]
}

/** The text of the deploy workflow, complete or reduced. */
export function deployWorkflow(variant: WorkflowVariant = {}): string {
  const text = textOf('deploy')
  if (!variant.on && !variant.inputs) return text
  const document = parseDocument(text)
  for (const event of ['push', 'workflow_dispatch'] as const)
    if (variant.on && !variant.on.includes(event)) document.deleteIn(['on', event])
  for (const input of ['environment', 'sha', 'release_id'] as const)
    if (variant.inputs && !variant.inputs.includes(input))
      document.deleteIn(['on', 'workflow_dispatch', 'inputs', input])
  return document.toString()
}

/** The path of the workflow of the demo's `blog-worker`. */
export const workerPath = '.github/workflows/deploy-worker.yml'

/** The text of that workflow: no push trigger, no migration. */
export function workerWorkflow(): string {
  return textOf('deploy-worker')
}

/** The path of the workflow of the demo's `blog-search`, which ECS deploys as a canary. */
export const searchPath = '.github/workflows/deploy-search.yml'

/** The text of that workflow: that of `blog-worker` with its names, because the strategy is the service's own. */
export function searchWorkflow(): string {
  return workerWorkflow().replaceAll('worker', 'search')
}

/** The path of the workflow of the demo's `blog-web`, which CodeDeploy deploys. */
export const webPath = '.github/workflows/deploy-web.yml'

/** The text of that workflow: it creates a deployment, and ends without waiting for it. */
export function webWorkflow(): string {
  return textOf('deploy-web')
}

/**
 * A team's own pipeline, without inputs and independent of the bot: `pipeline` ships main to production,
 * `pipeline-branches` ships develop to dev and main to production, in one workflow.
 */
export type PipelineName = 'pipeline' | 'pipeline-branches'

/** The text of a pipeline, to push as a separate workflow file. */
export function pipelineWorkflow(name: PipelineName): string {
  return textOf(name)
}

function textOf(name: 'deploy' | 'deploy-worker' | 'deploy-web' | PipelineName): string {
  return readFileSync(new URL(`./workflows/${name}.yml`, import.meta.url), 'utf8')
}

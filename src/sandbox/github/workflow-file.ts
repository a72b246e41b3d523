import { readFileSync } from 'node:fs'
import { parse, parseDocument } from 'yaml'
import { z } from 'zod'
import { type Names, render } from './expression.ts'

/** Where the deploy workflow of the default world lies in its repository. */
export const deployPath = '.github/workflows/deploy.yml'

const inputShape = z
  .object({
    description: z.string().optional(),
    type: z.string().default('string'),
    required: z.boolean().default(false),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    options: z.array(z.string()).optional(),
  })
  .nullable()
  .transform((input) => input ?? { type: 'string', required: false })

const stepShape = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})

const texts = z.record(z.string(), z.coerce.string())
const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())])
const nameable = z.union([z.string(), z.object({ name: z.string() }).transform((named) => named.name)])

const jobShape = z.object({
  name: z.string().optional(),
  needs: oneOrMore.optional(),
  'runs-on': oneOrMore.default(['ubuntu-latest']),
  environment: nameable.optional(),
  env: texts.optional(),
  steps: z.array(stepShape),
})

const triggers = z
  .union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())])
  .transform((on): Record<string, unknown> => {
    if (typeof on === 'string') return { [on]: null }
    return Array.isArray(on) ? Object.fromEntries(on.map((event) => [event, null])) : on
  })

const fileShape = z.object({
  name: z.string().optional(),
  'run-name': z.string().optional(),
  on: triggers,
  env: texts.optional(),
  jobs: z.record(z.string(), jobShape),
})

const dispatchShape = z.object({ inputs: z.record(z.string(), inputShape).nullish() }).nullish()
const pushShape = z.object({ branches: oneOrMore.optional() }).nullish()

/** A workflow file, read as far as the sandbox carries it out. */
export type WorkflowFile = z.infer<typeof fileShape>
export type JobPlan = z.infer<typeof jobShape>
export type StepPlan = z.infer<typeof stepShape>
export type Input = z.infer<typeof inputShape>

/** Reads a workflow's text. Throws where it is none. */
export function readWorkflow(text: string): WorkflowFile {
  return fileShape.parse(parse(text))
}

/** The same; undefined where the text is no workflow: GitHub takes the push, and starts nothing by the file. */
export function workflowIn(text: string): WorkflowFile | undefined {
  const document = parseDocument(text)
  return document.errors.length > 0 ? undefined : fileShape.safeParse(document.toJS()).data
}

/** The inputs of its `workflow_dispatch` trigger; undefined where it has no such trigger. */
export function dispatchInputs(file: WorkflowFile): Readonly<Record<string, Input>> | undefined {
  if (!('workflow_dispatch' in file.on)) return undefined
  return dispatchShape.parse(file.on.workflow_dispatch)?.inputs ?? {}
}

/** Whether a push to the branch starts it. */
export function startsOnPush(file: WorkflowFile, branch: string): boolean {
  if (!('push' in file.on)) return false
  const branches = pushShape.parse(file.on.push)?.branches
  return branches === undefined || branches.includes(branch)
}

/** The run's title: `run-name`, or `otherwise` where that is missing or renders to nothing. */
export function runTitle(file: WorkflowFile, names: Names, otherwise: string): string {
  const title = render(file['run-name'] ?? '', names).trim()
  return title === '' ? otherwise : title
}

/** How the deploy workflow may be less than it should be. */
export type WorkflowVariant = {
  /** The events that start it. */
  readonly on?: readonly ('push' | 'workflow_dispatch')[]
  /** Which of its inputs it declares. */
  readonly inputs?: readonly ('environment' | 'sha' | 'release_id')[]
}

/** The text of the deploy workflow, whole or as a variant of it. */
export function deployWorkflow(variant: WorkflowVariant = {}): string {
  const text = readFileSync(new URL('./workflows/deploy.yml', import.meta.url), 'utf8')
  if (!variant.on && !variant.inputs) return text
  const document = parseDocument(text)
  for (const event of ['push', 'workflow_dispatch'] as const)
    if (variant.on && !variant.on.includes(event)) document.deleteIn(['on', event])
  for (const input of ['environment', 'sha', 'release_id'] as const)
    if (variant.inputs && !variant.inputs.includes(input))
      document.deleteIn(['on', 'workflow_dispatch', 'inputs', input])
  return document.toString()
}

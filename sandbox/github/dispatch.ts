import { type Answer, notFound, ok, refuse } from './answer.ts'
import type { RepositoryCall } from './call.ts'
import type { Repository } from './repository.ts'
import { runUrls } from './shapes/runs.ts'
import { dispatchInputs } from './workflow-file.ts'
import { InvalidWorkflow, readWorkflow } from './workflow-problems.ts'
import type { Input, WorkflowFile } from './workflow-shapes.ts'

type Body = {
  readonly ref: string
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly return_run_details?: boolean
}
type Declared = Readonly<Record<string, Input>>

/** The maximum size of the inputs, in characters of their JSON. */
const largestInputs = 65_535
/** A GitHub Enterprise Server (to 3.20) accepts fewer inputs than github.com's 25. */
const enterpriseInputs = 10

const noTrigger = refuse(422, "Workflow does not have 'workflow_dispatch' trigger")

/**
 * `actions/create-workflow-dispatch`: starts a run on the tip of a branch or tag. The inputs are checked against the
 * workflow file at that ref. Answers 200 with the run if `return_run_details` is true (always under the API version
 * 2026-03-10), otherwise 204; 404, or 422 with the reason.
 */
export function dispatch(call: RepositoryCall): Answer {
  const { repository, params, world, access, at } = call
  const body = call.body as Body
  if (world.server === 'enterprise') {
    if ('return_run_details' in body) return invalid('"return_run_details" is not a permitted key.')
    if (Object.keys(body.inputs ?? {}).length > enterpriseInputs)
      return invalid(`No more than ${enterpriseInputs} properties are allowed.`)
  }
  const workflow = repository.workflow(params.workflow_id!)
  if (!workflow || workflow.state === 'deleted') return notFound
  if (workflow.state !== 'active')
    return refuse(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")

  const ref = body.ref.replace(/^refs\//, '').replace(/^(heads|tags)\//, '')
  const commit = repository.git.tip(`heads/${ref}`) ?? repository.git.tip(`tags/${ref}`)
  if (!commit) return refuse(422, `No ref found for: ${body.ref}`)
  const file = fileOf(repository.git.read(commit, workflow.path))
  if ('status' in file) return file
  const declared = dispatchInputs(file)
  if (!declared) return noTrigger
  const problem = inputProblem(declared, body.inputs ?? {}, repository)
  if (problem) return refuse(422, problem)

  const run = world.startRun({
    repository: repository.fullName,
    workflow: workflow.path,
    branch: ref,
    commit,
    event: 'workflow_dispatch',
    actor: access.account,
    inputs: { ...defaults(declared), ...texts(body.inputs ?? {}) },
  })
  const isDetailed = body.return_run_details === true || call.version === '2026-03-10'
  if (world.server === 'enterprise' || !isDetailed) return { status: 204 }
  const { api, html } = runUrls(run, repository, at)
  return ok({ workflow_run_id: run.id, run_url: api, html_url: html })
}

function invalid(message: string): Answer {
  return refuse(422, `Invalid request.\n\n${message}`)
}

/** The parsed workflow, or GitHub's error for a file that is not a valid workflow. */
function fileOf(text: string | undefined): WorkflowFile | Answer {
  if (text === undefined) return noTrigger
  try {
    return readWorkflow(text)
  } catch (trouble) {
    if (!(trouble instanceof InvalidWorkflow)) throw trouble
    return refuse(422, `Invalid Argument - failed to parse workflow: ${trouble.message}`)
  }
}

function texts(inputs: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]))
}

/** The values of inputs that were not given; a boolean without a default is false. */
function defaults(declared: Declared): Record<string, string> {
  return texts(
    Object.fromEntries(
      Object.entries(declared).flatMap(([name, input]) => {
        const value = input.default ?? (input.type === 'boolean' ? false : undefined)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  )
}

/** GitHub's error for inputs that the workflow does not accept. */
function inputProblem(
  declared: Declared,
  given: Readonly<Record<string, unknown>>,
  repository: Repository,
): string | undefined {
  const unexpected = Object.keys(given).filter((name) => !(name in declared))
  if (unexpected.length > 0) return `Unexpected inputs provided: ${JSON.stringify(unexpected)}`
  const shapeless = Object.keys(given).find((name) => typeof given[name] === 'object')
  if (shapeless) return `Invalid value for input '${shapeless}'`
  for (const [name, input] of Object.entries(declared)) {
    const value = given[name] ?? input.default
    if (input.required && (value === undefined || value === ''))
      return `Required input '${name}' not provided`
    if (value !== undefined && !isAllowed(String(value), input, repository))
      return `Provided value '${value}' for input '${name}' not in the list of allowed values`
  }
  return JSON.stringify(given).length > largestInputs ? 'inputs are too large.' : undefined
}

/** Whether a value has its input's type. Names of environments are case-insensitive. */
function isAllowed(value: string, input: Input, repository: Repository): boolean {
  switch (input.type) {
    case 'choice':
      return input.options?.includes(value) ?? true
    case 'boolean':
      return value === 'true' || value === 'false'
    case 'number':
      return value === '' || Number.isFinite(Number(value))
    case 'environment':
      return value === '' || repository.environment(value) !== undefined
    case 'string':
      return true
    default:
      return input.type satisfies never
  }
}

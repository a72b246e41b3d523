import { type Answer, notFound, ok, type RepositoryCall, refuse } from './call.ts'
import { runUrls } from './shapes/runs.ts'
import { dispatchInputs, type Input } from './workflow-file.ts'

type Body = {
  readonly ref: string
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly return_run_details?: boolean
}

/** GitHub takes no more than this many characters of inputs, counted as JSON. */
const largestInputs = 65_535
/** A GitHub Enterprise Server (to 3.20) takes fewer inputs than github.com's 25. */
const enterpriseInputs = 10

/**
 * `actions/create-workflow-dispatch`: starts a run on the tip of a branch or tag. The inputs are held
 * against the workflow file at that ref. 200 with the run where `return_run_details` is true (always
 * under the API version 2026-03-10), else 204. 404, 422 with the reason.
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
  const file = repository.workflowAt(workflow, commit)
  const declared = file && dispatchInputs(file)
  if (!declared) return refuse(422, "Workflow does not have 'workflow_dispatch' trigger")
  const given = texts(body.inputs ?? {})
  const problem = inputProblem(declared, given)
  if (problem) return refuse(422, problem)

  const run = world.startRun({
    repository: repository.fullName,
    workflow: workflow.path,
    branch: ref,
    commit,
    event: 'workflow_dispatch',
    actor: access.account,
    inputs: { ...defaults(declared), ...given },
  })
  const isDetailed = body.return_run_details === true || call.version === '2026-03-10'
  if (world.server === 'enterprise' || !isDetailed) return { status: 204 }
  const { api, html } = runUrls(run, repository, at)
  return ok({ workflow_run_id: run.id, run_url: api, html_url: html })
}

function invalid(message: string): Answer {
  return refuse(422, `Invalid request.\n\n${message}`)
}

function texts(inputs: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]))
}

function defaults(declared: Readonly<Record<string, Input>>): Record<string, string> {
  return texts(
    Object.fromEntries(
      Object.entries(declared).flatMap(([name, input]) =>
        input.default === undefined ? [] : [[name, input.default]],
      ),
    ),
  )
}

/** What GitHub says to inputs that the workflow does not take. */
function inputProblem(
  declared: Readonly<Record<string, Input>>,
  given: Readonly<Record<string, string>>,
): string | undefined {
  const unexpected = Object.keys(given).filter((name) => !(name in declared))
  if (unexpected.length > 0) return `Unexpected inputs provided: ${JSON.stringify(unexpected)}`
  for (const [name, input] of Object.entries(declared)) {
    const value = given[name] ?? input.default
    if (input.required && (value === undefined || value === ''))
      return `Required input '${name}' not provided`
    if (input.options && value !== undefined && !input.options.includes(String(value)))
      return `Provided value '${value}' for input '${name}' not in the list of allowed values`
  }
  return JSON.stringify(given).length > largestInputs ? 'inputs are too large.' : undefined
}

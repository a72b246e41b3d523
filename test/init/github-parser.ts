import { registerHooks } from 'node:module'

// @actions/workflow-parser 0.3.61 imports JSON without the attribute that Node demands.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})

const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import(
  '@actions/workflow-parser'
)

/** What GitHub's own parser finds in a workflow: its errors, and the IDs of its jobs. */
export async function parsedByGitHub(
  content: string,
): Promise<{ readonly errors: readonly string[]; readonly jobs: readonly string[] }> {
  const { context, value } = parseWorkflow({ name: 'deploy.yml', content }, new NoOperationTraceWriter())
  const jobs = value ? (await convertWorkflowTemplate(context, value)).jobs.map(({ id }) => id.value) : []
  return { errors: context.errors.getErrors().map(({ message }) => message), jobs }
}

import { notFound, ok } from '../answer.ts'
import { page, type RepositoryCall, type RepositoryRoutes } from '../call.ts'
import { dispatch } from '../dispatch.ts'
import { latest, type Run } from '../runs.ts'
import { workflowOf, workflowRun } from '../shapes/runs.ts'

/** Workflows, their dispatch, and the lists of runs. */
export const workflowRoutes = {
  'GET /repos/{owner}/{repo}/actions/workflows': (call) => {
    const { repository, at } = call
    const { shown, headers } = page(call, repository.workflows)
    const workflows = shown.map((workflow) => workflowOf(workflow, repository, at))
    return ok({ total_count: repository.workflows.length, workflows }, headers)
  },

  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}': ({ repository, params, at }) => {
    const workflow = repository.workflow(params.workflow_id!)
    return workflow ? ok(workflowOf(workflow, repository, at)) : notFound
  },

  'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': dispatch,

  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': (call) => {
    const workflow = call.repository.workflow(call.params.workflow_id!)
    if (!workflow) return notFound
    return runList(
      call,
      call.repository.runs.filter((run) => run.workflowId === workflow.id),
    )
  },

  'GET /repos/{owner}/{repo}/actions/runs': (call) => runList(call, call.repository.runs),
} satisfies RepositoryRoutes

const filters = ['actor', 'branch', 'event', 'status', 'head_sha', 'created'] as const

/**
 * Newest first. New runs are missing for a while: from lists, and longer from filtered lists. A list by status also lacks
 * the runs that changed in that time.
 */
function runList(call: RepositoryCall, runs: readonly Run[]) {
  const { repository, query, at, world } = call
  const isFiltered = filters.some((filter) => query.has(filter))
  const known = Date.now() - (isFiltered ? Math.max(world.lag.lists, world.lag.filtered) : world.lag.lists)
  const since = (run: Run) => (query.has('status') ? latest(run).updatedAt : run.createdAt)
  const wanted = runs.filter((run) => since(run) <= known && matches(run, query)).toReversed()
  const { shown, headers } = page(call, wanted)
  const workflowRuns = shown.map((run) => workflowRun(run, repository, at))
  return ok({ total_count: wanted.length, workflow_runs: workflowRuns }, headers)
}

function matches(run: Run, query: URLSearchParams): boolean {
  const { status, conclusion } = latest(run)
  const matches = (name: (typeof filters)[number], ...values: (string | null)[]) =>
    values.includes(query.get(name) ?? values[0]!)
  return (
    matches('actor', run.actor.login) &&
    matches('branch', run.headBranch) &&
    matches('event', run.event) &&
    matches('status', status, conclusion) &&
    matches('head_sha', run.headSha) &&
    isCreated(run.createdAt, query.get('created'))
  )
}

/** Matches `created` in GitHub's search syntax: `>=2026-11-23T01:00:00Z`, `<2026-11-23`, `2026-11-01..2026-11-23`. */
function isCreated(at: number, when: string | null): boolean {
  if (when === null) return true
  const [from, to] = when.split('..')
  if (to !== undefined) return at >= Date.parse(from!) && at < Date.parse(to) + 1000
  const [, sign = '', time = ''] = /^(>=|<=|>|<)?(.*)$/.exec(when) ?? []
  const second = Math.floor(at / 1000) * 1000
  const limit = Date.parse(time)
  if (sign === '') return new Date(at).toISOString().startsWith(time.replace(/Z$/, ''))
  return sign.startsWith('>')
    ? second > limit || (sign === '>=' && second === limit)
    : second < limit || (sign === '<=' && second === limit)
}

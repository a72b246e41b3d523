import { z } from 'zod'
import type { GitHub } from '../ports/ports.ts'
import type { Answer } from '../release/answer.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { notAccepted } from './not-accepted.ts'
import { explain } from './trouble.ts'

type DispatchAsk = Parameters<GitHub['dispatch']>[0]
type DispatchAnswer = Extract<Answer, { to: 'dispatch' }>

const route = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

/** Dispatches the workflow with exactly one request. Does not throw. */
export async function dispatch(client: Client, ask: DispatchAsk): Promise<DispatchAnswer> {
  const { repository, workflow, ref, inputs, details, maySend } = ask
  const parameters = {
    ...ownerAndName(repository),
    workflow_id: workflow,
    ref,
    inputs,
    ...detailParameters[details],
  }
  return dispatchAnswer(await client.post(route, parameters, maySend), details)
}

/** The parameter that makes GitHub include the run in its answer. */
const detailParameters: Record<DispatchAsk['details'], { readonly return_run_details?: true }> = {
  asked: { return_run_details: true },
  omitted: {},
}

const started = z.object({ workflow_run_id: z.number().int().positive(), html_url: z.string().min(1) })

/** Interprets the answer to the dispatch. Anything that proves nothing is `unclear`. */
function dispatchAnswer(posted: Posted, details: DispatchAsk['details']): DispatchAnswer {
  if (posted.failure === null) return startedAnswer(posted)
  if (posted.failure === 'answered' && details === 'asked' && refusesDetails(posted))
    return { to: 'dispatch', answer: 'details refused', reason: explain(posted) }
  return { to: 'dispatch', ...notAccepted(posted) }
}

/** A server older than `return_run_details` rejects the unknown key before it starts anything. */
function refusesDetails({ status, message }: Extract<Posted, { failure: 'answered' }>): boolean {
  return (status === 422 || status === 400) && message.includes('return_run_details')
}

function startedAnswer({ status, body }: Extract<Posted, { failure: null }>): DispatchAnswer {
  if (status === 204) return { to: 'dispatch', answer: 'accepted' }
  const { data: run } = started.safeParse(body)
  if (status !== 200 || !run)
    return { to: 'dispatch', answer: 'unclear', reason: `GitHub answered ${status} without a run id` }
  return { to: 'dispatch', answer: 'run', runId: run.workflow_run_id, url: run.html_url }
}

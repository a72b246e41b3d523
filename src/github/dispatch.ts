import { z } from 'zod'
import type { GitHub } from '../ports/ports.ts'
import type { Answer } from '../release/answer.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { explain, limitEnd } from './trouble.ts'

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

/** Statuses which mean that GitHub started nothing. */
const refusalStatuses = [401, 403, 404, 422]

/** Interprets the answer to the dispatch. Anything that proves nothing is `unclear`. */
function dispatchAnswer(posted: Posted, details: DispatchAsk['details']): DispatchAnswer {
  switch (posted.failure) {
    case null:
      return startedAnswer(posted)
    case 'unanswered':
      return unanswered(posted)
    case 'answered':
      return refusedAnswer(posted, details)
  }
}

function unanswered({ sent, reason }: Extract<Posted, { failure: 'unanswered' }>): DispatchAnswer {
  switch (sent) {
    case 'never':
      return { to: 'dispatch', answer: 'refused', reason: `nothing was sent to GitHub: ${reason}` }
    case 'held back':
      return { to: 'dispatch', answer: 'held back', reason }
    case 'perhaps':
      return { to: 'dispatch', answer: 'unclear', reason: `the connection broke: ${reason}` }
  }
}

function refusedAnswer(
  posted: Extract<Posted, { failure: 'answered' }>,
  details: DispatchAsk['details'],
): DispatchAnswer {
  const reason = explain(posted)
  const until = limitEnd(posted)
  if (until !== null) return { to: 'dispatch', answer: 'limited', until, reason }
  if (details === 'asked' && refusesDetails(posted))
    return { to: 'dispatch', answer: 'details refused', reason }
  return { to: 'dispatch', answer: refusalStatuses.includes(posted.status) ? 'refused' : 'unclear', reason }
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

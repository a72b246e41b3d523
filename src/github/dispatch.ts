import { z } from 'zod'
import type { Answer } from '../release/effects.ts'
import type { GitHub } from '../shepherd/ports.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { explain, limitEnd } from './trouble.ts'

type DispatchAnswer = Extract<Answer, { to: 'dispatch' }>

const route = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

/**
 * Dispatches the workflow, with one request. A second one is sent only where a server that is older than
 * `return_run_details` refused the first for that key: it validates before it starts anything. Does not throw.
 */
export async function dispatch(
  client: Client,
  ask: Parameters<GitHub['dispatch']>[0],
): Promise<DispatchAnswer> {
  const { repository, workflow, ref, inputs, maySend } = ask
  const parameters = { ...ownerAndName(repository), workflow_id: workflow, ref, inputs }
  const posted = await client.post(route, { ...parameters, return_run_details: true }, maySend)
  return dispatchAnswer(refusesDetails(posted) ? await client.post(route, parameters, maySend) : posted)
}

function refusesDetails(posted: Posted): boolean {
  return (
    posted.failure === 'answered' &&
    (posted.status === 422 || posted.status === 400) &&
    posted.message.includes('return_run_details')
  )
}

const started = z.object({ workflow_run_id: z.number().int().positive(), html_url: z.string().min(1) })

/** Statuses with which GitHub tells that it started nothing. */
const refusing = [401, 403, 404, 422]

/** What an answer to the dispatch proves. Whatever proves nothing is `unclear`. */
function dispatchAnswer(posted: Posted): DispatchAnswer {
  switch (posted.failure) {
    case null:
      return startedAnswer(posted)
    case 'unanswered':
      return posted.sent === 'never'
        ? { to: 'dispatch', answer: 'refused', reason: `nothing was sent to GitHub: ${posted.reason}` }
        : { to: 'dispatch', answer: 'unclear', reason: `the connection broke: ${posted.reason}` }
    case 'answered': {
      const isRefusal = refusing.includes(posted.status) || limitEnd(posted) !== null
      return { to: 'dispatch', answer: isRefusal ? 'refused' : 'unclear', reason: explain(posted) }
    }
  }
}

function startedAnswer({ status, body }: Extract<Posted, { failure: null }>): DispatchAnswer {
  if (status === 204) return { to: 'dispatch', answer: 'accepted' }
  const { data: run } = started.safeParse(body)
  if (status !== 200 || !run)
    return { to: 'dispatch', answer: 'unclear', reason: `GitHub answered ${status} and named no run` }
  return { to: 'dispatch', answer: 'run', runId: run.workflow_run_id, url: run.html_url }
}

import type { GitHub } from '../ports/ports.ts'
import type { Answer } from '../release/answer.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { explain } from './trouble.ts'

type CancelAnswer = Extract<Answer, { to: 'cancel-run' }>

/**
 * Requests the cancellation of a run, once. `accepted` does not mean that the run ended: it is observed until it has.
 * Does not throw.
 */
export async function cancelRun(
  client: Client,
  ask: Parameters<GitHub['cancelRun']>[0],
): Promise<CancelAnswer> {
  const posted = await client.post('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel', {
    ...ownerAndName(ask.repository),
    run_id: ask.runId,
  })
  return cancelAnswer(posted)
}

/** Interprets the answer to the cancellation request. */
function cancelAnswer(posted: Posted): CancelAnswer {
  switch (posted.failure) {
    case null:
      return posted.status === 202
        ? { to: 'cancel-run', answer: 'accepted', reason: 'GitHub was asked to cancel the run' }
        : { to: 'cancel-run', answer: 'unclear', reason: `GitHub answered ${posted.status}` }
    case 'unanswered':
      return { to: 'cancel-run', answer: 'unclear', reason: `the connection broke: ${posted.reason}` }
    case 'answered':
      return {
        to: 'cancel-run',
        answer: posted.status === 409 ? 'ended' : 'unclear',
        reason: explain(posted),
      }
  }
}

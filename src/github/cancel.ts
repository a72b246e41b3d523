import type { GitHub } from '../ports/ports.ts'
import type { Answer } from '../release/effects.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { explain } from './trouble.ts'

type CancelAnswer = Extract<Answer, { to: 'cancel-run' }>

/** Asks GitHub to cancel the run, once. `accepted` is only a promise: the run is looked at until it has ended. Does not throw. */
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

/** What an answer to the cancellation means. */
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

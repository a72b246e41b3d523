import type { GitHub } from '../ports/ports.ts'
import type { Answer } from '../release/answer.ts'
import type { LastAttempt } from '../release/attempts.ts'
import type { AskOf } from '../release/look.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { notAccepted } from './not-accepted.ts'
import { readRun, starterOf } from './run-reads.ts'
import { timeOf, verdictOf } from './verdict.ts'

type RerunAsk = Parameters<GitHub['rerun']>[0]
type RerunAnswer = Extract<Answer, { to: 'rerun' }>

/**
 * Runs the failed jobs of a run again with exactly one request, unless another attempt was started meanwhile: the
 * request names no attempt. Does not throw.
 */
export async function rerun(client: Client, ask: RerunAsk): Promise<RerunAnswer> {
  try {
    const last = await lastAttemptOf(client, ask)
    if (last.found === 'none' || last.attempt !== ask.attempt || last.verdict === 'moving')
      return { to: 'rerun', answer: 'held back', reason: 'the run has changed since it was checked' }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { to: 'rerun', answer: 'held back', reason }
  }
  const parameters = { ...ownerAndName(ask.repository), run_id: ask.runId }
  return answerTo(
    await client.post(
      'POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs',
      parameters,
      ask.maySend,
    ),
  )
}

/** The last attempt of a run, in one conditional request. Throws `Trouble`. */
export async function lastAttemptOf(client: Client, look: AskOf<'failedRun'>): Promise<LastAttempt> {
  const run = await readRun(client, look)
  if (run === null) return { found: 'none' }
  return {
    found: 'run',
    attempt: run.run_attempt,
    verdict: verdictOf(run),
    login: starterOf(run),
    createdAt: timeOf(run.created_at) ?? 0,
  }
}

/** Interprets the answer. Anything that proves nothing is `unclear`. */
function answerTo(posted: Posted): RerunAnswer {
  if (posted.failure !== null) return { to: 'rerun', ...notAccepted(posted) }
  return posted.status === 201
    ? { to: 'rerun', answer: 'accepted', reason: 'GitHub starts another attempt' }
    : { to: 'rerun', answer: 'unclear', reason: `GitHub answered ${posted.status}` }
}

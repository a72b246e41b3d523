import type { GitHub } from '../ports/ports.ts'
import type { Answer } from '../release/answer.ts'
import type { LastAttempt } from '../release/attempts.ts'
import type { AskOf } from '../release/look.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { type RunAnswer, runShape } from './run-shapes.ts'
import { explain, limitEnd } from './trouble.ts'
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

/** GitHub login of who started the attempt. */
export function starterOf({ triggering_actor, actor }: RunAnswer): string | null {
  return triggering_actor?.login ?? actor?.login ?? null
}

function readRun(client: Client, { repository, runId }: AskOf<'failedRun'>): Promise<RunAnswer | null> {
  return client.find({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: runShape,
  })
}

/**
 * Statuses which mean that GitHub started nothing. 403 is also its answer for a run that is in progress or cannot be run
 * again. Source: cli/cli#9221, metabase/metabase#70916.
 */
const refusalStatuses = [401, 403, 404, 422]

/** Interprets the answer. Anything that proves nothing is `unclear`. */
function answerTo(posted: Posted): RerunAnswer {
  switch (posted.failure) {
    case null:
      return posted.status === 201
        ? { to: 'rerun', answer: 'accepted', reason: 'GitHub starts another attempt' }
        : { to: 'rerun', answer: 'unclear', reason: `GitHub answered ${posted.status}` }
    case 'unanswered':
      return unanswered(posted)
    case 'answered': {
      const reason = explain(posted)
      const until = limitEnd(posted)
      if (until !== null) return { to: 'rerun', answer: 'limited', until, reason }
      return { to: 'rerun', answer: refusalStatuses.includes(posted.status) ? 'refused' : 'unclear', reason }
    }
  }
}

function unanswered({ sent, reason }: Extract<Posted, { failure: 'unanswered' }>): RerunAnswer {
  switch (sent) {
    case 'never':
      return { to: 'rerun', answer: 'refused', reason: `nothing was sent to GitHub: ${reason}` }
    case 'held back':
      return { to: 'rerun', answer: 'held back', reason }
    case 'perhaps':
      return { to: 'rerun', answer: 'unclear', reason: `the connection broke: ${reason}` }
  }
}

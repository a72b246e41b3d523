import { z } from 'zod'
import type { GitHub } from '../ports/ports.ts'
import type { Answer } from '../release/answer.ts'
import type { GateVerdict } from '../release/effects.ts'
import { isSameOnGitHub } from '../release/names.ts'
import { accountOf } from './account.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { type EnvironmentAnswer, reviewersIn } from './environment.ts'
import { type Pending, pendingOf } from './gate-reads.ts'
import { runShape } from './run-shapes.ts'
import { explain, limitEnd } from './trouble.ts'

type Review = Parameters<GitHub['reviewGate']>[0]
type Report = Parameters<GitHub['reportGate']>[0]
type ReviewAnswer = Extract<Answer, { to: 'review-gate' }>

/** How twokey reviews gates: as a GitHub App with a protection rule, or as a required reviewer. */
export type Reviewer = {
  /** Whether twokey can open this gate. Throws `Trouble`. */
  mayReview(repository: string, gate: Pending): Promise<'review' | { readonly not: string }>
  /** Whether no job gets into this environment unless twokey lets it. Throws `Trouble`. */
  isOnlyGate(repository: string, environment: EnvironmentAnswer): Promise<boolean>
  /** Sends the review once. Throws `Trouble` if what it needs before cannot be read. */
  send(review: Review): Promise<Posted | 'not waiting'>
  /** Shows a comment beside the gate, once. Absent: GitHub takes none from twokey. */
  report?(report: Report): Promise<Posted>
}

/** OpenAPI: `GET …/deployment_protection_rules`. */
const rulesShape = z.object({
  custom_deployment_protection_rules: z
    .array(z.object({ enabled: z.boolean(), app: z.object({ id: z.number(), slug: z.string().nullish() }) }))
    .nullish(),
})

/** GitHub shows this much of a comment, characters. Source: docs.github.com, custom deployment protection rules. */
const maxComment = 1_024

const customReview = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule'

/** As the App whose custom protection rule protects the environment. */
export function appReviewer(client: Client, appId: number): Reviewer {
  const isEnabled = async (repository: string, environment: string) => {
    // A server or a plan without custom rules answers 404.
    const found = await client.find({
      route: 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules',
      parameters: { ...ownerAndName(repository), environment_name: environment },
      shape: rulesShape,
    })
    const rules = found?.custom_deployment_protection_rules ?? []
    return rules.some(({ enabled, app }) => enabled && app.id === appId)
  }
  return {
    async mayReview(repository, { environment }) {
      return (await isEnabled(repository, environment.name))
        ? 'review'
        : {
            not: `the protection rule of the GitHub App is not enabled on the environment ${environment.name}`,
          }
    },
    isOnlyGate: (repository, { name }) => isEnabled(repository, name),
    send({ repository, runId, environment, verdict, comment, maySend }) {
      return client.post(
        customReview,
        {
          ...ownerAndName(repository),
          run_id: runId,
          environment_name: environment,
          state: verdict,
          comment: comment.slice(0, maxComment),
        },
        maySend,
      )
    },
    report: ({ repository, runId, environment, comment, maySend }) =>
      client.post(
        customReview,
        {
          ...ownerAndName(repository),
          run_id: runId,
          environment_name: environment,
          comment: comment.slice(0, maxComment),
        },
        maySend,
      ),
  }
}

/** As the account of `GITHUB_TOKEN`, which is a required reviewer of the environment. */
export function accountReviewer(client: Client): Reviewer {
  return {
    async isOnlyGate(_, environment) {
      const [only, ...others] = reviewersIn(environment)
      if (!only?.login || others.length > 0) return false
      return only.login.toLowerCase() === (await accountOf(client))?.toLowerCase()
    },
    mayReview: async (_, { current_user_can_approve, environment }) =>
      current_user_can_approve === true
        ? 'review'
        : {
            not: `the account of GITHUB_TOKEN is not a required reviewer of the environment ${environment.name}`,
          },
    async send({ repository, runId, environment, verdict, comment, maySend }) {
      const pending = await pendingOf(client, { repository, runId })
      const ids = pending.flatMap(({ environment: { id, name } }) =>
        id && isSameOnGitHub(name, environment) ? [id] : [],
      )
      if (ids.length === 0) return 'not waiting'
      return client.post(
        'POST /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments',
        {
          ...ownerAndName(repository),
          run_id: runId,
          environment_ids: ids,
          state: verdict,
          comment: comment.slice(0, maxComment),
        },
        maySend,
      )
    },
  }
}

/** Opens or closes a gate with one review, unless the run was started again meanwhile. Does not throw. */
export async function reviewGate(client: Client, reviewer: Reviewer, review: Review): Promise<ReviewAnswer> {
  const { verdict } = review
  try {
    const last = await lastAttempt(client, review)
    if (last !== review.attempt)
      return {
        to: 'review-gate',
        verdict,
        answer: 'held back',
        reason: `the run was started again as attempt ${last}`,
      }
    const posted = await reviewer.send(review)
    if (posted === 'not waiting')
      return {
        to: 'review-gate',
        verdict,
        answer: 'unclear',
        reason: 'GitHub does not show the run as waiting',
      }
    return answerOf(posted, verdict)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { to: 'review-gate', verdict, answer: 'held back', reason }
  }
}

async function lastAttempt(client: Client, { repository, runId }: Review): Promise<number> {
  const run = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: runShape,
  })
  return run.run_attempt
}

/** Shows a comment beside a gate with one request. Does not throw. */
export async function reportGate(
  reviewer: Reviewer,
  report: Report,
): Promise<Extract<Answer, { to: 'report-gate' }>> {
  const posted = await reviewer.report?.(report)
  if (posted === undefined)
    return { to: 'report-gate', answer: 'not taken', reason: 'twokey is no GitHub App' }
  switch (posted.failure) {
    case null:
      return { to: 'report-gate', answer: 'taken', reason: `GitHub answered ${posted.status}` }
    case 'unanswered':
      return { to: 'report-gate', answer: 'not taken', reason: posted.reason }
    case 'answered':
      return { to: 'report-gate', answer: 'not taken', reason: explain(posted) }
  }
}

/** GitHub's words for a rule of the App that has its review. Only approvals of this release were sent before an approval. */
const reviewedAlready = /already been reviewed/i

/**
 * Interprets the answer. Other 422s say that nothing waits, or that another review was under way: only a look can tell.
 */
function answerOf(posted: Posted, verdict: GateVerdict): ReviewAnswer {
  const answer = (is: ReviewAnswer['answer'], reason: string): ReviewAnswer => ({
    to: 'review-gate',
    verdict,
    answer: is,
    reason,
  })
  switch (posted.failure) {
    case null:
      return answer('taken', `GitHub answered ${posted.status}`)
    case 'unanswered':
      return posted.sent === 'perhaps'
        ? answer('unclear', `the connection broke: ${posted.reason}`)
        : answer('held back', posted.reason)
    case 'answered':
      if (posted.status === 422 && reviewedAlready.test(posted.message))
        return answer('taken', explain(posted))
      return answer([401, 403, 404].includes(posted.status) ? refusedOr(posted) : 'unclear', explain(posted))
  }
}

/** A rate limit refuses nothing for good. */
function refusedOr(posted: Extract<Posted, { failure: 'answered' }>): ReviewAnswer['answer'] {
  return limitEnd(posted) === null ? 'refused' : 'held back'
}

import { z } from 'zod'
import type { Hindrance } from '../release/sighting.ts'
import { type Client, ownerAndName } from './client.ts'
import { firstLine } from './text.ts'
import { timeOf } from './verdict.ts'

/** OpenAPI `pending-deployment`. */
const pendingShape = z.array(
  z.object({
    environment: z.object({ name: z.string() }),
    wait_timer: z.number().nullish(),
    wait_timer_started_at: z.string().nullish(),
    reviewers: z
      .array(
        z.object({
          type: z.string(),
          reviewer: z.object({ login: z.string().nullish(), name: z.string().nullish() }),
        }),
      )
      .nullish(),
  }),
)

type Pending = z.infer<typeof pendingShape>[number]

/** OpenAPI `environment-approvals`. */
const reviewsShape = z.array(
  z.object({ environments: z.array(z.object({ name: z.string().nullish() })), state: z.string() }),
)

type Gate = Pick<Hindrance, 'words' | 'until'>

type GateAsk = { readonly repository: string; readonly runId: number }

/** What a run at an environment's gate waits for: a review, the wait timer or another rule. Throws `Trouble`. */
export async function pendingDeployments(client: Client, ask: GateAsk): Promise<Gate> {
  const pending = await pendingOf(client, ask)
  const gates = pending.map((each) => ({ ...each, endsAt: timerEnd(each) }))
  const mayBeReviewed = gates.some((each) => each.endsAt !== null && reviewersOf(each).length > 0)
  const reviewed = mayBeReviewed ? await reviewedOf(client, ask) : []
  const waiting = gates.map((each) => gateOf(each, each.endsAt, reviewed.includes(each.environment.name)))
  const [only, ...others] = waiting
  if (!only) return { words: 'it waits at the gate of an environment, but GitHub does not say which' }
  return others.length === 0 ? only : { words: waiting.map(({ words }) => words).join('; ') }
}

function pendingOf(client: Client, { repository, runId }: GateAsk): Promise<readonly Pending[]> {
  return client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: pendingShape,
  })
}

/** The environments that were reviewed: GitHub lists them as pending until their wait timer has ended. Throws `Trouble`. */
async function reviewedOf(client: Client, { repository, runId }: GateAsk): Promise<readonly string[]> {
  const reviews = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: reviewsShape,
  })
  return reviews
    .filter(({ state }) => state === 'approved')
    .flatMap(({ environments }) => environments.flatMap(({ name }) => name ?? []))
}

const minute = 60_000

/** When a wait timer ends; null if there is none or it has ended. Its minutes count from its start. */
function timerEnd({ wait_timer, wait_timer_started_at }: Pending): number | null {
  const startedAt = timeOf(wait_timer_started_at)
  if (!wait_timer || startedAt === null) return null
  const end = startedAt + wait_timer * minute
  return end > Date.now() ? end : null
}

/** If neither a review nor the timer is pending, a rule of a GitHub App blocks the run, but GitHub does not say which here. */
function gateOf(pending: Pending, endsAt: number | null, isReviewed: boolean): Gate {
  const name = firstLine(pending.environment.name)
  const reviewers = isReviewed ? [] : reviewersOf(pending)
  const timer = endsAt === null ? null : `the wait timer of ${pending.wait_timer} min`
  if (reviewers.length > 0)
    return {
      words: `it waits for a review of the environment ${name} by ${joinWithOr(reviewers)}${timer === null ? '' : `, and ${timer} has not ended either`}`,
    }
  if (timer !== null && endsAt !== null)
    return { words: `it waits for ${timer} of the environment ${name}`, until: endsAt }
  return { words: `it waits for a protection rule of the environment ${name}` }
}

/** Logins, and names of teams. One reviewer is enough. Source: docs.github.com, reviewing deployments. */
function reviewersOf({ reviewers }: Pending): readonly string[] {
  return (reviewers ?? []).flatMap(({ type, reviewer: { login, name } }) => {
    const called = type === 'Team' ? name : login
    if (!called) return []
    return type === 'Team' ? `the team ${firstLine(called)}` : firstLine(called)
  })
}

function joinWithOr(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

import { z } from 'zod'
import { type Client, ownerAndName } from './client.ts'
import { timeOf } from './verdict.ts'

/** OpenAPI `pending-deployment`. */
const pendingShape = z.array(
  z.object({
    environment: z.object({ id: z.number().nullish(), name: z.string() }),
    current_user_can_approve: z.boolean().nullish(),
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

export type Pending = z.infer<typeof pendingShape>[number]

/** OpenAPI `environment-approvals`. */
const reviewsShape = z.array(
  z.object({
    environments: z.array(z.object({ name: z.string().nullish() })),
    state: z.string(),
    user: z.object({ login: z.string() }).nullish(),
    comment: z.string().nullish(),
  }),
)

type Review = z.infer<typeof reviewsShape>[number]

export type GateAsk = { readonly repository: string; readonly runId: number }

/** The environments at whose gates a run waits. Throws `Trouble`. */
export function pendingOf(client: Client, { repository, runId }: GateAsk): Promise<readonly Pending[]> {
  return client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: pendingShape,
  })
}

/** The reviews of a run on GitHub, whoever gave them. Throws `Trouble`. */
export function reviewsOf(client: Client, { repository, runId }: GateAsk): Promise<readonly Review[]> {
  return client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: reviewsShape,
  })
}

const minute = 60_000

/** When a wait timer ends; null if there is none or it has ended. Its minutes count from its start. */
export function timerEnd({ wait_timer, wait_timer_started_at }: Pending): number | null {
  const startedAt = timeOf(wait_timer_started_at)
  if (!wait_timer || startedAt === null) return null
  const end = startedAt + wait_timer * minute
  return end > Date.now() ? end : null
}

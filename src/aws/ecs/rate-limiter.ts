/** How many requests of a kind may be sent at once, and then each second. */
export type Quota = { readonly burst: number; readonly perSecond: number }

/**
 * Shares of ECS's token buckets (burst and refill of an account and region, from "Request throttling for the Amazon ECS
 * API": service deployments 50/20, tasks 100/20, task definitions 50/20, services 100/20) for reads that cannot be
 * batched, and for services, all of which an overview reads. The rest is left to other clients in the account.
 */
export const quotas = {
  listServiceDeployments: { burst: 30, perSecond: 10 },
  listTasks: { burst: 60, perSecond: 12 },
  describeTaskDefinition: { burst: 40, perSecond: 15 },
  describeServices: { burst: 80, perSecond: 16 },
} as const satisfies Record<string, Quota>

/** Delays requests to stay within the quota: many looks become slower instead of being throttled. */
export function rateLimiter({ burst, perSecond }: Quota): () => Promise<void> {
  const step = 1_000 / perSecond
  let next = Number.NEGATIVE_INFINITY
  return async () => {
    const now = performance.now()
    next = Math.max(next, now - burst * step) + step
    if (next > now) await new Promise((resolve) => setTimeout(resolve, next - now))
  }
}

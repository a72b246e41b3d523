import type { Service, ServiceDeploymentBrief } from '@aws-sdk/client-ecs'
import { type Target, targetName } from '../release/names.ts'
import { Cache } from './cache.ts'
import type { Reads } from './reads.ts'
import { isDenied } from './trouble.ts'
import { deploymentIdOf } from './words.ts'

/** Service deployments that were created since, or null where they may not be listed. */
export type Listing = (asked: {
  readonly target: Target
  readonly service: Service
  /** ms */
  readonly since: number
}) => Promise<readonly ServiceDeploymentBrief[] | null>

/** How long a list is good for while the service shows no change, ms. */
const goodForMs = 15_000

type Listed = {
  readonly shown: string
  readonly since: number
  readonly at: number
  readonly briefs: readonly ServiceDeploymentBrief[]
}

/**
 * Lists a service's deployments. No request of ECS lists those of several services, so while a release waits for
 * its rollout the list is asked again only when the service, which is read in batches, shows a change.
 */
export function listingOf(reads: Reads): { readonly listed: Listing; readonly listedNow: Listing } {
  const lists = new Cache<Listed>()
  const listed: Listing = async (asked) => {
    const { target, service, since } = asked
    const known = lists.get(targetName(target))
    if (
      known &&
      known.shown === shownBy(service) &&
      known.since <= since &&
      Date.now() - known.at < goodForMs
    )
      return known.briefs.filter(({ createdAt }) => createdAt === undefined || createdAt.getTime() >= since)
    return listedNow(asked)
  }
  /** What happened after the service was read counts too. */
  const listedNow: Listing = async ({ target, service, since }) => {
    const name = targetName(target)
    const shown = shownBy(service)
    try {
      const briefs: ServiceDeploymentBrief[] = []
      for await (const page of reads.deployments({ target, since })) briefs.push(...page)
      if (tellsAll(service, briefs, since)) lists.set(name, { shown, since, at: Date.now(), briefs })
      else lists.forget(name)
      return briefs
    } catch (error) {
      if (isDenied(error)) return null
      throw error
    }
  }
  return { listed, listedNow }
}

/** All that changes with a rollout. */
function shownBy({ deployments = [], events, taskDefinition, currentServiceDeployment }: Service): string {
  const entries = deployments.map(({ id, status, rolloutState, updatedAt }) => [
    id,
    status,
    rolloutState,
    updatedAt,
  ])
  return JSON.stringify([taskDefinition, currentServiceDeployment, events?.[0]?.id, entries])
}

/** The list lags: one without what `deployments[]` shows already is asked again at the next look. */
function tellsAll(
  { deployments = [] }: Service,
  briefs: readonly ServiceDeploymentBrief[],
  since: number,
): boolean {
  const ids = briefs.map(({ targetServiceRevisionArn = '' }) => deploymentIdOf(targetServiceRevisionArn))
  return deployments.every(
    ({ id = '', createdAt }) => ids.includes(id) || (createdAt?.getTime() ?? 0) < since,
  )
}

import type { Service, ServiceDeploymentBrief } from '@aws-sdk/client-ecs'
import { type Target, targetName } from '../../release/names.ts'
import { Cache } from './cache.ts'
import type { Reads } from './reads.ts'
import { isDenied } from './trouble.ts'
import { deploymentIdOf } from './words.ts'

/** Lists service deployments created since a time; null if listing is not permitted. */
export type Listing = (asked: {
  readonly target: Target
  readonly service: Service
  /** ms */
  readonly since: number
}) => Promise<readonly ServiceDeploymentBrief[] | null>

/** How long a list stays valid while the service shows no change, ms. */
const goodForMs = 15_000

type Listed = {
  readonly shown: string
  readonly since: number
  readonly at: number
  readonly briefs: readonly ServiceDeploymentBrief[]
}

/**
 * Lists a service's deployments. No request of ECS lists those of several services, so while a release waits for its
 * rollout, the list is read again only when the service, which is read in batches, shows a change.
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
  /** Changes after the service was read count too. */
  const listedNow: Listing = async ({ target, service, since }) => {
    const name = targetName(target)
    const shown = shownBy(service)
    try {
      const briefs: ServiceDeploymentBrief[] = []
      for await (const page of reads.deployments({ target, since })) briefs.push(...page)
      if (showsAll(service, briefs, since)) lists.set(name, { shown, since, at: Date.now(), briefs })
      else lists.forget(name)
      return briefs
    } catch (error) {
      if (isDenied(error)) return null
      throw error
    }
  }
  return { listed, listedNow }
}

/** The fields of a service that change with a rollout. */
function shownBy({ deployments = [], events, taskDefinition, currentServiceDeployment }: Service): string {
  const entries = deployments.map(({ id, status, rolloutState, updatedAt }) => [
    id,
    status,
    rolloutState,
    updatedAt,
  ])
  return JSON.stringify([taskDefinition, currentServiceDeployment, events?.[0]?.id, entries])
}

/** The list lags behind: a list without a deployment that `deployments[]` shows is read again at the next look. */
function showsAll(
  { deployments = [] }: Service,
  briefs: readonly ServiceDeploymentBrief[],
  since: number,
): boolean {
  const ids = briefs.map(({ targetServiceRevisionArn = '' }) => deploymentIdOf(targetServiceRevisionArn))
  return deployments.every(
    ({ id = '', createdAt }) => ids.includes(id) || (createdAt?.getTime() ?? 0) < since,
  )
}

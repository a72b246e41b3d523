import { lastPart } from './arn.ts'
import { clusterNotFound, serviceNotFound } from './error.ts'
import type { ClusterState, ServiceState } from './model.ts'
import type { World } from './world.ts'

/** The cluster by name or ARN (`default` if none is given), or ClusterNotFoundException. */
export function clusterOf(world: World, nameOrArn = 'default'): ClusterState {
  const found = world.clusters.get(lastPart(nameOrArn))
  if (!found) throw clusterNotFound()
  return found
}

/** The service by name or ARN in its cluster, or ServiceNotFoundException. */
export function serviceOf(world: World, service: string, cluster?: string): ServiceState {
  const found = world.service(clusterOf(world, cluster).name, lastPart(service))
  if (!found) throw serviceNotFound()
  return found
}

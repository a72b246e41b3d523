import { lastPart } from './arn.ts'
import { clusterNotFound, serviceNotFound } from './error.ts'
import type { ClusterState, ServiceState, TaskDefinitionState } from './model.ts'
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

/** A task definition by ARN, by `family:42`, or by family: its latest ACTIVE revision. */
export function taskDefinitionOf(world: World, name: string): TaskDefinitionState | undefined {
  const [family, revision] = lastPart(name).split(':')
  const ofFamily = world.taskDefinitions.filter((each) => each.family === family)
  if (revision !== undefined) return ofFamily.find((each) => each.revision === Number(revision))
  return ofFamily.filter((each) => each.status === 'ACTIVE').at(-1)
}

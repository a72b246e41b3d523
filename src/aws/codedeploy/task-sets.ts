import type { Service, TaskSet } from '@aws-sdk/client-ecs'

/** The task sets of a service that CodeDeploy created. */
export function taskSetsOf({ taskSets = [] }: Service): readonly TaskSet[] {
  return taskSets.filter(({ startedBy }) => startedBy === 'CODE_DEPLOY')
}

/** The IDs of the deployments that created them. */
export function deploymentsOf(service: Service): readonly string[] {
  return taskSetsOf(service).flatMap(({ externalId }) => externalId ?? [])
}

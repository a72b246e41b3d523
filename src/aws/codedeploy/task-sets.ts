import type { Service, TaskSet } from '@aws-sdk/client-ecs'

/** The task sets of a service that CodeDeploy created. */
export function taskSetsOf({ taskSets = [] }: Service): readonly TaskSet[] {
  return taskSets.filter(({ startedBy }) => startedBy === 'CODE_DEPLOY')
}

/** The IDs of the deployments that created them. */
export function deploymentsOf(service: Service): readonly string[] {
  return taskSetsOf(service).flatMap(({ externalId }) => externalId ?? [])
}

/** Whether all tasks of the task set that serves production traffic run and are healthy. */
export function isSteady({ taskSets = [] }: Service): boolean {
  const {
    stabilityStatus,
    runningCount = 0,
    computedDesiredCount = 0,
  } = taskSets.find(({ status }) => status === 'PRIMARY') ?? {}
  return stabilityStatus === 'STEADY_STATE' && runningCount >= computedDesiredCount
}

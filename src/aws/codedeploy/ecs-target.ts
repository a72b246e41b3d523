import type { ECSTarget, ECSTaskSet, LifecycleEvent, LifecycleEventStatus } from '@aws-sdk/client-codedeploy'

/** The task set that the deployment created, as CodeDeploy reports it. */
export function greenOf(target: ECSTarget | undefined): ECSTaskSet | undefined {
  return target?.taskSetsInfo?.find((each) => each?.taskSetLabel === 'Green')
}

/** The first lifecycle event in this status. */
export function eventIn(
  target: ECSTarget | undefined,
  status: LifecycleEventStatus,
): LifecycleEvent | undefined {
  return target?.lifecycleEvents?.find((each) => each?.status === status)
}

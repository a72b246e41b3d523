import type {
  DeploymentLifecycleHookDetail,
  Service,
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevision,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs'
import { isFinished, primaryDeployment, tasksOf } from './deployments.ts'
import { keepsOlderTasks, shiftsTraffic } from './lifecycle.ts'
import type { Hook, Rollout, ServiceRevisionState, ServiceState, TaskState } from './model.ts'

/** Service deployments and revisions as the SDK's own types, and what views of services share with them. */

/** Times become dates only in views. */
export const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))

/** How many of these tasks run, and how many will. */
export function counts(tasks: readonly TaskState[]): { running: number; pending: number } {
  const running = tasks.filter((task) => task.lastStatus === 'RUNNING').length
  const pending = tasks.filter(({ lastStatus }) => lastStatus === 'PENDING' || lastStatus === 'PROVISIONING')
  return { running, pending: pending.length }
}

/** A launch type, or a capacity provider strategy in its place. */
export function capacityOf({
  capacity,
}: ServiceState): Pick<Service, 'launchType' | 'capacityProviderStrategy'> {
  return capacity === null ? { launchType: 'FARGATE' } : { capacityProviderStrategy: [...capacity] }
}

/** A service revision with its tasks. */
export function summary(service: ServiceState, revision: ServiceRevisionState): ServiceRevisionSummary {
  const { running, pending } = counts(tasksOf(service, revision))
  const requested = primaryDeployment(service).revision === revision ? service.desired : 0
  return {
    arn: revision.arn,
    requestedTaskCount: requested,
    runningTaskCount: running,
    pendingTaskCount: pending,
  }
}

export function viewServiceDeployment(service: ServiceState, rollout: Rollout): ServiceDeployment {
  return {
    serviceDeploymentArn: rollout.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    createdAt: date(rollout.createdAt),
    startedAt: date(rollout.startedAt),
    finishedAt: date(rollout.finishedAt),
    stoppedAt: date(rollout.stoppedAt),
    updatedAt: date(rollout.updatedAt),
    sourceServiceRevisions: rollout.source ? [share(service, rollout, rollout.source)] : [],
    targetServiceRevision: share(service, rollout, rollout.target),
    status: rollout.status,
    statusReason: rollout.statusReason,
    // The enum of the SDK lacks a stage that its own documentation lists.
    lifecycleStage: rollout.lifecycleStage as ServiceDeployment['lifecycleStage'],
    lifecycleHookDetails: rollout.hooks.length > 0 ? rollout.hooks.map(viewHook) : undefined,
    deploymentConfiguration: rollout.configuration,
    rollback: rollout.rollback && {
      reason: rollout.rollback.reason,
      startedAt: date(rollout.rollback.startedAt),
      serviceRevisionArn: rollout.rollback.to?.arn,
    },
    deploymentCircuitBreaker: { ...rollout.breaker },
    alarms: {
      status: rollout.alarms.status,
      alarmNames: rollout.configuration.alarms?.alarmNames ?? [],
      triggeredAlarmNames: rollout.alarms.triggered,
    },
  }
}

function viewHook(hook: Hook): DeploymentLifecycleHookDetail {
  const { id: hookId, targetType, targetArn, status, expiresAt, timeoutAction } = hook
  return { hookId, targetType, targetArn, status, expiresAt: date(expiresAt), timeoutAction }
}

/** The counts are live while the service deployment is in progress, and keep their final values after it. */
function share(
  service: ServiceState,
  rollout: Rollout,
  revision: ServiceRevisionState,
): ServiceRevisionSummary {
  const isTarget = revision === rollout.target
  if (isFinished(rollout)) {
    const won = isTarget === (rollout.status === 'SUCCESSFUL')
    const count = won ? rollout.desired : 0
    return {
      arn: revision.arn,
      requestedTaskCount: count,
      runningTaskCount: count,
      pendingTaskCount: 0,
      ...traffic(rollout, isTarget),
    }
  }
  const keeps = !isTarget && keepsOlderTasks(service)
  return {
    ...summary(service, revision),
    requestedTaskCount: isTarget || keeps ? rollout.desired : 0,
    ...traffic(rollout, isTarget),
  }
}

/** The weights of traffic, which only strategies that shift it have. */
function traffic(rollout: Rollout, isTarget: boolean): Partial<ServiceRevisionSummary> {
  if (!shiftsTraffic(rollout)) return {}
  const { production, test } = rollout.weights
  return {
    requestedProductionTrafficWeight: isTarget ? production : Math.round((100 - production) * 10) / 10,
    requestedTestTrafficWeight: isTarget ? test : 0,
  }
}

export function viewServiceDeploymentBrief(service: ServiceState, rollout: Rollout): ServiceDeploymentBrief {
  return {
    serviceDeploymentArn: rollout.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    startedAt: date(rollout.startedAt),
    createdAt: date(rollout.createdAt),
    finishedAt: date(rollout.finishedAt),
    targetServiceRevisionArn: rollout.target.arn,
    status: rollout.status,
    statusReason: rollout.statusReason,
  }
}

export function viewServiceRevision(service: ServiceState, revision: ServiceRevisionState): ServiceRevision {
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: revision.taskDefinition.taskDefinitionArn,
    ...capacityOf(service),
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    loadBalancers: [...service.loadBalancers],
    networkConfiguration: service.networkConfiguration,
    containerImages: revision.taskDefinition.containerDefinitions!.map(({ name, image }) => ({
      containerName: name,
      image,
      imageDigest: revision.hasStarted ? revision.digests[name!] : undefined,
    })),
    guardDutyEnabled: false,
    createdAt: date(revision.createdAt),
  }
}

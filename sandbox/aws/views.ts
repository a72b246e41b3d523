import type {
  Container,
  Deployment,
  DeploymentLifecycleHookDetail,
  Service,
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevision,
  ServiceRevisionSummary,
  Task,
  TaskSet,
} from '@aws-sdk/client-ecs'
import { arn, siteOf } from './arn.ts'
import { deploymentId, isFinished, primaryDeployment, tasksOf } from './deployments.ts'
import type {
  DeploymentState,
  Hook,
  Rollout,
  ServiceRevisionState,
  ServiceState,
  TaskState,
} from './model.ts'
import { isSteady } from './task-sets.ts'

/** Converts the state to the SDK's own types. Times become dates only here. */

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))

function counts(tasks: readonly TaskState[]): { running: number; pending: number } {
  const running = tasks.filter((task) => task.lastStatus === 'RUNNING').length
  const pending = tasks.filter(({ lastStatus }) => lastStatus === 'PENDING' || lastStatus === 'PROVISIONING')
  return { running, pending: pending.length }
}

export function viewService(service: ServiceState): Service {
  const { running, pending } = counts(service.tasks)
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    loadBalancers: [...service.loadBalancers],
    serviceRegistries: [],
    status: service.status,
    desiredCount: service.desired,
    runningCount: running,
    pendingCount: pending,
    ...capacityOf(service),
    platformVersion: 'LATEST',
    platformFamily: 'Linux',
    taskDefinition: service.taskDefinition.taskDefinitionArn,
    deploymentConfiguration: service.configuration,
    ...deployed(service),
    roleArn: arn.role(siteOf(service.arn), 'aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'),
    events: service.events.map((event) => ({ ...event, createdAt: new Date(event.createdAt) })),
    createdAt: date(service.createdAt),
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: service.networkConfiguration,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: service.controller },
    createdBy: arn.role(siteOf(service.arn), 'terraform'),
    enableECSManagedTags: true,
    propagateTags: 'NONE',
    enableExecuteCommand: false,
    availabilityZoneRebalancing: 'DISABLED',
  }
}

/** A launch type, or a capacity provider strategy in its place. */
function capacityOf({ capacity }: ServiceState): Pick<Service, 'launchType' | 'capacityProviderStrategy'> {
  return capacity === null ? { launchType: 'FARGATE' } : { capacityProviderStrategy: [...capacity] }
}

/** ECS returns its own deployments, or the task sets of another controller with empty `deployments` (botocore#2865). */
function deployed(service: ServiceState): Partial<Service> {
  const { controller, deployments, rollouts } = service
  if (controller !== 'ECS')
    return { deployments: [], taskSets: deployments.map((deployment) => viewTaskSet(service, deployment)) }
  return {
    deployments: deployments.map((deployment) => viewDeployment(service, deployment)),
    currentServiceDeployment: rollouts[0]?.arn,
    currentServiceRevisions: deployments.map((deployment) => summary(service, deployment.revision)),
  }
}

function viewTaskSet(service: ServiceState, deployment: DeploymentState): TaskSet {
  const { running, pending } = counts(tasksOf(service, deployment.revision))
  const isByCodeDeploy = service.controller === 'CODE_DEPLOY'
  const { status } = deployment
  const isWanted = status === 'PRIMARY' || (isByCodeDeploy && status === 'ACTIVE')
  return {
    id: deploymentId(deployment.revision),
    taskSetArn: arn.taskSet(service.cluster, service.name, deploymentId(deployment.revision)),
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    ...(isByCodeDeploy && {
      startedBy: 'CODE_DEPLOY',
      externalId: deployment.externalId ?? `d-${deployment.revision.number.slice(0, 9)}`,
    }),
    status,
    taskDefinition: deployment.revision.taskDefinition.taskDefinitionArn,
    computedDesiredCount: isWanted ? service.desired : 0,
    pendingCount: pending,
    runningCount: running,
    createdAt: date(deployment.createdAt),
    updatedAt: date(deployment.updatedAt),
    ...capacityOf(service),
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    networkConfiguration: service.networkConfiguration,
    loadBalancers: [...service.loadBalancers],
    serviceRegistries: [],
    scale: { value: 100, unit: 'PERCENT' },
    stabilityStatus: isSteady(service, deployment) && pending === 0 ? 'STEADY_STATE' : 'STABILIZING',
    stabilityStatusAt: date(deployment.updatedAt),
    tags: [],
  }
}

function viewDeployment(service: ServiceState, deployment: DeploymentState): Deployment {
  const { running, pending } = counts(tasksOf(service, deployment.revision))
  return {
    id: deploymentId(deployment.revision),
    status: deployment.status,
    taskDefinition: deployment.revision.taskDefinition.taskDefinitionArn,
    desiredCount: deployment.status === 'PRIMARY' ? service.desired : running,
    pendingCount: pending,
    runningCount: running,
    failedTasks: deployment.failedTasks,
    createdAt: date(deployment.createdAt),
    updatedAt: date(deployment.updatedAt),
    ...capacityOf(service),
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    networkConfiguration: service.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  }
}

function summary(service: ServiceState, revision: ServiceRevisionState): ServiceRevisionSummary {
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
    lifecycleStage: rollout.lifecycleStage,
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

function viewHook({ id, status, expiresAt, timeoutAction }: Hook): DeploymentLifecycleHookDetail {
  return { hookId: id, targetType: 'PAUSE', status, expiresAt: date(expiresAt), timeoutAction }
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
    return { arn: revision.arn, requestedTaskCount: count, runningTaskCount: count, pendingTaskCount: 0 }
  }
  return { ...summary(service, revision), requestedTaskCount: isTarget ? rollout.desired : 0 }
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

export function viewTask(task: TaskState): Task {
  return {
    taskArn: task.arn,
    taskDefinitionArn: task.taskDefinition.taskDefinitionArn,
    clusterArn: task.cluster.arn,
    group: task.group,
    startedBy: task.startedBy,
    availabilityZone: 'ap-northeast-2a',
    attachments: [],
    attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
    connectivity: task.startedAt === undefined ? undefined : 'CONNECTED',
    connectivityAt: date(task.startedAt),
    containers: task.taskDefinition.containerDefinitions!.map((container) =>
      viewContainer(task, container.name!, container.image!),
    ),
    cpu: task.taskDefinition.cpu,
    memory: task.taskDefinition.memory,
    createdAt: date(task.createdAt),
    pullStartedAt: date(task.startedAt),
    pullStoppedAt: date(task.startedAt),
    startedAt: date(task.startedAt),
    stoppingAt: date(task.stoppingAt),
    stoppedAt: date(task.stoppedAt),
    executionStoppedAt: task.startedAt === undefined ? undefined : date(task.stoppingAt),
    desiredStatus: task.desiredStatus,
    lastStatus: task.lastStatus,
    healthStatus: health(task),
    enableExecuteCommand: false,
    launchType: 'FARGATE',
    capacityProviderName: task.capacityProvider,
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    overrides: { containerOverrides: [], ...task.overrides },
    stopCode: task.stop?.code,
    stoppedReason: task.stop?.reason,
    tags: [...task.tags],
    version: task.version,
    ephemeralStorage: { sizeInGiB: 20 },
  }
}

/** UNKNOWN if no container defines a health check, for example if only a load balancer checks. */
function health(task: TaskState): NonNullable<Task['healthStatus']> {
  const checked = task.taskDefinition.containerDefinitions!.some((container) => container.healthCheck)
  if (!checked) return 'UNKNOWN'
  if (task.healthy) return 'HEALTHY'
  return task.stop?.reason.includes('health checks') ? 'UNHEALTHY' : 'UNKNOWN'
}

function viewContainer(task: TaskState, name: string, image: string): Container {
  const hasStarted = task.startedAt !== undefined
  return {
    containerArn: arn.container(task.cluster, task.id, name),
    taskArn: task.arn,
    name,
    image,
    imageDigest: hasStarted ? task.digests[name] : undefined,
    runtimeId: hasStarted ? `${task.id}-0` : undefined,
    lastStatus:
      task.desiredStatus === 'STOPPED' ? 'STOPPED' : task.lastStatus === 'RUNNING' ? 'RUNNING' : 'PENDING',
    exitCode: task.exitCodes[name],
    reason: task.reasons[name],
    networkBindings: [],
    networkInterfaces: [],
    healthStatus: health(task),
  }
}

import type { Container, Deployment, Service, Task, TaskSet } from '@aws-sdk/client-ecs'
import { arn, siteOf } from './arn.ts'
import { deploymentId, tasksOf } from './deployments.ts'
import type { DeploymentState, ServiceState, TaskState } from './model.ts'
import { capacityOf, counts, date, summary } from './rollout-views.ts'
import { isSteady } from './task-sets.ts'

/** Services and tasks as the SDK's own types. */

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

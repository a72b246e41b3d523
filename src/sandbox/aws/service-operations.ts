import type {
  DeploymentConfiguration,
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ListServicesRequest,
  ListServicesResponse,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { lastPart } from './arn.ts'
import { AwsError, clientError, invalidParameter } from './error.ts'
import { isFinished } from './lane.ts'
import { clusterOf, serviceOf, taskDefinitionOf } from './lookup.ts'
import type { Rollout, ServiceState } from './model.ts'
import { inner, networkConfiguration, operation, page, type Shape, text, time } from './operation.ts'
import { startRollout } from './rollout.ts'
import {
  viewService,
  viewServiceDeployment,
  viewServiceDeploymentBrief,
  viewServiceRevision,
} from './views.ts'
import type { World } from './world.ts'

const statuses = [
  'PENDING',
  'SUCCESSFUL',
  'STOPPED',
  'STOP_REQUESTED',
  'IN_PROGRESS',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
] as const

const percent = z.int().min(0)
const deploymentConfiguration = z.strictObject({
  deploymentCircuitBreaker: z
    .strictObject({
      enable: z.boolean(),
      rollback: z.boolean(),
      resetOnHealthyTask: z.boolean().optional(),
      thresholdConfiguration: z
        .strictObject({
          type: z.enum(['BOUNDED_PERCENT', 'UNBOUNDED_PERCENT', 'COUNT']),
          value: z.int().min(1),
        })
        .optional(),
    })
    .optional(),
  maximumPercent: percent.optional(),
  minimumHealthyPercent: percent.optional(),
  alarms: z
    .strictObject({ alarmNames: z.array(text), rollback: z.boolean(), enable: z.boolean() })
    .optional(),
  strategy: z.enum(['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY']).optional(),
  bakeTimeInMinutes: z.int().min(0).max(1440).optional(),
  lifecycleHooks: inner<[]>(),
  linearConfiguration: inner<object>(),
  canaryConfiguration: inner<object>(),
  earlySuccessCriteria: inner<{ enable: boolean }>(),
} satisfies Shape<DeploymentConfiguration>)

const missing = (arn: string) => ({ arn, reason: 'MISSING' })

const DescribeServices = operation<DescribeServicesRequest, DescribeServicesResponse>(
  {
    cluster: text.optional(),
    services: z.array(text).min(1).max(10),
    include: z.array(z.enum(['TAGS'])).optional(),
  },
  (world, { cluster, services, include }) => {
    const { name, arn } = clusterOf(world, cluster)
    const asked = services!.map((each) => ({ each, found: world.service(name, lastPart(each)) }))
    const withTags = include?.includes('TAGS')
    return {
      services: asked.flatMap(({ found }) =>
        found ? [{ ...viewService(found), ...(withTags && { tags: [...found.tags] }) }] : [],
      ),
      failures: asked.flatMap(({ each, found }) =>
        found
          ? []
          : [missing(each.startsWith('arn:') ? each : `${arn.replace(':cluster/', ':service/')}/${each}`)],
      ),
    }
  },
)

const ListServices = operation<ListServicesRequest, ListServicesResponse>(
  {
    cluster: text.optional(),
    nextToken: text.optional(),
    maxResults: z.int().min(1).max(100).optional(),
    launchType: z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES']).optional(),
    schedulingStrategy: z.enum(['REPLICA', 'DAEMON']).optional(),
    resourceManagementType: z.enum(['CUSTOMER', 'ECS']).optional(),
  },
  (world, request) => {
    const cluster = clusterOf(world, request.cluster)
    const isOther = request.launchType === 'EC2' || request.schedulingStrategy === 'DAEMON'
    const arns = [...world.services.values()].filter((each) => each.cluster === cluster).map(({ arn }) => arn)
    const { items, nextToken } = page(isOther ? [] : arns, request, 10)
    return { serviceArns: items, nextToken }
  },
)

const UpdateService = operation<UpdateServiceRequest, UpdateServiceResponse>(
  {
    cluster: text.optional(),
    service: text,
    desiredCount: z.int().min(0).optional(),
    taskDefinition: text.optional(),
    capacityProviderStrategy: inner(),
    deploymentConfiguration: deploymentConfiguration.optional(),
    availabilityZoneRebalancing: z.enum(['ENABLED', 'DISABLED']).optional(),
    networkConfiguration: networkConfiguration.optional(),
    placementConstraints: inner(),
    placementStrategy: inner(),
    platformVersion: text.optional(),
    forceNewDeployment: z.boolean().optional(),
    healthCheckGracePeriodSeconds: z.int().min(0).optional(),
    deploymentController: inner(),
    enableExecuteCommand: z.boolean().optional(),
    enableECSManagedTags: z.boolean().optional(),
    loadBalancers: inner(),
    propagateTags: z.enum(['NONE', 'SERVICE', 'TASK_DEFINITION']).optional(),
    serviceRegistries: inner(),
    serviceConnectConfiguration: inner(),
    volumeConfigurations: inner(),
    vpcLatticeConfigurations: inner(),
    gatewayConnectors: inner(),
    monitoring: inner(),
  },
  (world, request) => {
    const service = serviceOf(world, request.service!, request.cluster)
    if (service.status !== 'ACTIVE')
      throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')
    const { strategy = 'ROLLING' } = request.deploymentConfiguration ?? {}
    if (strategy !== 'ROLLING') {
      throw new AwsError(
        'UnsupportedFeatureException',
        `The sandbox has rolling deployments, not ${strategy}.`,
      )
    }
    const bringsNew = changes(world, service, request)
    service.desired = request.desiredCount ?? service.desired
    service.configuration = { ...service.configuration, ...request.deploymentConfiguration }
    service.healthCheckGracePeriodSeconds =
      request.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds
    const [current] = service.rollouts
    if (current && !isFinished(current)) current.desired = service.desired
    if (bringsNew) startRollout(service, Date.now(), world)
    else service.steady = service.steady && request.desiredCount === undefined
    return { service: viewService(service) }
  },
)

/** Takes over what needs a new service deployment, and says whether anything did. */
function changes(world: World, service: ServiceState, request: UpdateServiceRequest): boolean {
  const wanted = request.taskDefinition && taskDefinitionOf(world, request.taskDefinition)
  if (request.taskDefinition && !wanted) throw clientError('TaskDefinition not found.')
  if (wanted && wanted.status !== 'ACTIVE') throw clientError('TaskDefinition is inactive')
  const network = request.networkConfiguration
  const hasNewNetwork =
    network !== undefined && JSON.stringify(network) !== JSON.stringify(service.networkConfiguration)
  const hasNewDefinition = wanted !== undefined && wanted !== '' && wanted !== service.taskDefinition
  if (hasNewNetwork) service.networkConfiguration = network
  if (hasNewDefinition) service.taskDefinition = wanted
  return hasNewDefinition || hasNewNetwork || request.forceNewDeployment === true
}

const ListServiceDeployments = operation<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse>(
  {
    service: text,
    cluster: text.optional(),
    status: z.array(z.enum(statuses)).optional(),
    createdAt: z.strictObject({ before: time.optional(), after: time.optional() }).optional(),
    nextToken: text.optional(),
    maxResults: z.int().min(1).max(100).optional(),
  },
  (world, request) => {
    const service = serviceOf(world, request.service!, request.cluster)
    const after = request.createdAt?.after?.getTime() ?? Number.NEGATIVE_INFINITY
    const before = request.createdAt?.before?.getTime() ?? Number.POSITIVE_INFINITY
    const found = service.rollouts.filter(
      ({ createdAt, status }) =>
        createdAt >= after && createdAt <= before && (request.status?.includes(status) ?? true),
    )
    const { items, nextToken } = page(found, request, 20)
    return {
      serviceDeployments: items.map((rollout) => viewServiceDeploymentBrief(service, rollout)),
      nextToken,
    }
  },
)

function findRollout(world: World, arn: string): { service: ServiceState; rollout: Rollout } | undefined {
  const found = [...world.services.values()]
    .flatMap((service) => service.rollouts.map((rollout) => ({ service, rollout })))
    .find(({ rollout }) => rollout.arn === arn)
  return found
}

const DescribeServiceDeployments = operation<
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse
>({ serviceDeploymentArns: z.array(text).min(1).max(20) }, (world, { serviceDeploymentArns }) => {
  const asked = serviceDeploymentArns!.map((arn) => ({ arn, found: findRollout(world, arn) }))
  return {
    serviceDeployments: asked.flatMap(({ found }) =>
      found ? [viewServiceDeployment(found.service, found.rollout)] : [],
    ),
    failures: asked.flatMap(({ arn, found }) => (found ? [] : [missing(arn)])),
  }
})

const DescribeServiceRevisions = operation<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse>(
  { serviceRevisionArns: z.array(text).min(1).max(20) },
  (world, { serviceRevisionArns }) => {
    const all = [...world.services.values()].flatMap((service) =>
      service.revisions.map((revision) => ({ service, revision })),
    )
    const asked = serviceRevisionArns!.map((arn) => ({
      arn,
      found: all.find(({ revision }) => revision.arn === arn),
    }))
    return {
      serviceRevisions: asked.flatMap(({ found }) =>
        found ? [viewServiceRevision(found.service, found.revision)] : [],
      ),
      failures: asked.flatMap(({ arn, found }) => (found ? [] : [missing(arn)])),
    }
  },
)

const StopServiceDeployment = operation<StopServiceDeploymentRequest, StopServiceDeploymentResponse>(
  { serviceDeploymentArn: text, stopType: z.enum(['ABORT', 'ROLLBACK']).optional() },
  (world, { serviceDeploymentArn, stopType = 'ROLLBACK' }) => {
    const found = findRollout(world, serviceDeploymentArn!)
    if (!found) {
      throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.')
    }
    if (stopType === 'ABORT') throw invalidParameter('The only valid stopType is ROLLBACK.')
    if (isFinished(found.rollout)) {
      throw new AwsError('ConflictException', 'The service deployment has already finished.')
    }
    const { rollout } = found
    if (rollout.status === 'PENDING' || rollout.status === 'IN_PROGRESS') {
      rollout.status = 'ROLLBACK_REQUESTED'
      rollout.updatedAt = Date.now()
    }
    return { serviceDeploymentArn }
  },
)

export const serviceOperations = {
  DescribeServices,
  ListServices,
  UpdateService,
  ListServiceDeployments,
  DescribeServiceDeployments,
  DescribeServiceRevisions,
  StopServiceDeployment,
}

import type {
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServicesRequest,
  ListServicesResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { lastPart } from './arn.ts'
import { isFinished } from './deployments.ts'
import { AwsError, clientError, invalidParameter } from './error.ts'
import { clusterOf, serviceOf } from './lookup.ts'
import type { ServiceState } from './model.ts'
import { taskDefinitionOf } from './named-definition.ts'
import {
  capacityProviderStrategy,
  inner,
  missing,
  networkConfiguration,
  operation,
  page,
  type Shape,
  text,
} from './operation.ts'
import { startRollout } from './rollout.ts'
import { viewService } from './views.ts'
import type { World } from './world.ts'

const stages = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const

const percent = z.int().min(0)
/** Hooks that pause, at a stage that a rolling deployment has. */
const lifecycleHook = z.strictObject({
  targetType: z.enum(['AWS_LAMBDA', 'PAUSE']).optional(),
  hookTargetArn: text.optional(),
  roleArn: text.optional(),
  lifecycleStages: z.array(z.enum(stages)).min(1),
  hookDetails: z.custom<never>(() => true).optional(),
  timeoutConfiguration: z
    .strictObject({
      timeoutInMinutes: z.int().min(1).max(20_160).optional(),
      action: z.enum(['CONTINUE', 'ROLLBACK']).optional(),
    })
    .optional(),
} satisfies Shape<DeploymentLifecycleHook>)

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
  lifecycleHooks: z.array(lifecycleHook).optional(),
  linearConfiguration: inner<object>(),
  canaryConfiguration: inner<object>(),
  earlySuccessCriteria: inner<{ enable: boolean }>(),
} satisfies Shape<DeploymentConfiguration>)

const DescribeServices = operation<DescribeServicesRequest, DescribeServicesResponse>(
  {
    cluster: text.optional(),
    services: z.array(text).min(1).max(10),
    include: z.array(z.enum(['TAGS'])).optional(),
  },
  (world, { cluster, services, include }) => {
    const { name, arn } = clusterOf(world, cluster)
    const requested = services!.map((each) => ({ each, found: world.service(name, lastPart(each)) }))
    const withTags = include?.includes('TAGS')
    return {
      services: requested.flatMap(({ found }) =>
        found ? [{ ...viewService(found), ...(withTags && { tags: [...found.tags] }) }] : [],
      ),
      failures: requested.flatMap(({ each, found }) =>
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
    const { items, nextToken } = page(world, isOther ? [] : arns, { ...request, size: 10 })
    return { serviceArns: items, nextToken }
  },
)

const UpdateService = operation<UpdateServiceRequest, UpdateServiceResponse>(
  {
    cluster: text.optional(),
    service: text,
    desiredCount: z.int().min(0).optional(),
    taskDefinition: text.optional(),
    capacityProviderStrategy: capacityProviderStrategy.optional(),
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
    checkHooks(request)
    const bringsNew = changes(world, service, request)
    service.capacity = request.capacityProviderStrategy ?? service.capacity
    service.desired = request.desiredCount ?? service.desired
    service.configuration = { ...service.configuration, ...request.deploymentConfiguration }
    service.healthCheckGracePeriodSeconds =
      request.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds
    const [current] = service.rollouts
    if (current && !isFinished(current)) current.desired = service.desired
    if (bringsNew && service.controller === 'ECS') startRollout(service, Date.now(), world)
    else service.steady = service.steady && request.desiredCount === undefined
    return { service: viewService(service) }
  },
)

/** @throws {AwsError} for settings that only other deployment strategies have */
function checkHooks({ deploymentConfiguration }: UpdateServiceRequest): void {
  const other = deploymentConfiguration?.lifecycleHooks?.find(
    ({ targetType, lifecycleStages = [] }) =>
      targetType !== 'PAUSE' || lifecycleStages.some((stage) => !/^(?:PRE|POST)_SCALE_UP$/.test(stage)),
  )
  if (other) {
    const message = 'The sandbox has hooks that pause, at PRE_SCALE_UP and POST_SCALE_UP.'
    throw new AwsError('UnsupportedFeatureException', message)
  }
}

/** How ECS ends its refusal of a task definition. CodeDeploy: fabfuel/ecs-deploy#120. */
const elsewhere = { CODE_DEPLOY: ' Use AWS CodeDeploy to trigger a new deployment.', EXTERNAL: '' } as const

/** Applies the changes that require a new service deployment, and returns whether there were any. */
function changes(world: World, service: ServiceState, request: UpdateServiceRequest): boolean {
  const { controller } = service
  if (controller !== 'ECS' && (request.taskDefinition || request.networkConfiguration))
    throw invalidParameter(
      `Unable to update task definition on services with a ${controller} deployment controller.${elsewhere[controller]}`,
    )
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

export const serviceOperations = {
  DescribeServices,
  ListServices,
  UpdateService,
}

import type {
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
  text,
} from './operation.ts'
import { startRollout } from './rollout.ts'
import { checkStrategy, deploymentConfiguration, loadBalancers } from './strategy.ts'
import { viewService } from './views.ts'
import type { World } from './world.ts'

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
    loadBalancers: loadBalancers.optional(),
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
    const configuration = { ...service.configuration, ...request.deploymentConfiguration }
    const loadBalancers = request.loadBalancers ?? service.loadBalancers
    if (request.deploymentConfiguration || request.loadBalancers) checkStrategy(configuration, loadBalancers)
    const bringsNew = changes(world, service, request)
    service.loadBalancers = loadBalancers
    service.capacity = request.capacityProviderStrategy ?? service.capacity
    service.desired = request.desiredCount ?? service.desired
    service.configuration = configuration
    service.healthCheckGracePeriodSeconds =
      request.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds
    const [current] = service.rollouts
    if (current && !isFinished(current)) current.desired = service.desired
    if (bringsNew && service.controller === 'ECS') startRollout(service, Date.now(), world)
    else service.steady = service.steady && request.desiredCount === undefined
    return { service: viewService(service) }
  },
)

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
  const hasNewBalancers =
    request.loadBalancers !== undefined &&
    JSON.stringify(request.loadBalancers) !== JSON.stringify(service.loadBalancers)
  return hasNewDefinition || hasNewNetwork || hasNewBalancers || request.forceNewDeployment === true
}

export const serviceOperations = {
  DescribeServices,
  ListServices,
  UpdateService,
}

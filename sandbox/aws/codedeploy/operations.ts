import type {
  BatchGetDeploymentsInput,
  BatchGetDeploymentsOutput,
  BatchGetDeploymentTargetsInput,
  BatchGetDeploymentTargetsOutput,
  ContinueDeploymentInput,
  GetApplicationRevisionInput,
  GetApplicationRevisionOutput,
  GetDeploymentConfigInput,
  GetDeploymentConfigOutput,
  GetDeploymentGroupInput,
  GetDeploymentGroupOutput,
  GetDeploymentInput,
  GetDeploymentOutput,
  GetDeploymentTargetInput,
  GetDeploymentTargetOutput,
  ListDeploymentsInput,
  ListDeploymentsOutput,
} from '@aws-sdk/client-codedeploy'
import { z } from 'zod'
import { AwsError } from '../error.ts'
import { operation, page, text, time } from '../operation.ts'
import { date } from '../rollout-views.ts'
import type { World } from '../world.ts'
import { createOperations } from './create.ts'
import { applicationOf, configOf, deploymentOf, groupOf, openDeploymentOf } from './lookup.ts'
import { revisionLocation, sha256Of } from './revision-location.ts'
import { StopDeployment } from './stop.ts'
import { viewDeploymentInfo, viewGroup, viewTarget } from './views.ts'

const statuses = [
  'Created',
  'Queued',
  'InProgress',
  'Baking',
  'Succeeded',
  'Failed',
  'Stopped',
  'Ready',
] as const

const GetDeployment = operation<GetDeploymentInput, GetDeploymentOutput>(
  { deploymentId: text.optional() as z.ZodType<string | undefined> },
  (world, { deploymentId }) => ({ deploymentInfo: viewDeploymentInfo(deploymentOf(world, deploymentId)) }),
)

const BatchGetDeployments = operation<BatchGetDeploymentsInput, BatchGetDeploymentsOutput>(
  { deploymentIds: z.array(text).min(1) },
  (world, { deploymentIds = [] }) => {
    if (deploymentIds.length > 25)
      throw new AwsError('BatchLimitExceededException', 'The batch size exceeds the limit of 25.')
    return {
      deploymentsInfo: deploymentIds.flatMap((id) => {
        const found = world.codeDeploy.deployment(id)
        return found ? [viewDeploymentInfo(found)] : []
      }),
    }
  },
)

function targetOf(world: World, id: string | undefined, targetId: string) {
  const deployment = deploymentOf(world, id)
  if (deployment.status === 'Created' || deployment.status === 'Queued')
    throw new AwsError('DeploymentNotStartedException', `The deployment ${deployment.id} has not started.`)
  const target = viewTarget(deployment)
  if (target.ecsTarget?.targetId !== targetId)
    throw new AwsError('DeploymentTargetDoesNotExistException', `The target ${targetId} does not exist.`)
  return target
}

const GetDeploymentTarget = operation<GetDeploymentTargetInput, GetDeploymentTargetOutput>(
  { deploymentId: text, targetId: text },
  (world, { deploymentId, targetId }) => ({ deploymentTarget: targetOf(world, deploymentId, targetId!) }),
)

const BatchGetDeploymentTargets = operation<BatchGetDeploymentTargetsInput, BatchGetDeploymentTargetsOutput>(
  { deploymentId: text, targetIds: z.array(text).min(1).max(25) },
  (world, { deploymentId, targetIds }) => ({
    deploymentTargets: targetIds!.map((id) => targetOf(world, deploymentId, id)),
  }),
)

const ListDeployments = operation<ListDeploymentsInput, ListDeploymentsOutput>(
  {
    applicationName: text.optional(),
    deploymentGroupName: text.optional(),
    externalId: text.optional(),
    includeOnlyStatuses: z.array(z.enum(statuses)).optional(),
    createTimeRange: z.strictObject({ start: time.optional(), end: time.optional() }).optional(),
    nextToken: text.optional(),
  },
  (
    world,
    { applicationName, deploymentGroupName, externalId, includeOnlyStatuses, createTimeRange, ...list },
  ) => {
    if (applicationName === undefined && deploymentGroupName !== undefined)
      throw new AwsError('ApplicationNameRequiredException', 'Application name is required.')
    if (applicationName !== undefined && deploymentGroupName === undefined)
      throw new AwsError('DeploymentGroupNameRequiredException', 'Deployment group name is required.')
    const group =
      applicationName === undefined ? undefined : groupOf(world, applicationName, deploymentGroupName!)
    const from = createTimeRange?.start?.getTime() ?? Number.NEGATIVE_INFINITY
    const to = createTimeRange?.end?.getTime() ?? Number.POSITIVE_INFINITY
    if (from > to) throw new AwsError('InvalidTimeRangeException', 'The time range is not valid.')
    const found = world.codeDeploy.deployments.filter(
      (each) =>
        (group === undefined || each.group === group) &&
        (externalId === undefined || each.externalId === externalId) &&
        (includeOnlyStatuses?.some((status) => status === each.status) ?? true) &&
        each.createdAt >= from &&
        each.createdAt <= to,
    )
    const { items, nextToken } = page(world, found, { ...list, size: 100 })
    return { deployments: items.map(({ id }) => id), nextToken }
  },
)

const GetDeploymentGroup = operation<GetDeploymentGroupInput, GetDeploymentGroupOutput>(
  { applicationName: text, deploymentGroupName: text },
  (world, { applicationName, deploymentGroupName }) => ({
    deploymentGroupInfo: viewGroup(groupOf(world, applicationName!, deploymentGroupName!), world.codeDeploy),
  }),
)

const GetDeploymentConfig = operation<GetDeploymentConfigInput, GetDeploymentConfigOutput>(
  { deploymentConfigName: text },
  (world, { deploymentConfigName }) => {
    const { id, name, routing } = configOf(world, deploymentConfigName!)
    return {
      deploymentConfigInfo: {
        deploymentConfigId: id,
        deploymentConfigName: name,
        computePlatform: 'ECS',
        trafficRoutingConfig: routing,
      },
    }
  },
)

const GetApplicationRevision = operation<GetApplicationRevisionInput, GetApplicationRevisionOutput>(
  { applicationName: text, revision: revisionLocation },
  (world, { applicationName, revision }) => {
    const found = applicationOf(world, applicationName!).revisions.get(sha256Of(revision))
    if (!found) throw new AwsError('RevisionDoesNotExistException', 'The revision does not exist.')
    const { content, sha256, groups, firstUsedAt, lastUsedAt, registeredAt, description } = found
    return {
      applicationName,
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content, sha256 } },
      revisionInfo: {
        description,
        deploymentGroups: [...groups],
        firstUsedTime: date(firstUsedAt),
        lastUsedTime: date(lastUsedAt),
        registerTime: date(registeredAt),
      },
    }
  },
)

const ContinueDeployment = operation<ContinueDeploymentInput, object>(
  {
    deploymentId: text.optional(),
    deploymentWaitType: z.enum(['READY_WAIT', 'TERMINATION_WAIT']).optional(),
  },
  (world, { deploymentId, deploymentWaitType = 'READY_WAIT' }) => {
    const deployment = openDeploymentOf(world, deploymentId)
    if (deploymentWaitType === 'READY_WAIT') {
      if (deployment.status !== 'Ready')
        throw new AwsError('DeploymentIsNotInReadyStateException', 'The deployment is not in Ready state.')
      deployment.isContinued = true
    } else {
      if (deployment.waitsSince === undefined)
        throw new AwsError('InvalidDeploymentStatusException', 'The termination wait has not started.')
      deployment.isFinishing = true
    }
    return {}
  },
)

export const codeDeployOperations = {
  GetDeployment,
  BatchGetDeployments,
  GetDeploymentTarget,
  BatchGetDeploymentTargets,
  ListDeployments,
  GetDeploymentGroup,
  GetDeploymentConfig,
  GetApplicationRevision,
  ContinueDeployment,
  StopDeployment,
  ...createOperations,
}

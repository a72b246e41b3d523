import type {
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse,
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
} from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { isFinished } from './deployments.ts'
import { AwsError, invalidParameter } from './error.ts'
import { resolve } from './hooks.ts'
import { serviceOf } from './lookup.ts'
import type { Rollout, ServiceState } from './model.ts'
import { missing, operation, page, text, time } from './operation.ts'
import { viewServiceDeployment, viewServiceDeploymentBrief, viewServiceRevision } from './rollout-views.ts'
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
    const listed = service.controller === 'ECS' ? service.rollouts : []
    const found = listed.filter(
      ({ createdAt, status }) =>
        createdAt >= after && createdAt <= before && (request.status?.includes(status) ?? true),
    )
    const { items, nextToken } = page(world, found, { ...request, size: 20 })
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
  const requested = serviceDeploymentArns!.map((arn) => ({ arn, found: findRollout(world, arn) }))
  return {
    serviceDeployments: requested.flatMap(({ found }) =>
      found ? [viewServiceDeployment(found.service, found.rollout)] : [],
    ),
    failures: requested.flatMap(({ arn, found }) => (found ? [] : [missing(arn)])),
  }
})

const DescribeServiceRevisions = operation<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse>(
  { serviceRevisionArns: z.array(text).min(1).max(20) },
  (world, { serviceRevisionArns }) => {
    const all = [...world.services.values()].flatMap((service) =>
      service.revisions.map((revision) => ({ service, revision })),
    )
    const requested = serviceRevisionArns!.map((arn) => ({
      arn,
      found: all.find(({ revision }) => revision.arn === arn),
    }))
    return {
      serviceRevisions: requested.flatMap(({ found }) =>
        found ? [viewServiceRevision(found.service, found.revision)] : [],
      ),
      failures: requested.flatMap(({ arn, found }) => (found ? [] : [missing(arn)])),
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
      const now = Date.now()
      Object.assign(rollout, { status: 'ROLLBACK_REQUESTED', stoppedAt: now, updatedAt: now })
    }
    return { serviceDeploymentArn }
  },
)

const ContinueServiceDeployment = operation<
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse
>(
  { serviceDeploymentArn: text, hookId: text, action: z.enum(['CONTINUE', 'ROLLBACK']).optional() },
  (world, { serviceDeploymentArn, hookId, action = 'CONTINUE' }) => {
    const rollout = findRollout(world, serviceDeploymentArn!)?.rollout
    if (!rollout) throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.')
    resolve(rollout, hookId!, action)
    if (action === 'ROLLBACK') rollout.status = 'ROLLBACK_REQUESTED'
    rollout.updatedAt = Date.now()
    return { serviceDeploymentArn }
  },
)

export const rolloutOperations = {
  ListServiceDeployments,
  DescribeServiceDeployments,
  DescribeServiceRevisions,
  StopServiceDeployment,
  ContinueServiceDeployment,
}

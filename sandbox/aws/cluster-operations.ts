import type {
  DescribeClustersRequest,
  DescribeClustersResponse,
  ListClustersRequest,
  ListClustersResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
} from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { lastPart } from './arn.ts'
import { invalidParameter } from './error.ts'
import { operation, page, text } from './operation.ts'

const DescribeClusters = operation<DescribeClustersRequest, DescribeClustersResponse>(
  {
    clusters: z.array(text).max(100).optional(),
    include: z.array(z.enum(['ATTACHMENTS', 'CONFIGURATIONS', 'SETTINGS', 'STATISTICS', 'TAGS'])).optional(),
  },
  (world, { clusters = ['default'], include = [] }) => {
    const requested = clusters.map((each) => ({ each, found: world.clusters.get(lastPart(each)) }))
    return {
      clusters: requested.flatMap(({ found }) => {
        if (!found) return []
        const tasks = world.tasks.filter((task) => task.cluster === found)
        return [
          {
            clusterArn: found.arn,
            clusterName: found.name,
            status: 'ACTIVE',
            registeredContainerInstancesCount: 0,
            runningTasksCount: tasks.filter((task) => task.lastStatus === 'RUNNING').length,
            pendingTasksCount: tasks.filter((task) => task.lastStatus === 'PENDING').length,
            activeServicesCount: [...world.services.values()].filter(({ cluster }) => cluster === found)
              .length,
            statistics: [],
            tags: include.includes('TAGS') ? [...found.tags] : [],
            settings: [],
            capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
            defaultCapacityProviderStrategy: [],
          },
        ]
      }),
      failures: requested.flatMap(({ each, found }) => (found ? [] : [{ arn: each, reason: 'MISSING' }])),
    }
  },
)

const ListClusters = operation<ListClustersRequest, ListClustersResponse>(
  { nextToken: text.optional(), maxResults: z.int().min(1).max(100).optional() },
  (world, request) => {
    const { items, nextToken } = page(world, [...world.clusters.values()], { ...request, size: 100 })
    return { clusterArns: items.map((cluster) => cluster.arn), nextToken }
  },
)

const ListTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResponse>(
  { resourceArn: text },
  (world, { resourceArn }) => {
    const found =
      world.services.get(resourceArn!) ??
      world.taskDefinitions.find((each) => each.taskDefinitionArn === resourceArn) ??
      world.tasks.find((task) => task.arn === resourceArn) ??
      [...world.clusters.values()].find((cluster) => cluster.arn === resourceArn)
    if (!found) throw invalidParameter('The specified resource could not be found.')
    return { tags: [...found.tags] }
  },
)

export const clusterOperations = {
  DescribeClusters,
  ListClusters,
  ListTagsForResource,
}

import {
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeTaskDefinitionCommand,
  ListClustersCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
  paginateListServices,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, test } from 'vitest'
import { breakerThreshold } from '../../sandbox/aws/rollout.ts'
import { addService, fargate } from '../../sandbox/aws/seed-world.ts'
import { register } from '../../sandbox/aws/task-definition-operations.ts'
import { mainCommits, registry, revisions } from '../../sandbox/seed.ts'
import { type Aws, blogApi, prod, startForTest } from './aws-clients.ts'

let aws: Aws

beforeEach(async () => {
  aws = await startForTest()
})

describe('task definitions', () => {
  const listed = async (request: object) =>
    (await aws.ecs.send(new ListTaskDefinitionsCommand(request))).taskDefinitionArns!.map((arn) =>
      arn.slice(arn.indexOf('/') + 1),
    )

  test('the default world has task definitions 41 to 43', async () => {
    expect(await listed({ familyPrefix: 'blog-api' })).toEqual(['blog-api:41', 'blog-api:42', 'blog-api:43'])
    expect(await listed({ familyPrefix: 'blog-api', sort: 'DESC', maxResults: 1 })).toEqual(['blog-api:43'])
    expect(await listed({ status: 'INACTIVE' })).toEqual(['blog-api:40'])
    expect(await listed({})).toEqual([
      'blog-api:41',
      'blog-api:42',
      'blog-api:43',
      'blog-api-migrate:12',
      'blog-worker:7',
    ])
  })

  test('task definitions have the commit as image tag, and their tags in a separate field', async () => {
    const { taskDefinition, tags } = await aws.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: 'blog-api:42', include: ['TAGS'] }),
    )
    expect(taskDefinition).toMatchObject({
      revision: 42,
      status: 'ACTIVE',
      containerDefinitions: [{ name: 'api', image: `${registry}:${revisions[1]!.sha}` }],
    })
    expect(taskDefinition!.registeredAt).toEqual(new Date(revisions[1]!.at))
    expect(tags).toEqual([{ key: 'team', value: 'blog' }])
    const without = await aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'blog-api:42' }))
    expect(without.tags).toBeUndefined()
  })

  test('the next revision is 44, and a family without a number means its latest ACTIVE revision', async () => {
    const tags = [{ key: 'release', value: 'r1' }]
    const registered = await aws.ecs.send(new RegisterTaskDefinitionCommand({ ...blogApi(), tags }))
    expect(registered).toMatchObject({ taskDefinition: { revision: 44, status: 'ACTIVE' }, tags })
    const resourceArn = registered.taskDefinition!.taskDefinitionArn!
    const found = await aws.ecs.send(new ListTagsForResourceCommand({ resourceArn }))
    expect(found.tags).toEqual(tags)

    const { taskDefinition } = await aws.ecs.send(
      new DeregisterTaskDefinitionCommand({ taskDefinition: 'blog-api:44' }),
    )
    expect(taskDefinition!.status).toBe('INACTIVE')
    expect(taskDefinition!.deregisteredAt).toBeInstanceOf(Date)
    const latest = await aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'blog-api' }))
    expect(latest.taskDefinition!.revision).toBe(43)
  })

  test.each([
    ['no cpu on Fargate', { cpu: undefined }],
    ['another network mode on Fargate', { networkMode: 'bridge' as const }],
    ['no essential container', { containerDefinitions: [{ name: 'api', image: 'x', essential: false }] }],
  ])('a task definition with %s is refused', async (_, change) => {
    await expect(
      aws.ecs.send(new RegisterTaskDefinitionCommand({ ...blogApi(), ...change })),
    ).rejects.toMatchObject({ name: 'ClientException' })
  })
})

test('DescribeClusters returns the clusters with their counts', async () => {
  const { clusterArns } = await aws.ecs.send(new ListClustersCommand({}))
  const { clusters } = await aws.ecs.send(new DescribeClustersCommand({ clusters: clusterArns! }))
  expect(clusters).toMatchObject([
    { clusterName: 'blog-cluster-dev', activeServicesCount: 1, runningTasksCount: 1 },
    { clusterName: 'blog-cluster-prod', activeServicesCount: 1, runningTasksCount: 2 },
  ])
})

test('service deployments can be listed by status and by time', async () => {
  const listed = async (request: object) =>
    (await aws.ecs.send(new ListServiceDeploymentsCommand({ ...prod, ...request }))).serviceDeployments!
  expect(await listed({ status: ['SUCCESSFUL'] })).toHaveLength(3)
  expect(await listed({ status: ['STOPPED'] })).toHaveLength(0)
  const after = new Date(Date.parse(revisions[0]!.at) + 1_000)
  const before = new Date(Date.parse(revisions[2]!.at) - 1_000)
  expect(await listed({ createdAt: { after, before } })).toMatchObject([
    { createdAt: new Date(revisions[1]!.at), status: 'SUCCESSFUL' },
  ])
})

test('300 services with their own families can be added', async () => {
  const image = `${registry}:${mainCommits[0]!.sha}`
  for (let number = 0; number < 300; number += 1) {
    const family = `svc-${number}`
    register(aws.world, fargate(family, { name: 'app', image }, '/ecs/blog-api'), 0)
    addService(aws.world, {
      cluster: 'big',
      service: family,
      desired: 2,
      history: [{ taskDefinition: `${family}:1`, at: 0 }],
    })
  }
  const arns: string[] = []
  for await (const page of paginateListServices({ client: aws.ecs, pageSize: 100 }, { cluster: 'big' })) {
    arns.push(...page.serviceArns!)
  }
  expect(new Set(arns).size).toBe(300)
  const first = await aws.ecs.send(new ListServicesCommand({ cluster: 'big' }))
  expect(first.serviceArns).toHaveLength(10)
})

test.each([
  ['2 tasks', 2, undefined, 3],
  ['25 tasks', 25, undefined, 13],
  ['1000 tasks', 1000, undefined, 200],
  ['a count', 2, { type: 'COUNT', value: 1 }, 1],
  ['a share without bounds', 1000, { type: 'UNBOUNDED_PERCENT', value: 50 }, 500],
] as const)(
  'the circuit breaker threshold is computed for %s',
  (_, desired, thresholdConfiguration, threshold) => {
    const deploymentCircuitBreaker = { enable: true, rollback: true, thresholdConfiguration }
    expect(breakerThreshold({ deploymentCircuitBreaker }, desired)).toBe(threshold)
  },
)

import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { coverage } from '../../sandbox/aws/coverage.ts'
import { operations } from '../../sandbox/aws/operations.ts'
import { queryServices } from '../../sandbox/aws/query.ts'
import { Rates } from '../../sandbox/aws/rates.ts'
import { registry, revisions } from '../../sandbox/seed.ts'
import { type Aws, blogApi, clientsOf, prod, startForTest } from './aws-clients.ts'

let aws: Aws

beforeEach(async () => {
  aws = await startForTest()
})

const ecsTarget = 'AmazonEC2ContainerServiceV20141113'

/** Sends a raw request; the defaults are valid. */
async function raw(operation: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(aws.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${ecsTarget}.${operation}`,
      authorization: authorization(),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

function authorization({ key = aws.env.AWS_ACCESS_KEY_ID, service = 'ecs', region = 'ap-northeast-2' } = {}) {
  return (
    `AWS4-HMAC-SHA256 Credential=${key}/20261123/${region}/${service}/aws4_request, ` +
    `SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
  )
}

test('the coverage table lists exactly the supported operations', () => {
  const served = [
    ...Object.values(operations).flatMap((all) => Object.keys(all)),
    ...queryServices.flatMap((service) => Object.keys(service.operations)),
  ]
  expect(Object.keys(coverage).toSorted()).toEqual(served.toSorted())
})

test('answers have times in epoch seconds and omit absent members', async () => {
  const { body } = await raw('DescribeServices', { cluster: prod.cluster, services: [prod.service] })
  const [service] = body.services as Record<string, unknown>[]
  expect(service!.createdAt).toBe(Date.parse(revisions[0]!.at) / 1000)
  expect(Object.values(service!)).not.toContain(null)

  const { services } = await aws.ecs.send(
    new DescribeServicesCommand({ cluster: prod.cluster, services: [prod.service] }),
  )
  expect(services![0]!.createdAt).toEqual(new Date(revisions[0]!.at))
})

describe('authentication', () => {
  const listed = () => raw('ListClusters', {})

  test('a request without a signature is refused', async () => {
    const response = await fetch(aws.url, {
      method: 'POST',
      headers: { 'x-amz-target': `${ecsTarget}.ListClusters` },
      body: '{}',
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' })
  })

  test.each([
    ['an unknown key', { key: 'AKIASOMEONE' }, 'UnrecognizedClientException'],
    ['the scope of another service', { service: 'logs' }, 'InvalidSignatureException'],
    ['the scope of another region', { region: 'us-east-1' }, 'InvalidSignatureException'],
  ])('a signature with %s is refused', async (_, scope, __type) => {
    const answer = await raw('ListClusters', {}, { authorization: authorization(scope) })
    expect(answer).toMatchObject({ status: 400, body: { __type } })
  })

  test('an expired token is refused', async () => {
    aws.world.token = 'expired'
    await expect(aws.ecs.send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'ExpiredTokenException',
    })
    aws.world.token = 'valid'
    expect(await listed()).toMatchObject({ status: 200 })
  })

  test('a removed permission is refused until it is restored', async () => {
    aws.world.deny('ecs:ListTasks')
    const list = () => aws.ecs.send(new ListTasksCommand({ cluster: prod.cluster }))
    await expect(list()).rejects.toMatchObject({ name: 'AccessDeniedException' })
    expect(await listed()).toMatchObject({ status: 200 })
    aws.world.allow('ecs:ListTasks')
    expect((await list()).taskArns).toHaveLength(2)
  })

  test('the SDK with another key is refused', async () => {
    const { ecs } = clientsOf(aws, 'AKIASOMEONE')
    await expect(ecs.send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
  })
})

describe('request validation', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`)

  test.each([
    ['an unknown operation', 'DescribeCapacity', {}, 'UnknownOperationException'],
    ['a body that is no JSON', 'ListClusters', '{', 'SerializationException'],
    ['an unknown member', 'ListClusters', { size: 1 }, 'SerializationException'],
    ['a wrong type', 'ListClusters', { maxResults: '1' }, 'SerializationException'],
    ['a required member missing', 'DescribeServices', { cluster: prod.cluster }, 'InvalidParameterException'],
    ['an unknown enum value', 'ListTasks', { desiredStatus: 'DEAD' }, 'InvalidParameterException'],
    ['11 services', 'DescribeServices', { services: many(11) }, 'InvalidParameterException'],
    ['101 tasks', 'DescribeTasks', { tasks: many(101) }, 'InvalidParameterException'],
    [
      '21 deployments',
      'DescribeServiceDeployments',
      { serviceDeploymentArns: many(21) },
      'InvalidParameterException',
    ],
    [
      '21 revisions',
      'DescribeServiceRevisions',
      { serviceRevisionArns: many(21) },
      'InvalidParameterException',
    ],
    [
      'a startedBy of 129 characters',
      'ListTasks',
      { startedBy: 'a'.repeat(129) },
      'InvalidParameterException',
    ],
    ['a startedBy with a dot', 'ListTasks', { startedBy: 'deploy.1' }, 'InvalidParameterException'],
    [
      'startedBy beside another filter',
      'ListTasks',
      { cluster: prod.cluster, startedBy: 'a', family: 'b' },
      'InvalidParameterException',
    ],
    ['an unknown cluster', 'ListTasks', { cluster: 'nowhere' }, 'ClusterNotFoundException'],
    ['no cluster, where none is called default', 'ListTasks', {}, 'ClusterNotFoundException'],
    [
      'tasks of an unknown service',
      'ListTasks',
      { cluster: prod.cluster, serviceName: 'nothing' },
      'ServiceNotFoundException',
    ],
    [
      'an unknown service',
      'UpdateService',
      { cluster: prod.cluster, service: 'nothing' },
      'ServiceNotFoundException',
    ],
    [
      'an unknown task definition',
      'DescribeTaskDefinition',
      { taskDefinition: 'blog-api:999' },
      'ClientException',
    ],
  ])('a request with %s is refused: %s', async (_, operation, body, __type) => {
    expect(await raw(operation, body)).toMatchObject({ status: 400, body: { __type } })
  })

  test('describing a missing resource returns a failure, not an error', async () => {
    const { services, failures } = await aws.ecs.send(
      new DescribeServicesCommand({ cluster: prod.cluster, services: [prod.service, 'nothing'] }),
    )
    expect(services).toHaveLength(1)
    expect(failures).toMatchObject([{ reason: 'MISSING' }])
    expect(failures![0]!.arn).toMatch(/service\/blog-cluster-prod\/nothing$/)

    const described = await aws.ecs.send(new DescribeTasksCommand({ cluster: prod.cluster, tasks: ['gone'] }))
    expect(described).toMatchObject({ tasks: [], failures: [{ reason: 'MISSING' }] })
  })
})

test('the SDK reaches the sandbox with environment variables only', async () => {
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value)
  const { clusterArns } = await new ECSClient({}).send(new ListClustersCommand({}))
  expect(clusterArns).toHaveLength(2)
  const { logGroups } = await new CloudWatchLogsClient({}).send(new DescribeLogGroupsCommand({}))
  expect(logGroups).toHaveLength(2)
  vi.unstubAllEnvs()
})

describe('throttling', () => {
  test('the SDK receives ThrottlingException above the burst limit', async () => {
    const throttled = await startForTest({ rates: 'real' })
    const attempts = Array.from({ length: 25 }, () =>
      throttled.ecs.send(new RegisterTaskDefinitionCommand(blogApi())),
    )
    const settled = await Promise.allSettled(attempts)
    const refused = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.name] : []))
    expect(refused.length).toBeGreaterThanOrEqual(3)
    expect(new Set(refused)).toEqual(new Set(['ThrottlingException']))
  })

  test.each([
    ['DescribeServices', 100, 20],
    ['ListServiceDeployments', 50, 20],
    ['UpdateService', 50, 5],
    ['RegisterTaskDefinition', 20, 1],
    ['GetLogEvents', 25, 25],
  ])('the rate limit of %s is a burst of %d, then %d per second', (operation, burst, perSecond) => {
    const rates = new Rates()
    const passing = (now: number) => {
      let passed = 0
      for (;;) {
        try {
          rates.take(operation, now)
        } catch {
          return passed
        }
        passed += 1
      }
    }
    expect([passing(0), passing(0), passing(1000)]).toEqual([burst, 0, perSecond])
  })

  test('operations of the same bucket share its tokens', () => {
    const rates = new Rates()
    for (let taken = 0; taken < 100; taken += 1) rates.take('DescribeTasks', 0)
    expect(() => rates.take('ListTasks', 0)).toThrow('Rate exceeded')
    expect(() => rates.take('ListServices', 0)).not.toThrow()
  })
})

test('requests are logged by operation, and queued faults apply to them', async () => {
  aws.faults.queue('ListClusters', { kind: 'answer', status: 500, body: { __type: 'ServerException' } })
  await expect(aws.ecs.send(new ListClustersCommand({}))).rejects.toMatchObject({ name: 'ServerException' })
  expect((await aws.ecs.send(new ListClustersCommand({}))).clusterArns).toHaveLength(2)
  expect(aws.log.of('ListClusters').map((each) => each.status)).toEqual([500, 200])
})

test('an image can be pushed to the registry over HTTP', async () => {
  const image = `${registry}:pushed`
  const push = (body: unknown) =>
    fetch(`${aws.url}/_sandbox/images`, { method: 'POST', body: JSON.stringify(body) })
  expect((await push({ image })).status).toBe(201)
  expect(aws.world.images.has(image)).toBe(true)
  expect((await push({})).status).toBe(400)
})

import { expect, it } from 'vitest'
import { signalIn } from '../../src/aws/sqs/event.ts'
import { eventQueue } from '../../src/iam/event-queue.ts'

const arn = 'arn:aws:ecs:eu-west-1:123456789012'
const event = (type: string, part: object) =>
  JSON.stringify({
    version: '0',
    id: '7a0c2f1e',
    'detail-type': type,
    source: 'aws.ecs',
    account: '123456789012',
    time: '2026-11-23T09:00:00Z',
    region: 'eu-west-1',
    resources: [],
    detail: {},
    ...part,
  })
const there = { account: '123456789012', region: 'eu-west-1' }
const service = { ...there, of: 'service', cluster: 'blog', service: 'api' }
const resources = [`${arn}:service/blog/api`]

it.each([
  ['a deployment', event('ECS Deployment State Change', { resources }), service],
  ['a hook that waits', event('ECS Hook State Change', { resources }), service],
  ['a service that cannot place tasks', event('ECS Service Action', { resources }), service],
  [
    'a service with an ARN of the old form',
    event('ECS Deployment State Change', { resources: [`${arn}:service/api`] }),
    { ...service, cluster: null },
  ],
  [
    'a task of a service',
    event('ECS Task State Change', { detail: { clusterArn: `${arn}:cluster/blog`, group: 'service:api' } }),
    service,
  ],
  [
    'a migration task',
    event('ECS Task State Change', {
      detail: { clusterArn: `${arn}:cluster/blog`, group: 'family:api-migrate', version: 3 },
    }),
    { ...there, of: 'family', cluster: 'blog', family: 'api-migrate' },
  ],
  [
    'a deployment of CodeDeploy',
    event('CodeDeploy Deployment State-change Notification', {
      source: 'aws.codedeploy',
      detail: { deploymentId: 'd-A1B2C3D4E', state: 'SUCCESS' },
    }),
    { ...there, of: 'deployment', id: 'd-A1B2C3D4E' },
  ],
  [
    'a deployment of CodeDeploy without its id',
    event('CodeDeploy Deployment State-change Notification', { source: 'aws.codedeploy' }),
    { ...there, of: 'deployment', id: null },
  ],
])('an event of %s says where to look', (_, body, signal) => {
  expect(signalIn(body)).toEqual(signal)
})

it.each([
  ['no JSON', 'hello'],
  ['nothing', ''],
  ['null', 'null'],
  ['an event without resources', JSON.stringify({ 'detail-type': 'ECS Deployment State Change' })],
  ['an event of another kind', event('ECS Container Instance State Change', { resources })],
  ['a task without a group', event('ECS Task State Change', { detail: { clusterArn: 'x' } })],
  [
    'a resource that is no service',
    event('ECS Deployment State Change', { resources: [`${arn}:cluster/blog`] }),
  ],
])('%s is not an event that twokey knows', (_, body) => {
  expect(signalIn(body)).toBeNull()
})

it('the rules of `twokey init` send exactly the events that twokey knows', () => {
  const { rules } = eventQueue(
    { url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/twokey' },
    'eu-west-1',
  )
  const sent = rules.flatMap(({ pattern }) => pattern['detail-type'] as readonly string[])
  const detail = { clusterArn: `${arn}:cluster/blog`, group: 'service:api', deploymentId: 'd-A1B2C3D4E' }
  const types = [...sent, 'ECS Container Instance State Change']
  expect(types.filter((type) => signalIn(event(type, { resources, detail })))).toEqual(sent)
})

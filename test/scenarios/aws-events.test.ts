import { describe, expect } from 'vitest'
import { configText, type Harness, scenario } from './harness.ts'

const queueUrl = 'https://sqs.ap-northeast-2.amazonaws.com/123456789012/twokey'
const withQueue = `${configText}events: [{ queueUrl: "${queueUrl}" }]\n`

/** Polls so rarely that a release ends only if an event says so. */
const withoutPolling = withQueue.replace('active: 100ms', 'active: 10m')

const queueIn = ({ sandbox: { aws } }: Harness) => aws.world.createQueue('twokey')

const stateChange = (part: object = {}) =>
  JSON.stringify({
    version: '0',
    'detail-type': 'ECS Deployment State Change',
    source: 'aws.ecs',
    account: '123456789012',
    region: 'ap-northeast-2',
    resources: ['arn:aws:ecs:ap-northeast-2:123456789012:service/blog-cluster-dev/blog-api'],
    detail: { eventType: 'INFO', eventName: 'SERVICE_DEPLOYMENT_COMPLETED' },
    ...part,
  })

const usesOf = async (harness: Harness) =>
  [
    ...(await (await fetch(`${harness.url()}/metrics`)).text()).matchAll(
      /^twokey_aws_events_total\{use="(\w+)"\} (\d+)/gm,
    ),
  ]
    .filter(([, , count]) => count !== '0')
    .map(([, use]) => use)

describe.concurrent('a queue with the events of ECS', () => {
  scenario.extend<{ config: string }>({ config: withoutPolling })(
    'an event wakes the release of its service, and is deleted',
    async ({ harness }) => {
      const queue = queueIn(harness)
      harness.sandbox.aws.world.rollouts.next({ kind: 'stuck' })
      await harness.types('U0ANA', '/rollback blog-api 42 dev')
      await harness.shows('rolling out')
      const looks = () => harness.sandbox.aws.log.of('DescribeServiceDeployments').length
      const before = looks()
      queue.send(stateChange())
      await expect.poll(() => looks()).toBeGreaterThan(before)
      await expect.poll(() => queue.size).toBe(0)
      expect(await usesOf(harness)).toEqual(['woke'])
    },
  )

  scenario.extend<{ config: string }>({ config: withoutPolling })(
    'the events of a rollout lead a release to its end without polling',
    async ({ harness }) => {
      const queue = queueIn(harness)
      harness.sandbox.aws.world.sendEventsTo(queue)
      await harness.types('U0ANA', '/rollback blog-api 42 dev')
      expect(await harness.ends()).toBe('succeeded')
      await expect.poll(() => queue.size).toBe(0)
    },
  )

  scenario.extend<{ config: string }>({ config: withQueue })(
    'messages of no use are deleted and counted, and one with a wrong checksum harms nothing',
    async ({ harness }) => {
      const queue = queueIn(harness)
      queue.send('hello')
      queue.send(stateChange({ region: 'us-east-1' }))
      queue.send(stateChange(), { ageMs: 10 * 60_000 })
      await expect.poll(() => queue.size).toBe(0)
      expect(await usesOf(harness)).toEqual(['nobody', 'unknown', 'old'])
      queue.send(stateChange(), { md5: '0'.repeat(32) })
      await harness.types('U0ANA', '/rollback blog-api 42 dev')
      expect(await harness.ends()).toBe('succeeded')
      expect(queue.size).toBe(1)
    },
  )
})

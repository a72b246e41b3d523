import type { Deployment } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { verdictByDeployments } from '../../src/aws/ecs/fallback.ts'

const back = 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.'
const mine = (over: object): Deployment => ({
  id: 'ecs-svc/2',
  taskDefinition: 'td/blog-api:44',
  desiredCount: 2,
  ...over,
})
const old = (over: object): Deployment => ({
  id: 'ecs-svc/1',
  taskDefinition: 'td/blog-api:43',
  desiredCount: 2,
  ...over,
})

describe('verdict on ecs-svc/2 by deployments[] only', () => {
  it.each<[string, readonly Deployment[], string]>([
    ['PRIMARY and COMPLETED', [mine({ status: 'PRIMARY', rolloutState: 'COMPLETED' })], 'succeeded'],
    [
      'PRIMARY and IN_PROGRESS, alone and all running',
      [mine({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', runningCount: 2 })],
      'moving',
    ],
    ['PRIMARY and FAILED', [mine({ status: 'PRIMARY', rolloutState: 'FAILED' })], 'failed'],
    ['PRIMARY without a state', [mine({ status: 'PRIMARY' })], 'unknown'],
    ['PRIMARY in a state nobody knows', [mine({ status: 'PRIMARY', rolloutState: 'RESTING' })], 'unknown'],
    [
      'still ACTIVE while PRIMARY is rolled back to',
      [
        old({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: back }),
        mine({ status: 'ACTIVE', rolloutState: 'IN_PROGRESS' }),
      ],
      'rolling back',
    ],
    [
      'FAILED and DRAINING while PRIMARY is rolled back to',
      [
        old({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: back }),
        mine({ status: 'DRAINING', rolloutState: 'FAILED' }),
      ],
      'rolling back',
    ],
    [
      'gone while PRIMARY is rolled back to',
      [old({ status: 'PRIMARY', rolloutStateReason: back })],
      'rolling back',
    ],
    [
      'FAILED beside another PRIMARY',
      [
        old({ status: 'PRIMARY', rolloutState: 'COMPLETED' }),
        mine({ status: 'DRAINING', rolloutState: 'FAILED' }),
      ],
      'failed',
    ],
    [
      'gone: rolled back or replaced is not guessed',
      [old({ status: 'PRIMARY', rolloutState: 'COMPLETED' })],
      'unknown',
    ],
    ['nothing at all', [], 'unknown'],
    [
      'itself what is rolled back to',
      [mine({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: back })],
      'moving',
    ],
  ])('deployments[] only: %s', (_, deployments, verdict) => {
    expect(verdictByDeployments('ecs-svc/2', deployments).verdict).toBe(verdict)
  })
})

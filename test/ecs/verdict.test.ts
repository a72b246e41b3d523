import type { ServiceDeployment } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { type DeploymentFacts, verdictOf } from '../../src/aws/ecs/verdict.ts'

const at = (seconds: number) => new Date(Date.parse('2026-11-23T10:00:00Z') + seconds * 1000)

const rollout = (over: object): ServiceDeployment => ({
  createdAt: at(0),
  status: 'IN_PROGRESS',
  targetServiceRevision: { requestedTaskCount: 2, runningTaskCount: 1, pendingTaskCount: 1 },
  deploymentCircuitBreaker: { status: 'MONITORING', failureCount: 0, threshold: 3 },
  alarms: { status: 'DISABLED', alarmNames: [], triggeredAlarmNames: [] },
  ...over,
})

const judged = (over: object, more: Partial<DeploymentFacts> = {}) =>
  verdictOf({ deployment: rollout(over), others: [], revision: 'blog-api:44', backTo: null, ...more })

const tripped = { status: 'TRIGGERED', failureCount: 3, threshold: 3 } as const
const fired = {
  status: 'TRIGGERED',
  alarmNames: ['5xx', 'slow'],
  triggeredAlarmNames: ['5xx', 'slow'],
} as const

describe('verdict on a service deployment', () => {
  it.each<[string, object, string]>([
    ['is PENDING', { status: 'PENDING' }, 'moving'],
    ['is IN_PROGRESS', {}, 'moving'],
    ['scales up', { lifecycleStage: 'SCALE_UP' }, 'moving'],
    ['bakes', { lifecycleStage: 'BAKE_TIME' }, 'baking'],
    [
      'cleans up after a canary',
      { lifecycleStage: 'CLEAN_UP', deploymentConfiguration: { strategy: 'CANARY' } },
      'baking',
    ],
    [
      'stops the old tasks of a rolling deployment',
      { lifecycleStage: 'CLEAN_UP', deploymentConfiguration: { strategy: 'ROLLING' } },
      'moving',
    ],
    [
      'waits at a hook, though it bakes',
      { lifecycleStage: 'BAKE_TIME', lifecycleHookDetails: [{ status: 'AWAITING_ACTION' }] },
      'paused',
    ],
    ['has a hook running', { lifecycleHookDetails: [{ status: 'IN_PROGRESS' }] }, 'moving'],
    ['shows a list of hooks with a hole', { lifecycleHookDetails: [null] }, 'moving'],
    [
      'serves a canary',
      { lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT', deploymentConfiguration: { strategy: 'CANARY' } },
      'moving',
    ],
    [
      'is STOPPED by a hook',
      { status: 'STOPPED', lifecycleHookDetails: [{ targetType: 'AWS_LAMBDA', status: 'FAILED' }] },
      'failed',
    ],
    [
      'is rolled back, and shows the hook at which it waited',
      { status: 'ROLLBACK_IN_PROGRESS', lifecycleHookDetails: [{ status: 'AWAITING_ACTION' }] },
      'rolling back',
    ],
    ['is SUCCESSFUL', { status: 'SUCCESSFUL' }, 'succeeded'],
    ['is STOP_REQUESTED', { status: 'STOP_REQUESTED' }, 'moving'],
    ['is ROLLBACK_REQUESTED', { status: 'ROLLBACK_REQUESTED' }, 'rolling back'],
    ['is ROLLBACK_IN_PROGRESS', { status: 'ROLLBACK_IN_PROGRESS' }, 'rolling back'],
    ['is ROLLBACK_SUCCESSFUL', { status: 'ROLLBACK_SUCCESSFUL' }, 'rolled back'],
    ['is ROLLBACK_FAILED', { status: 'ROLLBACK_FAILED' }, 'rollback failed'],
    ['is STOPPED by the breaker', { status: 'STOPPED', deploymentCircuitBreaker: tripped }, 'failed'],
    ['is STOPPED by an alarm', { status: 'STOPPED', alarms: fired }, 'failed'],
    ['is STOPPED', { status: 'STOPPED', finishedAt: at(60) }, 'stopped'],
    ['has a status nobody knows', { status: 'RETIRED' }, 'unknown'],
    ['has no status', { status: undefined }, 'unknown'],
    [
      'is STOPPED with a monitor nobody knows',
      { status: 'STOPPED', alarms: { status: 'SNOOZED' } },
      'unknown',
    ],
  ])('a service deployment that %s', (_, over, verdict) => {
    expect(judged(over).verdict).toBe(verdict)
  })

  it.each<[string, object, number | null, string]>([
    ['a newer one created 0.3 s before it finished', { finishedAt: at(60) }, 59.7, 'superseded'],
    ['a newer one created as it finished', { finishedAt: at(60) }, 60, 'superseded'],
    ['only stoppedAt tells the end', { stoppedAt: at(60) }, 30, 'superseded'],
    ['a newer one created after it was over', { finishedAt: at(60) }, 61, 'stopped'],
    ['an older one', { finishedAt: at(60) }, -10, 'stopped'],
    ['itself among the others', { finishedAt: at(60) }, 0, 'stopped'],
    ['none', { finishedAt: at(60) }, null, 'stopped'],
    [
      'a newer one, but the breaker tripped',
      { finishedAt: at(60), deploymentCircuitBreaker: tripped },
      30,
      'failed',
    ],
  ])('a STOPPED deployment with %s', (_, over, other, verdict) => {
    const others = other === null ? [] : [{ createdAt: at(other) }]
    expect(judged({ status: 'STOPPED', ...over }, { others }).verdict).toBe(verdict)
  })
})

describe('reason for the verdict on a service deployment', () => {
  it.each<[string, object, string]>([
    [
      'names the breaker, the count and where it goes back to',
      { status: 'ROLLBACK_SUCCESSFUL', deploymentCircuitBreaker: tripped },
      'the ECS circuit breaker rolled back blog-api:44 to blog-api:43 (3 tasks failed)',
    ],
    [
      'names the alarms first',
      { status: 'ROLLBACK_IN_PROGRESS', alarms: fired, deploymentCircuitBreaker: { status: 'MONITORING' } },
      'a CloudWatch alarm (5xx, slow) is rolling back blog-api:44 to blog-api:43',
    ],
    [
      'passes on what ECS says of a hand',
      { status: 'ROLLBACK_SUCCESSFUL', rollback: { reason: 'Stopped by a user.' } },
      'ECS (Stopped by a user) rolled back blog-api:44 to blog-api:43',
    ],
    [
      'names the hook that failed',
      {
        status: 'ROLLBACK_SUCCESSFUL',
        statusReason: 'Rolled back.',
        lifecycleHookDetails: [
          {
            targetType: 'AWS_LAMBDA',
            targetArn: 'arn:aws:lambda:eu-west-1:1:function:smoke-test',
            status: 'FAILED',
          },
        ],
      },
      'ECS (the lifecycle hook smoke-test failed) rolled back blog-api:44 to blog-api:43',
    ],
    [
      'names the hook that did not answer',
      {
        status: 'ROLLBACK_IN_PROGRESS',
        lifecycleHookDetails: [
          {
            targetArn: 'arn:aws:lambda:eu-west-1:1:function:smoke-test',
            status: 'TIMED_OUT',
            timeoutAction: 'ROLLBACK',
          },
        ],
      },
      'ECS (the lifecycle hook smoke-test did not answer in time) is rolling back blog-api:44 to blog-api:43',
    ],
    [
      'says that nobody continued it',
      {
        status: 'ROLLBACK_SUCCESSFUL',
        lifecycleHookDetails: [{ targetType: 'PAUSE', status: 'TIMED_OUT', timeoutAction: 'ROLLBACK' }],
      },
      'ECS (nobody continued it in time) rolled back blog-api:44 to blog-api:43',
    ],
    [
      'does not blame a pause that went on by itself',
      {
        status: 'ROLLBACK_SUCCESSFUL',
        rollback: { reason: 'Stopped by a user.' },
        lifecycleHookDetails: [{ targetType: 'PAUSE', status: 'TIMED_OUT', timeoutAction: 'CONTINUE' }],
      },
      'ECS (Stopped by a user) rolled back blog-api:44 to blog-api:43',
    ],
    [
      'tells why there was no way back',
      { status: 'ROLLBACK_FAILED', statusReason: 'No rollback candidate was found.' },
      'the rollback of blog-api:44 to blog-api:43 failed: No rollback candidate was found',
    ],
  ])('the reason %s', (_, over, reason) => {
    expect(judged(over, { backTo: 'blog-api:43' }).reason).toBe(reason)
  })

  it('the reason names a desired count of 0, with which nothing runs', () => {
    const { verdict, reason } = judged({
      status: 'SUCCESSFUL',
      targetServiceRevision: { requestedTaskCount: 0 },
    })
    expect(verdict).toBe('succeeded')
    expect(reason).toContain('desired count is 0')
  })

  it('the reason of an early success names the rest of the rollout, which ECS continues', () => {
    const early = {
      deploymentConfiguration: { earlySuccessCriteria: { enable: true } },
      lifecycleStage: 'CLEAN_UP',
    }
    expect(judged({ status: 'SUCCESSFUL', ...early }).reason).toContain('still')
  })

  it('the reason is one line without a full stop and without secrets, whatever ECS sends', () => {
    const { reason } = judged({
      status: 'STOPPED',
      statusReason: `line\nbreak password=hunter22 ${'x'.repeat(900)}...`,
    })
    expect(reason).not.toMatch(/\n|hunter22|\.$/)
    expect(reason.length).toBeLessThan(400)
  })
})

describe('incidents of other teams', () => {
  it('1: a rollback is never reported as success', () => {
    const steady = { requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 }
    expect(judged({ status: 'ROLLBACK_SUCCESSFUL', targetServiceRevision: steady }).verdict).toBe(
      'rolled back',
    )
  })

  it('3: the circuit breaker tripped, and there was nothing to roll back to', () => {
    const facts = { status: 'ROLLBACK_FAILED', deploymentCircuitBreaker: tripped }
    expect(judged(facts).verdict).toBe('rollback failed')
    expect(judged({ ...facts, status: 'STOPPED' }).verdict).toBe('failed')
  })

  it('5: an older rollout that a newer one replaced is not a failure', () => {
    const others = [{ createdAt: at(0) }, { createdAt: at(11.7) }]
    expect(judged({ status: 'STOPPED', finishedAt: at(12) }, { others }).verdict).toBe('superseded')
  })

  it('6: running tasks are not the end while ECS reports IN_PROGRESS', () => {
    const full = { requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 }
    expect(judged({ targetServiceRevision: full }).verdict).toBe('moving')
  })

  it('14: a service that left blue/green fails on a hook, which is named', () => {
    const { verdict, reason } = judged(
      {
        status: 'ROLLBACK_SUCCESSFUL',
        deploymentConfiguration: { strategy: 'ROLLING' },
        statusReason: 'deployment failed: hook execution failure(s) detected.',
      },
      { backTo: 'blog-api:43' },
    )
    expect(verdict).toBe('rolled back')
    expect(reason).toContain('hook execution failure(s) detected')
  })

  it('7: a service scaled to 0 is not done before ECS says so', () => {
    const none = { requestedTaskCount: 0, runningTaskCount: 0, pendingTaskCount: 0 }
    expect(judged({ targetServiceRevision: none }).verdict).toBe('moving')
  })
})

import type { Task } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { newestFailure, whyItFailed, whyTaskStopped } from '../../src/ecs/why.ts'

const at = (seconds: number) => new Date(Date.parse('2026-11-23T10:00:00Z') + seconds * 1000)
const longImage = `123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/${'team/'.repeat(12)}blog-api:${'8649bf9'.repeat(6)}`
const elb = 'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x:1:targetgroup/a/b)'

describe('why a task stopped', () => {
  it.each<[string, Task, RegExp]>([
    [
      'an image that is not there',
      { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: x:1: not found' },
      /image could not be pulled.*x:1: not found$/,
    ],
    [
      'an image of a long name that is not there: what went wrong stands last',
      {
        stopCode: 'TaskFailedToStart',
        stoppedReason: `CannotPullContainerError: failed to resolve ref ${longImage}: ${longImage}: not found`,
      },
      /image could not be pulled: CannotPullContainerError: failed to resolve ref .{1,240}: not found$/,
    ],
    [
      'no secret, no log group, no address',
      {
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'ResourceInitializationError: unable to pull secrets.',
      },
      /could not be set up.*unable to pull secrets$/,
    ],
    [
      'an exit code',
      { stopCode: 'EssentialContainerExited', containers: [{ name: 'api', exitCode: 1 }] },
      /^container api exited 1$/,
    ],
    [
      'the container that ended first, not those that ECS stopped after it',
      {
        stopCode: 'EssentialContainerExited',
        containers: [
          { name: 'proxy', exitCode: 143 },
          { name: 'api', exitCode: 2 },
        ],
      },
      /api exited 2/,
    ],
    [
      'no memory left',
      {
        stopCode: 'EssentialContainerExited',
        containers: [{ name: 'api', exitCode: 137, reason: 'OutOfMemoryError: Container killed' }],
      },
      /api exited 137: OutOfMemoryError/,
    ],
    [
      'a clean exit of what should stay',
      { stopCode: 'EssentialContainerExited', containers: [{ name: 'api', exitCode: 0 }] },
      /api exited 0/,
    ],
    [
      'health checks of the load balancer, long after the start',
      { stopCode: 'ServiceSchedulerInitiated', stoppedReason: elb, startedAt: at(0), stoppingAt: at(600) },
      /load balancer’s health checks$/,
    ],
    [
      'health checks soon after the start',
      { stopCode: 'ServiceSchedulerInitiated', stoppedReason: elb, startedAt: at(0), stoppingAt: at(90) },
      /grace period of 60 s/,
    ],
    [
      'health checks of the container',
      { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks' },
      /container health checks$/,
    ],
    [
      'spot',
      { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' },
      /machine away/,
    ],
    ['a person', { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' }, /by hand/],
  ])('%s', (_, task, sentence) => {
    expect(whyTaskStopped(task, { healthCheckGracePeriodSeconds: 60 })).toMatch(sentence)
  })
})

const failed = (id: string, startedBy: string, stoppingAt: Date): Task => ({
  taskArn: id,
  startedBy,
  stoppingAt,
  stopCode: 'EssentialContainerExited',
  containers: [{ name: 'api', exitCode: 1 }],
})

describe('which task tells', () => {
  it('is the newest failure of this very rollout', () => {
    const tasks: Task[] = [
      failed('older', 'ecs-svc/2', at(1)),
      failed('newer', 'ecs-svc/2', at(2)),
      failed('of another rollout', 'ecs-svc/1', at(3)),
      {
        taskArn: 'not needed any more',
        startedBy: 'ecs-svc/2',
        stoppingAt: at(4),
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      },
    ]
    expect(newestFailure('ecs-svc/2', tasks)?.taskArn).toBe('newer')
  })

  it('where no task was ever placed, the service’s events tell', () => {
    const unable = 'was unable to place a task because no container instance met all of its requirements.'
    const service = {
      events: [
        { createdAt: at(20), message: '(service blog-api) has stopped 1 running tasks.' },
        { createdAt: at(10), message: `(service blog-api) ${unable}` },
      ],
    }
    const asked = { deploymentId: 'ecs-svc/2', tasks: [], service }
    expect(whyItFailed({ ...asked, since: at(0).getTime() })).toMatch(/unable to place a task/)
    expect(whyItFailed({ ...asked, since: at(15).getTime() })).toBeNull()
  })
})

import type { Task } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { causeOf, newestFailure } from '../../src/aws/ecs/why.ts'
import { cases } from './stopped-tasks.ts'

const at = (seconds: number) => new Date(Date.parse('2026-11-23T10:00:00Z') + seconds * 1000)
const longImage = `123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/${'team/'.repeat(12)}blog-api:${'8649bf9'.repeat(6)}`
const elb = 'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x:1:targetgroup/a/b)'

const service = {
  healthCheckGracePeriodSeconds: 60,
  loadBalancers: [
    { targetGroupArn: 'arn:aws:elasticloadbalancing:x:1:targetgroup/blog/b', containerName: 'nginx' },
  ],
}
const because = (task: Task) => causeOf({ task, definition: undefined }, service).sentence

describe('which container ended a task, and why', () => {
  it.each(cases)('blames the right container: $title', ({ task, definitions, container, says }) => {
    const definition = definitions && { containerDefinitions: [...definitions] }
    const cause = causeOf({ task, definition }, service)
    expect(cause.container).toBe(container)
    expect(cause.sentence).toMatch(says)
  })

  it.each(cases)('blames the same container in any order: $title', ({ task, definitions, container }) => {
    const reversed = { ...task, containers: task.containers?.toReversed() }
    const definition = definitions && { containerDefinitions: [...definitions] }
    const cause = causeOf({ task: reversed, definition }, service)
    // If both failed by themselves, nothing shows which was first.
    const alike = task.containers?.filter(({ exitCode }) => exitCode === 1 || exitCode === 3) ?? []
    if (alike.length < 2) expect(cause.container).toBe(container)
  })

  it('keeps the cause of a pull failure of a long image name, which comes last', () => {
    const stoppedReason = `CannotPullContainerError: failed to resolve ref ${longImage}: ${longImage}: gone away`
    expect(because({ stopCode: 'TaskFailedToStart', stoppedReason })).toMatch(
      /image could not be pulled: CannotPullContainerError: failed to resolve ref .{1,240}: gone away$/,
    )
  })

  it('gives AWS’s words beside a sentence that does not contain them, without secrets', () => {
    const containers = [
      {
        name: 'api',
        image: 'shop/api:1',
        reason: 'CannotPullContainerError: https://u:hunter22@r.io: not found',
      },
    ]
    const told = causeOf({ task: { stopCode: 'TaskFailedToStart', containers }, definition: undefined })
    expect(told.said).toBe('CannotPullContainerError: https://u:***@r.io: not found')
    for (const { task } of cases) {
      const { sentence, said } = causeOf({ task, definition: undefined })
      expect(sentence).not.toContain(said ?? 'nothing')
    }
  })

  it.each([
    ['long after the start', 600, /health checks$/],
    ['soon after the start', 90, /: the health check grace period \(60 s\) may be too short$/],
  ])('explains failed health checks of the load balancer %s', (_, seconds, says) => {
    const task = { startedAt: at(0), stoppingAt: at(seconds), stoppedReason: elb }
    expect(because({ ...task, stopCode: 'ServiceSchedulerInitiated' })).toMatch(says)
  })

  it('limits reasons, and keeps them on one line', () => {
    const reason = `CannotStartContainerError: <@U0ANA> *bold*\n${'x'.repeat(1024)}\n\`code\``
    for (const stopCode of ['TaskFailedToStart', 'EssentialContainerExited', undefined] as const) {
      const containers = [{ name: 'a'.repeat(255), reason, exitCode: 1 }]
      const sentence = because({ stopCode, stoppedReason: reason, containers })
      expect(sentence.length).toBeLessThan(420)
      expect(sentence).not.toContain('\n')
    }
  })
})

const failed = (id: string, startedBy: string, stoppingAt: Date): Task => ({
  taskArn: id,
  startedBy,
  stoppingAt,
  stopCode: 'EssentialContainerExited',
  containers: [{ name: 'api', exitCode: 1 }],
})

describe('the task that explains a failure', () => {
  it('takes the newest failed task of the rollout', () => {
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
})

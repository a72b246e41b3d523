import { describe, expect, it } from 'vitest'
import { causeNow, eventCause, hasRestarted, symptomNow } from '../../src/aws/ecs/events.ts'

const at = (seconds: number) => new Date(Date.parse('2026-11-23T10:00:00Z') + seconds * 1000)
const targetGroup = 'target-group arn:aws:elasticloadbalancing:us-west-2:1:targetgroup/blog/3c'

/** A service with these events, newest first, a second apart; the newest at second 100. */
const service = (...messages: readonly string[]) => ({
  events: messages.map((message, index) => ({
    createdAt: at(100 - index),
    message: `(service blog-api) ${message}`,
  })),
})
const began = { since: at(0).getTime() }

/** ECS's messages about a blocked service, from its documentation and public reports. */
const hindrances: readonly [string, RegExp][] = [
  [
    'was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 5f) has insufficient memory available. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    /unable to place a task .* insufficient memory available$/,
  ],
  [
    'was unable to place a task because no container instance met all of its requirements. The closest matching container-instance is already using a port required by your task.',
    /already using a port/,
  ],
  ['was unable to place a task. Reason: Capacity is unavailable at this time.', /Capacity is unavailable/],
  ['was unable to place a task. Reason: You’ve reached the limit on the number of vCPUs.', /vCPUs/],
  ['was unable to place a task. Reason: RESOURCE:ENI.', /RESOURCE:ENI/],
  [
    'was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded.',
    /provisioning capacity limit/,
  ],
  ['could not launch 2 tasks for deployment ecs-svc/1 due to insufficient CPU.', /insufficient CPU/],
  [
    "failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::1:role/blog' that was provided for this task.)",
    /unable to assume the role/,
  ],
  [
    'was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
    /Update the minimumHealthyPercent or maximumPercent value and try again$/,
  ],
  [
    `failed to register targets in (${targetGroup}) with (error The following targets are not in the target group VPC 'vpc-1')`,
    /failed to register targets in \(target-group blog\) with \(error .*not in the target group VPC/,
  ],
  [
    'failed to describe target health on target-group blog with (error not authorized to perform: elasticloadbalancing:DescribeTargetHealth)',
    /failed to describe target health/,
  ],
  [
    `task set (ecs-svc/1) (task 5f) is not healthy in (${targetGroup}) due to TARGET GROUP IS NOT FOUND.`,
    /NOT FOUND/,
  ],
  ['operations are being throttled. Will try again later.', /being throttled/],
  [
    'was unable to reach steady state. Reason: No Container Instances were found in your capacity provider.',
    /No Container Instances/,
  ],
  [
    'IAM trust relationship has been misconfigured or changed, and ECS can no longer maintain your service.',
    /trust relationship/,
  ],
  ['failed to do what nobody has heard of yet.', /nobody has heard of/],
  [
    `(task 5f) (port 8080) is unhealthy in (${targetGroup}) due to (reason Health checks failed with these codes: [503]).`,
    /is unhealthy in/,
  ],
  ['is unable to consistently start tasks successfully.', /unable to consistently start/],
]

describe('why a rollout without listed tasks failed, by the events of its service', () => {
  it.each(hindrances)('explains a failed rollout by the event %s', (message, says) => {
    const ended = service(
      'rolling back to deployment ecs-svc/1.',
      '(deployment ecs-svc/2) deployment failed: tasks failed to start.',
      message,
      'has started 2 tasks: (task 5f) (task 60).',
    )
    expect(eventCause({ service: ended, ...began })).toMatch(says)
  })

  it('prefers events about starting tasks over events about failing tasks', () => {
    const both = service('is unable to consistently start tasks successfully.', 'was unable to place a task.')
    expect(eventCause({ service: both, ...began })).toBe('the service was unable to place a task')
  })

  it('ignores events before the rollout and events of every rollout', () => {
    const earlier = service('was unable to place a task.')
    expect(eventCause({ service: earlier, since: at(101).getTime() })).toBeNull()
    const usual = service(
      '(deployment ecs-svc/2) deployment failed: tasks failed to start.',
      'has reached a steady state.',
      `registered 2 targets in (${targetGroup})`,
    )
    expect(eventCause({ service: usual, ...began })).toBeNull()
    expect(eventCause({ service: undefined, ...began })).toBeNull()
  })
})

const cannotPlace = 'was unable to place a task. Reason: Capacity is unavailable at this time.'
const noRoom =
  'was unable to stop or start tasks during a deployment because of the service deployment configuration.'
const notRegistered = `failed to register targets in (${targetGroup}) with (error no)`
const unhealthy = `(task 5f) (port 8080) is unhealthy in (${targetGroup}) due to (reason Health checks failed).`
const startedTwo = 'has started 2 tasks: (task 5f) (task 60).'

describe('what blocks a rollout now', () => {
  it.each<[string, readonly string[], RegExp | null]>([
    ['nothing can be placed', [cannotPlace], /Capacity/],
    ['tasks were started after all', [startedTwo, cannotPlace], null],
    ['again', [cannotPlace, startedTwo, cannotPlace], /Capacity/],
    ['tasks run, and the load balancer takes none', [notRegistered, startedTwo], /failed to register/],
    ['it takes them', [`registered 2 targets in (${targetGroup})`, notRegistered], null],
    ['the bounds leave no room', [noRoom], /service deployment configuration/],
    ['they do now', ['has stopped 1 running tasks: (task 5f).', noRoom], null],
    ['the bounds leave no room, and nothing can be placed', [noRoom, cannotPlace], /Capacity/],
    ['all is well since', ['has reached a steady state.', cannotPlace, notRegistered], null],
    ['tasks that fail are not told of here', [unhealthy, startedTwo], null],
    ['nothing was said', [], null],
  ])('what blocks a rollout now: %s', (_, messages, says) => {
    const cause = causeNow({ service: service(...messages), ...began })
    if (says === null) expect(cause).toBeNull()
    else expect(cause).toMatch(says)
  })

  it('includes an earlier event that is still true, because ECS does not repeat it for six hours', () => {
    const said = { service: service(cannotPlace) }
    const hour = 60 * 60_000
    expect(causeNow({ ...said, since: at(100).getTime() + hour })).toMatch(/Capacity.*before this rollout/)
    expect(causeNow({ ...said, since: at(100).getTime() + 7 * hour })).toBeNull()
    const rollback = at(101).getTime()
    expect(causeNow({ ...said, since: rollback }, rollback)).toBeNull()
  })

  it('reports failing tasks by the events of the rollout itself', () => {
    expect(symptomNow({ service: service(unhealthy), ...began })).toMatch(/is unhealthy in/)
    expect(symptomNow({ service: service('has reached a steady state.', unhealthy), ...began })).toBeNull()
    expect(symptomNow({ service: service(unhealthy), since: at(101).getTime() })).toBeNull()
  })

  it('reports tasks that were started again, though ECS counts no failure (aws/copilot-cli#1879)', () => {
    const again = service('has started 1 tasks: (task 61).', startedTwo)
    expect(hasRestarted({ service: again, ...began }, 2)).toBe(true)
    expect(hasRestarted({ service: again, ...began }, 3)).toBe(false)
    expect(hasRestarted({ service: again, since: at(100).getTime() }, 2)).toBe(false)
  })
})

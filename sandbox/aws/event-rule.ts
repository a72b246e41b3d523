import type { Site } from './arn.ts'
import type { CodeDeployment } from './codedeploy/model.ts'
import { deploymentId, primaryDeployment } from './deployments.ts'
import type { ServiceState, TaskState } from './model.ts'
import type { Queue } from './queue.ts'
import { viewTask } from './views.ts'

/** The parts of the world of which events tell. */
type EventWorld = {
  readonly site: Site
  readonly services: ReadonlyMap<string, ServiceState>
  readonly oneOffTasks: readonly TaskState[]
  readonly codeDeploy: { readonly deployments: readonly CodeDeployment[] }
}

type Event = {
  readonly source: 'aws.ecs' | 'aws.codedeploy'
  readonly type: string
  readonly resources: readonly string[]
  readonly detail: object
}

/** What is announced, by what it is of and the state that was announced last. */
type Moment = { readonly of: string; readonly state: string; readonly event: Event }

/**
 * A rule of EventBridge that sends the state changes of ECS and CodeDeploy in one region to a queue, at once and once
 * each. Task state changes are filtered to RUNNING and STOPPED, as a team's rule does that does not want the bulk.
 * Source: ECS developer guide, EventBridge events; CodeDeploy user guide, monitoring deployments with CloudWatch events.
 */
export class EventRule {
  readonly #queue: Queue
  readonly #announced = new Map<string, string>()

  /** What has happened in the world before is not announced. */
  constructor(queue: Queue, world: EventWorld) {
    this.#queue = queue
    for (const { of, state } of momentsIn(world)) this.#announced.set(of, state)
  }

  /** Sends what has changed since the last pass of the scheduler. */
  pass(now: number, world: EventWorld): void {
    for (const { of, state, event } of momentsIn(world)) {
      if (this.#announced.get(of) === state) continue
      this.#announced.set(of, state)
      this.#queue.send(bodyOf(event, now, world))
    }
  }
}

function bodyOf({ source, type, resources, detail }: Event, now: number, { site }: EventWorld): string {
  return JSON.stringify({
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': type,
    source,
    account: site.account,
    time: new Date(now).toISOString().replace(/\.\d+/, ''),
    region: site.region,
    resources,
    detail,
  })
}

function momentsIn(world: EventWorld): readonly Moment[] {
  const services = [...world.services.values()]
  const tasks = [...services.flatMap((service) => service.tasks), ...world.oneOffTasks]
  return [
    ...services.flatMap(deploymentMoments),
    ...services.flatMap(hookMoments),
    ...services.flatMap(placementMoments),
    ...tasks.flatMap(taskMoments),
    ...codeDeployMoments(world),
  ]
}

/** ECS announces a rollback as another SERVICE_DEPLOYMENT_IN_PROGRESS, and a failure only of the circuit breaker. */
function deploymentMoments(service: ServiceState): readonly Moment[] {
  if (service.controller !== 'ECS') return []
  return service.rollouts.flatMap((rollout) => {
    const { status, target, statusReason, updatedAt } = rollout
    const name = nameOf(status, rollout.breaker.status === 'TRIGGERED')
    if (name === null) return []
    const revision = status.startsWith('ROLLBACK') ? (rollout.rollback?.to ?? target) : target
    const detail = {
      eventType: name === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO',
      eventName: name,
      deploymentId: deploymentId(revision),
      updatedAt: new Date(updatedAt).toISOString(),
      reason: statusReason ?? primaryDeployment(service).rolloutStateReason,
    }
    const event = {
      source: 'aws.ecs' as const,
      type: 'ECS Deployment State Change',
      resources: [service.arn],
      detail,
    }
    return [{ of: rollout.arn, state: `${name} ${detail.deploymentId}`, event }]
  })
}

function nameOf(
  status: ServiceState['rollouts'][number]['status'],
  isByBreaker: boolean,
): `SERVICE_DEPLOYMENT_${'IN_PROGRESS' | 'COMPLETED' | 'FAILED'}` | null {
  switch (status) {
    case 'PENDING':
    case 'IN_PROGRESS':
    case 'ROLLBACK_IN_PROGRESS':
      return 'SERVICE_DEPLOYMENT_IN_PROGRESS'
    case 'SUCCESSFUL':
    case 'ROLLBACK_SUCCESSFUL':
      return 'SERVICE_DEPLOYMENT_COMPLETED'
    case 'STOPPED':
    case 'ROLLBACK_FAILED':
      return isByBreaker ? 'SERVICE_DEPLOYMENT_FAILED' : null
    default:
      return null
  }
}

function hookMoments(service: ServiceState): readonly Moment[] {
  const hooks = service.rollouts.flatMap(({ hooks: reached }) => reached)
  return hooks.flatMap(({ id, status }) => {
    if (status !== 'AWAITING_ACTION') return []
    const event = {
      source: 'aws.ecs' as const,
      type: 'ECS Hook State Change',
      resources: [service.arn],
      detail: { eventType: 'INFO', eventName: 'HOOK_AWAITING_ACTION', hookId: id },
    }
    return [{ of: id, state: status, event }]
  })
}

function placementMoments(service: ServiceState): readonly Moment[] {
  const failed = service.events.find(({ message }) => message.includes('unable to place a task'))
  if (failed === undefined) return []
  const event = {
    source: 'aws.ecs' as const,
    type: 'ECS Service Action',
    resources: [service.arn],
    detail: {
      eventType: 'ERROR',
      eventName: 'SERVICE_TASK_PLACEMENT_FAILURE',
      clusterArn: service.cluster.arn,
      reason: failed.message,
      createdAt: new Date(failed.createdAt).toISOString(),
    },
  }
  return [{ of: `${service.arn} placement`, state: failed.id, event }]
}

function taskMoments(task: TaskState): readonly Moment[] {
  const { lastStatus, arn } = task
  if (lastStatus !== 'RUNNING' && lastStatus !== 'STOPPED') return []
  const event = {
    source: 'aws.ecs' as const,
    type: 'ECS Task State Change',
    resources: [arn],
    detail: viewTask(task),
  }
  return [{ of: arn, state: `${task.version}`, event }]
}

const codeDeployStates: Readonly<Record<string, string>> = {
  InProgress: 'START',
  Ready: 'READY',
  Succeeded: 'SUCCESS',
  Failed: 'FAILURE',
  Stopped: 'STOP',
}

function codeDeployMoments({ codeDeploy, site: { account, region } }: EventWorld): readonly Moment[] {
  return codeDeploy.deployments.flatMap(({ id, status, group }) => {
    const state = codeDeployStates[status]
    if (state === undefined) return []
    const application = group.application.name
    const arn = `arn:aws:codedeploy:${region}:${account}`
    const event = {
      source: 'aws.codedeploy' as const,
      type: 'CodeDeploy Deployment State-change Notification',
      resources: [`${arn}:deploymentgroup:${application}/${group.name}`, `${arn}:application:${application}`],
      detail: {
        application,
        deploymentGroup: group.name,
        deploymentId: id,
        instanceGroupId: group.id,
        region,
        state,
      },
    }
    return [{ of: id, state, event }]
  })
}

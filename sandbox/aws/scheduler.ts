import { arn, newId } from './arn.ts'
import { addEvent, addEventOnce, deploymentId, primaryDeployment, tasksOf } from './deployments.ts'
import { keepsOlderTasks } from './lifecycle.ts'
import type { Capacity, ServiceRevisionState, ServiceState, TaskState } from './model.ts'
import type { RolloutOutcome, Script, TaskOutcome } from './outcomes.ts'
import { isAlive, stopTask, type TaskDeps } from './task.ts'

/** The parts of the world that the scheduler reads. */
export type SchedulerWorld = TaskDeps & {
  readonly rollouts: Script<RolloutOutcome>
  /** The outcome of a task with an image that the registry does not have. */
  missingImage(images: readonly string[]): TaskOutcome | undefined
}

/** The maximum number of tasks in a rolling deployment, and the minimum number of healthy ones. */
function bounds(service: ServiceState): { most: number; least: number } {
  const { maximumPercent = 200, minimumHealthyPercent = 100 } = service.configuration
  return {
    most: Math.floor((service.desired * maximumPercent) / 100),
    least: Math.ceil((service.desired * minimumHealthyPercent) / 100),
  }
}

/** Starts the missing tasks of the primary deployment and stops the tasks that are not needed, within the bounds. */
export function schedule(service: ServiceState, now: number, world: SchedulerWorld): void {
  const deployment = primaryDeployment(service)
  if (deployment.rolloutState === 'FAILED') return
  const alive = service.tasks.filter(isAlive)
  const own = tasksOf(service, deployment.revision).filter(isAlive)
  const others = alive.filter((task) => !own.includes(task))
  if (keepsOlderTasks(service)) {
    // Both revisions run side by side, each with the desired number of tasks.
    if (own.length < service.desired)
      startTasks(service, deployment.revision, service.desired - own.length, now, world)
    if (own.length > service.desired) stopTasks(service, own.slice(service.desired), now, world)
    return
  }
  const { most, least } = bounds(service)

  const toStart = Math.min(service.desired - own.length, most - alive.length)
  if (toStart > 0) startTasks(service, deployment.revision, toStart, now, world)

  const spareHealthy = Math.max(0, alive.filter((task) => task.healthy).length - least)
  const toStop = [
    ...own.slice(service.desired),
    ...others.filter((task) => !task.healthy),
    ...others.filter((task) => task.healthy).slice(0, spareHealthy),
  ]
  if (toStop.length > 0) stopTasks(service, toStop, now, world)
  else if (own.length < service.desired && toStart <= 0 && alive.every(({ healthy }) => healthy))
    addEventOnce(service, now, noRoom, /has (?:started|stopped) /)
}

/** The event of a deployment whose bounds allow neither a start nor a stop of a task. */
const noRoom =
  'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
  'Update the minimumHealthyPercent or maximumPercent value and try again.'

export function stopTasks(
  service: ServiceState,
  tasks: readonly TaskState[],
  now: number,
  world: SchedulerWorld,
): void {
  const reason = `Scaling activity initiated by (deployment ${deploymentId(primaryDeployment(service).revision)})`
  const pending = tasks.filter((task) => task.startedAt === undefined)
  const running = tasks.filter((task) => task.startedAt !== undefined)
  for (const task of tasks) stopTask(task, { code: 'ServiceSchedulerInitiated', reason }, now, world)
  if (pending.length > 0) addEvent(service, now, `stopped ${pending.length} pending tasks.`)
  if (running.length > 0) {
    addEvent(service, now, `has stopped ${running.length} running tasks: ${named(running)}.`)
  }
  service.steady = false
}

export function startTasks(
  service: ServiceState,
  revision: ServiceRevisionState,
  count: number,
  now: number,
  world: SchedulerWorld,
): void {
  const outcome = outcomeOf(revision, world)
  service.steady = false
  if (outcome.kind === 'unplaced') {
    addEventOnce(service, now, outcome.reason ?? noCapacity, /has started /)
    return
  }
  const started = Array.from({ length: count }, () =>
    newTask({
      cluster: service.cluster,
      taskDefinition: revision.taskDefinition,
      digests: revision.digests,
      group: `service:${service.name}`,
      startedBy: deploymentId(revision),
      service,
      ...placedBy(service.capacity),
      overrides: {},
      tags: [],
      outcome,
      createdAt: now,
      due: now + world.pace.taskStart / 2,
    }),
  )
  service.tasks.push(...started)
  addEvent(service, now, `has started ${count} tasks: ${named(started)}.`)
}

const noCapacity =
  'was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or ' +
  'in a different availability zone. For more information, see the Troubleshooting section of the ' +
  'Amazon ECS Developer Guide.'

const named = (tasks: readonly TaskState[]) => tasks.map((task) => `(task ${task.id})`).join(' ')

function outcomeOf(revision: ServiceRevisionState, world: SchedulerWorld): RolloutOutcome {
  const images = revision.taskDefinition.containerDefinitions!.map((container) => container.image!)
  return revision.outcome ?? world.rollouts.byImage(images) ?? world.missingImage(images) ?? { kind: 'runs' }
}

type NewTask = Pick<
  TaskState,
  'cluster' | 'taskDefinition' | 'digests' | 'group' | 'overrides' | 'tags' | 'outcome' | 'createdAt' | 'due'
> &
  Partial<Pick<TaskState, 'startedBy' | 'service' | 'capacityProvider'>>

/** The provider that places a task: the first with a weight or a base. */
export function placedBy(capacity: Capacity | null): Pick<TaskState, 'capacityProvider'> {
  const first = capacity?.find(({ weight = 0, base = 0 }) => weight > 0 || base > 0)?.capacityProvider
  return first === undefined ? {} : { capacityProvider: first }
}

/** A task right after it was placed: PROVISIONING. */
export function newTask(wanted: NewTask): TaskState {
  const id = newId.task()
  return {
    ...wanted,
    id,
    arn: arn.task(wanted.cluster, id),
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    healthy: false,
    counted: false,
    exitCodes: {},
    reasons: {},
    version: 1,
  }
}

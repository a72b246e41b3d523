import type { Lane, Rollout, ServiceRevisionState, ServiceState, TaskState } from './model.ts'

/** `ecs-svc/<n>`: the id of an entry of `deployments[]`, and `startedBy` of its tasks. */
export const deploymentId = (revision: ServiceRevisionState) => `ecs-svc/${revision.number}`

export function newLane(revision: ServiceRevisionState, now: number): Lane {
  return {
    revision,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${deploymentId(revision)} in progress.`,
    failedTasks: 0,
    createdAt: now,
    updatedAt: now,
  }
}

export const primaryLane = (service: ServiceState): Lane => service.lanes[0]!

export function tasksOf(service: ServiceState, revision: ServiceRevisionState): TaskState[] {
  const startedBy = deploymentId(revision)
  return service.tasks.filter((task) => task.startedBy === startedBy)
}

/** Makes this deployment PRIMARY and puts it first; the previous PRIMARY becomes ACTIVE. */
export function makePrimary(service: ServiceState, lane: Lane): void {
  const others = service.lanes.filter((each) => each !== lane)
  for (const other of others) if (other.status === 'PRIMARY') other.status = 'ACTIVE'
  lane.status = 'PRIMARY'
  service.lanes = [lane, ...others]
}

const finalStatuses: readonly Rollout['status'][] = [
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]
export const isFinished = (rollout: Rollout) => finalStatuses.includes(rollout.status)

/** Adds an entry to `events[]`, in the wording of ECS. */
export function say(service: ServiceState, now: number, message: string): void {
  const event = { id: crypto.randomUUID(), createdAt: now, message: inFull(service, message) }
  service.events = [event, ...service.events].slice(0, 100)
}

const inFull = ({ name }: ServiceState, message: string) => `(service ${name}) ${message}`

/** How long ECS does not repeat an event message. Source: developer guide, service event messages. */
const saidOnceIn = 6 * 60 * 60 * 1000

/**
 * Adds an event about what blocks the service. It is not repeated while the cause persists; a message that matches
 * `over` ends the cause.
 */
export function sayOnce(service: ServiceState, now: number, message: string, over: RegExp): void {
  const since = service.events.findIndex((event) => over.test(event.message))
  const said = service.events
    .slice(0, since === -1 ? undefined : since)
    .find((event) => event.message === inFull(service, message))
  if (said === undefined || now - said.createdAt > saidOnceIn) say(service, now, message)
}

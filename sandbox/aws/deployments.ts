import type { DeploymentState, Rollout, ServiceRevisionState, ServiceState, TaskState } from './model.ts'

/** `ecs-svc/<n>`: the id of an entry of `deployments[]`, and `startedBy` of its tasks. */
export const deploymentId = (revision: ServiceRevisionState) => `ecs-svc/${revision.number}`

export function newDeployment(revision: ServiceRevisionState, now: number): DeploymentState {
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

export const primaryDeployment = (service: ServiceState): DeploymentState => service.deployments[0]!

export function tasksOf(service: ServiceState, revision: ServiceRevisionState): TaskState[] {
  const startedBy = deploymentId(revision)
  return service.tasks.filter((task) => task.startedBy === startedBy)
}

/** Makes this deployment PRIMARY and puts it first; the previous PRIMARY becomes ACTIVE. */
export function makePrimary(service: ServiceState, deployment: DeploymentState): void {
  const others = service.deployments.filter((each) => each !== deployment)
  for (const other of others) if (other.status === 'PRIMARY') other.status = 'ACTIVE'
  deployment.status = 'PRIMARY'
  service.deployments = [deployment, ...others]
}

const finalStatuses: readonly Rollout['status'][] = [
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]
export const isFinished = (rollout: Rollout) => finalStatuses.includes(rollout.status)

/** Adds an entry to `events[]`, in the wording of ECS. */
export function addEvent(service: ServiceState, now: number, message: string): void {
  const event = { id: crypto.randomUUID(), createdAt: now, message: inFull(service, message) }
  service.events = [event, ...service.events].slice(0, 100)
}

const inFull = ({ name }: ServiceState, message: string) => `(service ${name}) ${message}`

/** How long ECS does not repeat an event message. Source: developer guide, service event messages. */
const eventRepeatMs = 6 * 60 * 60 * 1000

/**
 * Adds an event about what blocks the service. It is not repeated while the cause persists; a message that matches
 * `over` ends the cause.
 */
export function addEventOnce(service: ServiceState, now: number, message: string, over: RegExp): void {
  const since = service.events.findIndex((event) => over.test(event.message))
  const last = service.events
    .slice(0, since === -1 ? undefined : since)
    .find((event) => event.message === inFull(service, message))
  if (last === undefined || now - last.createdAt > eventRepeatMs) addEvent(service, now, message)
}

import { newId } from './arn.ts'
import { newDeployment, tasksOf } from './deployments.ts'
import type { DeploymentState, ServiceState, TaskDefinitionState } from './model.ts'
import { type SchedulerWorld, startTasks, stopTasks } from './scheduler.ts'
import { isAlive } from './task.ts'

/** Task sets of a service that CodeDeploy deploys: each has its own tasks, and one of them, PRIMARY, serves. */

export type TaskSetWorld = SchedulerWorld & {
  digestsOf(definition: TaskDefinitionState): Readonly<Record<string, string>>
}

/** Creates a task set that does not serve yet. `externalId`: the deployment of CodeDeploy that created it. */
export function createTaskSet(
  service: ServiceState,
  {
    taskDefinition,
    externalId,
    now,
    world,
  }: { taskDefinition: TaskDefinitionState; externalId: string; now: number; world: TaskSetWorld },
): DeploymentState {
  const number = newId.revision()
  const outcome = world.rollouts.take(service.name)
  const revision = {
    number,
    arn: '',
    taskDefinition,
    digests: world.digestsOf(taskDefinition),
    hasStarted: false,
    createdAt: now,
    ...(outcome && { outcome }),
  }
  const created: DeploymentState = { ...newDeployment(revision, now), status: 'ACTIVE', externalId }
  service.revisions.push(revision)
  service.deployments = [...service.deployments, created]
  return created
}

/** Makes a task set serve production traffic. */
export function servePrimary(service: ServiceState, wanted: DeploymentState, now: number): void {
  for (const each of service.deployments) {
    if (each.status === 'PRIMARY' && each !== wanted) each.status = 'ACTIVE'
    each.updatedAt = now
  }
  wanted.status = 'PRIMARY'
  service.taskDefinition = wanted.revision.taskDefinition
  service.deployments = [wanted, ...service.deployments.filter((each) => each !== wanted)]
}

/** Starts the missing tasks of each task set, and stops those of the ones that are draining. */
export function scaleTaskSets(service: ServiceState, now: number, world: SchedulerWorld): void {
  for (const each of service.deployments) {
    const alive = tasksOf(service, each.revision).filter(isAlive)
    const wanted = each.status === 'DRAINING' ? 0 : service.desired
    if (alive.length > wanted) stopTasks(service, alive.slice(wanted), now, world)
    if (alive.length < wanted) startTasks(service, each.revision, wanted - alive.length, now, world)
  }
  service.deployments = service.deployments.filter(
    (each) => each.status !== 'DRAINING' || hasTasks(service, each),
  )
}

function hasTasks(service: ServiceState, { revision }: DeploymentState): boolean {
  return tasksOf(service, revision).some(({ lastStatus }) => lastStatus !== 'STOPPED')
}

/** Whether all desired tasks of a task set are healthy. */
export function isSteady(service: ServiceState, { revision }: DeploymentState): boolean {
  return tasksOf(service, revision).filter(({ healthy }) => healthy).length >= service.desired
}

import { primaryDeployment } from '../deployments.ts'
import type { DeploymentState, TaskDefinitionState } from '../model.ts'
import { taskDefinitionOf } from '../named-definition.ts'
import { createTaskSet, isSteady, servePrimary } from '../task-sets.ts'
import { stepsOf } from './configs.ts'
import type { CodeDeployment, CodeDeployWorld, EventState } from './model.ts'

/** The life of a deployment, event by event; each pass of the scheduler advances it by one step. */

/** An event that does not end within this time fails its deployment, minutes. Source: AppSpec hooks, Amazon ECS. */
const eventMinutes = 60

export const isOver = ({ status }: CodeDeployment) =>
  status === 'Succeeded' || status === 'Failed' || status === 'Stopped'

/** Advances a deployment by one pass of the scheduler. */
export function advanceDeployment(deployment: CodeDeployment, now: number, world: CodeDeployWorld): void {
  if (isOver(deployment)) {
    createRollback(deployment, now, world)
    return
  }
  if (now <= deployment.updatedAt) return
  if (deployment.stop) {
    stop(deployment, now)
    return
  }
  if (deployment.status === 'Created') {
    update(deployment, now, { status: 'InProgress', startedAt: now })
    return
  }
  const firing = deployment.alarms.filter((name) => world.alarms.has(name))
  if (firing.length > 0) {
    end(deployment, now, 'Stopped', alarmActive, 'DEPLOYMENT_STOP_ON_ALARM')
    return
  }
  const event = deployment.events.find(({ status }) => status === 'Pending' || status === 'InProgress')
  if (event === undefined) {
    finish(deployment, now, world)
    return
  }
  if (event.name === 'BeforeAllowTraffic' && event.status === 'Pending' && !mayShift(deployment, now, world))
    return
  if (deployment.status === 'Ready') update(deployment, now, { status: 'InProgress' })
  if (event.status === 'Pending') {
    event.status = 'InProgress'
    event.startedAt = now
    begin(deployment, event, now, world)
    return
  }
  proceed(deployment, event, now, world)
}

const alarmActive = {
  code: 'ALARM_ACTIVE',
  message:
    'One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped.',
}

/** Whether traffic may be shifted: the group does not wait for a person, or a person has continued. */
function mayShift(deployment: CodeDeployment, now: number, world: CodeDeployWorld): boolean {
  const { readyMinutes, isContinued, startedAt = now } = deployment
  if (readyMinutes === null || isContinued) return true
  if (deployment.status !== 'Ready') update(deployment, now, { status: 'Ready' })
  else if (now >= startedAt + readyMinutes * world.codeDeploy.minute)
    end(deployment, now, 'Stopped', notContinued, 'DEPLOYMENT_STOP_ON_REQUEST')
  return false
}

/** Invented: no public example of the message is known. */
const notContinued = {
  code: 'TIMEOUT',
  message: 'The deployment was stopped because the wait for traffic rerouting timed out.',
}

function begin(deployment: CodeDeployment, event: EventState, now: number, world: CodeDeployWorld): void {
  if (event.name === 'Install') install(deployment, now, world)
  if (event.name === 'AllowTraffic') shift(deployment, event, now, world)
}

function install(deployment: CodeDeployment, now: number, world: CodeDeployWorld): void {
  const { service } = deployment.group
  deployment.blue = primaryDeployment(service)
  const taskSets = service.deployments.length
  for (const each of service.deployments) if (each !== deployment.blue) each.status = 'DRAINING'
  const definition = taskSets < mostTaskSets ? usable(deployment, world) : tooManyTaskSets
  if (typeof definition === 'string') {
    const message = `The ECS service cannot be updated due to an unexpected error: ${definition} (Service: AmazonECS; Status Code: 400; Error Code: InvalidParameterException)`
    end(deployment, now, 'Failed', { code: 'ECS_UPDATE_ERROR', message }, 'DEPLOYMENT_FAILURE')
    return
  }
  deployment.green = createTaskSet(service, {
    taskDefinition: definition,
    externalId: deployment.id,
    now,
    world,
  })
}

/** Source: pipe-cd/pipecd#4692. */
const mostTaskSets = 5
const tooManyTaskSets = `${mostTaskSets} deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.`

/** The task definition of the AppSpec; a string says why ECS creates no task set of it. */
function usable(
  { revision: { spec }, group }: CodeDeployment,
  world: CodeDeployWorld,
): TaskDefinitionState | string {
  const definition = taskDefinitionOf(world, spec.taskDefinition)
  if (!definition) return 'TaskDefinition not found.'
  if (definition.status !== 'ACTIVE') return 'TaskDefinition is inactive'
  const [balancer] = group.service.loadBalancers
  const name = spec.containerName ?? balancer?.containerName
  const port = spec.containerPort ?? balancer?.containerPort
  const container = definition.containerDefinitions?.find((each) => each.name === name)
  if (!container) return `The container ${name} does not exist in the task definition.`
  const isOpen = container.portMappings?.some((each) => each.containerPort === port)
  return isOpen ? definition : `The container ${name} did not have a container port ${port} defined.`
}

function shift(deployment: CodeDeployment, event: EventState, now: number, world: CodeDeployWorld): void {
  const passed = (now - (event.startedAt ?? now)) / world.codeDeploy.minute
  const reached = stepsOf(deployment.config.routing).filter(({ afterMinutes }) => afterMinutes <= passed)
  const weight = reached.at(-1)?.weight ?? 0
  if (weight !== deployment.weight) update(deployment, now, { weight })
  if (weight === 100 && deployment.green) servePrimary(deployment.group.service, deployment.green, now)
}

function proceed(deployment: CodeDeployment, event: EventState, now: number, world: CodeDeployWorld): void {
  const { outcome, green, group } = deployment
  if (event.name === 'Install') {
    const isDone = outcome?.kind === 'ignores-health' || (green && isSteady(group.service, green))
    if (isDone) succeed(deployment, event, now)
    else if (now >= (event.startedAt ?? now) + eventMinutes * world.codeDeploy.minute)
      end(deployment, now, 'Failed', timedOut(event), 'DEPLOYMENT_FAILURE')
    return
  }
  if (event.name === 'AllowTraffic' && deployment.weight < 100) {
    shift(deployment, event, now, world)
    return
  }
  const hook = deployment.revision.spec.hooks[event.name.toLowerCase()]
  if (hook !== undefined && outcome?.kind === 'hook-fails' && outcome.event === event.name) {
    const { message, logTail } = outcome
    event.diagnostics = { errorCode: 'ScriptFailed', message, ...(logTail !== undefined && { logTail }) }
    end(deployment, now, 'Failed', hookFailed, 'DEPLOYMENT_FAILURE')
    return
  }
  succeed(deployment, event, now)
}

const hookFailed = {
  code: 'HOOK_EXECUTION_FAILURE',
  message: 'One of the lifecycle event validation functions failed.',
}

const timedOut = ({ name }: EventState) => ({
  code: 'TIMEOUT',
  message: `The deployment timed out while the lifecycle event ${name} was in progress.`,
})

function succeed(deployment: CodeDeployment, event: EventState, now: number): void {
  event.status = 'Succeeded'
  event.endedAt = now
  deployment.updatedAt = now
}

/** Keeps the old task set for the termination wait, then stops it. */
function finish(deployment: CodeDeployment, now: number, world: CodeDeployWorld): void {
  const { terminationMinutes, blue, waitsSince, isFinishing } = deployment
  if (terminationMinutes > 0 && !isFinishing) {
    if (waitsSince === undefined) {
      update(deployment, now, { waitsSince: now })
      return
    }
    if (now < waitsSince + terminationMinutes * world.codeDeploy.minute) return
  }
  if (blue && blue !== deployment.green) blue.status = 'DRAINING'
  update(deployment, now, { status: 'Succeeded', completedAt: now })
}

function stop(deployment: CodeDeployment, now: number): void {
  end(
    deployment,
    now,
    'Stopped',
    stoppedByHand,
    deployment.stop?.rollback ? 'always' : 'DEPLOYMENT_STOP_ON_REQUEST',
  )
}

const stoppedByHand = { code: 'MANUAL_STOP', message: 'The deployment has been stopped by a user.' }

/** Ends it badly; `on`: the event of the automatic rollback that applies, or a person asked for one. */
function end(
  deployment: CodeDeployment,
  now: number,
  status: 'Failed' | 'Stopped',
  error: { readonly code: string; readonly message: string },
  on: 'DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST' | 'always',
): void {
  const { autoRollback, events, undoes } = deployment
  for (const event of events) {
    if (event.status === 'Pending') event.status = 'Skipped'
    if (event.status !== 'InProgress') continue
    event.status = status === 'Failed' ? 'Failed' : 'Skipped'
    event.endedAt = now
  }
  update(deployment, now, { status, completedAt: now, error })
  const isWanted = on === 'always' || (autoRollback.enabled && autoRollback.events.includes(on))
  // Before Install nothing has changed.
  if (isWanted && !undoes && deployment.green) deployment.rollbackAt = now + 1
}

/** The id of the rollback appears a moment after the end. */
function createRollback(deployment: CodeDeployment, now: number, world: CodeDeployWorld): void {
  const { rollbackAt, group, previous } = deployment
  if (rollbackAt === undefined || now < rollbackAt + world.codeDeploy.rollbackLag) return
  delete deployment.rollbackAt
  const outcome = world.codeDeploy.rollbacks.take(group.service.name)
  if (outcome?.kind === 'impossible' || !previous) {
    deployment.rollbackMessage =
      outcome?.message ?? 'Deployment rollback failed: no earlier revision was found.'
    return
  }
  const rollback = world.codeDeploy.create(
    { group, revision: previous, creator: 'codeDeployRollback', undoes: deployment },
    now,
  )
  deployment.rollback = rollback
  if (outcome) {
    update(rollback, now, { status: 'Failed', completedAt: now, startedAt: now })
    rollback.error = { code: 'INTERNAL_ERROR', message: outcome.message }
    return
  }
  const { service } = group
  const { blue, green } = deployment
  if (blue && green && isThere(service.deployments, blue)) {
    // The old task set still runs, so only the listener is switched back.
    servePrimary(service, blue, now)
    green.status = 'DRAINING'
    for (const event of rollback.events)
      Object.assign(event, { status: 'Succeeded', startedAt: now, endedAt: now })
    Object.assign(rollback, { green: blue, weight: 100 })
    update(rollback, now, { status: 'Succeeded', startedAt: now, completedAt: now })
  }
}

function isThere(deployments: readonly DeploymentState[], wanted: DeploymentState): boolean {
  return deployments.includes(wanted) && wanted.status !== 'DRAINING'
}

function update(deployment: CodeDeployment, now: number, change: Partial<CodeDeployment>): void {
  Object.assign(deployment, change, { updatedAt: now })
}

import type { ContainerDefinition, TaskStopCode } from '@aws-sdk/client-ecs'
import type { Pace } from '../pace.ts'
import { addEvent, addEventOnce, deploymentId } from './deployments.ts'
import { exitLines, startLines } from './log-lines.ts'
import type { LogStore } from './log-store.ts'
import type { TaskDefinitionState, TaskState } from './model.ts'

/** The parts of the world that a task reads and writes. */
export type TaskDeps = { readonly pace: Pace; readonly logs: LogStore }

/** ECS keeps a stopped task "at least one hour". */
export const taskRetention = 60 * 60 * 1000

export const isAlive = (task: TaskState) => task.desiredStatus === 'RUNNING'
const isEssential = (container: ContainerDefinition) => container.essential !== false

/** Advances a task whose next change is due. */
export function advanceTask(task: TaskState, now: number, deps: TaskDeps): void {
  if (now < task.due || task.lastStatus === 'STOPPED') return
  switch (task.lastStatus) {
    case 'PROVISIONING':
      moveTo(task, 'PENDING', now + deps.pace.taskStart / 2)
      break
    case 'PENDING':
      start(task, now, deps)
      break
    case 'RUNNING':
      live(task, now, deps)
      break
    case 'DEPROVISIONING':
      task.stoppedAt = now
      moveTo(task, 'STOPPED', Number.POSITIVE_INFINITY)
      break
    default:
      task.lastStatus satisfies never
  }
}

/** Stops a task: at once if it has not started, else after a tick of deprovisioning. */
export function stopTask(
  task: TaskState,
  stop: { code: TaskStopCode; reason: string },
  now: number,
  deps: TaskDeps,
): void {
  if (!isAlive(task)) return
  task.desiredStatus = 'STOPPED'
  task.healthy = false
  task.stop = stop
  task.stoppingAt = now
  if (task.startedAt !== undefined) {
    // A container that handles SIGTERM in time exits with 143.
    for (const name of containerNames(task.taskDefinition)) task.exitCodes[name] ??= 143
  }
  moveTo(task, 'DEPROVISIONING', now + deps.pace.scheduler)
}

function moveTo(task: TaskState, status: TaskState['lastStatus'], due: number): void {
  task.lastStatus = status
  task.due = due
  task.version += 1
}

function start(task: TaskState, now: number, deps: TaskDeps): void {
  const { outcome } = task
  if (outcome.kind === 'stuck') return
  const missing = missingLogGroup(task.taskDefinition, deps.logs)
  const refusal = outcome.kind === 'never-starts' ? outcome.stoppedReason : missing && noLogGroup(missing)
  if (refusal) {
    task.reasons = (outcome.kind === 'never-starts' && outcome.reasons) || pullReasons(task, refusal)
    stopTask(task, { code: 'TaskFailedToStart', reason: refusal }, now, deps)
    return
  }
  task.startedAt = now
  const revision = task.service?.revisions.find((each) => deploymentId(each) === task.startedBy)
  if (revision) revision.hasStarted = true
  registerTarget(task, now)
  writeLog(task, startLines(task), now, deps)
  moveTo(task, 'RUNNING', now + (task.service ? deps.pace.taskStart : deps.pace.migration))
}

/** Registers a task as a target of its load balancer, or adds an event with the reason why that fails. */
function registerTarget({ service, outcome }: TaskState, now: number): void {
  const [balancer] = service?.loadBalancers ?? []
  if (service === undefined || balancer === undefined) return
  const where = `in (target-group ${balancer.targetGroupArn})`
  if (outcome.kind === 'unregistered')
    addEventOnce(
      service,
      now,
      `failed to register targets ${where} with (error ${outcome.error})`,
      /registered \d+ targets/,
    )
  else addEvent(service, now, `registered 1 targets ${where}`)
}

/** The reasons of a failed pull: one for the task, and one for the container whose image it is. */
function pullReasons({ taskDefinition }: TaskState, reason: string): Readonly<Record<string, string>> {
  if (!reason.startsWith('CannotPull')) return {}
  const containers = taskDefinition.containerDefinitions!
  const { name } =
    containers.find(({ image }) => reason.includes(image!)) ?? containers.find(isEssential) ?? {}
  return name === undefined ? {} : { [name]: reason }
}

function live(task: TaskState, now: number, deps: TaskDeps): void {
  const { outcome } = task
  task.due = Number.POSITIVE_INFINITY
  switch (outcome.kind) {
    case 'runs':
      task.healthy = true
      task.version += 1
      break
    case 'exits': {
      writeLog(task, outcome.log ?? exitLines(task, outcome.code), now, deps)
      for (const [name, lines] of Object.entries(outcome.logs ?? {})) writeLog(task, lines, now, deps, name)
      task.reasons = outcome.reasons ?? {}
      const [main] = task.taskDefinition.containerDefinitions!.filter(isEssential)
      for (const name of containerNames(task.taskDefinition)) {
        task.exitCodes[name] = name === main?.name ? outcome.code : (outcome.others?.[name] ?? 0)
      }
      const reason = 'Essential container in task exited'
      stopTask(task, { code: 'EssentialContainerExited', reason }, now, deps)
      break
    }
    case 'unhealthy':
      stopTask(task, { code: 'ServiceSchedulerInitiated', reason: healthReason(task) }, now, deps)
      break
    case 'stuck':
    case 'never-starts':
    case 'unregistered':
      break
    default:
      outcome satisfies never
  }
}

function healthReason(task: TaskState): string {
  const targetGroup = task.service?.loadBalancers[0]?.targetGroupArn
  return targetGroup
    ? `Task failed ELB health checks in (target-group ${targetGroup})`
    : 'Task failed container health checks'
}

function containerNames(definition: TaskDefinitionState): string[] {
  return definition.containerDefinitions!.map((container) => container.name!)
}

type Destination = { readonly group: string; readonly stream: string; readonly create: boolean }

/**
 * Where a container of this task logs to in CloudWatch: with the awslogs driver `<prefix>/<container>/<task id>`, with
 * FireLens and Fluent Bit's `cloudwatch_logs` the prefix and FireLens's tag.
 */
function destination(container: ContainerDefinition, taskId: string): Destination | undefined {
  if (container.logConfiguration?.logDriver === 'awsfirelens') return byFirelens(container, taskId)
  const { logDriver, options } = container.logConfiguration ?? {}
  const group = options?.['awslogs-group']
  if (logDriver !== 'awslogs' || !group) return undefined
  const prefix = options['awslogs-stream-prefix'] ?? 'ecs'
  return {
    group,
    stream: `${prefix}/${container.name}/${taskId}`,
    create: options['awslogs-create-group'] === 'true',
  }
}

function byFirelens(
  { name, logConfiguration }: ContainerDefinition,
  taskId: string,
): Destination | undefined {
  const { Name: output, log_group_name: group, log_stream_prefix: prefix } = logConfiguration?.options ?? {}
  if (output !== 'cloudwatch_logs' || !group || prefix === undefined) return undefined
  return { group, stream: `${prefix}${name}-firelens-${taskId}`, create: true }
}

/** Writes the log of a container; the default is the first essential container. */
function writeLog(
  task: TaskState,
  lines: readonly string[],
  now: number,
  { logs }: TaskDeps,
  name?: string,
): void {
  const containers = task.taskDefinition.containerDefinitions!
  const container = containers.find((each) => (name === undefined ? isEssential(each) : each.name === name))
  const to = container && destination(container, task.id)
  if (!to || lines.length === 0) return
  if (to.create) logs.createGroup(to.group, now)
  const isWrapped = container.logConfiguration?.logDriver === 'awsfirelens'
  logs.write(to.group, to.stream, isWrapped ? lines.map((line) => record(task, container, line)) : lines, now)
}

/** The record that FireLens makes of a line. */
function record(task: TaskState, { name }: ContainerDefinition, log: string): string {
  const { cluster, taskDefinition, arn, id } = task
  return JSON.stringify({
    container_id: `${id}-0`,
    container_name: name,
    source: 'stdout',
    log,
    ecs_cluster: cluster.name,
    ecs_task_arn: arn,
    ecs_task_definition: `${taskDefinition.family}:${taskDefinition.revision}`,
  })
}

function missingLogGroup(definition: TaskDefinitionState, logs: LogStore): string | undefined {
  return definition
    .containerDefinitions!.map((container) => destination(container, ''))
    .find((to) => to && !to.create && !logs.groups.has(to.group))?.group
}

const noLogGroup = (group: string) =>
  'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: ' +
  `failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. (${group}): exit status 1`

import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs'
import type { Task, TaskDefinition } from '@aws-sdk/client-ecs'
import { maskLines } from '../release/mask.ts'
import { kib } from '../shepherd/bounded.ts'
import { type Ecs, Trouble } from '../shepherd/ports.ts'
import type { Clients } from './client.ts'
import { stoppedTasks } from './failures.ts'
import { countingNames } from './migration-verdict.ts'
import type { Reads } from './reads.ts'
import { named } from './trouble.ts'
import { newestFailure, recentEvents, taskName, whyItFailed, whyTaskStopped } from './why.ts'
import { lastPart, words } from './words.ts'

type Pointer = Parameters<Ecs['log']>[0]
type PointerTo<Log extends Pointer['log']> = Extract<Pointer, { log: Log }>

export type LogSource = {
  readonly reads: Reads
  /** The clients of a region: a task may log to another one. */
  readonly clientsIn: (region: string | undefined) => Clients
  /** How long to wait for lines that are still on their way, ms; twice at most. */
  readonly lagMs: number
}

/** The last lines that tell why, masked: first what ECS says, then what the container logged. */
export async function logTail(
  source: LogSource,
  pointer: Pointer,
  lines: number,
): Promise<readonly string[]> {
  switch (pointer.log) {
    case 'migration':
      return migrationLog(source, pointer, lines)
    case 'rollout':
      return rolloutLog(source, pointer, lines)
  }
}

async function migrationLog(
  source: LogSource,
  { cluster, taskArn, container }: PointerTo<'migration'>,
  lines: number,
): Promise<readonly string[]> {
  const task = await source.reads.task(cluster, taskArn)
  if (!task) return [`The task ${lastPart(taskArn)} is no longer listed by ECS, so its log was not found`]
  const definition = await definitionOf(source.reads, task)
  const [counting] = countingNames({ task, definition, container })
  const named = container ?? failedContainer(task) ?? counting
  const tail = await tailOf(source, { task, definition, container: named }, lines)
  if ('logged' in tail) return tail.logged
  return [tail.none, `${named ?? theContainer}: ${whyTaskStopped(task)}`]
}

async function rolloutLog(
  source: LogSource,
  { target, deploymentId }: PointerTo<'rollout'>,
  lines: number,
): Promise<readonly string[]> {
  const { reads } = source
  const [tasks, service] = await Promise.all([stoppedTasks(reads, target), reads.service(target)])
  const task = newestFailure(deploymentId, tasks)
  if (!task)
    return eventLines(
      whyItFailed({ deploymentId, tasks, service, since: 0 }),
      recentEvents(service, 0),
      lines,
    )
  const definition = await definitionOf(reads, task)
  const container = failedContainer(task) ?? countingNames({ task, definition, container: undefined })[0]
  const said = `Task ${taskName(task)} stopped: ${whyTaskStopped(task, service)}`
  const tail = await tailOf(source, { task, definition, container }, lines)
  return [words(said, 400), ...('logged' in tail ? tail.logged : [tail.none])]
}

function eventLines(why: string | null, events: readonly string[], lines: number): readonly string[] {
  const newest = events.slice(0, Math.min(lines, 5)).map((event) => words(event, 400))
  return [`No failed task of it is listed${why === null ? '' : `: ${why}`}`, ...newest]
}

async function definitionOf(reads: Reads, task: Task): Promise<TaskDefinition | undefined> {
  return task.taskDefinitionArn === undefined
    ? undefined
    : (await reads.definition(task.taskDefinitionArn))?.definition
}

function failedContainer({ containers = [] }: Task): string | undefined {
  return containers.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0)?.name
}

type Logging = {
  readonly task: Task
  readonly definition: TaskDefinition | undefined
  readonly container: string | undefined
}

type Tail = { readonly logged: readonly string[] } | { readonly none: string }

const theContainer = 'the container'

/** What the container logged last; where there is no log, why. */
async function tailOf(source: LogSource, logging: Logging, lines: number): Promise<Tail> {
  const { container = theContainer } = logging
  const place = placeOf(logging)
  if (place === null) return { none: `${container} does not log to CloudWatch` }
  try {
    const logged = await readTail(source, place, lines)
    return logged.length === 0 ? { none: `${container} never logged a line` } : { logged }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return {
      none: error.cause instanceof ResourceNotFoundException ? `${container} never logged` : error.message,
    }
  }
}

type Place = { readonly group: string; readonly stream: string; readonly region: string | undefined }

/** Where the awslogs driver writes: `<prefix>/<container>/<task id>`, or the container's id without a prefix. */
function placeOf({ task, definition, container }: Logging): Place | null {
  const { logDriver, options = {} } =
    definition?.containerDefinitions?.find(({ name }) => name === container)?.logConfiguration ?? {}
  const group = options['awslogs-group']
  const prefix = options['awslogs-stream-prefix']
  const runtimeId = task.containers?.find(({ name }) => name === container)?.runtimeId
  const stream = prefix ? `${prefix}/${container}/${lastPart(task.taskArn ?? '')}` : runtimeId
  if (logDriver !== 'awslogs' || group === undefined || stream === undefined) return null
  return { group, stream, region: options['awslogs-region'] }
}

/** Lines may come after the task has stopped: a stream that is not there, or empty, is read again. */
async function readTail(source: LogSource, place: Place, lines: number): Promise<readonly string[]> {
  for (const last of [false, false, true]) {
    try {
      const read = await readOnce(source, place, lines)
      if (read.length > 0 || last) return read
    } catch (error) {
      const isMissing = error instanceof Trouble && error.cause instanceof ResourceNotFoundException
      if (!isMissing || last) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, source.lagMs))
  }
  return []
}

/** Lines before the shown ones that are looked at with them: a private key may begin there. One event may have thousands. */
const linesBefore = 200

/** The end of an event that is looked at, characters: it may be of 1 MB, and have a line in each. */
const longestEvent = 128 * kib

function linesIn(message: string): readonly string[] {
  return message
    .slice(-longestEvent)
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
}

/** A page may be empty though there is more before it; three are read at most. */
async function readOnce(source: LogSource, { group, stream, region }: Place, lines: number) {
  const { logs } = source.clientsIn(region)
  let read: readonly string[] = []
  let nextToken: string | undefined
  for (let page = 0; page < 3; page += 1) {
    const { events = [], nextBackwardToken } = await named(
      'logs:GetLogEvents',
      logs.getLogEvents({
        logGroupName: group,
        logStreamName: stream,
        startFromHead: false,
        limit: lines,
        nextToken,
      }),
    )
    const older = events.flatMap(({ message = '' }) => linesIn(message))
    read = [...older, ...read]
    if (read.length > 0 || nextBackwardToken === nextToken) break
    nextToken = nextBackwardToken
  }
  return maskLines(read.slice(-lines - linesBefore), lines)
}

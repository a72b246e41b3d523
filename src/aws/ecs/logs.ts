import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs'
import type { Service } from '@aws-sdk/client-ecs'
import { type Ecs, Trouble } from '../../ports/ports.ts'
import { kib } from '../../runtime/bounded.ts'
import { maskLines } from '../../text/mask.ts'
import { type Stopped, suspects } from './blame.ts'
import type { Clients } from './client.ts'
import { eventCause, recentEvents } from './events.ts'
import { type Failures, withDefinition } from './failures.ts'
import { lineOf } from './firelens.ts'
import { logDestinationOf } from './log-driver.ts'
import type { LogDestination } from './log-place.ts'
import { migrationEnd } from './migration-verdict.ts'
import type { Reads } from './reads.ts'
import { namingAction } from './trouble.ts'
import { taskName } from './why.ts'
import { lastPart, words } from './words.ts'

type Pointer = Parameters<Ecs['log']>[0]
type PointerTo<Log extends Pointer['log']> = Extract<Pointer, { log: Log }>

export type LogSource = {
  readonly reads: Reads
  readonly failures: Failures
  /** The clients of a region of the same account: a task may log to another region. */
  readonly clientsIn: (region: string | undefined) => Clients
  /** How long to wait for lines that have not arrived yet, ms; at most twice. */
  readonly lagMs: number
}

/** The last lines that explain a failure, masked: first ECS's reason, then the container's log. */
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
  const stopped = await withDefinition(source.reads, task)
  const ended = migrationEnd({ ...stopped, container })
  const tail = await tailOf(source, stopped, ended.container, lines)
  return 'logged' in tail ? tail.logged : [`Task ${taskName(task)}: ${tail.none}`]
}

async function rolloutLog(
  source: LogSource,
  { target, deploymentId }: PointerTo<'rollout'>,
  lines: number,
): Promise<readonly string[]> {
  const service = await source.reads.service(target)
  const failure = await source.failures.of({ target, deploymentId, service })
  if (failure === null) return eventLines(service, lines)
  const { stopped, cause } = failure
  const container = cause.container ?? suspects(stopped)[0]?.name
  const tail = await tailOf(source, stopped, container, lines)
  // The post says why it stopped, above its log.
  const which = `Task ${taskName(stopped.task)}`
  if (!('logged' in tail)) return [`${which}: ${tail.none}`]
  return [container === undefined ? which : `${which}, container ${words(container, 80)}:`, ...tail.logged]
}

function eventLines(service: Service | undefined, lines: number): readonly string[] {
  const why = eventCause({ service, since: 0 })
  const newest = recentEvents(service, 0).slice(0, Math.min(lines, 5))
  return [
    `ECS lists no failed task of it${why === null ? '' : `: ${why}`}`,
    ...newest.map((event) => words(event, 400)),
  ]
}

type Tail = { readonly logged: readonly string[] } | { readonly none: string }

/** The end of a container's log; if it cannot be read, why, or where it is. */
async function tailOf(
  source: LogSource,
  stopped: Stopped,
  container: string | undefined,
  lines: number,
): Promise<Tail> {
  if (container === undefined) return { none: 'Its containers are not known, so no log was read' }
  const name = words(container, 80)
  const destination = logDestinationOf(stopped, container)
  if (destination.at === 'elsewhere') return { none: `${name} ${destination.where}` }
  try {
    const logged = await readTail(source, destination, lines)
    return logged.length === 0 ? { none: `${name} never logged a line` } : { logged }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return {
      none: error.cause instanceof ResourceNotFoundException ? `${name} never logged` : error.message,
    }
  }
}

type LogStream = Extract<LogDestination, { at: 'stream' }>

/** Lines may arrive after the task has stopped: a stream that is missing or empty is read again. */
async function readTail(source: LogSource, place: LogStream, lines: number): Promise<readonly string[]> {
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

/**
 * Lines read before the shown ones: a private key, which must be masked, may begin there. One event may have thousands
 * of lines.
 */
const linesBefore = 200

/** Limit of characters read from the end of an event: it may have 1 MB, and any number of lines. */
const longestEvent = 128 * kib

function linesIn(message: string): readonly string[] {
  return message
    .slice(-longestEvent)
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
}

/** A page may be empty although earlier ones are not; at most three are read. */
async function readOnce(source: LogSource, { group, stream, region, holds }: LogStream, lines: number) {
  const { logs } = source.clientsIn(region)
  let read: readonly string[] = []
  let nextToken: string | undefined
  for (let page = 0; page < 3; page += 1) {
    const { events = [], nextBackwardToken } = await namingAction(
      'logs:GetLogEvents',
      logs.getLogEvents({
        logGroupName: group,
        logStreamName: stream,
        startFromHead: false,
        limit: lines,
        nextToken,
      }),
    )
    const older = events.flatMap(({ message = '' }) =>
      linesIn(holds === 'records' ? lineOf(message) : message),
    )
    read = [...older, ...read]
    if (read.length > 0 || nextBackwardToken === nextToken) break
    nextToken = nextBackwardToken
  }
  return maskLines(read.slice(-lines - linesBefore), lines)
}

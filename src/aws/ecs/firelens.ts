import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs'
import type { Stopped } from './blame.ts'
import { elsewhere, type LogDestination, optionsText } from './log-place.ts'
import { lastPart, words } from './words.ts'

type Options = Readonly<Record<string, string>>

/** Where FireLens's log router sends the log of a container. */
export function firelensDestination(stopped: Stopped, defined: ContainerDefinition): LogDestination {
  const options = byLowerCase(defined.logConfiguration?.options ?? {})
  const output = options.name ?? options['@type']
  if (output === undefined) return elsewhere(byRouter(stopped.definition))
  // `cloudwatch` is the plugin in Go that preceded `cloudwatch_logs`; they share their options.
  if (output === 'cloudwatch_logs' || output === 'cloudwatch') return cloudWatch(stopped, defined, options)
  return elsewhere(`logs through FireLens to ${words(output, 60)}${optionsText(destinationOptions, options)}`)
}

/** Fluent Bit accepts option names in any case. */
function byLowerCase(options: Options): Options {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key.toLowerCase(), value]))
}

/** Options of Fluent Bit's outputs that name the destination; none of them holds a key or a token. */
const destinationOptions = [
  'bucket',
  's3_key_format',
  'delivery_stream',
  'stream',
  'host',
  'port',
  'uri',
  'endpoint',
  'url',
  'index',
  'topics',
  'dd_service',
  'path',
]

function byRouter(definition: TaskDefinition | undefined): string {
  const router = definition?.containerDefinitions?.find(({ firelensConfiguration }) => firelensConfiguration)
  const { name = 'log router', firelensConfiguration } = router ?? {}
  const file = firelensConfiguration?.options?.['config-file-value']
  return `logs through FireLens; the configuration of container ${words(name, 80)}${file ? ` (${words(file, 120)})` : ''} sets the destination`
}

/**
 * A stream of one container has a prefix before FireLens's tag, `<container>-firelens-<task id>`, or the task's id in
 * its name. Any other stream is shared by tasks, or its name depends on a template that is evaluated per record.
 */
function cloudWatch(stopped: Stopped, { name = '' }: ContainerDefinition, options: Options): LogDestination {
  const { task } = stopped
  const taskId = lastPart(task.taskArn ?? '')
  const tag = `${name}-firelens-${taskId}`
  const known: Options = { ecs_task_id: taskId, ecs_cluster: lastPart(task.clusterArn ?? ''), tag }
  const group = filled(options.log_group_template ?? options.log_group_name ?? '', known)
  const named = options.log_stream_template ?? options.log_stream_name
  const stream = filled(named ?? `${options.log_stream_prefix ?? ''}${tag}`, known)
  const where = `logs through FireLens to CloudWatch, log group ${words(group, 120)}, stream ${words(stream, 160)}`
  if (options.role_arn) return elsewhere(`${where}, with the role ${words(options.role_arn, 120)}`)
  const isOpen = /[$#][({]/.test(group + stream) || group === ''
  if (isOpen) return elsewhere(where)
  if (taskId === '' || !stream.includes(taskId)) return elsewhere(`${where}, which its tasks share`)
  return { at: 'stream', group, stream, region: options.region, holds: 'records' }
}

/** Supports `$(ecs_task_id)` and the `#(…)` of older versions. */
function filled(template: string, known: Options): string {
  return template.replace(/[$#]\((\w+)\)/g, (whole, name: string) => known[name] ?? whole)
}

/** Unwraps the line in a FireLens record; returns other texts unchanged. */
export function lineOf(record: string): string {
  if (!record.startsWith('{')) return record
  try {
    const parsed: unknown = JSON.parse(record)
    const line = parsed !== null && typeof parsed === 'object' && 'log' in parsed ? parsed.log : undefined
    return typeof line === 'string' ? line : record
  } catch {
    return record
  }
}

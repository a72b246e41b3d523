import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { definitionOf, type Stopped } from './blame.ts'
import { firelensDestination } from './firelens.ts'
import { elsewhere, type LogDestination, optionsText } from './log-place.ts'
import { lastPart, words } from './words.ts'

/** Where a container of a task logs to, by its task definition. */
export function logDestinationOf(stopped: Stopped, container: string): LogDestination {
  const { task, definition } = stopped
  if (definition === undefined)
    return elsewhere('logs to an unknown destination, because ECS does not show its task definition')
  const defined = definitionOf(definition, container)
  if (defined === undefined)
    return elsewhere('is not in the task definition, so its log destination is not known')
  switch (defined.logConfiguration?.logDriver) {
    case undefined:
      return elsewhere(
        task.launchType === 'FARGATE'
          ? 'has no logConfiguration in the task definition, so on Fargate its output is not kept'
          : 'has no logConfiguration in the task definition: the container instance keeps its output if Docker is configured to',
      )
    case 'awslogs':
      return awslogsDestination(stopped, defined)
    case 'awsfirelens':
      return firelensDestination(stopped, defined)
    default:
      return elsewhere(byDriver(defined))
  }
}

/** `<prefix>/<container>/<task id>`; without a prefix, which only container instances allow, the container's id. */
function awslogsDestination(
  { task }: Stopped,
  { name, logConfiguration }: ContainerDefinition,
): LogDestination {
  const { options = {} } = logConfiguration ?? {}
  const group = options['awslogs-group']
  const prefix = options['awslogs-stream-prefix']
  const runtimeId = task.containers?.find((each) => each.name === name)?.runtimeId
  const stream = prefix
    ? `${prefix}/${name}/${lastPart(task.taskArn ?? '')}`
    : (options['awslogs-stream'] ?? runtimeId)
  if (group === undefined) return elsewhere('logs with awslogs, but the task definition sets no log group')
  if (stream === undefined)
    return elsewhere(
      `logs to the log group ${words(group)} of CloudWatch, but ECS does not report the stream`,
    )
  return { at: 'stream', group, stream, region: options['awslogs-region'], holds: 'lines' }
}

type Driver = {
  readonly to: string
  /** Options that name the destination; none of them may hold a secret. */
  readonly options: readonly string[]
}

const onInstance = 'on its container instance'

/** Other log drivers, by Docker's names for them and their options. */
const drivers: Readonly<Record<string, Driver>> = {
  splunk: { to: 'logs to Splunk', options: ['splunk-url', 'splunk-index', 'splunk-source', 'tag'] },
  fluentd: { to: 'logs to Fluentd', options: ['fluentd-address', 'tag'] },
  gelf: { to: 'logs with GELF', options: ['gelf-address', 'tag'] },
  syslog: { to: 'logs to syslog', options: ['syslog-address', 'tag'] },
  journald: { to: `logs to journald ${onInstance}`, options: ['tag'] },
  'json-file': { to: `logs to a file ${onInstance} (json-file)`, options: [] },
  local: { to: `logs to a file ${onInstance} (local)`, options: [] },
  none: { to: 'keeps no log: its log driver is none', options: [] },
}

function byDriver({ logConfiguration }: ContainerDefinition): string {
  const { logDriver = '', options = {} } = logConfiguration ?? {}
  const { to, options: telling } = Object.hasOwn(drivers, logDriver)
    ? (drivers[logDriver] as Driver)
    : { to: `logs with the driver ${words(logDriver, 60)}`, options: [] }
  return `${to}${optionsText(telling, options)}`
}

import {
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListServicesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { search } from '../shell/jmespath.ts'
import { type Call, type Program, Unsupported } from '../shell/program.ts'
import { type Aws, setByEcs, stableServices, tasksIn } from './aws.ts'
import { type Options, readOptions, textOutput } from './aws-options.ts'
import type { Machine } from './machine.ts'

type Answer = Readonly<Record<string, unknown>>
/** Calls one operation with the input from the options: the SDK sends it, the AWS sandbox validates it. */
type Operation = (aws: Aws, input: never) => Promise<object>

const ecs: Readonly<Record<string, Operation>> = {
  'describe-clusters': ({ ecs }, input) => ecs.send(new DescribeClustersCommand(input)),
  'describe-services': ({ ecs }, input) => ecs.send(new DescribeServicesCommand(input)),
  'describe-task-definition': ({ ecs }, input) => ecs.send(new DescribeTaskDefinitionCommand(input)),
  'describe-tasks': ({ ecs }, input) => ecs.send(new DescribeTasksCommand(input)),
  'list-services': ({ ecs }, input) => ecs.send(new ListServicesCommand(input)),
  'list-task-definitions': ({ ecs }, input) => ecs.send(new ListTaskDefinitionsCommand(input)),
  'list-tasks': ({ ecs }, input) => ecs.send(new ListTasksCommand(input)),
  'register-task-definition': ({ ecs }, input) => ecs.send(new RegisterTaskDefinitionCommand(input)),
  'run-task': ({ ecs }, input) => ecs.send(new RunTaskCommand(input)),
  'stop-task': ({ ecs }, input) => ecs.send(new StopTaskCommand(input)),
  'update-service': ({ ecs }, input) => ecs.send(new UpdateServiceCommand(input)),
}

/** `wait` polls every 15 s (services) or 6 s (tasks), 40 or 100 times: ten minutes. Source: AWS CLI reference. */
const waitMinutes = 10
/** The exit statuses of the command line: AWS refused, a wait timed out, the call is invalid. */
const statuses = { refused: 254, waited: 255, wronglyCalled: 252 } as const

/** `aws`: the ECS and other commands that deploy scripts use, sent to the sandbox's account. */
export function awsProgram(machine: Machine): Program {
  return async (call) => {
    const { aws } = machine
    const options = readOptions(call)
    const [service, command, ...rest] = options.words
    if (!aws) throw new Unsupported(`aws ${service}`)
    try {
      if (service === 'ecs' && command === 'wait')
        return await wait(machine, aws, { call, options, what: rest[0] })
      if (service === 'logs' && command === 'tail') return await tail(aws, { call, options, group: rest[0] })
      return print(call, options, await answer(aws, call, options))
    } catch (trouble) {
      if (trouble instanceof WronglyCalled) {
        call.error(`${trouble.message}\n`)
        return statuses.wronglyCalled
      }
      const isRefusal = trouble instanceof Error && '$metadata' in trouble
      if (!isRefusal || machine.work.ending.signal.aborted) throw trouble
      const operation = pascal(command ?? '')
      call.error(
        `An error occurred (${trouble.name}) when calling the ${operation} operation: ${trouble.message}\n`,
      )
      return statuses.refused
    }
  }
}

class WronglyCalled extends Error {}

const pascal = (command: string) =>
  command.replaceAll(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase())

async function answer(aws: Aws, call: Call, options: Options): Promise<Answer | string> {
  const [service, command] = options.words
  if (service === 'ecs' && ecs[command ?? '']) {
    const input = options.input
    if (command === 'register-task-definition') refuseWhatEcsSets(input)
    const { $metadata: _, ...answered } = (await ecs[command!]!(aws, input as never)) as Answer
    return answered
  }
  switch (`${service} ${command}`) {
    case 'logs get-log-events': {
      const input = options.input as unknown as GetLogEventsCommandInput
      const { $metadata: _, ...answered } = await aws.logs.send(new GetLogEventsCommand(input))
      return answered
    }
    case 'ecr get-login-password':
      return 'sandbox-password'
    case 'sts get-caller-identity':
      return {
        UserId: 'AROASANDBOX:GitHubActions',
        Account: accountOf(call),
        Arn: `arn:aws:sts::${accountOf(call)}:assumed-role/github-actions-deploy/GitHubActions`,
      }
    default:
      throw new Unsupported(`aws ${service} ${command}`)
  }
}

function accountOf({ shell }: Call): string {
  return shell.variables.get('AWS_ACCOUNT_ID') ?? '123456789012'
}

/** The command line itself refuses these members; no request is sent to ECS. */
function refuseWhatEcsSets(input: Readonly<Record<string, unknown>>): void {
  const unknown = setByEcs.filter((name) => name in input)
  if (unknown.length === 0) return
  const lines = unknown.map((name) => `Unknown parameter in input: "${name}"`)
  throw new WronglyCalled(`Parameter validation failed:\n${lines.join('\n')}`)
}

function print({ out }: Call, options: Options, answered: Answer | string): number {
  if (typeof answered === 'string') {
    out(`${answered}\n`)
    return 0
  }
  const plain = JSON.parse(JSON.stringify(answered)) as unknown
  const found = options.query === undefined ? plain : search(options.query, plain)
  if (options.output === 'text') out(`${textOutput(found)}\n`)
  else if (found !== null || options.query !== undefined) out(`${JSON.stringify(found, undefined, 4)}\n`)
  return 0
}

type Asked = { readonly call: Call; readonly options: Options }

async function wait(
  machine: Machine,
  aws: Aws,
  { call, options, what }: Asked & { what: string | undefined },
) {
  const { cluster, services, tasks } = options.input as {
    cluster?: string
    services?: string[]
    tasks?: string[]
  }
  const patience = machine.patience(waitMinutes)
  const waits: Readonly<Record<string, () => Promise<unknown>>> = {
    'services-stable': () =>
      stableServices(aws, { cluster, services: services ?? [] }, machine.patienceForStability(waitMinutes)),
    'tasks-stopped': () => tasksIn('STOPPED', aws, { cluster, tasks: tasks ?? [] }, patience),
    'tasks-running': () => tasksIn('RUNNING', aws, { cluster, tasks: tasks ?? [] }, patience),
  }
  const waiting = waits[what ?? '']
  if (!waiting) throw new Unsupported(`aws ecs wait ${what}`)
  if (await waiting()) return 0
  call.error(`Waiter ${pascal(what!)} failed: Max attempts exceeded\n`)
  return statuses.waited
}

/** The lines of a group, or of some of its streams, as `time message` or `time stream message`. */
async function tail(
  aws: Aws,
  { call, options, group }: Asked & { group: string | undefined },
): Promise<number> {
  const { logStreamNames, logStreamNamePrefix } = options.input as {
    logStreamNames?: string[]
    logStreamNamePrefix?: string
  }
  const { events = [] } = await aws.logs.send(
    new FilterLogEventsCommand({ logGroupName: group, logStreamNames, logStreamNamePrefix }),
  )
  const isShort = options.input.format === 'short'
  for (const { timestamp = 0, logStreamName, message } of events) {
    const at = new Date(timestamp).toISOString()
    call.out(`${isShort ? at.slice(0, 19) : `${at.replace('Z', '000+00:00')} ${logStreamName}`} ${message}\n`)
  }
  return 0
}

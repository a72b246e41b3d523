import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs'

/** The address of AWS, as environment variables. */
export type AwsEnv = {
  readonly AWS_ENDPOINT_URL: string
  readonly AWS_REGION: string
  readonly AWS_ACCESS_KEY_ID: string
  readonly AWS_SECRET_ACCESS_KEY: string
}

/** AWS as a runner reaches it. */
export type Aws = {
  readonly endpoint: string
  readonly region: string
  readonly ecs: ECSClient
  readonly logs: CloudWatchLogsClient
  readonly codeDeploy: CodeDeployClient
}

/** Creates clients for the AWS of an environment; the caller destroys them. */
export function connect(env: AwsEnv): Aws {
  const settings = {
    endpoint: env.AWS_ENDPOINT_URL,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  }
  return {
    endpoint: env.AWS_ENDPOINT_URL,
    region: env.AWS_REGION,
    ecs: new ECSClient(settings),
    logs: new CloudWatchLogsClient(settings),
    codeDeploy: new CodeDeployClient(settings),
  }
}

/** Adds an image to the account's registry, which stores only names in the sandbox, and returns its digest. */
export async function pushImage(aws: Aws, image: string): Promise<string> {
  const answer = await fetch(new URL('/_sandbox/images', aws.endpoint), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ image }),
  })
  if (!answer.ok) throw new Error(`The registry answered ${answer.status} to the push`)
  const { digest } = (await answer.json()) as { digest: string }
  return digest
}

/** The members that only ECS sets: RegisterTaskDefinition refuses them. */
export const setByEcs = [
  'compatibilities',
  'taskDefinitionArn',
  'requiresAttributes',
  'revision',
  'status',
  'registeredAt',
  'deregisteredAt',
  'registeredBy',
] as const

/** How long to wait for something, and the pause between two polls. */
export type Patience = { readonly ms: number; pause(): Promise<void> }

/** Waits until each service has one deployment and as many tasks as desired; undefined on timeout. */
export async function stableServices(
  { ecs }: Aws,
  request: { readonly cluster: string | undefined; readonly services: string[] },
  patience: Patience,
): Promise<Service[] | undefined> {
  return comeAbout(patience, async () => {
    const { services = [], failures = [] } = await ecs.send(new DescribeServicesCommand(request))
    const [failure] = failures
    if (failure) throw new Error(`${failure.arn} is ${failure.reason}`)
    return services.every(isStable) ? services : undefined
  })
}

/** Waits until all tasks have reached a status; undefined on timeout. */
export async function tasksIn(
  status: 'RUNNING' | 'STOPPED',
  { ecs }: Aws,
  request: { readonly cluster: string | undefined; readonly tasks: string[] },
  patience: Patience,
): Promise<Task[] | undefined> {
  return comeAbout(patience, async () => {
    const { tasks = [], failures = [] } = await ecs.send(new DescribeTasksCommand(request))
    const [failure] = failures
    if (failure) throw new Error(`${failure.arn} is ${failure.reason}`)
    return tasks.every(({ lastStatus }) => lastStatus === status) ? tasks : undefined
  })
}

/** Looks until there is something; undefined on timeout. */
export async function comeAbout<T>(
  { ms, pause }: Patience,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const latest = Date.now() + ms
  for (;;) {
    const found = await look()
    if (found !== undefined || Date.now() >= latest) return found
    await pause()
  }
}

function isStable(service: Service): boolean {
  return service.deployments?.length === 1 && service.runningCount === service.desiredCount
}

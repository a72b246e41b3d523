import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import {
  DescribeServiceDeploymentsCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs'
import { afterEach } from 'vitest'
import { type AwsOptions, type AwsSandbox, startAws } from '../../sandbox/aws/server.ts'
import { testPace } from '../../sandbox/pace.ts'
import { registry } from '../../sandbox/seed.ts'

/** A sandbox at the speed of tests with the real clients, which do not retry. */
export type Aws = AwsSandbox & {
  readonly ecs: ECSClient
  readonly cloudWatchLogs: CloudWatchLogsClient
  readonly codeDeploy: CodeDeployClient
}

const open: AwsSandbox[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((aws) => aws.close()))
})

/** Starts one, which is closed after the test. */
export async function startForTest(options: Partial<AwsOptions> = {}): Promise<Aws> {
  const aws = await startAws({ pace: testPace, rates: 'off', ...options })
  open.push(aws)
  return { ...aws, ...clientsOf(aws) }
}

/** The real SDK against the sandbox. */
export function clientsOf(aws: AwsSandbox, accessKeyId: string = aws.env.AWS_ACCESS_KEY_ID) {
  const configuration = {
    endpoint: aws.url,
    region: aws.env.AWS_REGION,
    credentials: { accessKeyId, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY },
    maxAttempts: 1,
  }
  return {
    ecs: new ECSClient(configuration),
    cloudWatchLogs: new CloudWatchLogsClient(configuration),
    codeDeploy: new CodeDeployClient(configuration),
  }
}

export const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const

/** The task definition that the workflow registers for a new image of `blog-api`. */
export function blogApi(image = `${registry}:new`): RegisterTaskDefinitionCommandInput {
  return {
    family: 'blog-api',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      {
        name: 'api',
        image,
        essential: true,
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': '/ecs/blog-api',
            'awslogs-region': 'ap-northeast-2',
            'awslogs-stream-prefix': 'ecs',
          },
        },
      },
    ],
  }
}

/** Pushes a new image and registers its revision, like the workflow; returns the ARN. */
export async function registerNew({ world, ecs }: Aws): Promise<string> {
  const image = `${registry}:new`
  world.images.add(image)
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(blogApi(image)))
  return taskDefinition!.taskDefinitionArn!
}

/** The newest service deployment of prod, as ECS describes it. */
export async function newestRollout({ ecs }: Aws): Promise<ServiceDeployment> {
  const { serviceDeployments } = await ecs.send(new ListServiceDeploymentsCommand(prod))
  const arn = serviceDeployments![0]!.serviceDeploymentArn!
  const described = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }))
  return described.serviceDeployments![0]!
}

import type { Container, ContainerDefinition, Task } from '@aws-sdk/client-ecs'

/** A stopped task, after a public report, and the cause of its end. */
export type Case = {
  readonly title: string
  readonly task: Task
  readonly definitions?: readonly ContainerDefinition[]
  /** The container whose log explains more; null if no container ended the task. */
  readonly container: string | null
  readonly says: RegExp
}

const at = (seconds: number) => new Date(Date.parse('2026-11-23T10:00:00Z') + seconds * 1000)
const registry = '123456789012.dkr.ecr.ap-northeast-2.amazonaws.com'

const neverStarted = (stoppedReason: string, containers: readonly Container[] = []): Task => ({
  stopCode: 'TaskFailedToStart',
  stoppedReason,
  containers: [...containers],
})

/** Ran from second 10 on; its first essential container ended at 60, the last one `seconds` later. */
const exited = (containers: readonly Container[], seconds = 5): Task => ({
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  startedAt: at(10),
  executionStoppedAt: at(60),
  stoppingAt: at(61),
  stoppedAt: at(60 + seconds),
  containers: [...containers],
})

const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage'
const manifest = 'CannotPullImageManifestError: manifest unknown: Requested image not found'
const noLogGroup =
  'CannotStartContainerError: API error (500): failed to initialize logging driver: ResourceNotFoundException: The specified log group does not exist.\n\tstatus code: 400, request id: 904a550f-206b\n'

export const cases: readonly Case[] = [
  {
    title: 'the task says only that it failed to start, and one container why (treasure-data/digdag#1642)',
    task: neverStarted('Task failed to start', [{ name: 'nginx' }, { name: 'api', reason: manifest }]),
    container: 'api',
    says: /^the image of container api could not be pulled: CannotPullImageManifestError: .* not found$/,
  },
  {
    title: 'a command that is not in the image (fabfuel/ecs-deploy#195)',
    task: neverStarted('Task failed to start', [
      {
        name: 'api',
        reason: 'CannotStartContainerError: Error response from daemon: exec: "serve": not found',
      },
    ]),
    container: 'api',
    says: /^the command serve of container api is not in its image$/,
  },
  {
    title: 'a reason over several lines: no log group on a container instance',
    task: neverStarted('Task failed to start', [{ name: 'rabbit', reason: noLogGroup }]),
    container: 'rabbit',
    says: /^the log group of container rabbit does not exist$/,
  },
  {
    title: 'killed while it was set up: memory is named by the runtime (aws/amazon-ecs-agent#3021)',
    task: neverStarted('Task failed to start', [
      {
        name: 'api',
        reason: 'CannotStartContainerError: container init was OOM-killed (memory limit too low?)',
      },
    ]),
    container: 'api',
    says: /^container api ran out of memory while it started \(memory limit too low\?\)$/,
  },
  {
    title: 'it says nothing at all (aws/containers-roadmap#2561, aws/amazon-ecs-agent#1654)',
    task: neverStarted('Task failed to start'),
    container: null,
    says: /^the task could not start, and ECS gives no reason$/,
  },
  {
    title: 'the same without spaces, as the reference of the CLI has it',
    task: neverStarted('Taskfailedtostart'),
    container: null,
    says: /ECS gives no reason$/,
  },
  {
    title: 'no container, since nothing can be placed (PrefectHQ/prefect#22410)',
    task: neverStarted('TaskFailedToStart: RESOURCE:GPU'),
    container: null,
    says: /^no container instance of the cluster has enough free GPU for the task$/,
  },
  {
    title: 'no network to the secrets',
    task: neverStarted(
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: context deadline exceeded',
      [{ name: 'rails' }, { name: 'nginx' }],
    ),
    container: null,
    says: /^the task could not reach the SSM Parameter Store \(check its route there: NAT gateway, VPC endpoints, security groups\)$/,
  },
  {
    title: 'no permission to read a secret, from before such errors had names',
    task: neverStarted(
      'Fetching secret data from AWS Secrets Manager in region eu-west-1: AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue',
      [{ name: 'agent' }],
    ),
    container: null,
    says: /^the execution role may not read a secret$/,
  },
  {
    title: 'an image that is not there, said of the task and of both containers: the one that runs it',
    task: neverStarted(
      `CannotPullContainerError: failed to resolve ref ${registry}/blog-api:44: not found`,
      ['log-router', 'api'].map((name) => ({
        name,
        image: name === 'api' ? `${registry}/blog-api:44` : 'aws-for-fluent-bit:stable',
        reason: `CannotPullContainerError: failed to resolve ref ${registry}/blog-api:44: not found`,
      })),
    ),
    container: 'api',
    says: /^the image blog-api:44 does not exist in ECR \(did the build push it\?\)$/,
  },
  {
    title: 'a step before the others failed, which is not essential itself',
    task: neverStarted('Task failed to start', [{ name: 'bootstrap', exitCode: 1 }, { name: 'api' }]),
    definitions: [
      { name: 'bootstrap', essential: false },
      { name: 'api', dependsOn: [{ containerName: 'bootstrap', condition: 'SUCCESS' }] },
    ],
    container: 'bootstrap',
    says: /^container bootstrap exited 1; container api waited for it \(dependsOn SUCCESS\)$/,
  },
  {
    title: 'a container never got healthy, so that the next one never started',
    task: neverStarted('Task failed to start', [{ name: 'nginx' }, { name: 'rails', exitCode: 143 }]),
    definitions: [
      { name: 'nginx', dependsOn: [{ containerName: 'rails', condition: 'HEALTHY' }] },
      { name: 'rails' },
    ],
    container: 'rails',
    says: /^container rails was not ready in time; container nginx waited for it \(dependsOn HEALTHY\)$/,
  },
  {
    title: 'one container alone, exit code 1',
    task: exited([{ name: 'api', exitCode: 1 }]),
    container: 'api',
    says: /^container api exited 1$/,
  },
  {
    title: 'a sidecar that was stopped with it stands first (kayac/ecspresso#108)',
    task: exited([
      { name: 'agent', exitCode: 143 },
      { name: 'api', exitCode: 1 },
    ]),
    container: 'api',
    says: /^container api exited 1$/,
  },
  {
    title: 'a sidecar that ignored the signal stands first (h3poteto/ecs-task#18)',
    task: exited(
      [
        { name: 'agent', exitCode: 137 },
        { name: 'api', exitCode: 0 },
      ],
      35,
    ),
    container: 'api',
    says: /^container api exited 0, which stopped the task because the container is essential$/,
  },
  {
    title: 'a sidecar that ends well once it is asked to',
    task: exited([
      { name: 'envoy', exitCode: 0 },
      { name: 'api', exitCode: 3 },
    ]),
    container: 'api',
    says: /^container api exited 3$/,
  },
  {
    title: 'out of memory beside another exit code (bugcrowd/ecs-deployment-monitor#117)',
    task: exited([
      { name: 'nginx', exitCode: 1 },
      { name: 'api', exitCode: 137, reason: outOfMemory },
    ]),
    definitions: [{ name: 'nginx' }, { name: 'api', memory: 512 }],
    container: 'api',
    says: /^container api ran out of memory \(OutOfMemoryError, exit code 137, limit 512 MiB\); nginx exited 1$/,
  },
  {
    title: 'out of memory and exit code 0 (aws/amazon-ecs-agent#2467)',
    task: { ...exited([{ name: 'api', exitCode: 0, reason: outOfMemory }]), memory: '1024' },
    container: 'api',
    says: /^container api ran out of memory \(OutOfMemoryError, exit code 0, limit 1024 MiB\)$/,
  },
  {
    title:
      'killed without a word, and sooner than ECS kills: its sidecar ended well (hyperdxio#2 turned round)',
    task: exited([
      { name: 'nginx', exitCode: 0 },
      { name: 'api', exitCode: 137 },
    ]),
    container: 'api',
    says: /^container api exited 137 \(SIGKILL; ECS gives no reason, often it is memory\)$/,
  },
  {
    title: 'killed by ECS after a stop timeout of its own',
    task: exited(
      [
        { name: 'api', exitCode: 0 },
        { name: 'agent', exitCode: 137 },
      ],
      5,
    ),
    definitions: [{ name: 'api' }, { name: 'agent', stopTimeout: 2 }],
    container: 'api',
    says: /^container api exited 0/,
  },
  {
    title: 'alone and killed (aws/copilot-cli#3470)',
    task: exited([{ name: 'api', exitCode: 137 }], 60),
    container: 'api',
    says: /^container api exited 137 \(SIGKILL/,
  },
  {
    title: 'a fault of its memory (aws/amazon-ecs-agent#594)',
    task: exited([{ name: 'api', exitCode: 139 }]),
    container: 'api',
    says: /^container api exited 139 \(SIGSEGV\)$/,
  },
  {
    title: 'a container that may end, ended: the essential one is to blame',
    task: exited([
      { name: 'init', exitCode: 2 },
      { name: 'api', exitCode: 143 },
    ]),
    definitions: [{ name: 'init', essential: false }, { name: 'api' }],
    container: 'api',
    says: /^container api exited 143 \(SIGTERM\)$/,
  },
  {
    title: 'two that failed: both are named',
    task: exited([
      { name: 'nginx', exitCode: 1 },
      { name: 'api', exitCode: 3 },
    ]),
    container: 'nginx',
    says: /^container nginx exited 1; api exited 3$/,
  },
  {
    title: 'seen while the others are still being stopped',
    task: exited([
      { name: 'nginx', lastStatus: 'RUNNING' },
      { name: 'api', lastStatus: 'STOPPED', exitCode: 143 },
    ]),
    container: 'api',
    says: /^container api exited 143/,
  },
  {
    title: 'a timeout of the runtime',
    task: exited([
      {
        name: 'api',
        reason: 'DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s',
      },
    ]),
    container: 'api',
    says: /^container api did not start within 3m0s$/,
  },
  {
    title: 'a reason that repeats the task’s own says nothing more',
    task: exited([{ name: 'api', exitCode: 1, reason: 'Essential container in task exited' }]),
    container: 'api',
    says: /^container api exited 1$/,
  },
  {
    title: 'no exit code anywhere',
    task: exited([{ name: 'api' }]),
    container: 'api',
    says: /^the task has stopped, and ECS reports no exit code$/,
  },
  {
    title: 'no containers',
    task: exited([]),
    container: null,
    says: /^the task has stopped, and ECS reports no exit code$/,
  },
  {
    title: 'an old platform without a stop code',
    task: { ...exited([{ name: 'api', exitCode: 1 }]), stopCode: undefined },
    container: 'api',
    says: /^container api exited 1$/,
  },
  {
    title: 'the load balancer took one of two containers for dead',
    task: {
      ...exited([
        { name: 'nginx', exitCode: 0 },
        { name: 'api', exitCode: 1 },
      ]),
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason:
        'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x:1:targetgroup/blog/b)',
    },
    container: 'nginx',
    says: /^the task failed the load balancer’s health checks/,
  },
  {
    title: 'ECS took one of two containers for dead',
    task: {
      ...exited([
        { name: 'api', exitCode: 143, healthStatus: 'HEALTHY' },
        { name: 'agent', exitCode: 143, healthStatus: 'UNHEALTHY' },
      ]),
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
    },
    container: 'agent',
    says: /^the task failed the container health checks of agent$/,
  },
  {
    title: 'a Spot interruption',
    task: {
      ...exited([{ name: 'api', exitCode: 143 }]),
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
    },
    container: null,
    says: /reclaimed the machine/,
  },
  {
    title: 'a person',
    task: {
      ...exited([{ name: 'api', exitCode: 143 }]),
      stopCode: 'UserInitiated',
      stoppedReason: 'Task stopped by user',
    },
    container: null,
    says: /by hand/,
  },
]

import { setTimeout as pause } from 'node:timers/promises'
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  type NetworkConfiguration,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type Service,
  type Task,
  type TaskDefinition,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { render } from './expression.ts'
import type { PlannedJob } from './planned-jobs.ts'
import type { Work } from './runner.ts'
import { StepFailure } from './step-failure.ts'

/** Where AWS is, as the environment of a process says it. */
export type AwsEnv = {
  readonly AWS_ENDPOINT_URL: string
  readonly AWS_REGION: string
  readonly AWS_ACCESS_KEY_ID: string
  readonly AWS_SECRET_ACCESS_KEY: string
}

/** AWS as the runner reaches it. */
export type Aws = {
  readonly endpoint: string
  readonly ecs: ECSClient
  readonly logs: CloudWatchLogsClient
}

/** Clients for the AWS that an environment names; whoever connects destroys them. */
export function connect(env: AwsEnv): Aws {
  const settings = {
    endpoint: env.AWS_ENDPOINT_URL,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  }
  return {
    endpoint: env.AWS_ENDPOINT_URL,
    ecs: new ECSClient(settings),
    logs: new CloudWatchLogsClient(settings),
  }
}

/**
 * What the steps of the deploy workflow do, by their `id`: the same calls to AWS that their shell
 * text and actions make. Settings come from the job's `env` in the workflow file. Without AWS they
 * only check out.
 */
export function deploySteps(work: Work, planned: PlannedJob): Record<string, () => Promise<void>> {
  const checkout = { checkout: async () => checkOut(work, planned), proof: async () => prove(work, planned) }
  if (!work.aws) return checkout
  const job = new DeployJob(work, planned, work.aws)
  const steps = {
    build: () => job.build(),
    migrate: () => job.migrate(),
    render: () => job.render(),
    deploy: () => job.deploy(),
  }
  const told = Object.entries(steps).map(([id, step]) => [id, () => step().catch(asStepFailure(work))])
  return { ...checkout, ...Object.fromEntries(told) }
}

/** What AWS refuses fails the step with AWS's words, as the command line would. */
function asStepFailure({ ending }: Work): (trouble: unknown) => never {
  return (trouble) => {
    if (ending.signal.aborted || trouble instanceof StepFailure || !(trouble instanceof Error)) throw trouble
    throw new StepFailure(`${trouble.name}: ${trouble.message}`)
  }
}

function checkOut({ repository }: Work, { steps, names }: PlannedJob): void {
  const ref = steps.find(({ plan }) => plan?.id === 'checkout')?.plan?.with?.ref
  const wanted = ref === undefined ? String(names['github.sha']) : render(String(ref), names)
  if (!repository.git.resolve(wanted))
    throw new StepFailure(`fatal: couldn't find remote ref ${wanted}. The process failed with exit code 128`)
}

function prove({ repository, run }: Work, { env }: PlannedJob): void {
  if (!repository.git.liesOn(env.SHA ?? run.headSha, run.headBranch))
    throw new StepFailure('Process completed with exit code 1.')
}

/** The deploy job's dealings with AWS. */
class DeployJob {
  readonly #work: Work
  readonly #planned: PlannedJob
  readonly #aws: Aws
  #definition: RegisterTaskDefinitionCommandInput | undefined

  constructor(work: Work, planned: PlannedJob, aws: Aws) {
    this.#work = work
    this.#planned = planned
    this.#aws = aws
  }

  #env(name: string): string {
    const value = this.#planned.env[name]
    if (!value) throw new StepFailure(`The job's env has no ${name}`)
    return value
  }

  /** Between two looks at AWS: slower than steps, for the account's rate limits are everyone's. */
  #pause(): Promise<void> {
    return pause(this.#work.pace.jobStep * 4, undefined, { signal: this.#work.ending.signal })
  }

  /** Pushes the image: the registry of the sandbox keeps only names. */
  async build(): Promise<void> {
    const answer = await fetch(new URL('/_sandbox/images', this.#aws.endpoint), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ image: this.#env('IMAGE') }),
    })
    if (!answer.ok) throw new StepFailure(`The registry answered ${answer.status} to the push`)
  }

  /** Runs the migration with the new image, and fails where it does not exit with 0. */
  async migrate(): Promise<void> {
    const current = await this.#describe(this.#env('MIGRATION'))
    const [container, ...others] = current.containerDefinitions ?? []
    const registered = await this.#aws.ecs.send(
      new RegisterTaskDefinitionCommand({
        ...registrable(current),
        containerDefinitions: [{ ...container, image: this.#env('IMAGE') }, ...others],
      }),
    )
    const started = await this.#aws.ecs.send(
      new RunTaskCommand({
        cluster: this.#env('CLUSTER'),
        taskDefinition: registered.taskDefinition?.taskDefinitionArn,
        launchType: 'FARGATE',
        networkConfiguration: await this.#network(),
        startedBy: this.#env('STARTED_BY'),
      }),
    )
    const arn = started.tasks?.[0]?.taskArn
    if (!arn) throw new StepFailure(started.failures?.[0]?.reason ?? 'No task was started')
    const task = await this.#stopped(arn)
    const code = task.containers?.[0]?.exitCode
    if (code === 0) return
    const lines = await this.#logTail(registered.taskDefinition!, arn)
    const reason = code === undefined && task.stoppedReason ? ` (${task.stoppedReason})` : ''
    throw new StepFailure(`The migration ended with exit code ${code ?? 'None'}${reason}`, lines)
  }

  /** Copies the task definition that the service runs, with the new image and the release's tag. */
  async render(): Promise<void> {
    const service = await this.#service()
    const running = await this.#describe(service.taskDefinition!)
    const name = this.#env('CONTAINER')
    const release = this.#planned.env.RELEASE_ID
    this.#definition = {
      ...registrable(running),
      containerDefinitions: running.containerDefinitions?.map((container) =>
        container.name === name ? { ...container, image: this.#env('IMAGE') } : container,
      ),
      ...(release ? { tags: [{ key: 'twokey-release', value: release }] } : {}),
    }
  }

  /**
   * Registers the definition, updates the service and waits until it is stable, as the official
   * action does: one deployment left and as many tasks as desired, then the check that the
   * deployment left is its own.
   */
  async deploy(): Promise<void> {
    const registered = await this.#aws.ecs.send(new RegisterTaskDefinitionCommand(this.#definition!))
    const taskDefinition = registered.taskDefinition!.taskDefinitionArn!
    const [cluster, service] = [this.#env('CLUSTER'), this.#env('SERVICE')]
    await this.#aws.ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition }))
    const latest = Date.now() + this.#stabilityMs()
    let seen = await this.#service()
    while (!isStable(seen)) {
      if (Date.now() >= latest) throw new StepFailure('{"state":"TIMEOUT","reason":"Waiter has timed out"}')
      await this.#pause()
      seen = await this.#service()
    }
    const primary = seen.deployments?.find((deployment) => deployment.status === 'PRIMARY')
    if (primary?.taskDefinition !== taskDefinition)
      throw new StepFailure(
        `Service ${service} is stable on ${primary?.taskDefinition}, not on ${taskDefinition}: likely rolled back`,
      )
  }

  #stabilityMs(): number {
    const minutes = this.#planned.steps.find(({ plan }) => plan?.id === 'deploy')?.plan?.with?.[
      'wait-for-minutes'
    ]
    return this.#work.attempt.plan.stabilityMs ?? Number(minutes ?? 30) * 60_000
  }

  async #describe(taskDefinition: string): Promise<TaskDefinition> {
    const answer = await this.#aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
    return answer.taskDefinition!
  }

  async #service(): Promise<Service> {
    const [cluster, service] = [this.#env('CLUSTER'), this.#env('SERVICE')]
    const answer = await this.#aws.ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))
    const found = answer.services?.[0]
    if (!found) throw new StepFailure(`${service}: ${answer.failures?.[0]?.reason ?? 'MISSING'}`)
    return found
  }

  async #network(): Promise<NetworkConfiguration | undefined> {
    return (await this.#service()).networkConfiguration
  }

  async #stopped(arn: string): Promise<Task> {
    for (;;) {
      const answer = await this.#aws.ecs.send(
        new DescribeTasksCommand({ cluster: this.#env('CLUSTER'), tasks: [arn] }),
      )
      const task = answer.tasks?.[0]
      if (!task) throw new StepFailure(`${arn}: ${answer.failures?.[0]?.reason ?? 'MISSING'}`)
      if (task.lastStatus === 'STOPPED') return task
      await this.#pause()
    }
  }

  async #logTail(definition: TaskDefinition, taskArn: string): Promise<string[]> {
    const container = definition.containerDefinitions![0]!
    const options = container.logConfiguration?.options ?? {}
    const taskId = taskArn.split('/').at(-1)
    const answer = await this.#aws.logs
      .send(
        new GetLogEventsCommand({
          logGroupName: options['awslogs-group'],
          logStreamName: `${options['awslogs-stream-prefix']}/${container.name}/${taskId}`,
          limit: 20,
          startFromHead: false,
        }),
      )
      .catch((trouble: Error) => ({ events: [{ message: `${trouble.name}: ${trouble.message}` }] }))
    return (answer.events ?? []).flatMap((event) => event.message ?? [])
  }
}

function isStable(service: Service): boolean {
  return service.deployments?.length === 1 && service.runningCount === service.desiredCount
}

/** A task definition without what only ECS may set. */
function registrable(definition: TaskDefinition): RegisterTaskDefinitionCommandInput {
  const {
    taskDefinitionArn: _arn,
    revision: _revision,
    status: _status,
    requiresAttributes: _attributes,
    compatibilities: _compatibilities,
    registeredAt: _at,
    registeredBy: _by,
    deregisteredAt: _end,
    ...rest
  } = definition
  return { ...rest, family: rest.family, containerDefinitions: rest.containerDefinitions }
}

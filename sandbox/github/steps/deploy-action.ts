import {
  type ContainerOverride,
  DescribeServicesCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type Service,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { parse } from 'yaml'
import { StepFailure } from '../step-failure.ts'
import { type Aws, setByEcs, stableServices, tasksIn } from './aws.ts'
import { createCodeDeployment } from './codedeploy-deployment.ts'
import type { Action, StepCall } from './step.ts'

/** The action waits half an hour by default, and at most six hours. */
const minutes = { usual: 30, most: 360 } as const

/**
 * `aws-actions/amazon-ecs-deploy-task-definition`: registers the task definition, runs it once as a task if
 * `run-task` is set, updates the service if one is given (a service of CodeDeploy by a deployment there), and waits for
 * it. Outputs: `task-definition-arn`, `run-task-arn`, `codedeploy-deployment-id`. It fails if the deployment that it
 * started was rolled back.
 */
export const deployTaskDefinition: Action = async (call) => {
  const { machine } = call
  const aws = machine.aws!
  const registered = await aws.ecs.send(new RegisterTaskDefinitionCommand(registrable(call)))
  const taskDefinition = registered.taskDefinition!.taskDefinitionArn!
  call.output('task-definition-arn', taskDefinition)
  const at: Target = {
    aws,
    taskDefinition,
    cluster: call.input('cluster') || 'default',
    service: call.input('service'),
    minutes: Math.min(minutes.most, Number.parseInt(call.input('wait-for-minutes'), 10) || minutes.usual),
  }
  if (isOn(call, 'run-task')) await runTask(call, at)
  if (at.service) await update(call, at)
}

type Target = {
  readonly aws: Aws
  readonly taskDefinition: string
  readonly cluster: string
  readonly service: string
  readonly minutes: number
}

function isOn(call: StepCall, name: string): boolean {
  return call.input(name).toLowerCase() === 'true'
}

/** The file's task definition without members that only ECS sets, and without empty members. */
function registrable(call: StepCall): RegisterTaskDefinitionCommandInput {
  const definition = withoutEmpty(parse(call.machine.file(call.input('task-definition')))) as Record<
    string,
    unknown
  >
  for (const member of setByEcs) {
    if (!(member in definition)) continue
    call.machine.log(`##[warning]Ignoring property '${member}' in the task definition file.`)
    delete definition[member]
  }
  return definition as unknown as RegisterTaskDefinitionCommandInput
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty).filter((each) => !isEmpty(each))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, withoutEmpty(member)])
  const kept = Object.fromEntries(members.filter(([, member]) => !isEmpty(member))) as Record<string, unknown>
  // A variable may have an empty value, so it is recognized by its name.
  return 'name' in value && 'value' in value ? { ...kept, value: value.value ?? '' } : kept
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.values(value).every(isEmpty)
}

function consoleOf({ region }: Aws): string {
  return `https://${region}.console.aws.amazon.com/ecs/v2`
}

async function runTask(call: StepCall, { aws, cluster, taskDefinition, minutes }: Target): Promise<void> {
  const { machine } = call
  machine.log('Running task')
  const list = (name: string) => call.input(name).split(',').filter(Boolean)
  const [subnets, securityGroups] = [list('run-task-subnets'), list('run-task-security-groups')]
  const assignPublicIp = (call.input('run-task-assign-public-IP') || 'DISABLED') as 'ENABLED' | 'DISABLED'
  const { tasks = [], failures = [] } = await aws.ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition,
      startedBy: call.input('run-task-started-by') || 'GitHub-Actions',
      launchType: (call.input('run-task-launch-type') || 'FARGATE') as 'FARGATE' | 'EC2',
      overrides: {
        containerOverrides: JSON.parse(
          call.input('run-task-container-overrides') || '[]',
        ) as ContainerOverride[],
      },
      ...(subnets.length > 0 && {
        networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp } },
      }),
    }),
  )
  const arns = tasks.map(({ taskArn }) => taskArn!)
  call.output('run-task-arn', JSON.stringify(arns))
  machine.log(`Task running: ${consoleOf(aws)}/clusters/${cluster}/tasks?region=${aws.region}`)
  const [failure] = failures
  if (failure) throw new StepFailure(`${failure.arn} is ${failure.reason}`)
  if (!isOn(call, 'wait-for-task-stopped')) return
  machine.log(`Waiting for tasks to stop. Will wait for ${minutes} minutes`)
  const stopped = await tasksIn('STOPPED', aws, { cluster, tasks: arns }, machine.patience(minutes))
  if (!stopped) throw timedOut()
  machine.log('All tasks have stopped.')
  const failed = stopped.flatMap(({ containers = [] }) => containers).filter(({ exitCode }) => exitCode !== 0)
  if (failed.length > 0)
    throw new StepFailure(`Run task failed: ${JSON.stringify(failed.map(({ reason }) => reason ?? null))}`)
}

async function update(call: StepCall, target: Target): Promise<void> {
  const { aws, cluster, service, taskDefinition, minutes } = target
  const before = await described(target)
  const { type = 'ECS' } = before.deploymentController ?? {}
  if (type === 'CODE_DEPLOY')
    return createCodeDeployment(call, { ...target, waits: isOn(call, 'wait-for-service-stability') })
  if (type !== 'ECS') throw new StepFailure(`Unsupported deployment controller: ${type}`)
  const desired = Number.parseInt(call.input('desired-count'), 10)
  const updated = await aws.ecs.send(
    new UpdateServiceCommand({
      cluster,
      service,
      taskDefinition,
      ...(isOn(call, 'force-new-deployment') && { forceNewDeployment: true }),
      ...(Number.isFinite(desired) && { desiredCount: desired }),
    }),
  )
  call.machine.log(
    "Deployment started. Watch this deployment's progress in the Amazon ECS console: " +
      `${consoleOf(aws)}/clusters/${cluster}/services/${service}/deployments?region=${aws.region}`,
  )
  if (!isOn(call, 'wait-for-service-stability')) return
  const stable = await stableServices(
    aws,
    { cluster, services: [service] },
    call.machine.patienceForStability(minutes),
  )
  if (!stable) throw timedOut()
  const [begun, left] = [primary(updated.service!), primary(stable[0]!)]
  if (begun?.id !== primary(before)?.id && left?.id !== begun?.id)
    throw new StepFailure(
      `Service ${service} is stable on ${left?.taskDefinition}, not on ${taskDefinition}: likely rolled back`,
    )
}

function timedOut(): StepFailure {
  return new StepFailure('{"state":"TIMEOUT","reason":"Waiter has timed out"}')
}

function primary(service: Service) {
  return service.deployments?.find(({ status }) => status === 'PRIMARY')
}

async function described({ aws, cluster, service }: Target): Promise<Service> {
  const { services = [], failures = [] } = await aws.ecs.send(
    new DescribeServicesCommand({ cluster, services: [service] }),
  )
  const [failure] = failures
  if (failure) throw new StepFailure(`${failure.arn} is ${failure.reason}`)
  const [found] = services
  if (found?.status !== 'ACTIVE') throw new StepFailure(`Service is ${found?.status}`)
  return found
}

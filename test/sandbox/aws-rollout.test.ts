import {
  type DeploymentConfiguration,
  DeregisterTaskDefinitionCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { beforeEach, expect, test } from 'vitest'
import { registry, revisions } from '../../sandbox/seed.ts'
import { type Aws, blogApi, prod, startForTest } from './aws-clients.ts'

let aws: Aws

beforeEach(async () => {
  aws = await startForTest()
})

const image = `${registry}:new`

/** Pushes the image, registers the revision and updates the service, like the workflow. */
async function deploy(change: { deploymentConfiguration?: DeploymentConfiguration } = {}) {
  aws.world.images.add(image)
  return deployUnpushed(change)
}

async function deployUnpushed(change: { deploymentConfiguration?: DeploymentConfiguration } = {}) {
  const { taskDefinition } = await aws.ecs.send(new RegisterTaskDefinitionCommand(blogApi(image)))
  const { service } = await aws.ecs.send(
    new UpdateServiceCommand({ ...prod, taskDefinition: taskDefinition!.taskDefinitionArn!, ...change }),
  )
  return { service: service!, taskDefinition: taskDefinition!.taskDefinitionArn! }
}

async function service() {
  const { services } = await aws.ecs.send(
    new DescribeServicesCommand({ cluster: prod.cluster, services: [prod.service] }),
  )
  return services![0]!
}

/** The service deployments, newest first. */
async function rollouts() {
  const { serviceDeployments } = await aws.ecs.send(new ListServiceDeploymentsCommand(prod))
  const { serviceDeployments: described } = await aws.ecs.send(
    new DescribeServiceDeploymentsCommand({
      serviceDeploymentArns: serviceDeployments!.map((each) => each.serviceDeploymentArn!),
    }),
  )
  return described!
}

const state = () => aws.world.service(prod.cluster, prod.service)!
const newestIs = (status: string) => aws.until(() => state().rollouts[0]!.status === status)
const eventsWith = async (words: string) =>
  (await service()).events!.filter((each) => each.message!.includes(words))

test('initially both environments run revision 43, deployed successfully after 41 and 42', async () => {
  const { services } = await aws.ecs.send(
    new DescribeServicesCommand({ cluster: 'blog-cluster-dev', services: ['blog-api'] }),
  )
  expect(services![0]).toMatchObject({ desiredCount: 1, runningCount: 1 })
  expect(services![0]!.taskDefinition).toMatch(/blog-api:43$/)

  const history = await rollouts()
  expect(history.map((each) => [each.status, each.createdAt])).toEqual([
    ['SUCCESSFUL', new Date(revisions[2]!.at)],
    ['SUCCESSFUL', new Date(revisions[1]!.at)],
    ['SUCCESSFUL', new Date(revisions[0]!.at)],
  ])
})

test('a rollout starts the new tasks, drains the old ones and becomes SUCCESSFUL', async () => {
  const before = (await service()).deployments![0]!
  const { service: updated, taskDefinition } = await deploy()
  const [primary, old] = updated.deployments!
  expect(primary).toMatchObject({
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    taskDefinition,
    runningCount: 0,
  })
  expect(old).toMatchObject({ status: 'ACTIVE', id: before.id })
  expect(primary!.id).toMatch(/^ecs-svc\/\d{19}$/)

  await newestIs('IN_PROGRESS')
  const [underWay] = await rollouts()
  expect(underWay).toMatchObject({
    status: 'IN_PROGRESS',
    lifecycleStage: 'SCALE_UP',
    deploymentCircuitBreaker: { status: 'MONITORING', failureCount: 0, threshold: 3 },
    targetServiceRevision: { requestedTaskCount: 2 },
  })
  expect(underWay!.targetServiceRevision!.arn!.split('/').at(-1)).toBe(primary!.id!.split('/').at(-1))

  await newestIs('SUCCESSFUL')
  const [rollout] = await rollouts()
  expect(rollout).toMatchObject({
    status: 'SUCCESSFUL',
    deploymentCircuitBreaker: { status: 'MONITORING_COMPLETE' },
    targetServiceRevision: { requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 },
  })
  expect(rollout!.finishedAt!.getTime()).toBeGreaterThan(rollout!.startedAt!.getTime())

  const after = await service()
  expect(after).toMatchObject({ taskDefinition, runningCount: 2, pendingCount: 0 })
  expect(after.deployments).toHaveLength(1)
  expect(after.deployments![0]).toMatchObject({ id: primary!.id, rolloutState: 'COMPLETED' })
  expect(after.events!.slice(0, 2).map((each) => each.message)).toEqual([
    '(service blog-api) has reached a steady state.',
    `(service blog-api) (deployment ${primary!.id}) deployment completed.`,
  ])
  expect(await eventsWith('has started 2 tasks: (task ')).toHaveLength(1)

  const { serviceRevisions } = await aws.ecs.send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns: [rollout!.targetServiceRevision!.arn!] }),
  )
  expect(serviceRevisions![0]).toMatchObject({
    taskDefinition,
    containerImages: [{ containerName: 'api', image }],
  })
})

test('a rollout keeps its tasks between minimumHealthyPercent and maximumPercent', async () => {
  await deploy()
  const seen: [alive: number, healthy: number][] = []
  await aws.until(() => {
    const alive = state().tasks.filter((task) => task.desiredStatus === 'RUNNING')
    seen.push([alive.length, alive.filter((task) => task.healthy).length])
    return state().rollouts[0]!.status === 'SUCCESSFUL'
  })
  expect(Math.max(...seen.map(([alive]) => alive))).toBe(4)
  expect(Math.min(...seen.map(([, healthy]) => healthy))).toBe(2)
})

test('tasks that exit trigger the circuit breaker, and ECS rolls back', async () => {
  const before = await service()
  aws.world.rollouts.ofImage(image, { kind: 'exits', code: 1 })
  const { service: updated } = await deploy()
  const mine = updated.deployments![0]!.id!

  await newestIs('ROLLBACK_IN_PROGRESS')
  const [primary, failed] = (await service()).deployments!
  const reason = `ECS deployment circuit breaker: rolling back to deploymentId ${before.deployments![0]!.id}.`
  expect(primary).toMatchObject({
    status: 'PRIMARY',
    taskDefinition: before.taskDefinition,
    rolloutStateReason: reason,
  })
  expect(failed).toMatchObject({ id: mine })

  await newestIs('ROLLBACK_SUCCESSFUL')
  const [rollout] = await rollouts()
  expect(rollout).toMatchObject({
    deploymentCircuitBreaker: { status: 'TRIGGERED', threshold: 3 },
    rollback: { serviceRevisionArn: (await rollouts())[1]!.targetServiceRevision!.arn },
    statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
  })
  expect(rollout!.deploymentCircuitBreaker!.failureCount).toBeGreaterThanOrEqual(3)
  expect(await service()).toMatchObject({ taskDefinition: before.taskDefinition, runningCount: 2 })
  expect(await eventsWith('deployment failed: tasks failed to start.')).toHaveLength(1)

  const { taskArns } = await aws.ecs.send(
    new ListTasksCommand({ cluster: prod.cluster, serviceName: prod.service, desiredStatus: 'STOPPED' }),
  )
  const { tasks } = await aws.ecs.send(new DescribeTasksCommand({ cluster: prod.cluster, tasks: taskArns! }))
  const ofMine = tasks!.filter((task) => task.startedBy === mine)
  expect(ofMine.length).toBeGreaterThanOrEqual(3)
  expect(ofMine[0]).toMatchObject({
    stopCode: 'EssentialContainerExited',
    containers: [{ name: 'api', exitCode: 1 }],
  })
})

test('after PRIMARY changes, the failed deployment is ACTIVE and IN_PROGRESS, later DRAINING and FAILED', async () => {
  aws.world.unhealthy('next')
  await deploy()
  const seen = new Set<string>()
  await aws.until(() => {
    const rollout = state().rollouts[0]!
    const failed = state().deployments.find((deployment) => deployment.revision === rollout.target)
    if (failed) seen.add(`${rollout.status} ${failed.status} ${failed.rolloutState}`)
    return rollout.status === 'ROLLBACK_SUCCESSFUL'
  })
  expect([...seen].filter((each) => each.startsWith('ROLLBACK'))).toEqual([
    'ROLLBACK_IN_PROGRESS ACTIVE IN_PROGRESS',
    'ROLLBACK_IN_PROGRESS DRAINING FAILED',
  ])
})

test.each([
  ['an image that was never pushed', undefined, 'TaskFailedToStart', /^CannotPullContainerError/],
  ['failing health checks', 'unhealthy', 'ServiceSchedulerInitiated', /health checks/],
] as const)(
  '%s: ECS rolls back, and the stopped tasks have the reason',
  async (_, outcome, stopCode, stoppedReason) => {
    if (outcome) {
      aws.world.images.add(image)
      aws.world.unhealthy({ image })
    }
    await deployUnpushed()
    await newestIs('ROLLBACK_SUCCESSFUL')
    const failed = state().tasks.find((task) => task.stop?.code === stopCode)
    expect(failed!.stop!.reason).toMatch(stoppedReason)
  },
)

test('with rollback off the circuit breaker stops the deployment and leaves it PRIMARY and FAILED', async () => {
  aws.world.unhealthy('next')
  await deploy({ deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } })
  await newestIs('STOPPED')
  const [rollout] = await rollouts()
  expect(rollout).toMatchObject({ deploymentCircuitBreaker: { status: 'TRIGGERED' } })
  expect(rollout!.rollback).toBeUndefined()
  expect(rollout!.stoppedAt).toBeInstanceOf(Date)
  expect((await service()).deployments).toMatchObject([
    { status: 'PRIMARY', rolloutState: 'FAILED' },
    { status: 'ACTIVE', runningCount: 2 },
  ])
})

test('a firing alarm rolls back', async () => {
  aws.world.rollouts.next({ kind: 'stuck' })
  await deploy({
    deploymentConfiguration: {
      alarms: { enable: true, rollback: true, alarmNames: ['blog-5xx', 'blog-p99'] },
    },
  })
  await newestIs('IN_PROGRESS')
  aws.world.alarms.add('blog-5xx')
  await newestIs('ROLLBACK_SUCCESSFUL')
  expect((await rollouts())[0]).toMatchObject({
    alarms: {
      status: 'TRIGGERED',
      alarmNames: ['blog-5xx', 'blog-p99'],
      triggeredAlarmNames: ['blog-5xx'],
    },
    deploymentCircuitBreaker: { status: 'MONITORING_COMPLETE' },
  })
})

test('a rollback fails if that is scripted or if no deployment ever completed', async () => {
  aws.world.unhealthy('next')
  aws.world.rollbacks.next({ kind: 'fails', reason: 'The rollback timed out.' })
  await deploy()
  await newestIs('ROLLBACK_FAILED')
  expect((await rollouts())[0]!.statusReason).toBe('The rollback timed out.')

  state().rollouts = []
  aws.world.unhealthy('next')
  await deploy()
  await newestIs('ROLLBACK_FAILED')
  expect((await rollouts())[0]!.statusReason).toMatch(/No rollback candidate/)
})

test('a superseded deployment is STOPPED after the newer one was created', async () => {
  aws.world.rollouts.next({ kind: 'stuck' })
  await deploy()
  await newestIs('IN_PROGRESS')
  await deploy()
  await newestIs('SUCCESSFUL')
  const [newer, older] = await rollouts()
  expect(older).toMatchObject({ status: 'STOPPED', deploymentCircuitBreaker: { status: 'MONITORING' } })
  expect(newer!.createdAt!.getTime()).toBeGreaterThan(older!.createdAt!.getTime())
  expect(newer!.createdAt!.getTime()).toBeLessThan(older!.finishedAt!.getTime())
})

test('StopServiceDeployment rolls back a deployment in progress, and conflicts with one that has ended', async () => {
  aws.world.rollouts.next({ kind: 'stuck' })
  await deploy()
  await newestIs('IN_PROGRESS')
  const { serviceDeploymentArn } = (await rollouts())[0]!
  const stop = new StopServiceDeploymentCommand({
    serviceDeploymentArn: serviceDeploymentArn!,
    stopType: 'ROLLBACK',
  })
  await aws.ecs.send(stop)
  expect(['ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS']).toContain((await rollouts())[0]!.status)
  await newestIs('ROLLBACK_SUCCESSFUL')
  expect((await rollouts())[0]!.deploymentCircuitBreaker!.status).not.toBe('TRIGGERED')
  await expect(aws.ecs.send(stop)).rejects.toMatchObject({ name: 'ConflictException' })
  await expect(
    aws.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: `${serviceDeploymentArn}x` })),
  ).rejects.toMatchObject({ name: 'ServiceDeploymentNotFoundException' })
})

test('StopServiceDeployment works on a superseded deployment and on its successor', async () => {
  aws.world.rollouts.next({ kind: 'stuck' }, { kind: 'stuck' })
  await deploy()
  await newestIs('IN_PROGRESS')
  await deploy()
  const [newest] = state().rollouts
  await aws.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: newest!.arn }))
  await newestIs('ROLLBACK_SUCCESSFUL')
  expect((await rollouts()).map((each) => each.status)).toEqual([
    'ROLLBACK_SUCCESSFUL',
    'STOPPED',
    'SUCCESSFUL',
    'SUCCESSFUL',
    'SUCCESSFUL',
  ])
  expect((await service()).deployments).toHaveLength(1)
})

test.each([
  ['stuck', { kind: 'stuck' }, 2],
  ['cannot be placed', { kind: 'unplaced' }, 0],
] as const)('tasks that are %s leave the deployment IN_PROGRESS', async (_, outcome, pending) => {
  aws.world.rollouts.next(outcome)
  await deploy()
  await aws.until(() => state().events.some((each) => /has started|unable to place/.test(each.message)))
  expect((await service()).deployments![0]).toMatchObject({
    rolloutState: 'IN_PROGRESS',
    pendingCount: pending,
    failedTasks: 0,
  })
  expect(await eventsWith('was unable to place a task')).toHaveLength(outcome.kind === 'unplaced' ? 1 : 0)
})

test.each([
  [
    'nothing can be placed',
    { kind: 'unplaced' },
    {},
    /was unable to place a task\. Reason: Capacity is unavailable/,
  ],
  [
    'no task is let to start, for the given reason',
    { kind: 'unplaced', reason: 'failed to launch a task with (error no role)' },
    {},
    /failed to launch a task with \(error no role\)/,
  ],
  [
    'the load balancer takes no task',
    { kind: 'unregistered', error: 'not in the VPC' },
    {},
    /failed to register targets in \(target-group arn:\S+\) with \(error not in the VPC\)/,
  ],
  [
    'the bounds let no task start and none stop',
    { kind: 'runs' },
    { maximumPercent: 100, minimumHealthyPercent: 100 },
    /was unable to stop or start tasks during a deployment because of the service deployment configuration/,
  ],
] as const)(
  '%s: the service event is not repeated while the cause persists',
  async (_, outcome, bounds, words) => {
    aws.world.rollouts.next(outcome)
    await deploy({ deploymentConfiguration: bounds })
    const events = () => state().events.filter(({ message }) => words.test(message))
    await aws.until(() => events().length > 0)
    const [first] = events()
    const later = first!.createdAt + 60 * 60 * 1000
    for (let tick = 0; tick < 10; tick += 1) aws.world.advance(later + tick)
    expect(events()).toEqual([first])
    aws.world.advance(first!.createdAt + 7 * 60 * 60 * 1000)
    expect((await service()).deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }, {}])
  },
)

test('an update that changes nothing, or only the desired count, starts no deployment', async () => {
  const before = await service()
  await aws.ecs.send(new UpdateServiceCommand({ ...prod, taskDefinition: 'blog-api:43' }))
  await aws.ecs.send(new UpdateServiceCommand({ ...prod, desiredCount: 3 }))
  await aws.until(() => state().tasks.filter((task) => task.healthy).length === 3)
  const after = await service()
  expect(after.deployments!.map((each) => each.id)).toEqual(before.deployments!.map((each) => each.id))
  expect(await rollouts()).toHaveLength(3)

  await aws.ecs.send(new UpdateServiceCommand({ ...prod, forceNewDeployment: true }))
  expect(await rollouts()).toHaveLength(4)
})

test('a deployment with desired count 0 succeeds without tasks', async () => {
  await aws.ecs.send(new UpdateServiceCommand({ ...prod, desiredCount: 0 }))
  await aws.until(() => state().tasks.every((task) => task.lastStatus === 'STOPPED'))
  await deploy()
  await newestIs('SUCCESSFUL')
  expect((await rollouts())[0]!.targetServiceRevision).toMatchObject({ requestedTaskCount: 0 })
})

test('a service revision has digests once a task of it was started', async () => {
  aws.world.rollouts.next({ kind: 'unplaced' })
  await deploy()
  const revision = () => state().revisions.at(-1)!
  const digests = async () => {
    const { serviceRevisions } = await aws.ecs.send(
      new DescribeServiceRevisionsCommand({ serviceRevisionArns: [revision().arn] }),
    )
    return serviceRevisions![0]!.containerImages!.map(({ imageDigest }) => imageDigest)
  }
  expect(await digests()).toEqual([undefined])
  await deploy()
  await newestIs('SUCCESSFUL')
  expect(await digests()).toEqual([expect.stringMatching(/^sha256:/)])
})

test('an update to an inactive or unknown revision is refused', async () => {
  const { taskDefinition } = await aws.ecs.send(new RegisterTaskDefinitionCommand(blogApi()))
  const arn = taskDefinition!.taskDefinitionArn!
  await aws.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }))
  for (const [taskDefinition, message] of [
    [arn, 'TaskDefinition is inactive'],
    ['blog-api:40', 'TaskDefinition is inactive'],
    ['blog-api:999', 'TaskDefinition not found.'],
  ]) {
    await expect(
      aws.ecs.send(new UpdateServiceCommand({ ...prod, taskDefinition: taskDefinition! })),
    ).rejects.toMatchObject({ name: 'ClientException', message })
  }
})

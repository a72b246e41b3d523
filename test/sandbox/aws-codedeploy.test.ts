import { createHash } from 'node:crypto'
import {
  BatchGetDeploymentsCommand,
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  type CreateDeploymentCommandInput,
  GetApplicationRevisionCommand,
  GetDeploymentCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  GetDeploymentTargetCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy'
import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, test } from 'vitest'
import { deployByCodeDeploy, type WantedGroup } from '../../sandbox/aws/codedeploy/seed.ts'
import { type Aws, prod, startForTest } from './aws-clients.ts'

let aws: Aws

beforeEach(async () => {
  aws = await startForTest()
  aws.world.codeDeploy.minute = 60
})

const names = {
  applicationName: 'AppECS-blog-cluster-prod-blog-api',
  deploymentGroupName: 'DgpECS-blog-cluster-prod-blog-api',
}
const targetId = 'blog-cluster-prod:blog-api'

const state = () => aws.world.service(prod.cluster, prod.service)!
const codeDeployed = (wanted: WantedGroup = {}) => deployByCodeDeploy(aws.world, state(), wanted)

function revisionOf(number: number, change: { port?: number; hooks?: object[] } = {}) {
  const content = JSON.stringify({
    version: 0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: `arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:${number}`,
            LoadBalancerInfo: { ContainerName: 'api', ContainerPort: change.port ?? 8080 },
          },
        },
      },
    ],
    ...(change.hooks && { Hooks: change.hooks }),
  })
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { revisionType: 'AppSpecContent' as const, appSpecContent: { content, sha256 } }
}

async function create(number: number, change: Partial<CreateDeploymentCommandInput> = {}): Promise<string> {
  const { deploymentId } = await aws.codeDeploy.send(
    new CreateDeploymentCommand({ ...names, revision: revisionOf(number), ...change }),
  )
  return deploymentId!
}

async function infoOf(deploymentId: string) {
  return (await aws.codeDeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo!
}

async function targetOf(deploymentId: string) {
  const answer = await aws.codeDeploy.send(new GetDeploymentTargetCommand({ deploymentId, targetId }))
  return answer.deploymentTarget!.ecsTarget!
}

const is = (id: string, status: string) =>
  aws.until((world) => world.codeDeploy.deployment(id)!.status === status)

async function taskSets() {
  const { services } = await aws.ecs.send(
    new DescribeServicesCommand({ cluster: prod.cluster, services: [prod.service] }),
  )
  return services![0]!.taskSets!
}

test('a deployment creates a task set, shifts the traffic to it and drains the old one', async () => {
  codeDeployed({ terminationMinutes: 5 })
  const [before] = await taskSets()
  const id = await create(42, { description: 'by hand' })
  expect(id).toMatch(/^d-[A-Z0-9]{9}$/)
  await aws.until(() => state().deployments.length === 2)
  const during = await taskSets()
  expect(during.map(({ status, startedBy }) => [status, startedBy])).toEqual([
    ['PRIMARY', 'CODE_DEPLOY'],
    ['ACTIVE', 'CODE_DEPLOY'],
  ])
  expect(during[1]).toMatchObject({ externalId: id, computedDesiredCount: 2 })

  await aws.until((world) => world.codeDeploy.deployment(id)!.waitsSince !== undefined)
  expect(await infoOf(id)).toMatchObject({ status: 'InProgress', instanceTerminationWaitTimeStarted: true })
  expect((await taskSets()).map(({ status, externalId }) => [status, externalId])).toEqual([
    ['PRIMARY', id],
    ['ACTIVE', before!.externalId],
  ])

  await is(id, 'Succeeded')
  await aws.until(() => state().deployments.length === 1)
  expect(await taskSets()).toMatchObject([
    { status: 'PRIMARY', externalId: id, runningCount: 2, stabilityStatus: 'STEADY_STATE' },
  ])
  expect(await infoOf(id)).toMatchObject({
    creator: 'user',
    description: 'by hand',
    deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
    computePlatform: 'ECS',
    completeTime: expect.any(Date),
  })
})

test('answers about deployments have the hash of the AppSpec, and only the revision has its content', async () => {
  codeDeployed()
  const revision = revisionOf(42)
  const id = await create(42)
  const info = await infoOf(id)
  expect(info.revision).toEqual({
    revisionType: 'AppSpecContent',
    appSpecContent: { sha256: revision.appSpecContent.sha256 },
  })
  expect(info.previousRevision!.appSpecContent).toEqual({ sha256: expect.any(String) })
  const { deploymentsInfo } = await aws.codeDeploy.send(
    new BatchGetDeploymentsCommand({ deploymentIds: [id, 'd-ABSENT000'] }),
  )
  expect(deploymentsInfo!.map(({ deploymentId }) => deploymentId)).toEqual([id])
  expect(deploymentsInfo![0]!.revision!.appSpecContent).not.toHaveProperty('content')
  const { sha256 } = revision.appSpecContent
  const registered = await aws.codeDeploy.send(
    new GetApplicationRevisionCommand({
      applicationName: names.applicationName,
      revision: { revisionType: 'AppSpecContent', appSpecContent: { sha256 } },
    }),
  )
  expect(registered.revision!.appSpecContent!.content).toBe(revision.appSpecContent.content)
})

test('a canary shows its weights, and a linear shift its steps', async () => {
  codeDeployed({ config: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
  const id = await create(42)
  await aws.until((world) => world.codeDeploy.deployment(id)!.weight === 10)
  const target = await targetOf(id)
  expect(
    target.taskSetsInfo!.map(({ taskSetLabel, trafficWeight }) => [taskSetLabel, trafficWeight]),
  ).toEqual([
    ['Blue', 90],
    ['Green', 10],
  ])
  expect(target.taskSetsInfo![1]!.identifer).toBe((await taskSets())[1]!.id)
  expect(
    target.lifecycleEvents!.find(({ lifecycleEventName }) => lifecycleEventName === 'AllowTraffic'),
  ).toMatchObject({ status: 'InProgress' })
  await is(id, 'Succeeded')
  const { deploymentConfigInfo } = await aws.codeDeploy.send(
    new GetDeploymentConfigCommand({
      deploymentConfigName: 'CodeDeployDefault.ECSLinear10PercentEvery3Minutes',
    }),
  )
  expect(deploymentConfigInfo!.trafficRoutingConfig).toEqual({
    type: 'TimeBasedLinear',
    timeBasedLinear: { linearPercentage: 10, linearInterval: 3 },
  })
})

describe('the two waits', () => {
  test('a deployment waits as Ready until a person continues it, and finishes its termination wait at a request', async () => {
    aws.world.codeDeploy.minute = 60_000
    codeDeployed({ readyMinutes: 60, terminationMinutes: 60 })
    const id = await create(42)
    const finish = new ContinueDeploymentCommand({ deploymentId: id, deploymentWaitType: 'TERMINATION_WAIT' })
    const go = new ContinueDeploymentCommand({ deploymentId: id, deploymentWaitType: 'READY_WAIT' })
    await expect(aws.codeDeploy.send(go)).rejects.toMatchObject({
      name: 'DeploymentIsNotInReadyStateException',
    })
    await is(id, 'Ready')
    expect((await taskSets()).map(({ status }) => status)).toEqual(['PRIMARY', 'ACTIVE'])
    await expect(aws.codeDeploy.send(finish)).rejects.toMatchObject({
      name: 'InvalidDeploymentStatusException',
    })
    await aws.codeDeploy.send(go)
    await aws.until((world) => world.codeDeploy.deployment(id)!.waitsSince !== undefined)
    await aws.codeDeploy.send(finish)
    await is(id, 'Succeeded')
    await expect(aws.codeDeploy.send(finish)).rejects.toMatchObject({
      name: 'DeploymentAlreadyCompletedException',
    })
  })

  test('a deployment that nobody continues is stopped', async () => {
    codeDeployed({ readyMinutes: 1, autoRollback: { enabled: false, events: [] } })
    const id = await create(42)
    await is(id, 'Stopped')
    expect((await infoOf(id)).rollbackInfo).toBeUndefined()
    expect((await taskSets())[0]).toMatchObject({ taskDefinition: expect.stringMatching(/:43$/) })
  })
})

describe('a rollback', () => {
  const hooks = { AfterAllowTraffic: 'check' }
  const fails = { kind: 'hook-fails', event: 'AfterAllowTraffic', message: 'exited 1' } as const

  test('a failed hook ends the deployment, and a second deployment by CodeDeploy takes the traffic back', async () => {
    codeDeployed({ hooks, terminationMinutes: 5 })
    aws.world.codeDeploy.outcomes.next(fails)
    const id = await create(42, { revision: revisionOf(42, { hooks: [hooks] }) })
    await is(id, 'Failed')
    await aws.until((world) => world.codeDeploy.deployment(id)!.rollback !== undefined)
    const { errorInformation, rollbackInfo } = await infoOf(id)
    expect(errorInformation!.code).toBe('HOOK_EXECUTION_FAILURE')
    const event = (await targetOf(id)).lifecycleEvents!.find(({ status }) => status === 'Failed')
    expect(event).toMatchObject({
      lifecycleEventName: 'AfterAllowTraffic',
      diagnostics: { message: 'exited 1' },
    })
    const back = await infoOf(rollbackInfo!.rollbackDeploymentId!)
    expect(back).toMatchObject({
      creator: 'codeDeployRollback',
      status: 'Succeeded',
      rollbackInfo: { rollbackTriggeringDeploymentId: id },
    })
    expect((await taskSets())[0]).toMatchObject({ taskDefinition: expect.stringMatching(/:43$/) })
  })

  test('without automatic rollback the new task set keeps serving', async () => {
    codeDeployed({ hooks, autoRollback: { enabled: false, events: [] } })
    aws.world.codeDeploy.outcomes.next(fails)
    const id = await create(42, { revision: revisionOf(42, { hooks: [hooks] }) })
    await is(id, 'Failed')
    expect((await infoOf(id)).rollbackInfo).toBeUndefined()
    expect((await taskSets())[0]).toMatchObject({ externalId: id })
  })

  test('a stop rolls back at a request, and a firing alarm by itself', async () => {
    codeDeployed({ alarms: ['blog-5xx'], readyMinutes: 60 })
    aws.world.codeDeploy.minute = 60_000
    const id = await create(42)
    await is(id, 'Ready')
    const answer = await aws.codeDeploy.send(
      new StopDeploymentCommand({ deploymentId: id, autoRollbackEnabled: true }),
    )
    expect(answer.status).toBe('Pending')
    await aws.until((world) => world.codeDeploy.deployment(id)!.rollback?.status === 'Succeeded')
    expect(await infoOf(id)).toMatchObject({ status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } })

    aws.world.alarms.add('blog-5xx')
    const alarmed = await create(42)
    await is(alarmed, 'Stopped')
    expect(await infoOf(alarmed)).toMatchObject({ errorInformation: { code: 'ALARM_ACTIVE' } })
  })
})

describe('what is refused', () => {
  test('a second deployment of a group is refused while one is active', async () => {
    codeDeployed({ readyMinutes: 60 })
    const id = await create(42)
    await expect(create(41)).rejects.toMatchObject({
      name: 'DeploymentLimitExceededException',
      message: expect.stringContaining(`already has an active Deployment '${id}'`),
    })
  })

  test.each([
    [
      'a wrong hash',
      { revision: { ...revisionOf(42), appSpecContent: { content: '{}', sha256: 'ff' } } },
      'InvalidRevisionException',
    ],
    [
      'an AppSpec of another kind',
      {
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content: 'version: 0.0\nos: linux' } },
      },
      'InvalidRevisionException',
    ],
    ['a description of 257 characters', { description: 'x'.repeat(257) }, 'DescriptionTooLongException'],
    ['an unknown group', { deploymentGroupName: 'other' }, 'DeploymentGroupDoesNotExistException'],
    ['an unknown configuration', { deploymentConfigName: 'x' }, 'DeploymentConfigDoesNotExistException'],
  ] satisfies readonly (readonly [string, Partial<CreateDeploymentCommandInput>, string])[])(
    'CreateDeployment refuses %s',
    async (_, change, name) => {
      codeDeployed()
      await expect(create(42, change)).rejects.toMatchObject({ name })
    },
  )

  test('a deployment of a task definition without the port fails with the error of ECS', async () => {
    codeDeployed()
    const id = await create(42, { revision: revisionOf(42, { port: 9 }) })
    await is(id, 'Failed')
    expect((await infoOf(id)).errorInformation).toMatchObject({
      code: 'ECS_UPDATE_ERROR',
      message: expect.stringContaining('did not have a container port 9 defined'),
    })
  })

  test('ListDeployments needs both names or none, and filters by time and status', async () => {
    codeDeployed()
    const { deploymentGroupInfo } = await aws.codeDeploy.send(new GetDeploymentGroupCommand(names))
    expect(deploymentGroupInfo).toMatchObject({
      ecsServices: [{ clusterName: prod.cluster, serviceName: prod.service }],
      lastSuccessfulDeployment: { status: 'Succeeded' },
    })
    const listed = async (ask: object) =>
      (await aws.codeDeploy.send(new ListDeploymentsCommand({ ...names, ...ask }))).deployments!.length
    expect(await listed({})).toBe(3)
    expect(await listed({ includeOnlyStatuses: ['Ready'] })).toBe(0)
    expect(await listed({ createTimeRange: { start: new Date() } })).toBe(0)
    await expect(
      aws.codeDeploy.send(new ListDeploymentsCommand({ applicationName: names.applicationName })),
    ).rejects.toMatchObject({ name: 'DeploymentGroupNameRequiredException' })
  })

  test('UpdateService refuses a task definition in the words of ECS', async () => {
    codeDeployed()
    await expect(
      aws.ecs.send(new UpdateServiceCommand({ ...prod, taskDefinition: 'blog-api:42' })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message:
        'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
    })
  })
})

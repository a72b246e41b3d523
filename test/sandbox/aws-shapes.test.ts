import {
  ContinueServiceDeploymentCommand,
  type DeploymentLifecycleHook,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  paginateListTaskDefinitions,
  paginateListTasks,
  RunTaskCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, newestRollout, prod, registerNew, startForTest } from './aws-clients.ts'

let aws: Aws

beforeEach(async () => {
  aws = await startForTest()
})

const dev = { cluster: 'blog-cluster-dev', service: 'blog-api' } as const
const state = () => aws.world.service(prod.cluster, prod.service)!

async function serviceOf({ cluster, service }: { readonly cluster: string; readonly service: string }) {
  const { services } = await aws.ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))
  return services![0]!
}

/** Starts a deployment with this hook. */
async function deploy(...lifecycleHooks: readonly DeploymentLifecycleHook[]): Promise<void> {
  await aws.ecs.send(
    new UpdateServiceCommand({
      ...prod,
      taskDefinition: await registerNew(aws),
      deploymentConfiguration: { lifecycleHooks: [...lifecycleHooks] },
    }),
  )
}

describe('pages', () => {
  test('AWS lists return limited pages, which together contain everything', async () => {
    aws.world.mostOfPage = 1
    const { ecs: client } = aws
    const count = async (pages: AsyncIterable<object>) => {
      let all = 0
      for await (const _ of pages) all += 1
      return all
    }
    const listed: unknown[] = []
    let nextToken: string | undefined
    do {
      const page = await client.send(
        new ListServiceDeploymentsCommand({ ...prod, maxResults: 100, nextToken }),
      )
      expect(page.serviceDeployments).toHaveLength(1)
      listed.push(...page.serviceDeployments!)
      nextToken = page.nextToken
    } while (nextToken !== undefined)
    expect(listed).toHaveLength(3)
    expect(await count(paginateListTasks({ client, pageSize: 100 }, { cluster: prod.cluster }))).toBe(2)
    expect(await count(paginateListTaskDefinitions({ client }, { familyPrefix: 'blog-api' }))).toBe(3)
  })
})

describe('a capacity provider strategy', () => {
  const spot = { capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }

  test('a capacity provider strategy replaces the launch type of service, deployment and revision; tasks name their provider', async () => {
    const service = await serviceOf(dev)
    const { serviceRevisions } = await aws.ecs.send(
      new DescribeServiceRevisionsCommand({
        serviceRevisionArns: [service.currentServiceRevisions![0]!.arn!],
      }),
    )
    for (const shown of [service, service.deployments![0]!, serviceRevisions![0]!]) {
      expect(shown.capacityProviderStrategy).toContainEqual(spot)
      expect(shown).not.toHaveProperty('launchType')
    }
    const { taskArns } = await aws.ecs.send(new ListTasksCommand({ cluster: dev.cluster }))
    const { tasks } = await aws.ecs.send(new DescribeTasksCommand({ cluster: dev.cluster, tasks: taskArns! }))
    expect(tasks![0]).toMatchObject({ capacityProviderName: 'FARGATE_SPOT', launchType: 'FARGATE' })
  })

  test('a service with a launch type has no capacity provider strategy', async () => {
    const service = await serviceOf(prod)
    expect(service.launchType).toBe('FARGATE')
    expect(service).not.toHaveProperty('capacityProviderStrategy')
  })

  test('an update of only the capacity provider strategy starts no deployment', async () => {
    await aws.ecs.send(new UpdateServiceCommand({ ...prod, capacityProviderStrategy: [spot] }))
    expect((await serviceOf(prod)).capacityProviderStrategy).toEqual([spot])
    expect(state().rollouts).toHaveLength(3)
  })

  test('RunTask accepts a capacity provider strategy, but not together with a launch type', async () => {
    const run = {
      cluster: prod.cluster,
      taskDefinition: 'blog-api-migrate',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0a1b2c3d'] } },
      capacityProviderStrategy: [spot],
    }
    const { tasks } = await aws.ecs.send(new RunTaskCommand(run))
    expect(tasks![0]).toMatchObject({ capacityProviderName: 'FARGATE_SPOT' })
    await expect(aws.ecs.send(new RunTaskCommand({ ...run, launchType: 'FARGATE' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })
})

describe('a service that another tool deploys', () => {
  beforeEach(() => {
    state().controller = 'CODE_DEPLOY'
  })

  test('a service with another deployment controller has task sets and no deployments', async () => {
    const service = await serviceOf(prod)
    expect(service).toMatchObject({
      deploymentController: { type: 'CODE_DEPLOY' },
      deployments: [],
      taskSets: [
        {
          status: 'PRIMARY',
          startedBy: 'CODE_DEPLOY',
          taskDefinition: expect.stringMatching(/blog-api:43$/),
          computedDesiredCount: 2,
          runningCount: 2,
          scale: { value: 100, unit: 'PERCENT' },
          stabilityStatus: 'STEADY_STATE',
        },
      ],
    })
    expect(service).not.toHaveProperty('currentServiceDeployment')
    const { serviceDeployments } = await aws.ecs.send(new ListServiceDeploymentsCommand(prod))
    expect(serviceDeployments).toEqual([])
  })

  test('a service with another deployment controller refuses a task definition in UpdateService', async () => {
    const update = new UpdateServiceCommand({ ...prod, taskDefinition: await registerNew(aws) })
    await expect(aws.ecs.send(update)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  })
})

describe('a pause hook', () => {
  const pause = (stage: 'PRE_SCALE_UP' | 'POST_SCALE_UP', minutes?: number): DeploymentLifecycleHook => ({
    targetType: 'PAUSE',
    lifecycleStages: [stage],
    ...(minutes !== undefined && { timeoutConfiguration: { timeoutInMinutes: minutes, action: 'ROLLBACK' } }),
  })
  const waits = () =>
    aws.until(() => state().rollouts[0]!.hooks.some(({ status }) => status === 'AWAITING_ACTION'))
  const ends = (status: string) => aws.until(() => state().rollouts[0]!.status === status)

  test.each([
    ['PRE_SCALE_UP', 0],
    ['POST_SCALE_UP', 2],
  ] as const)('a hook at %s pauses the deployment until it is continued', async (stage, running) => {
    await deploy(pause(stage))
    await waits()
    const held = await newestRollout(aws)
    expect(held).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: stage,
      lifecycleHookDetails: [{ targetType: 'PAUSE', status: 'AWAITING_ACTION', timeoutAction: 'ROLLBACK' }],
      targetServiceRevision: { runningTaskCount: running },
    })
    const [hook] = held.lifecycleHookDetails!
    expect(hook!.expiresAt!.getTime() - held.createdAt!.getTime()).toBeGreaterThanOrEqual(86_400_000)
    const { serviceDeploymentArn } = held
    const act = { serviceDeploymentArn, hookId: hook!.hookId }
    await aws.ecs.send(new ContinueServiceDeploymentCommand(act))
    await ends('SUCCESSFUL')
    expect((await newestRollout(aws)).lifecycleHookDetails).toMatchObject([{ status: 'SUCCEEDED' }])
    await expect(aws.ecs.send(new ContinueServiceDeploymentCommand(act))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  test('a paused deployment can be rolled back by a person', async () => {
    await deploy(pause('POST_SCALE_UP'))
    await waits()
    const { serviceDeploymentArn, lifecycleHookDetails } = await newestRollout(aws)
    const { hookId } = lifecycleHookDetails![0]!
    await aws.ecs.send(
      new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'ROLLBACK' }),
    )
    await ends('ROLLBACK_SUCCESSFUL')
    expect((await serviceOf(prod)).taskDefinition).toMatch(/blog-api:43$/)
  })

  test('a paused deployment is rolled back when its hook times out', async () => {
    await deploy(pause('PRE_SCALE_UP', 1))
    await waits()
    Object.assign(state().rollouts[0]!.hooks[0]!, { expiresAt: Date.now() })
    await ends('ROLLBACK_SUCCESSFUL')
    expect((await newestRollout(aws)).lifecycleHookDetails).toMatchObject([{ status: 'TIMED_OUT' }])
  })

  test('a rolling deployment has no hooks at the stages of traffic', async () => {
    const hook = { targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] } as const
    await expect(deploy({ ...hook, lifecycleStages: [...hook.lifecycleStages] })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })
})

test('a deployment without hooks shows none, and a stopped one shows when it was stopped', async () => {
  // It cannot end before it is stopped.
  aws.world.rollouts.next({ kind: 'unplaced' })
  await aws.ecs.send(new UpdateServiceCommand({ ...prod, taskDefinition: await registerNew(aws) }))
  const { serviceDeploymentArn, ...shown } = await newestRollout(aws)
  expect(shown).not.toHaveProperty('lifecycleHookDetails')
  expect(shown).not.toHaveProperty('stoppedAt')
  await aws.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }))
  expect((await newestRollout(aws)).stoppedAt).toBeInstanceOf(Date)
})

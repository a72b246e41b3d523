import {
  ContinueServiceDeploymentCommand,
  type DeploymentConfiguration,
  type DeploymentLifecycleHook,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, newestRollout, prod, registerNew, startForTest } from './aws-clients.ts'

let aws: Aws

beforeEach(async () => {
  aws = await startForTest()
})

const state = () => aws.world.service(prod.cluster, prod.service)!
const rollout = () => state().rollouts[0]!

/** Deploys a new revision with this strategy, like the workflow of a service that has it. */
async function deploy(deploymentConfiguration: DeploymentConfiguration): Promise<void> {
  const taskDefinition = await registerNew(aws)
  await aws.ecs.send(new UpdateServiceCommand({ ...prod, taskDefinition, deploymentConfiguration }))
}

const reaches = (stage: string) =>
  aws.until(() => rollout().status === 'IN_PROGRESS' && rollout().lifecycleStage === stage)
const ends = (status: string) => aws.until(() => rollout().status === status)
/** As if the time of this step were over. */
const timePasses = () => {
  rollout().stepUntil = Date.now()
}

const pauseAt = (stage: NonNullable<DeploymentLifecycleHook['lifecycleStages']>[number]) =>
  ({ targetType: 'PAUSE', lifecycleStages: [stage] }) satisfies DeploymentLifecycleHook
const check = {
  hookTargetArn: 'arn:aws:lambda:ap-northeast-2:123456789012:function:smoke-test',
  roleArn: 'arn:aws:iam::123456789012:role/hooks',
}

describe('a deployment that shifts traffic', () => {
  test('blue/green runs both revisions, shifts all traffic at once, bakes and cleans up', async () => {
    await deploy({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 })
    await reaches('BAKE_TIME')
    const baking = await newestRollout(aws)
    expect(baking.targetServiceRevision).toMatchObject({
      requestedTaskCount: 2,
      runningTaskCount: 2,
      requestedProductionTrafficWeight: 100,
      requestedTestTrafficWeight: 0,
    })
    expect(baking.sourceServiceRevisions).toMatchObject([
      { runningTaskCount: 2, requestedProductionTrafficWeight: 0 },
    ])
    timePasses()
    await ends('SUCCESSFUL')
    expect(state().tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING')).toHaveLength(2)
  })

  test('canary serves its share first, and the rest after its bake time', async () => {
    await deploy({
      strategy: 'CANARY',
      bakeTimeInMinutes: 0,
      canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 10 },
    })
    await reaches('PRODUCTION_TRAFFIC_SHIFT')
    expect(await newestRollout(aws)).toMatchObject({
      targetServiceRevision: { requestedProductionTrafficWeight: 12.5 },
      sourceServiceRevisions: [{ requestedProductionTrafficWeight: 87.5 }],
      deploymentCircuitBreaker: { status: 'DISABLED' },
    })
    timePasses()
    await ends('SUCCESSFUL')
    expect(await newestRollout(aws)).toMatchObject({
      targetServiceRevision: { requestedProductionTrafficWeight: 100 },
    })
  })

  test('linear shifts in equal steps, with a hook before each', async () => {
    await deploy({
      strategy: 'LINEAR',
      linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 0 },
      lifecycleHooks: [pauseAt('PRE_PRODUCTION_TRAFFIC_SHIFT')],
    })
    const weights: unknown[] = []
    for (const paused of [1, 2, 3]) {
      await aws.until(() => rollout().hooks.filter(({ status }) => status === 'AWAITING_ACTION').length === 1)
      const { targetServiceRevision, lifecycleHookDetails, serviceDeploymentArn } = await newestRollout(aws)
      weights.push(targetServiceRevision!.requestedProductionTrafficWeight)
      expect(lifecycleHookDetails).toHaveLength(paused)
      const { hookId } = lifecycleHookDetails!.at(-1)!
      await aws.ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId }))
    }
    await ends('SUCCESSFUL')
    expect(weights).toEqual([0, 40, 80])
  })

  test('a rollback takes all traffic back, and stops the new tasks', async () => {
    await deploy({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 })
    await reaches('BAKE_TIME')
    const { serviceDeploymentArn } = await newestRollout(aws)
    await aws.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }))
    await ends('ROLLBACK_SUCCESSFUL')
    expect(await newestRollout(aws)).toMatchObject({
      targetServiceRevision: { requestedProductionTrafficWeight: 0 },
    })
    expect(state().taskDefinition.revision).toBe(43)
    const running = state().tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
    expect(running.map(({ taskDefinition }) => taskDefinition.revision)).toEqual([43, 43])
  })

  test('an alarm that fires while it bakes rolls it back', async () => {
    await deploy({
      strategy: 'BLUE_GREEN',
      bakeTimeInMinutes: 10,
      alarms: { alarmNames: ['5xx'], enable: true, rollback: true },
    })
    await reaches('BAKE_TIME')
    aws.world.alarms.add('5xx')
    await ends('ROLLBACK_SUCCESSFUL')
    expect((await newestRollout(aws)).alarms).toMatchObject({
      status: 'TRIGGERED',
      triggeredAlarmNames: ['5xx'],
    })
  })
})

describe('a hook of Lambda', () => {
  const withCheck: DeploymentConfiguration = {
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 0,
    lifecycleHooks: [{ ...check, lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }],
  }

  test('the hook is shown with its function, and lets the deployment pass', async () => {
    await deploy(withCheck)
    await ends('SUCCESSFUL')
    expect((await newestRollout(aws)).lifecycleHookDetails).toMatchObject([
      { targetType: 'AWS_LAMBDA', targetArn: check.hookTargetArn, status: 'SUCCEEDED' },
    ])
  })

  test('a failed hook rolls the deployment back', async () => {
    aws.world.functions.set(check.hookTargetArn, 'fails')
    await deploy(withCheck)
    await ends('ROLLBACK_SUCCESSFUL')
    const { lifecycleHookDetails, statusReason } = await newestRollout(aws)
    expect(lifecycleHookDetails).toMatchObject([{ status: 'FAILED' }])
    expect(statusReason).toContain('hook')
    expect(
      state()
        .events.map(({ message }) => message)
        .join(),
    ).toContain('hook execution failure(s) detected')
  })

  test('a hook that does not answer in time rolls the deployment back', async () => {
    aws.world.functions.set(check.hookTargetArn, 'runs')
    await deploy(withCheck)
    await aws.until(() => rollout().hooks.length > 0)
    Object.assign(rollout().hooks[0]!, { expiresAt: Date.now() })
    await ends('ROLLBACK_SUCCESSFUL')
    expect((await newestRollout(aws)).lifecycleHookDetails).toMatchObject([{ status: 'TIMED_OUT' }])
  })
})

test.each<[string, DeploymentConfiguration]>([
  ['blue/green without a bake time', { strategy: 'BLUE_GREEN' }],
  ['a canary configuration of a linear deployment', { strategy: 'LINEAR', canaryConfiguration: {} }],
  ['a linear configuration of a canary', { strategy: 'CANARY', linearConfiguration: {} }],
  ['a canary of 0 percent', { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0 } }],
  ['a linear step of 2 percent', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2 } }],
  ['a percent with two decimals', { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 5.25 } }],
  ['a bake time of more than a day', { strategy: 'CANARY', bakeTimeInMinutes: 1_441 }],
  [
    'a pause while traffic shifts',
    { strategy: 'CANARY', lifecycleHooks: [pauseAt('PRODUCTION_TRAFFIC_SHIFT')] },
  ],
  ['a Lambda hook without a function', { lifecycleHooks: [{ lifecycleStages: ['PRE_SCALE_UP'] }] }],
])('%s is refused', async (_, configuration) => {
  await expect(deploy(configuration)).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

test('a service whose load balancer has no alternate target group cannot shift traffic', async () => {
  state().loadBalancers = state().loadBalancers.map(({ advancedConfiguration: _, ...rest }) => rest)
  await expect(deploy({ strategy: 'CANARY' })).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

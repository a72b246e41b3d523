import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { describe, expect } from 'vitest'
import { configText, type Harness, scenario } from './harness.ts'

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const
const state = ({ sandbox }: Harness) => sandbox.aws.world.service(prod.cluster, prod.service)!
const rollout = (harness: Harness) => state(harness).rollouts[0]!
const sent = ({ sandbox }: Harness, operation: string) => sandbox.aws.log.of(operation)

/** From now on prod is deployed with this strategy. */
const deploysBy = ({ ecs }: Harness, deploymentConfiguration: DeploymentConfiguration) =>
  ecs.updateService({ ...prod, deploymentConfiguration })

const reaches = (harness: Harness, stage: string) =>
  harness.sandbox.aws.until(
    () => rollout(harness).status === 'IN_PROGRESS' && rollout(harness).lifecycleStage === stage,
  )

/** As if the time of this stage were over. */
const timePasses = (harness: Harness) => {
  rollout(harness).stepUntil = Date.now()
}

/** A canary of 10 percent that a person has to continue before all traffic follows. */
const canary: DeploymentConfiguration = {
  strategy: 'CANARY',
  bakeTimeInMinutes: 0,
  canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 0 },
  lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_PRODUCTION_TRAFFIC_SHIFT'] }],
}

/** The same, paused before each shift. */
const stepwise: DeploymentConfiguration = {
  ...canary,
  lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'] }],
}

const smokeTest = 'arn:aws:lambda:ap-northeast-2:123456789012:function:smoke-test'

/** Waits until the newest card contains these words. */
const says = (harness: Harness, words: RegExp) =>
  harness.sandbox.slack.until(() => words.test(harness.cards().at(-1)?.text ?? '') || undefined)

describe.concurrent('a canary in people’s hands', () => {
  scenario(
    'a pause is continued from the card by as many people as approve a release',
    async ({ harness }) => {
      await deploysBy(harness, stepwise)
      await harness.approved()
      await harness.shows('paused')
      await says(
        harness,
        /0 % of production traffic on blog-api:.?44, 100 % on blog-api:.?43; 100 % of test traffic on blog-api:.?44\. ECS rolls it back .* unless somebody continues it/,
      )
      await says(harness, /it needs 2 approvals/)
      await harness.clicks('U0ANA', 'continue')
      await harness.ephemeral('U0ANA', /you are not an approver of prod/)
      await harness.clicks('U0BEN', 'continue')
      await says(harness, /Approvals to continue\W* 1 of 2/)
      await harness.clicks('U0CHLOE', 'continue')
      await says(harness, /10 % of production traffic on blog-api:.?44, 90 % on blog-api:.?43/)
      await says(harness, /it needs 2 approvals/)
      expect(sent(harness, 'ContinueServiceDeployment')).toHaveLength(1)
      await harness.clicks('U0BEN', 'continue')
      await says(harness, /1 of 2/)
      await harness.clicks('U0CHLOE', 'continue')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
      expect(sent(harness, 'ContinueServiceDeployment').map(({ body }) => body)).toMatchObject([
        { action: 'CONTINUE' },
        { action: 'CONTINUE' },
      ])
    },
  )

  scenario('a paused canary is rolled back by one click of the requester', async ({ harness }) => {
    await deploysBy(harness, canary)
    await harness.approved()
    await harness.shows('paused')
    await harness.clicks('U0ELI', 'stop-rollout')
    await harness.ephemeral('U0ELI', /only the requester and the approvers/)
    await harness.clicks('U0ANA', 'stop-rollout')
    expect(await harness.ends()).toBe('rolled back')
    expect(harness.serving()).toBe('blog-api:43')
    expect(sent(harness, 'ContinueServiceDeployment').map(({ body }) => body)).toMatchObject([
      { action: 'ROLLBACK' },
    ])
  })

  scenario('the approvals to continue survive a restart', async ({ harness }) => {
    await deploysBy(harness, canary)
    await harness.approved()
    await harness.shows('paused')
    await harness.clicks('U0BEN', 'continue')
    await says(harness, /1 of 2/)
    await harness.restarts()
    await harness.clicks('U0CHLOE', 'continue')
    expect(await harness.ends()).toBe('succeeded')
    expect(sent(harness, 'ContinueServiceDeployment')).toHaveLength(1)
  })

  scenario('the thread says that ECS does not let twokey continue it', async ({ harness }) => {
    await deploysBy(harness, canary)
    harness.sandbox.aws.world.deny('ecs:ContinueServiceDeployment')
    await harness.approved()
    await harness.shows('paused')
    await harness.clicks('U0BEN', 'continue')
    await says(harness, /1 of 2/)
    await harness.clicks('U0CHLOE', 'continue')
    await harness.threadPost(/was not continued: AWS refused .*is not authorized/)
    await says(harness, /it needs 2 approvals/)
  })
})

describe.concurrent('a strategy of ECS is followed to its end', () => {
  scenario('blue/green bakes, and ends once the bake time is over', async ({ harness }) => {
    await deploysBy(harness, { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 30 })
    await harness.approved()
    await reaches(harness, 'BAKE_TIME')
    await harness.shows('baking')
    await says(harness, /blue\/green, 100 % of production traffic · bakes until .* at the latest/)
    timePasses(harness)
    expect(await harness.ends()).toBe('succeeded')
  })

  scenario('blue/green is rolled back from the card while it bakes', async ({ harness }) => {
    await deploysBy(harness, { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 30 })
    await harness.approved()
    await reaches(harness, 'BAKE_TIME')
    await harness.shows('baking')
    await harness.clicks('U0CHLOE', 'stop-rollout')
    expect(await harness.ends()).toBe('rolled back')
    expect(harness.serving()).toBe('blog-api:43')
    expect(sent(harness, 'StopServiceDeployment').map(({ body }) => body)).toMatchObject([
      { stopType: 'ROLLBACK' },
    ])
  })

  scenario('linear shows its share of traffic at each step', async ({ harness }) => {
    await deploysBy(harness, {
      strategy: 'LINEAR',
      bakeTimeInMinutes: 0,
      linearConfiguration: { stepPercent: 30, stepBakeTimeInMinutes: 10 },
    })
    await harness.approved()
    for (const share of [30, 60, 90]) {
      await says(harness, new RegExp(`linear, ${share} % of production traffic · next step by`))
      timePasses(harness)
    }
    expect(await harness.ends()).toBe('succeeded')
  })

  scenario('a failed lifecycle hook is named as the cause of the rollback', async ({ harness }) => {
    harness.sandbox.aws.world.functions.set(smokeTest, 'fails')
    await deploysBy(harness, {
      strategy: 'BLUE_GREEN',
      bakeTimeInMinutes: 0,
      lifecycleHooks: [
        {
          hookTargetArn: smokeTest,
          roleArn: 'arn:aws:iam::123456789012:role/hooks',
          lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
        },
      ],
    })
    await harness.approved()
    expect(await harness.ends()).toBe('rolled back')
    await harness.threadPost(/the lifecycle hook smoke-test failed/)
  })

  scenario('an alarm that fires in the bake time is named as the cause', async ({ harness }) => {
    await deploysBy(harness, {
      strategy: 'CANARY',
      bakeTimeInMinutes: 30,
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 0 },
      alarms: { alarmNames: ['blog-5xx'], enable: true, rollback: true },
    })
    await harness.approved()
    await harness.shows('baking')
    harness.sandbox.aws.world.alarms.add('blog-5xx')
    expect(await harness.ends()).toBe('rolled back')
    await harness.threadPost(/CloudWatch alarm \(blog-5xx\)/)
  })

  scenario(
    'a rollback on a canary service pauses, too, and is continued by its approvals',
    async ({ harness }) => {
      await deploysBy(harness, canary)
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('paused')
      await harness.clicks('U0BEN', 'continue')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:42')
    },
  )
})

describe.concurrent('`pause.approvals`', () => {
  scenario.override({
    config: configText.replace(
      '    rollback: {',
      '    pause: { approvals: { required: 1 } }\n    rollback: {',
    ),
  })

  scenario('lets fewer people continue a rollout than approve it', async ({ harness }) => {
    await deploysBy(harness, canary)
    await harness.approved()
    await harness.shows('paused')
    await harness.clicks('U0CHLOE', 'continue')
    expect(await harness.ends()).toBe('succeeded')
  })
})

import { describe, expect } from 'vitest'
import { type Harness, scenario } from './harness.ts'

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const
const state = ({ sandbox }: Harness) => sandbox.aws.world.service(prod.cluster, prod.service)!
const newest = (harness: Harness) => state(harness).rollouts[0]!

/** Deployments of prod pause before they are complete. */
const pauses = ({ ecs }: Harness) =>
  ecs.updateService({
    ...prod,
    deploymentConfiguration: {
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }],
    },
  })

/** The person's decision about the pause, in ECS. */
async function acts(harness: Harness, action: 'CONTINUE' | 'ROLLBACK'): Promise<void> {
  const { arn, hooks } = newest(harness)
  await harness.ecs.continueServiceDeployment({ serviceDeploymentArn: arn, hookId: hooks[0]!.id, action })
}

describe.concurrent('a service whose deployments pause for a person', () => {
  scenario.for([
    ['continued', 'CONTINUE', 'succeeded', 'blog-api:44'],
    ['rolled back', 'ROLLBACK', 'rolled back', 'blog-api:43'],
  ] as const)(
    'says that the rollout waits for a person, and ends once it is %s in ECS',
    async ([, action, end, serving], { harness }) => {
      await pauses(harness)
      await harness.approved()
      await harness.shows('paused')
      await acts(harness, action)
      expect(await harness.ends()).toBe(end)
      expect(harness.serving()).toBe(serving)
    },
  )
})

describe.concurrent('an AWS with small pages', () => {
  scenario(
    'follows a deploy, and finds for a rollback what ran long ago, over many small pages',
    async ({ harness }) => {
      harness.sandbox.aws.world.mostOfPage = 1
      await harness.approved()
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
      await harness.types('U0ANA', '/rollback blog-api 41')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:41')
    },
  )
})

describe.concurrent('a service on a capacity provider strategy', () => {
  scenario('deploys a service with a capacity provider strategy as any other', async ({ harness }) => {
    state(harness).capacity = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }]
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(state(harness).tasks.map(({ capacityProvider }) => capacityProvider)).toContain('FARGATE_SPOT')
  })
})

describe.concurrent('a service that another tool deploys', () => {
  scenario(
    'refuses a deploy and a rollback of a service with the deployment controller EXTERNAL, and status says why',
    async ({ harness }) => {
      state(harness).controller = 'EXTERNAL'
      for (const line of ['/deploy prod', '/rollback blog-api 42'])
        expect(await harness.answerTo('U0ANA', line)).toMatch(/another tool deploys it.*controller_external/)
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).toContain(
        'deployment controller EXTERNAL',
      )
      expect(harness.cards()).toEqual([])
    },
  )
})

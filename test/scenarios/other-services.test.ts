import { describe, expect } from 'vitest'
import { story, type Town } from './harness.ts'

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const
const state = ({ sandbox }: Town) => sandbox.aws.world.service(prod.cluster, prod.service)!
const newest = (town: Town) => state(town).rollouts[0]!

/** Deployments of prod pause before they are over. */
const pauses = ({ ecs }: Town) =>
  ecs.updateService({
    ...prod,
    deploymentConfiguration: {
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }],
    },
  })

/** What a person does about it in ECS. */
async function acts(town: Town, action: 'CONTINUE' | 'ROLLBACK'): Promise<void> {
  const { arn, hooks } = newest(town)
  await town.ecs.continueServiceDeployment({ serviceDeploymentArn: arn, hookId: hooks[0]!.id, action })
}

describe.concurrent('a service whose deployments pause for a person', () => {
  story.for([
    ['continued', 'CONTINUE', 'succeeded', 'blog-api:44'],
    ['taken back', 'ROLLBACK', 'rolled back', 'blog-api:43'],
  ] as const)(
    'the card says that it waits, and %s in ECS it ends',
    async ([, action, end, serving], { town }) => {
      await pauses(town)
      await town.approved()
      await town.shows('paused')
      await acts(town, action)
      expect(await town.ends()).toBe(end)
      expect(town.serving()).toBe(serving)
    },
  )
})

describe.concurrent('an AWS that puts little on a page', () => {
  story('a deploy is followed, and a rollback finds what ran long ago', async ({ town }) => {
    town.sandbox.aws.world.mostOfPage = 1
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    expect(town.serving()).toBe('blog-api:44')
    await town.says('U0ANA', '/rollback blog-api 41')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    expect(await town.ends()).toBe('succeeded')
    expect(town.serving()).toBe('blog-api:41')
  })
})

describe.concurrent('a service on a capacity provider strategy', () => {
  story('is deployed as any other', async ({ town }) => {
    state(town).capacity = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }]
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    expect(state(town).tasks.map(({ capacityProvider }) => capacityProvider)).toContain('FARGATE_SPOT')
  })
})

describe.concurrent('a service that another tool deploys', () => {
  story.for(['CODE_DEPLOY', 'EXTERNAL'] as const)(
    '%s: a deploy and a rollback are refused before anyone is asked, and status says why',
    async (controller, { town }) => {
      state(town).controller = controller
      for (const line of ['/deploy prod', '/rollback blog-api 42', '/deploy status prod'])
        expect(await town.asks('U0ANA', line)).toContain(`is deployed by ${controller}`)
      expect(town.cards()).toEqual([])
    },
  )
})

import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { describe, expect } from 'vitest'
import { addService } from '../../src/sandbox/aws/seed-world.ts'
import { deployPath, deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'
import { registry, revisions, services } from '../../src/sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { configText, stateOf, story, type Town } from './harness.ts'

const { cluster, service } = services.prod
const digest = /sha256:[0-9a-f]{12}/

/** Somebody pushes the tag of this revision's image again. */
function pushAgain(town: Town, number = 42): void {
  const { sha } = revisions.find(({ revision }) => revision === number)!
  town.sandbox.aws.world.retag(`${registry}:${sha}`)
}

/** The revision of prod, registered again with these containers and tags, and rolled out by hand. */
async function rolledOutByHand(
  town: Town,
  change: (containers: ContainerDefinition[]) => ContainerDefinition[],
  tags: { key: string; value: string }[] = [],
): Promise<void> {
  const { aws } = town.sandbox
  const { taskDefinition } = await town.ecs.describeTaskDefinition({ taskDefinition: town.serving() })
  const containerDefinitions = change(taskDefinition!.containerDefinitions!)
  for (const { image } of containerDefinitions) aws.world.images.add(image!)
  const registered = await town.ecs.registerTaskDefinition({
    ...taskDefinition,
    family: 'blog-api',
    containerDefinitions,
    ...(tags.length > 0 && { tags }),
  })
  const arn = registered.taskDefinition!.taskDefinitionArn!
  await town.ecs.updateService({ cluster, service, taskDefinition: arn })
  await aws.until((world) => {
    const newest = world.service(cluster, service)?.rollouts[0]
    return newest?.status === 'SUCCESSFUL' && newest.target.taskDefinition.taskDefinitionArn === arn
  })
}

const ofImage = (image: string) => (containers: ContainerDefinition[]) =>
  containers.map((container) => ({ ...container, image }))

/** Both branches carry this workflow; nothing starts by that. */
function put(town: Town, text: string): void {
  const dispatched = text.replace(/ {2}push:\n.*\n/, '')
  for (const branch of ['develop', 'main'])
    town.sandbox.github.world.push(branch, { message: 'Change CI', files: { [deployPath]: dispatched } })
}

/** Lets the newest run go on from where it was held. */
function letGo({ sandbox: { github } }: Town): void {
  github.world.letGo(github.world.repository().runs.at(-1)!.id)
}

describe.concurrent('a rollback whose image tag was pushed again after the request', () => {
  story(
    'ends failed in the channel, with both digests; Roll back leads to what served before',
    async ({ town }) => {
      await town.says('U0ANA', '/rollback blog-api 42')
      const asked = await town.shows('awaiting approval')
      const [approved] = digest.exec(JSON.stringify(asked.blocks)) ?? []
      pushAgain(town)
      await town.presses('U0BEN', 'approve')
      const card = await town.shows('failed')
      const digests = card.text.match(new RegExp(digest, 'g')) ?? []
      expect(digests).toContain(approved)
      expect(new Set(digests).size).toBe(2)
      const end = await town.tells(/is not what was approved/)
      expect(end.broadcast).toBe(true)
      for (const id of ['U0ANA', 'S0ONCALL', 'S0DEPLOYERS']) expect(end.text).toContain(id)
      const rows = await auditOf(town.folder)
      expect(rows.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
        outcome: 'failed',
        rollouts: [
          { images: [{ container: 'api', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) }] },
        ],
      })
      await town.presses('U0CHLOE', 'roll-back', card)
      await town.sandbox.slack.until(() => town.cards().length === 2)
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await town.shows('succeeded')
      expect(town.serving()).toBe('blog-api:43')
    },
  )

  story(
    'is told while ECS is still at work on it, blocks deploys until then, and is gone back from by its Roll back',
    async ({ town }) => {
      const prod = town.sandbox.aws.world.service(cluster, service)!
      prod.configuration = {
        ...prod.configuration,
        deploymentCircuitBreaker: { enable: false, rollback: false },
      }
      town.sandbox.aws.world.unhealthy('next')
      await town.says('U0ANA', '/rollback blog-api 42')
      await town.shows('awaiting approval')
      pushAgain(town)
      await town.presses('U0BEN', 'approve')
      const post = await town.tells(/is not what was approved/)
      expect(post.broadcast).toBe(true)
      for (const id of ['U0ANA', 'S0ONCALL', 'S0DEPLOYERS']) expect(post.text).toContain(id)
      expect(stateOf(town.cards()[0]!)).toMatch(/^rolling out/)
      expect(await town.asks('U0ELI', '/deploy prod')).toContain('in_flight')
      await town.presses('U0CHLOE', 'roll-back', town.cards()[0]!)
      await town.sandbox.slack.until(() => town.cards().length === 2)
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await town.shows('succeeded')
      expect(town.serving()).toBe('blog-api:43')
      await town.sandbox.slack.until(() => stateOf(town.cards()[0]!).startsWith('failed'))
      await town.says('U0ELI', '/deploy prod')
      await town.shows('awaiting approval')
    },
  )

  story('by somebody who may not ask, Roll back is refused', async ({ town }) => {
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    pushAgain(town)
    await town.presses('U0BEN', 'approve')
    const card = await town.shows('failed')
    await town.presses('U0GUS', 'roll-back', card)
    await town.whispers('U0GUS', /guest/)
    expect(town.cards()).toHaveLength(1)
  })

  story('is succeeded where ECS reports no digest in the end, and says so', async ({ town }) => {
    const definition = town.sandbox.aws.world.taskDefinitions.find(
      ({ family, revision }) => family === 'blog-api' && revision === 42,
    )!
    Object.assign(definition.containerDefinitions![0]!, { versionConsistency: 'disabled' })
    await town.says('U0ANA', '/rollback blog-api 42')
    const asked = await town.shows('awaiting approval')
    expect(JSON.stringify(asked.blocks)).toMatch(digest)
    await town.presses('U0BEN', 'approve')
    const card = await town.shows('succeeded')
    expect(card.text).toContain('ECS does not report an image digest for api')
  })
})

describe.concurrent('a deploy whose success is not its own', () => {
  story(
    'somebody else’s image takes over with the release’s tag: unknown, never succeeded',
    async ({ town }) => {
      put(town, deployWorkflow().replace(/RELEASE_ID: .*/, 'RELEASE_ID: ""'))
      town.sandbox.github.world.next = { holdAt: 'Smoke test' }
      await town.approved()
      await town.sandbox.aws.until(
        (world) =>
          town.serving() === 'blog-api:44' &&
          world.service(cluster, service)?.rollouts[0]?.status === 'SUCCESSFUL',
      )
      await town.shows('rolling out')
      const { chain } = (await auditOf(town.folder)).find(({ what }) => what === 'rollout found')!
      const id = chain.replace(/^.*:/, '')
      await rolledOutByHand(town, ofImage('evil.example.com/miner:latest'), [
        { key: 'twokey-release', value: id },
      ])
      letGo(town)
      expect(await town.ends()).toBe('unknown')
      expect(town.serving()).toBe('blog-api:45')
    },
  )

  describe('with two containers named', () => {
    const two = story.extend<{ config: string }>({
      config: configText.replace('containers: [api]', 'containers: [api, proxy]'),
    })
    const [old] = revisions.filter(({ revision }) => revision === 43)
    const withProxy = (image: string) => (containers: ContainerDefinition[]) => [
      ...containers,
      { ...containers[0]!, name: 'proxy', image, portMappings: [] },
    ]

    two('one of them keeps the commit before: failed, container and both commits named', async ({ town }) => {
      await rolledOutByHand(town, withProxy(`${registry}:${old!.sha}`))
      const tip = town.sandbox.github.world.repository().git.tip('heads/main')!.sha
      await town.approved()
      const card = await town.shows('failed')
      for (const fact of ['container proxy', old!.sha.slice(0, 7), tip.slice(0, 7)])
        expect(card.text).toContain(fact)
    })

    two('one of them names no commit: succeeded, and that container is named', async ({ town }) => {
      await rolledOutByHand(town, withProxy(`${registry}:stable`))
      await town.approved()
      expect((await town.shows('succeeded')).text).toContain('container proxy')
    })

    two('one of them is not in the task definition: succeeded, and it is named', async ({ town }) => {
      await town.approved()
      expect((await town.shows('succeeded')).text).toContain('no container proxy')
    })
  })

  const targets = story.extend<{ config: string }>({
    config: configText
      .replace('containers: [api]', 'containers: [api, worker]')
      .replace(
        'prod: { cluster: blog-cluster-prod, service: blog-api }',
        'prod: { targets: [{ cluster: blog-cluster-prod, service: blog-api }, { cluster: blog-cluster-prod, service: blog-worker }] }',
      ),
  })

  targets(
    'two targets with a container each: succeeded, and neither is said to lack that of the other',
    async ({ town }) => {
      const { aws, github } = town.sandbox
      const history = [{ taskDefinition: 'blog-worker:7', at: Date.now() - 86_400_000 }]
      addService(aws.world, { cluster, service: 'blog-worker', desired: 1, history })
      github.world.next = { holdAt: 'Smoke test' }
      await town.approved()
      await aws.until(() => town.serving() === 'blog-api:44')
      const { taskDefinition } = await town.ecs.describeTaskDefinition({ taskDefinition: 'blog-worker:7' })
      const image = `${registry}:${github.world.repository().git.tip('heads/main')!.sha}`
      await town.ecs.registerTaskDefinition({
        ...taskDefinition,
        family: 'blog-worker',
        containerDefinitions: ofImage(image)(taskDefinition!.containerDefinitions!),
      })
      await town.ecs.updateService({ cluster, service: 'blog-worker', taskDefinition: 'blog-worker' })
      await aws.until((world) => world.service(cluster, 'blog-worker')?.rollouts[0]?.status === 'SUCCESSFUL')
      letGo(town)
      const card = await town.shows('succeeded')
      expect(card.text).toContain('blog-worker:8')
      expect(`${card.text} ${JSON.stringify(card.replies)}`).not.toContain('has no container')
      expect(await town.asks('U0CHLOE', '/deploy status prod')).not.toContain('has no container')
    },
  )

  story(
    'a rollout by hand before the dispatch is not the run’s, though it could not be listed then',
    async ({ town }) => {
      put(town, deployWorkflow().replace(/ {6}- name: Deploy\n[\s\S]*?(?= {6}- name: Smoke test)/, ''))
      await rolledOutByHand(town, ofImage(`${registry}:hotfix`))
      town.sandbox.aws.world.deny('ecs:ListServiceDeployments')
      town.sandbox.github.world.next = { holdAt: 'Test' }
      await town.approved()
      await town.shows('running')
      town.sandbox.aws.world.allow('ecs:ListServiceDeployments')
      letGo(town)
      expect(await town.ends()).toBe('unchanged')
    },
  )
})

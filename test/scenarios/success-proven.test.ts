import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { describe, expect } from 'vitest'
import { addService } from '../../sandbox/aws/seed-world.ts'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { registry, revisions, services } from '../../sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { configText, type Harness, scenario, stateOf } from './harness.ts'

const { cluster, service } = services.prod
const digest = /sha256:[0-9a-f]{12}/

/** A person pushes the tag of this revision's image again. */
function pushAgain(harness: Harness, number = 42): void {
  const { sha } = revisions.find(({ revision }) => revision === number)!
  harness.sandbox.aws.world.retag(`${registry}:${sha}`)
}

/** The revision of prod, registered again with these containers and tags, and rolled out by hand. */
async function rolledOutByHand(
  harness: Harness,
  change: (containers: ContainerDefinition[]) => ContainerDefinition[],
  tags: { key: string; value: string }[] = [],
): Promise<void> {
  const { aws } = harness.sandbox
  const { taskDefinition } = await harness.ecs.describeTaskDefinition({ taskDefinition: harness.serving() })
  const containerDefinitions = change(taskDefinition!.containerDefinitions!)
  for (const { image } of containerDefinitions) aws.world.images.add(image!)
  const registered = await harness.ecs.registerTaskDefinition({
    ...taskDefinition,
    family: 'blog-api',
    containerDefinitions,
    ...(tags.length > 0 && { tags }),
  })
  const arn = registered.taskDefinition!.taskDefinitionArn!
  await harness.ecs.updateService({ cluster, service, taskDefinition: arn })
  await aws.until((world) => {
    const newest = world.service(cluster, service)?.rollouts[0]
    return newest?.status === 'SUCCESSFUL' && newest.target.taskDefinition.taskDefinitionArn === arn
  })
}

const ofImage = (image: string) => (containers: ContainerDefinition[]) =>
  containers.map((container) => ({ ...container, image }))

/** Commits this workflow to both branches, which starts no run. */
function put(harness: Harness, text: string): void {
  const dispatched = text.replace(/ {2}push:\n.*\n/, '')
  for (const branch of ['develop', 'main'])
    harness.sandbox.github.world.push(branch, { message: 'Change CI', files: { [deployPath]: dispatched } })
}

/** Resumes the newest run. */
function letGo({ sandbox: { github } }: Harness): void {
  github.world.letGo(github.world.repository().runs.at(-1)!.id)
}

describe.concurrent('a rollback whose image tag was pushed again after the request', () => {
  scenario(
    'ends failed in the channel with both digests, and Roll back leads to what served before',
    async ({ harness }) => {
      await harness.types('U0ANA', '/rollback blog-api 42')
      const asked = await harness.shows('awaiting approval')
      const [approved] = digest.exec(JSON.stringify(asked.blocks)) ?? []
      pushAgain(harness)
      await harness.clicks('U0BEN', 'approve')
      const card = await harness.shows('failed')
      const digests = card.text.match(new RegExp(digest, 'g')) ?? []
      expect(digests).toContain(approved)
      expect(new Set(digests).size).toBe(2)
      const end = await harness.threadPost(/is not what was approved/)
      expect(end.broadcast).toBe(true)
      for (const id of ['U0ANA', 'S0ONCALL', 'S0DEPLOYERS']) expect(end.text).toContain(id)
      const rows = await auditOf(harness.folder)
      expect(rows.find(({ what }) => what === 'end decided')?.detail).toMatchObject({
        outcome: 'failed',
        rollouts: [
          { images: [{ container: 'api', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) }] },
        ],
      })
      await harness.clicks('U0CHLOE', 'roll-back', card)
      await harness.sandbox.slack.until(() => harness.cards().length === 2)
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  scenario(
    'announces another image while ECS is rolling it out, blocks deploys until then, and its Roll back works',
    async ({ harness }) => {
      const prod = harness.sandbox.aws.world.service(cluster, service)!
      prod.configuration = {
        ...prod.configuration,
        deploymentCircuitBreaker: { enable: false, rollback: false },
      }
      harness.sandbox.aws.world.unhealthy('next')
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      pushAgain(harness)
      await harness.clicks('U0BEN', 'approve')
      const post = await harness.threadPost(/is not what was approved/)
      expect(post.broadcast).toBe(true)
      for (const id of ['U0ANA', 'S0ONCALL', 'S0DEPLOYERS']) expect(post.text).toContain(id)
      expect(stateOf(harness.cards()[0]!)).toMatch(/^rolling out/)
      expect(await harness.answerTo('U0ELI', '/deploy prod')).toContain('in_flight')
      await harness.clicks('U0CHLOE', 'stop-rollout')
      expect(await harness.ends()).toBe('rolled back')
      expect(harness.serving()).toBe('blog-api:43')
      await harness.types('U0ELI', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )

  scenario('refuses Roll back by a person who may not request it', async ({ harness }) => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    pushAgain(harness)
    await harness.clicks('U0BEN', 'approve')
    const card = await harness.shows('failed')
    await harness.clicks('U0GUS', 'roll-back', card)
    await harness.ephemeral('U0GUS', /guest/)
    expect(harness.cards()).toHaveLength(1)
  })

  scenario('succeeds and says so if ECS reports no digest', async ({ harness }) => {
    const definition = harness.sandbox.aws.world.taskDefinitions.find(
      ({ family, revision }) => family === 'blog-api' && revision === 42,
    )!
    Object.assign(definition.containerDefinitions![0]!, { versionConsistency: 'disabled' })
    await harness.types('U0ANA', '/rollback blog-api 42')
    const asked = await harness.shows('awaiting approval')
    expect(JSON.stringify(asked.blocks)).toMatch(digest)
    await harness.clicks('U0BEN', 'approve')
    const card = await harness.shows('succeeded')
    expect(card.text).toContain('ECS does not report an image digest for api')
  })
})

describe.concurrent('a deploy whose success is not its own', () => {
  scenario(
    'ends unknown, never succeeded, if another person’s image with the release’s tag takes over',
    async ({ harness }) => {
      put(harness, deployWorkflow().replace(/RELEASE_ID: .*/, 'RELEASE_ID: ""'))
      harness.sandbox.github.world.next = { holdAt: 'Smoke test' }
      await harness.approved()
      await harness.sandbox.aws.until(
        (world) =>
          harness.serving() === 'blog-api:44' &&
          world.service(cluster, service)?.rollouts[0]?.status === 'SUCCESSFUL',
      )
      await harness.shows('baking')
      const { chain } = (await auditOf(harness.folder)).find(({ what }) => what === 'rollout found')!
      const id = chain.replace(/^.*:/, '')
      await rolledOutByHand(harness, ofImage('evil.example.com/miner:latest'), [
        { key: 'twokey-release', value: id },
      ])
      letGo(harness)
      expect(await harness.ends()).toBe('unknown')
      expect(harness.serving()).toBe('blog-api:45')
    },
  )

  describe('with two containers named', () => {
    const two = scenario.extend<{ config: string }>({
      config: configText.replace('containers: [api]', 'containers: [api, proxy]'),
    })
    const [old] = revisions.filter(({ revision }) => revision === 43)
    const withProxy = (image: string) => (containers: ContainerDefinition[]) => [
      ...containers,
      { ...containers[0]!, name: 'proxy', image, portMappings: [] },
    ]

    two(
      'fails and names container and commits if one container keeps the previous commit',
      async ({ harness }) => {
        await rolledOutByHand(harness, withProxy(`${registry}:${old!.sha}`))
        const tip = harness.sandbox.github.world.repository().git.tip('heads/main')!.sha
        await harness.approved()
        const card = await harness.shows('failed')
        for (const fact of ['container proxy', old!.sha.slice(0, 7), tip.slice(0, 7)])
          expect(card.text).toContain(fact)
      },
    )

    two('one of them carries no commit: succeeded, and that container is named', async ({ harness }) => {
      await rolledOutByHand(harness, withProxy(`${registry}:stable`))
      await harness.approved()
      expect((await harness.shows('succeeded')).text).toContain('container proxy')
    })

    two('one of them is not in the task definition: succeeded, and it is named', async ({ harness }) => {
      await harness.approved()
      expect((await harness.shows('succeeded')).text).toContain('no container proxy')
    })
  })

  const targets = scenario.extend<{ config: string }>({
    config: configText
      .replace('containers: [api]', 'containers: [api, worker]')
      .replace(
        'prod: { cluster: blog-cluster-prod, service: blog-api }',
        'prod: { targets: [{ cluster: blog-cluster-prod, service: blog-api }, { cluster: blog-cluster-prod, service: blog-worker }] }',
      ),
  })

  targets(
    'succeeds with two targets of one container each, and reports no container as missing',
    async ({ harness }) => {
      const { aws, github } = harness.sandbox
      const history = [{ taskDefinition: 'blog-worker:7', at: Date.now() - 86_400_000 }]
      addService(aws.world, { cluster, service: 'blog-worker', desired: 1, history })
      github.world.next = { holdAt: 'Smoke test' }
      await harness.approved()
      await aws.until(() => harness.serving() === 'blog-api:44')
      const { taskDefinition } = await harness.ecs.describeTaskDefinition({ taskDefinition: 'blog-worker:7' })
      const image = `${registry}:${github.world.repository().git.tip('heads/main')!.sha}`
      await harness.ecs.registerTaskDefinition({
        ...taskDefinition,
        family: 'blog-worker',
        containerDefinitions: ofImage(image)(taskDefinition!.containerDefinitions!),
      })
      await harness.ecs.updateService({ cluster, service: 'blog-worker', taskDefinition: 'blog-worker' })
      await aws.until((world) => world.service(cluster, 'blog-worker')?.rollouts[0]?.status === 'SUCCESSFUL')
      letGo(harness)
      const card = await harness.shows('succeeded')
      expect(card.text).toContain('blog-worker:8')
      expect(`${card.text} ${JSON.stringify(card.replies)}`).not.toContain('has no container')
      expect(await harness.answerTo('U0CHLOE', '/deploy status prod')).not.toContain('has no container')
    },
  )

  scenario(
    'does not count a rollout by hand before the dispatch as the run’s, though it could not be listed then',
    async ({ harness }) => {
      put(harness, deployWorkflow().replace(/ {6}- name: Deploy\n[\s\S]*?(?= {6}- name: Smoke test)/, ''))
      await rolledOutByHand(harness, ofImage(`${registry}:hotfix`))
      harness.sandbox.aws.world.deny('ecs:ListServiceDeployments')
      harness.sandbox.github.world.next = { holdAt: 'Test' }
      await harness.approved()
      await harness.shows('running')
      harness.sandbox.aws.world.allow('ecs:ListServiceDeployments')
      letGo(harness)
      expect(await harness.ends()).toBe('unchanged')
    },
  )
})

import { describe, expect } from 'vitest'
import { deployPath, deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'
import { registry, revisions, services } from '../../src/sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { stateOf, story, type Town } from './harness.ts'

const { cluster, service } = services.prod

/** The dispatched run rolls nothing out itself: it only asks another CI to. */
async function unchanged(town: Town): Promise<void> {
  const chained = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
    'id: deploy\n',
    'id: deploy\n        if: false\n',
  )
  town.sandbox.github.world.push('main', {
    message: 'Let another CI deploy',
    files: { [deployPath]: chained },
  })
  await town.approved()
  expect(await town.ends()).toBe('unchanged')
}

const tip = (town: Town) => town.sandbox.github.world.repository().git.tip('heads/main')!.sha

/** What the other CI does, with the credentials that it has. */
async function elsewhere(town: Town, sha = tip(town)): Promise<void> {
  const { taskDefinition } = await town.ecs.describeTaskDefinition({ taskDefinition: 'blog-api:43' })
  const image = `${registry}:${sha}`
  town.sandbox.aws.world.images.add(image)
  const containerDefinitions = taskDefinition!.containerDefinitions!.map((each) => ({ ...each, image }))
  const registered = await town.ecs.registerTaskDefinition({
    ...taskDefinition,
    family: 'blog-api',
    containerDefinitions,
  })
  await town.ecs.updateService({
    cluster,
    service,
    taskDefinition: registered.taskDefinition!.taskDefinitionArn!,
  })
}

const rollout = (town: Town) => town.sandbox.aws.world.service(cluster, service)!.rollouts[0]!
const late = /rolled out after this release and its run had ended/

describe.concurrent('a rollout that begins after its release has ended', () => {
  story(
    'of the approved commit, also across a restart: on the card, in the thread and in status; the end stays unchanged',
    async ({ town }) => {
      await unchanged(town)
      await town.restarts()
      await elsewhere(town)
      const post = await town.tells(late)
      expect(post.broadcast).toBeFalsy()
      for (const fact of ['blog-api:44', 'blog-api:43', 'succeeded', 'unchanged'])
        expect(post.text).toContain(fact)
      const card = await town.sandbox.slack.until(() =>
        town.cards().find(({ text }) => text.includes('Rollout after the end')),
      )
      expect(stateOf(card)).toMatch(/^unchanged/)
      expect(await town.asks('U0CHLOE', '/deploy status prod')).toMatch(
        /blog-api:44.*rolled out after the end of release/,
      )
      expect(await town.asks('U0CHLOE', '/deploy history')).not.toContain('outside twokey')
      const rows = (await auditOf(town.folder)).map(({ what }) => what)
      expect(rows).toContain('rolled out late')
      expect(town.cards()[0]!.replies.filter(({ text }) => late.test(text))).toHaveLength(1)
    },
  )

  story('that the circuit breaker rolls back is told in the channel, with its cause', async ({ town }) => {
    await unchanged(town)
    town.sandbox.aws.world.unhealthy('next')
    await elsewhere(town)
    const post = await town.tells(late)
    expect(post.broadcast).toBe(true)
    for (const fact of ['rolled back', 'circuit breaker', 'U0ANA', 'S0ONCALL', 'S0DEPLOYERS'])
      expect(post.text).toContain(fact)
    expect(stateOf(town.cards()[0]!)).toMatch(/^unchanged/)
  })

  story(
    'the next deploy can start meanwhile, and its rollout is its own; another commit is none of either',
    async ({ town }) => {
      await unchanged(town)
      await elsewhere(town, revisions[1]!.sha)
      await town.sandbox.aws.until(() => rollout(town).status === 'SUCCESSFUL')
      town.sandbox.github.world.push('main', {
        message: 'Deploy here again',
        files: { [deployPath]: deployWorkflow({ on: ['workflow_dispatch'] }) },
      })
      await town.approved()
      await town.shows('succeeded')
      await elsewhere(town)
      await town.tells(late)
      const [first, second] = town.cards()
      expect(second!.replies.filter(({ text }) => late.test(text))).toHaveLength(1)
      expect(first!.replies.filter(({ text }) => late.test(text))).toEqual([])
      expect(first!.text).not.toContain('Rollout after the end')
    },
  )
})

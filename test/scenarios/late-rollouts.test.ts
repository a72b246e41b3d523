import { describe, expect } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { registry, revisions, services } from '../../sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { type Harness, scenario, stateOf } from './harness.ts'

const { cluster, service } = services.prod

/** The dispatched run rolls out nothing itself; it only asks another CI to. */
async function unchanged(harness: Harness): Promise<void> {
  const chained = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
    'id: deploy\n',
    'id: deploy\n        if: false\n',
  )
  harness.sandbox.github.world.push('main', {
    message: 'Let another CI deploy',
    files: { [deployPath]: chained },
  })
  await harness.approved()
  expect(await harness.ends()).toBe('unchanged')
}

const tip = (harness: Harness) => harness.sandbox.github.world.repository().git.tip('heads/main')!.sha

/** The other CI's deploy, with its own credentials. */
async function elsewhere(harness: Harness, sha = tip(harness)): Promise<void> {
  const { taskDefinition } = await harness.ecs.describeTaskDefinition({ taskDefinition: 'blog-api:43' })
  const image = `${registry}:${sha}`
  harness.sandbox.aws.world.images.add(image)
  const containerDefinitions = taskDefinition!.containerDefinitions!.map((each) => ({ ...each, image }))
  const registered = await harness.ecs.registerTaskDefinition({
    ...taskDefinition,
    family: 'blog-api',
    containerDefinitions,
  })
  await harness.ecs.updateService({
    cluster,
    service,
    taskDefinition: registered.taskDefinition!.taskDefinitionArn!,
  })
}

const rollout = (harness: Harness) => harness.sandbox.aws.world.service(cluster, service)!.rollouts[0]!
const late = /rolled out after this release and its run had ended/

describe.concurrent('a rollout that begins after its release has ended', () => {
  scenario(
    'shows a late rollout of the approved commit on card, thread and status, also after a restart; the end stays unchanged',
    async ({ harness }) => {
      await unchanged(harness)
      await harness.restarts()
      await elsewhere(harness)
      const post = await harness.threadPost(late)
      expect(post.broadcast).toBeFalsy()
      for (const fact of ['blog-api:44', 'blog-api:43', 'succeeded', 'unchanged'])
        expect(post.text).toContain(fact)
      const card = await harness.sandbox.slack.until(() =>
        harness.cards().find(({ text }) => text.includes('Rollout after the end')),
      )
      expect(stateOf(card)).toMatch(/^unchanged/)
      expect(await harness.answerTo('U0CHLOE', '/deploy status prod')).toMatch(
        /blog-api:44.*rolled out after the end of release/,
      )
      expect(await harness.answerTo('U0CHLOE', '/deploy history')).not.toContain('outside twokey')
      const rows = (await auditOf(harness.folder)).map(({ what }) => what)
      expect(rows).toContain('rolled out late')
      expect(harness.cards()[0]!.replies.filter(({ text }) => late.test(text))).toHaveLength(1)
    },
  )

  scenario(
    'announces with its cause that the circuit breaker rolled a late rollout back',
    async ({ harness }) => {
      await unchanged(harness)
      harness.sandbox.aws.world.unhealthy('next')
      await elsewhere(harness)
      const post = await harness.threadPost(late)
      expect(post.broadcast).toBe(true)
      for (const fact of ['rolled back', 'circuit breaker', 'U0ANA', 'S0ONCALL', 'S0DEPLOYERS'])
        expect(post.text).toContain(fact)
      expect(stateOf(harness.cards()[0]!)).toMatch(/^unchanged/)
    },
  )

  scenario(
    'allows the next deploy meanwhile, and counts another commit’s rollout for neither release',
    async ({ harness }) => {
      await unchanged(harness)
      await elsewhere(harness, revisions[1]!.sha)
      await harness.sandbox.aws.until(() => rollout(harness).status === 'SUCCESSFUL')
      harness.sandbox.github.world.push('main', {
        message: 'Deploy here again',
        files: { [deployPath]: deployWorkflow({ on: ['workflow_dispatch'] }) },
      })
      await harness.approved()
      await harness.shows('succeeded')
      await elsewhere(harness)
      await harness.threadPost(late)
      const [first, second] = harness.cards()
      expect(second!.replies.filter(({ text }) => late.test(text))).toHaveLength(1)
      expect(first!.replies.filter(({ text }) => late.test(text))).toEqual([])
      expect(first!.text).not.toContain('Rollout after the end')
    },
  )
})

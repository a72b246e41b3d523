import { describe, expect } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import type { Message } from '../../sandbox/slack/entities.ts'
import { type Harness, scenario, stateOf } from './harness.ts'

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const
const family = 'blog-api-migrate'
const run = (harness: Harness) => harness.sandbox.github.world.repository().runs.at(-1)!
const tasks = (harness: Harness) => harness.sandbox.aws.world.oneOffTasks
const textOf = ({ text, blocks }: Message) => `${text} ${JSON.stringify(blocks)}`
const ends = (harness: Harness) =>
  harness
    .cards()
    .at(-1)!
    .replies.map(textOf)
    .filter((text) => /Migration (succeeded|failed)/.test(text) && !/Serving now/.test(text))

/** A person runs the migration as the workflow does. */
async function migrates(harness: Harness, startedBy: string): Promise<string> {
  const { services } = await harness.ecs.describeServices({ cluster: prod.cluster, services: [prod.service] })
  const { tasks } = await harness.ecs.runTask({
    cluster: prod.cluster,
    taskDefinition: family,
    startedBy,
    networkConfiguration: services![0]!.networkConfiguration,
  })
  return tasks![0]!.taskArn!
}

/** The workflow passes only the commit to `startedBy`. */
function namesNoRelease(harness: Harness): void {
  harness.sandbox.github.world.push('main', {
    message: 'Name the commit alone',
    files: {
      [deployPath]: deployWorkflow({ on: ['workflow_dispatch'] }).replace(
        /(STARTED_BY: \S+ inputs\.sha [^}]*\}\})[\s\S]*?(?=\n +RELEASE_ID:)/,
        '$1',
      ),
    },
  })
}

describe.concurrent('several migrations of a release', () => {
  scenario(
    'fails the release if the second migration fails after the first was posted, although the run succeeds',
    async ({ harness }) => {
      const { aws, github } = harness.sandbox
      github.world.next = { holdAt: 'Render' }
      await harness.approved()
      await harness.threadPost(/Migration succeeded/)
      const [first] = tasks(harness)
      aws.world.migrations.next({ kind: 'exits', code: 1, log: ['ERROR: relation "drafts" is missing'] })
      const second = await migrates(harness, first!.startedBy!)
      await harness.threadPost(/Migration failed/)
      github.world.letGo(run(harness).id)
      expect(await harness.ends()).toBe('failed')
      const shown = textOf(harness.cards()[0]!)
      for (const name of [first!.arn, second]) expect(shown).toContain(name.split('/').at(-1)!.slice(0, 8))
      expect(shown).toContain('exit code 1')
      const end = await harness.threadPost(/Serving now/)
      expect(textOf(end)).toContain('drafts')
      expect(ends(harness)).toHaveLength(2)
    },
  )

  scenario('succeeds if both migrations exit 0, and posts each once', async ({ harness }) => {
    const { github } = harness.sandbox
    github.world.next = { holdAt: 'Render' }
    await harness.approved()
    await harness.threadPost(/Migration succeeded/)
    await migrates(harness, tasks(harness)[0]!.startedBy!)
    github.world.letGo(run(harness).id)
    expect(await harness.ends()).toBe('succeeded')
    await harness.threadPost(/Serving now/)
    expect(ends(harness)).toHaveLength(2)
  })

  scenario(
    'waits for a migration that starts in the last step and continues after the run',
    async ({ harness }) => {
      const { aws, github } = harness.sandbox
      github.world.next = { holdAt: 'Smoke test' }
      await harness.approved()
      await harness.shows('baking')
      await harness.threadPost(/Migration succeeded/)
      aws.world.migrations.next({ kind: 'runs' })
      const last = await migrates(harness, tasks(harness)[0]!.startedBy!)
      github.world.letGo(run(harness).id)
      await github.world.until(() => run(harness).attempts[0]?.status === 'completed')
      await harness.ecs.stopTask({ cluster: prod.cluster, task: last })
      expect(await harness.ends()).toBe('failed')
    },
  )
})

describe.concurrent('a migration of an earlier release is left out', () => {
  scenario(
    'a retry right after a failed migration does not count it, by a workflow that names only the commit',
    async ({ harness }) => {
      namesNoRelease(harness)
      harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: [] })
      await harness.approved()
      expect(await harness.ends()).toBe('failed')
      const [failed] = tasks(harness)
      await harness.clicks('U0ANA', 'retry')
      await harness.sandbox.slack.until(() => harness.cards().length === 2 || undefined)
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      const both = tasks(harness).filter(({ taskDefinition }) => taskDefinition.family === family)
      expect(both.map(({ startedBy }) => startedBy)).toEqual([failed!.startedBy, failed!.startedBy])
      expect(stateOf(harness.cards()[1]!)).not.toMatch(/could be this release|may belong to this release/)
    },
  )
})

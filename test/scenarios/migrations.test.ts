import { describe, expect } from 'vitest'
import { deployPath, deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'
import type { Message } from '../../src/sandbox/slack/entities.ts'
import { stateOf, story, type Town } from './harness.ts'

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const
const family = 'blog-api-migrate'
const run = (town: Town) => town.sandbox.github.world.repository().runs.at(-1)!
const tasks = (town: Town) => town.sandbox.aws.world.oneOffTasks
const textOf = ({ text, blocks }: Message) => `${text} ${JSON.stringify(blocks)}`
const ends = (town: Town) =>
  town
    .cards()
    .at(-1)!
    .replies.map(textOf)
    .filter((text) => /Migration (succeeded|failed)/.test(text) && !/Serving now/.test(text))

/** Somebody runs the migration as the workflow does. */
async function migrates(town: Town, startedBy: string): Promise<string> {
  const { services } = await town.ecs.describeServices({ cluster: prod.cluster, services: [prod.service] })
  const { tasks } = await town.ecs.runTask({
    cluster: prod.cluster,
    taskDefinition: family,
    startedBy,
    networkConfiguration: services![0]!.networkConfiguration,
  })
  return tasks![0]!.taskArn!
}

/** The workflow passes the commit alone to `startedBy`. */
function namesNoRelease(town: Town): void {
  town.sandbox.github.world.push('main', {
    message: 'Name the commit alone',
    files: {
      [deployPath]: deployWorkflow({ on: ['workflow_dispatch'] }).replace(
        /(STARTED_BY: \S+ inputs\.sha [^}]*\}\})[\s\S]*?(?=\n +RELEASE_ID:)/,
        '$1',
      ),
    },
  })
}

describe.concurrent('every migration of a release has to exit 0', () => {
  story('the second of two fails after the first was told, and the run ends well', async ({ town }) => {
    const { aws, github } = town.sandbox
    github.world.next = { holdAt: 'Render' }
    await town.approved()
    await town.tells(/Migration succeeded/)
    const [first] = tasks(town)
    aws.world.migrations.next({ kind: 'exits', code: 1, log: ['ERROR: relation "drafts" is missing'] })
    const second = await migrates(town, first!.startedBy!)
    await town.tells(/Migration failed/)
    github.world.letGo(run(town).id)
    expect(await town.ends()).toBe('failed')
    const shown = textOf(town.cards()[0]!)
    for (const name of [first!.arn, second]) expect(shown).toContain(name.split('/').at(-1)!.slice(0, 8))
    expect(shown).toContain('exited 1')
    const end = await town.tells(/Serving now/)
    expect(textOf(end)).toContain('drafts')
    expect(ends(town)).toHaveLength(2)
  })

  story('two of one release exit 0: succeeded, each told once', async ({ town }) => {
    const { github } = town.sandbox
    github.world.next = { holdAt: 'Render' }
    await town.approved()
    await town.tells(/Migration succeeded/)
    await migrates(town, tasks(town)[0]!.startedBy!)
    github.world.letGo(run(town).id)
    expect(await town.ends()).toBe('succeeded')
    await town.tells(/Serving now/)
    expect(ends(town)).toHaveLength(2)
  })

  story('one that starts in the last step and runs on is waited for', async ({ town }) => {
    const { aws, github } = town.sandbox
    github.world.next = { holdAt: 'Smoke test' }
    await town.approved()
    await town.shows('rolling out')
    await town.tells(/Migration succeeded/)
    aws.world.migrations.next({ kind: 'runs' })
    const last = await migrates(town, tasks(town)[0]!.startedBy!)
    github.world.letGo(run(town).id)
    await github.world.until(() => run(town).attempts[0]?.status === 'completed')
    await town.ecs.stopTask({ cluster: prod.cluster, task: last })
    expect(await town.ends()).toBe('failed')
  })
})

describe.concurrent('a migration of an earlier release is left out', () => {
  story(
    'Retry right after a migration that failed, by a workflow that names the commit alone',
    async ({ town }) => {
      namesNoRelease(town)
      town.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: [] })
      await town.approved()
      expect(await town.ends()).toBe('failed')
      const [failed] = tasks(town)
      await town.presses('U0ANA', 'retry')
      await town.sandbox.slack.until(() => town.cards().length === 2 || undefined)
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await town.presses('U0CHLOE', 'approve')
      expect(await town.ends()).toBe('succeeded')
      const both = tasks(town).filter(({ taskDefinition }) => taskDefinition.family === family)
      expect(both.map(({ startedBy }) => startedBy)).toEqual([failed!.startedBy, failed!.startedBy])
      expect(stateOf(town.cards()[1]!)).not.toContain('could be this release')
    },
  )
})

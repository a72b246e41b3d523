import { describe, expect } from 'vitest'
import { parseDocument } from 'yaml'
import { type Trigger, trigger } from '../../sandbox/aws/one-off.ts'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import type { Message } from '../../sandbox/slack/entities.ts'
import { configText, type Harness, scenario } from './harness.ts'

const cluster = 'blog-cluster-prod'
const family = 'blog-api-migrate'
const run = (harness: Harness) => harness.sandbox.github.world.repository().runs.at(-1)!
const tasks = (harness: Harness) => harness.sandbox.aws.world.oneOffTasks
const textOf = ({ text, blocks }: Message) => `${text} ${JSON.stringify(blocks)}`
const shortId = (arn: string) => arn.split('/').at(-1)!.slice(0, 8)

type Step = { readonly id?: string; readonly [member: string]: unknown }

/**
 * The workflow as public repositories have it: without the id of the release, and with a `startedBy` that only says what
 * started it.
 */
function pushes(
  harness: Harness,
  change: (steps: readonly Step[]) => readonly Step[] = (steps) => steps,
): void {
  const document = parseDocument(deployWorkflow({ on: ['workflow_dispatch'] }))
  const deploy = ['jobs', 'deploy']
  document.setIn([...deploy, 'env', 'STARTED_BY'], 'GitHub-Actions')
  document.deleteIn([...deploy, 'env', 'RELEASE_ID'])
  const { jobs } = document.toJS() as { jobs: { deploy: { steps: readonly Step[] } } }
  document.setIn([...deploy, 'steps'], change(jobs.deploy.steps))
  harness.sandbox.github.world.push('main', {
    message: 'Deploy as others do',
    files: { [deployPath]: document.toString().replaceAll('"$RELEASE_ID"', '""') },
  })
}

/** A deploy whose run is held at this step while something happens; returns its end. */
async function meanwhile(harness: Harness, holdAt: string, happens: () => unknown): Promise<string> {
  const { world } = harness.sandbox.github
  world.next = { holdAt }
  await harness.approved()
  await world.until(() => world.repository().runs.at(-1)?.attempts[0]?.status === 'in_progress')
  await harness.shows('running')
  if (holdAt !== 'Build') await harness.sandbox.aws.until(({ oneOffTasks }) => oneOffTasks.some(isOver))
  await happens()
  await harness.sandbox.aws.until(({ oneOffTasks }) => oneOffTasks.every(isOver))
  world.letGo(run(harness).id)
  const end = await harness.ends()
  await harness.threadPost(/erving now|Last seen serving/)
  return end
}

const isOver = ({ lastStatus }: { readonly lastStatus: string }) => lastStatus === 'STOPPED'

/** AWS itself runs a task of the family. */
function triggers(harness: Harness, by: Trigger, code: number): string {
  const { world } = harness.sandbox.aws
  world.migrations.next({ kind: 'exits', code })
  return trigger(world, { by, name: 'nightly', cluster, family })[0]!
}

describe.concurrent('a workflow that names no release, and another task of the family in the run’s time', () => {
  for (const by of ['rule', 'schedule'] as const)
    scenario(`does not count a failed task that a ${by} of EventBridge started`, async ({ harness }) => {
      pushes(harness)
      expect(await meanwhile(harness, 'Build', () => triggers(harness, by, 1))).toBe('succeeded')
      expect(tasks(harness)).toHaveLength(2)
      expect(textOf(harness.cards()[0]!)).not.toMatch(/could be this release|may belong to this release/)
    })

  for (const [code, end] of [
    [0, 'succeeded'],
    [1, 'unknown'],
  ] as const)
    scenario(
      `counts a task that a state machine started and that exits ${code}: ${end}`,
      async ({ harness }) => {
        pushes(harness)
        const other = { arn: '' }
        const happens = () => {
          other.arn = triggers(harness, 'state machine', code)
        }
        expect(await meanwhile(harness, 'Build', happens)).toBe(end)
        if (end === 'succeeded') return
        const own = tasks(harness).find(({ startedBy }) => startedBy === 'GitHub-Actions')!
        const shown = [textOf(harness.cards()[0]!), textOf(await harness.threadPost(/Last seen serving/))]
        const words = [
          shortId(own.arn),
          shortId(other.arn),
          'exit code 1',
          'exit code 0',
          'AWS Step Functions',
        ]
        for (const text of shown) for (const word of words) expect(text).toContain(word)
      },
    )

  scenario('succeeds if the workflow migrates twice and both exit 0', async ({ harness }) => {
    pushes(harness, (steps) =>
      steps.flatMap((step) =>
        step.id === 'migrate' ? [step, { ...step, name: 'Seed', id: 'seed' }] : [step],
      ),
    )
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(tasks(harness)).toHaveLength(2)
  })
})

scenario(
  'reports that no migration was found, and names the schedule’s task on card and thread',
  async ({ harness }) => {
    pushes(harness, (steps) => steps.filter(({ id }) => id !== 'migrate'))
    const arn = { of: '' }
    const happens = () => {
      arn.of = triggers(harness, 'rule', 1)
    }
    expect(await meanwhile(harness, 'Build', happens)).toBe('succeeded')
    for (const text of [textOf(harness.cards()[0]!), textOf(await harness.threadPost(/Serving now/))]) {
      expect(text).toContain(shortId(arn.of))
      expect(text).toContain('a schedule')
    }
  },
)

/** The Action runs the task and updates the service in one step; both are of the service's own family. */
const oneStep = scenario.extend<{ config: string }>({
  config: configText.replace('family: blog-api-migrate', 'family: blog-api, container: api'),
})

function migratesInOneStep(harness: Harness): void {
  pushes(harness, (steps) =>
    steps.flatMap((step) => {
      if (step.id === 'migrate') return []
      if (step.id !== 'deploy') return [step]
      const subnets = { 'run-task-subnets': 'subnet-0a1b2c3d', 'wait-for-task-stopped': true }
      return [{ ...step, with: { ...(step.with as object), 'run-task': true, ...subnets } }]
    }),
  )
}

describe.concurrent('a workflow that migrates and updates the service in one step', () => {
  for (const [code, end, serving] of [
    [0, 'succeeded', 'blog-api:44'],
    [1, 'failed', 'blog-api:43'],
  ] as const)
    oneStep(`its task exits ${code}: ${end}, whatever the tasks of the service do`, async ({ harness }) => {
      migratesInOneStep(harness)
      harness.sandbox.aws.world.migrations.next({ kind: 'exits', code, log: ['migrated'] })
      await harness.approved()
      expect(await harness.ends()).toBe(end)
      expect(harness.serving()).toBe(serving)
      const [own, ...others] = tasks(harness)
      expect([own!.group, own!.startedBy, others]).toEqual(['family:blog-api', 'GitHub-Actions', []])
      const told = textOf(await harness.threadPost(/Migration (succeeded|failed)/))
      expect(told).toContain(`exit code ${code}`)
      expect(textOf(harness.cards()[0]!)).not.toMatch(/could be this release|may belong to this release/)
    })

  oneStep(
    'ends rolled back without a failed migration if the service’s tasks never get healthy',
    async ({ harness }) => {
      migratesInOneStep(harness)
      harness.sandbox.aws.world.rollouts.next({ kind: 'exits', code: 1 })
      await harness.approved()
      expect(await harness.ends()).toBe('rolled back')
      expect(textOf(await harness.threadPost(/Migration/))).toContain('exit code 0')
    },
  )
})

/** The newest revision of the migration's family has a sidecar that is also essential, and that ECS stops after the migration. */
async function hasSidecar(harness: Harness): Promise<void> {
  const { taskDefinition } = await harness.ecs.describeTaskDefinition({ taskDefinition: family })
  const {
    cpu,
    memory,
    networkMode,
    requiresCompatibilities,
    containerDefinitions: [migrate] = [],
  } = taskDefinition!
  await harness.ecs.registerTaskDefinition({
    ...{ family, cpu, memory, networkMode, requiresCompatibilities },
    executionRoleArn: taskDefinition!.executionRoleArn,
    containerDefinitions: [migrate!, { ...migrate!, name: 'agent' }],
  })
  harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 0, others: { agent: 143 } })
}

const namesContainer = scenario.extend<{ config: string }>({
  config: configText.replace('family: blog-api-migrate', 'family: blog-api-migrate, container: migrate'),
})

describe.concurrent('a migration with an essential sidecar that ECS stops', () => {
  scenario(
    'fails and names the setting if a sidecar is stopped and twokey.yml names no container',
    async ({ harness }) => {
      await hasSidecar(harness)
      await harness.approved()
      expect(await harness.ends()).toBe('failed')
      for (const text of [textOf(harness.cards()[0]!), textOf(await harness.threadPost(/Serving now/))])
        expect(text).toContain('migration.container')
    },
  )

  namesContainer('twokey.yml names the one that migrates: succeeded', async ({ harness }) => {
    await hasSidecar(harness)
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
  })
})

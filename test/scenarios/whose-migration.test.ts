import { describe, expect } from 'vitest'
import { parseDocument } from 'yaml'
import { type Trigger, trigger } from '../../src/sandbox/aws/one-off.ts'
import { deployPath, deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'
import type { Message } from '../../src/sandbox/slack/entities.ts'
import { configText, story, type Town } from './harness.ts'

const cluster = 'blog-cluster-prod'
const family = 'blog-api-migrate'
const run = (town: Town) => town.sandbox.github.world.repository().runs.at(-1)!
const tasks = (town: Town) => town.sandbox.aws.world.oneOffTasks
const textOf = ({ text, blocks }: Message) => `${text} ${JSON.stringify(blocks)}`
const shortId = (arn: string) => arn.split('/').at(-1)!.slice(0, 8)

type Step = { readonly id?: string; readonly [member: string]: unknown }

/** The workflow as public repositories have it: no id of the release anywhere, and `startedBy` says what started it alone. */
function pushes(town: Town, change: (steps: readonly Step[]) => readonly Step[] = (steps) => steps): void {
  const document = parseDocument(deployWorkflow({ on: ['workflow_dispatch'] }))
  const deploy = ['jobs', 'deploy']
  document.setIn([...deploy, 'env', 'STARTED_BY'], 'GitHub-Actions')
  document.deleteIn([...deploy, 'env', 'RELEASE_ID'])
  const { jobs } = document.toJS() as { jobs: { deploy: { steps: readonly Step[] } } }
  document.setIn([...deploy, 'steps'], change(jobs.deploy.steps))
  town.sandbox.github.world.push('main', {
    message: 'Deploy as others do',
    files: { [deployPath]: document.toString().replaceAll('"$RELEASE_ID"', '""') },
  })
}

/** A deploy whose run waits at this step while something happens; its end. */
async function meanwhile(town: Town, holdAt: string, happens: () => unknown): Promise<string> {
  const { world } = town.sandbox.github
  world.next = { holdAt }
  await town.approved()
  await world.until(() => world.repository().runs.at(-1)?.attempts[0]?.status === 'in_progress')
  await town.shows('running')
  if (holdAt !== 'Build') await town.sandbox.aws.until(({ oneOffTasks }) => oneOffTasks.some(isOver))
  await happens()
  await town.sandbox.aws.until(({ oneOffTasks }) => oneOffTasks.every(isOver))
  world.letGo(run(town).id)
  const end = await town.ends()
  await town.tells(/erving now|Last seen serving/)
  return end
}

const isOver = ({ lastStatus }: { readonly lastStatus: string }) => lastStatus === 'STOPPED'

/** AWS runs the family by itself. */
function triggers(town: Town, by: Trigger, code: number): string {
  const { world } = town.sandbox.aws
  world.migrations.next({ kind: 'exits', code })
  return trigger(world, { by, name: 'nightly', cluster, family })[0]!
}

describe.concurrent('a workflow that names no release, and another task of the family in the run’s time', () => {
  for (const by of ['rule', 'schedule'] as const)
    story(`a ${by} of EventBridge starts one that fails: it does not count`, async ({ town }) => {
      pushes(town)
      expect(await meanwhile(town, 'Build', () => triggers(town, by, 1))).toBe('succeeded')
      expect(tasks(town)).toHaveLength(2)
      expect(textOf(town.cards()[0]!)).not.toContain('could be this release')
    })

  for (const [code, end] of [
    [0, 'succeeded'],
    [1, 'unknown'],
  ] as const)
    story(`a state machine starts one that exits ${code}: ${end}`, async ({ town }) => {
      pushes(town)
      const other = { arn: '' }
      const happens = () => {
        other.arn = triggers(town, 'state machine', code)
      }
      expect(await meanwhile(town, 'Build', happens)).toBe(end)
      if (end === 'succeeded') return
      const own = tasks(town).find(({ startedBy }) => startedBy === 'GitHub-Actions')!
      const shown = [textOf(town.cards()[0]!), textOf(await town.tells(/Last seen serving/))]
      const words = [shortId(own.arn), shortId(other.arn), 'exit code 1', 'exit code 0', 'AWS Step Functions']
      for (const text of shown) for (const word of words) expect(text).toContain(word)
    })

  story('the workflow migrates twice, and both exit 0: succeeded', async ({ town }) => {
    pushes(town, (steps) =>
      steps.flatMap((step) =>
        step.id === 'migrate' ? [step, { ...step, name: 'Seed', id: 'seed' }] : [step],
      ),
    )
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    expect(tasks(town)).toHaveLength(2)
  })
})

story('a schedule’s task alone: none was seen, and card and thread name it', async ({ town }) => {
  pushes(town, (steps) => steps.filter(({ id }) => id !== 'migrate'))
  const arn = { of: '' }
  const happens = () => {
    arn.of = triggers(town, 'rule', 1)
  }
  expect(await meanwhile(town, 'Build', happens)).toBe('succeeded')
  for (const text of [textOf(town.cards()[0]!), textOf(await town.tells(/Serving now/))]) {
    expect(text).toContain(shortId(arn.of))
    expect(text).toContain('a schedule')
  }
})

/** The Action runs the task and updates the service in one step: both are of the service's own family. */
const oneStep = story.extend<{ config: string }>({
  config: configText.replace('family: blog-api-migrate', 'family: blog-api, container: api'),
})

function migratesInOneStep(town: Town): void {
  pushes(town, (steps) =>
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
    oneStep(`its task exits ${code}: ${end}, whatever the tasks of the service do`, async ({ town }) => {
      migratesInOneStep(town)
      town.sandbox.aws.world.migrations.next({ kind: 'exits', code, log: ['migrated'] })
      await town.approved()
      expect(await town.ends()).toBe(end)
      expect(town.serving()).toBe(serving)
      const [own, ...others] = tasks(town)
      expect([own!.group, own!.startedBy, others]).toEqual(['family:blog-api', 'GitHub-Actions', []])
      const told = textOf(await town.tells(/Migration (succeeded|failed)/))
      expect(told).toContain(`exit code ${code}`)
      expect(textOf(town.cards()[0]!)).not.toContain('could be this release')
    })

  oneStep(
    'the tasks of the service never get healthy: rolled back, and no failed migration',
    async ({ town }) => {
      migratesInOneStep(town)
      town.sandbox.aws.world.rollouts.next({ kind: 'exits', code: 1 })
      await town.approved()
      expect(await town.ends()).toBe('rolled back')
      expect(textOf(await town.tells(/Migration/))).toContain('exit code 0')
    },
  )
})

/** The newest revision of the migration's family has a sidecar, as essential as the migration; ECS stops it after that. */
async function hasSidecar(town: Town): Promise<void> {
  const { taskDefinition } = await town.ecs.describeTaskDefinition({ taskDefinition: family })
  const {
    cpu,
    memory,
    networkMode,
    requiresCompatibilities,
    containerDefinitions: [migrate] = [],
  } = taskDefinition!
  await town.ecs.registerTaskDefinition({
    ...{ family, cpu, memory, networkMode, requiresCompatibilities },
    executionRoleArn: taskDefinition!.executionRoleArn,
    containerDefinitions: [migrate!, { ...migrate!, name: 'agent' }],
  })
  town.sandbox.aws.world.migrations.next({ kind: 'exits', code: 0, others: { agent: 143 } })
}

const namesContainer = story.extend<{ config: string }>({
  config: configText.replace('family: blog-api-migrate', 'family: blog-api-migrate, container: migrate'),
})

describe.concurrent('a migration with an essential sidecar that ECS stops', () => {
  story('twokey.yml names no container: failed, and the end names the setting', async ({ town }) => {
    await hasSidecar(town)
    await town.approved()
    expect(await town.ends()).toBe('failed')
    for (const text of [textOf(town.cards()[0]!), textOf(await town.tells(/Serving now/))])
      expect(text).toContain('migration.container')
  })

  namesContainer('twokey.yml names the one that migrates: succeeded', async ({ town }) => {
    await hasSidecar(town)
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
  })
})

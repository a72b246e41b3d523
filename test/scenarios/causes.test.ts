import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { describe, expect } from 'vitest'
import type { RolloutFate } from '../../src/sandbox/aws/fate.ts'
import type { Message } from '../../src/sandbox/slack/entities.ts'
import { story, type Town } from './town.ts'

const textOf = ({ text, blocks }: Message) => `${text} ${JSON.stringify(blocks)}`

/** A sidecar that logs to CloudWatch. */
const sidecar = (name: string): ContainerDefinition => ({
  name,
  image: `${name}:1`,
  essential: true,
  logConfiguration: {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': `/ecs/${name}`,
      'awslogs-create-group': 'true',
      'awslogs-stream-prefix': name,
    },
  },
})

/** Adds containers to the newest task definition of a family; before or after the one it has. */
function runs(town: Town, family: string, where: 'push' | 'unshift', ...names: readonly string[]): void {
  const { taskDefinitions } = town.sandbox.aws.world
  const newest = taskDefinitions.findLast((each) => each.family === family)!
  newest.containerDefinitions![where](...names.map(sidecar))
}

const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage'

describe.concurrent('a rollout that fails is explained by the container to blame, and by its log', () => {
  story.for<[string, RolloutFate, says: RegExp, logs: string | null]>([
    [
      'a sidecar that was stopped with it stands first',
      {
        kind: 'exits',
        code: 143,
        others: { api: 1 },
        log: ['agent: stopped'],
        logs: { api: ['api: no such table'] },
      },
      /container api exited 1\b/,
      'api: no such table',
    ],
    [
      'out of memory, beside a sidecar with another exit code',
      {
        kind: 'exits',
        code: 1,
        others: { api: 137 },
        reasons: { api: outOfMemory },
        log: ['agent: lost api'],
        logs: { api: ['api: 2,000,000 rows'] },
      },
      /container api ran out of memory \(OutOfMemoryError, exit code 137, limit 512 MiB\)/,
      'api: 2,000,000 rows',
    ],
    [
      'it ended by itself, without an error',
      { kind: 'exits', code: 143, others: { api: 0 }, log: ['agent: stopped'], logs: { api: ['api: bye'] } },
      /container api exited 0, and the task ended with it/,
      'api: bye',
    ],
    [
      'a command that is not there, told of the container alone',
      {
        kind: 'never-starts',
        stoppedReason: 'Task failed to start',
        reasons: { api: 'CannotStartContainerError: exec: "serve": not found' },
      },
      /container api could not be started: CannotStartContainerError/,
      null,
    ],
  ])('%s', async ([, fate, says, logs], { town }) => {
    runs(town, 'blog-api', 'unshift', 'agent')
    town.sandbox.aws.world.rollouts.next(fate)
    await town.approved()
    expect(await town.ends()).toBe('rolled back')
    expect(town.cards()[0]!.text).toMatch(says)
    const end = textOf(await town.tells(/Serving now/))
    expect(end).toMatch(/stopped: (?:the image of )?container api/)
    expect(end).not.toContain('agent:')
    expect(end).toContain(logs ?? 'api never logged')
  })
})

describe.concurrent('a migration that fails is explained by the container to blame', () => {
  story('a sidecar that was stopped after it: the setting that leaves it out', async ({ town }) => {
    runs(town, 'blog-api-migrate', 'push', 'agent')
    town.sandbox.aws.world.migrations.next({ kind: 'exits', code: 0, others: { agent: 143 } })
    await town.approved()
    expect(await town.ends()).toBe('failed')
    expect(town.cards()[0]!.text).toMatch(
      /container agent exited 143 \(SIGTERM\), while migrate exited 0.*set migration\.container to migrate/,
    )
  })

  story('its own exit code, and its own log', async ({ town }) => {
    runs(town, 'blog-api-migrate', 'push', 'agent')
    town.sandbox.aws.world.migrations.next({
      kind: 'exits',
      code: 2,
      others: { agent: 143 },
      log: ['ERROR: deadlock'],
      logs: { agent: ['agent: stopped'] },
    })
    await town.approved()
    expect(await town.ends()).toBe('failed')
    expect(town.cards()[0]!.text).toContain('container migrate exited 2')
    const end = textOf(await town.tells(/Serving now/))
    expect(end).toContain('ERROR: deadlock')
    expect(end).not.toContain('agent')
  })
})

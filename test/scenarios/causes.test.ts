import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { describe, expect } from 'vitest'
import type { RolloutOutcome } from '../../sandbox/aws/outcomes.ts'
import type { Message } from '../../sandbox/slack/entities.ts'
import { configText, type Harness, scenario } from './harness.ts'

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

/** Adds containers to the newest task definition of a family, before or after its own. */
function runs(
  harness: Harness,
  family: string,
  where: 'push' | 'unshift',
  ...names: readonly string[]
): void {
  const { taskDefinitions } = harness.sandbox.aws.world
  const newest = taskDefinitions.findLast((each) => each.family === family)!
  newest.containerDefinitions![where](...names.map(sidecar))
}

const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage'

describe.concurrent('a rollout that fails', () => {
  scenario.for<[string, RolloutOutcome, says: RegExp, logs: string | null]>([
    [
      'ECS lists a sidecar first that was stopped with it',
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
      /container api exited 0, which stopped the task/,
      'api: bye',
    ],
    [
      'a command that does not exist, and a reason only of the container',
      {
        kind: 'never-starts',
        stoppedReason: 'Task failed to start',
        reasons: { api: 'CannotStartContainerError: exec: "serve": not found' },
      },
      /the command serve of container api is not in its image/,
      null,
    ],
  ])('names the container to blame and shows its log: %s', async ([, outcome, says, logs], { harness }) => {
    runs(harness, 'blog-api', 'unshift', 'agent')
    harness.sandbox.aws.world.rollouts.next(outcome)
    await harness.approved()
    expect(await harness.ends()).toBe('rolled back')
    expect(harness.cards()[0]!.text).toMatch(says)
    const end = textOf(await harness.threadPost(/Serving now/))
    expect(end).toMatch(/Task \w{8}(?:, container api:|: api never logged)/)
    expect(end).not.toContain('agent:')
    expect(end).toContain(logs ?? 'api never logged')
  })
})

scenario(
  'a missing image is named once on the card, and AWS’s words of it stand once in the thread',
  async ({ harness }) => {
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/blog-api:99e4cfc'
    const stoppedReason = `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${image}: ${image}: not found`
    harness.sandbox.aws.world.rollouts.next({ kind: 'never-starts', stoppedReason })
    await harness.approved()
    expect(await harness.ends()).toBe('rolled back')
    const end = textOf(await harness.threadPost(/Serving now/))
    const card = JSON.stringify(harness.cards()[0]!.blocks)
    const cause = /the image blog-api:\w+ does not exist in ECR \(did the build push it\?\)/gi
    expect(card.match(cause)).toHaveLength(1)
    expect(card).not.toContain('CannotPull')
    const thread = JSON.stringify(harness.cards()[0]!.replies.map(({ blocks }) => blocks))
    expect(thread.match(/CannotPullContainerError/g)).toHaveLength(1)
    expect(end).toMatch(/\*AWS:\* CannotPullContainerError: .* retried 5 time\(s\).*not found/)
    expect(end).toMatch(/The ECS circuit breaker rolled back blog-api:44 to blog-api:43 \(\d tasks failed\)/)
  },
)

describe.concurrent('a migration that fails', () => {
  scenario(
    'suggests the setting that excludes a sidecar which was stopped after the migration',
    async ({ harness }) => {
      runs(harness, 'blog-api-migrate', 'push', 'agent')
      harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 0, others: { agent: 143 } })
      await harness.approved()
      expect(await harness.ends()).toBe('failed')
      expect(harness.cards()[0]!.text).toMatch(
        /container agent exited 143 \(SIGTERM\), while migrate exited 0.*set migration\.container to migrate/,
      )
    },
  )

  scenario('shows the exit code and the log of the migration’s own container', async ({ harness }) => {
    runs(harness, 'blog-api-migrate', 'push', 'agent')
    harness.sandbox.aws.world.migrations.next({
      kind: 'exits',
      code: 2,
      others: { agent: 143 },
      log: ['ERROR: deadlock'],
      logs: { agent: ['agent: stopped'] },
    })
    await harness.approved()
    expect(await harness.ends()).toBe('failed')
    expect(harness.cards()[0]!.text).toMatch(/container migrate exited 2|migration failed \(exit code 2\)/)
    const end = textOf(await harness.threadPost(/Serving now/))
    expect(end).toContain('ERROR: deadlock')
    expect(end).not.toContain('agent')
  })
})

scenario(
  'keeps Slack’s limits with 40 containers without logs and reasons of 1 KiB with markup',
  async ({ harness }) => {
    const { aws } = harness.sandbox
    const names = Array.from({ length: 40 }, (_, index) => `helper-${index}`)
    const newest = aws.world.taskDefinitions.findLast(({ family }) => family === 'blog-api')!
    newest.containerDefinitions!.push(...names.map((name) => ({ name, image: `${name}:1`, essential: true })))
    const hostile = '<!channel> *succeeded* `code`\n> <https://evil.example|ok>\n'
    aws.world.rollouts.next({
      kind: 'never-starts',
      stoppedReason: 'Task failed to start',
      reasons: { 'helper-39': `CannotStartContainerError: ${hostile.repeat(20)}${'x'.repeat(1024)}` },
    })
    await harness.approved()
    expect(await harness.ends()).toBe('rolled back')
    const end = textOf(await harness.threadPost(/Serving now/))
    expect(end).toContain('container helper-39 could not be started')
    expect(end).toContain('helper-39 has no logConfiguration in the task definition')
  },
)

scenario('shows on the card and in the thread why ECS does not start a migration', async ({ harness }) => {
  harness.sandbox.aws.world.migrations.next({ kind: 'stuck' })
  await harness.approved()
  const held = textOf(await harness.threadPost(/hourglass.*Migration/))
  expect(held).toContain('ECS has not started its task yet (PENDING)')
  expect(harness.cards()[0]!.text).toMatch(
    /migrating[\s\S]*starting · .*not started its task yet \(PENDING\)/,
  )
})

describe.concurrent('a rollout that waits', () => {
  const deadline = '    notify: [S0ONCALL]\n'
  const lateScenario = scenario.extend<{ config: string }>({
    config: configText.replace(deadline, `${deadline}    deadlines: { rollout: 4s }\n`),
  })
  const prod = (harness: Harness) => harness.sandbox.aws.world.service('blog-cluster-prod', 'blog-api')!

  lateScenario.for<[string, (harness: Harness) => void, RegExp]>([
    [
      'no task can be placed (convox/rack#429)',
      ({ sandbox: { aws } }) => aws.world.rollouts.next({ kind: 'unplaced' }),
      /the service was unable to place a task\. Reason: Capacity is unavailable/,
    ],
    [
      'ECS may not assume the role of its tasks',
      ({ sandbox: { aws } }) =>
        aws.world.rollouts.next({
          kind: 'unplaced',
          reason:
            "failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::1:role/blog')",
        }),
      /unable to assume the role/,
    ],
    [
      'its tasks fail the load balancer’s health check',
      ({ sandbox: { aws } }) =>
        aws.world.rollouts.next({ kind: 'unregistered', error: 'not in the target group VPC' }),
      /failed to register targets in .*not in the target group VPC/,
    ],
    [
      'the deployment limits let no task start and none stop',
      (harness) =>
        Object.assign(prod(harness).configuration, { maximumPercent: 100, minimumHealthyPercent: 100 }),
      /unable to stop or start tasks during a deployment/,
    ],
    [
      'its tasks stop, and no circuit breaker counts them',
      (harness) => {
        prod(harness).configuration.deploymentCircuitBreaker = { enable: false, rollback: false }
        harness.sandbox.aws.world.rollouts.next({ kind: 'exits', code: 3, log: ['no'] })
      },
      /its newest task failed: container api exited 3/,
    ],
  ])(
    'shows what the rollout waits for on the card, later in the thread, and at the deadline in the channel: %s',
    async ([, breaks, why], { harness }) => {
      breaks(harness)
      await harness.approved()
      await harness.sandbox.slack.until(() => {
        const { text } = harness.cards()[0] ?? { text: '' }
        return (/rolling out/.test(text) && why.test(text)) || undefined
      })
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).toMatch(why)
      const held = textOf(await harness.threadPost(/hourglass.*Rollout of/))
      expect(held).toMatch(why)
      const late = textOf(await harness.threadPost(/has taken longer than 4 s/))
      expect(late).toMatch(why)
      expect(
        harness.cards()[0]!.replies.filter((post) => /hourglass.*Rollout of/.test(textOf(post))),
      ).toHaveLength(1)
    },
  )
})

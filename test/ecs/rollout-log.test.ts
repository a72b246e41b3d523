import type { ContainerDefinition, LogConfiguration } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import type { RolloutOutcome } from '../../sandbox/aws/outcomes.ts'
import { account, prod, roll } from './account.ts'

type Options = { readonly lines?: number; readonly beside?: readonly ContainerDefinition[] }

/**
 * The log of a rollout whose tasks meet this outcome.
 * @param beside further containers of its task definition, before `api`
 */
async function logOf(outcome: RolloutOutcome, { lines = 4, beside = [] }: Options = {}) {
  const here = await account()
  here.aws.world.rollouts.next(outcome)
  const { containerDefinitions = [] } = here.aws.world.taskDefinitions.find(
    ({ family, revision }) => family === 'blog-api' && revision === 42,
  )!
  containerDefinitions.unshift(...beside)
  const { deploymentId } = await roll(here, 42)
  const service = () => here.aws.world.service(prod.cluster, prod.service)!
  await here.aws.until(() =>
    outcome.kind === 'unplaced'
      ? service().events.some(({ message }) => message.includes('unable to place'))
      : service().tasks.some((task) => task.startedBy === deploymentId && task.lastStatus === 'STOPPED'),
  )
  return here.ecs.log({ log: 'rollout', target: prod, deploymentId }, lines)
}

describe('log of a failed rollout', () => {
  it('names the newest task that stopped and its container, then shows its last lines, masked', async () => {
    const log = ['booting', 'connecting to postgres://blog:hunter22@db/blog', 'failed']
    const [why, ...rest] = await logOf({ kind: 'exits', code: 1, log }, { lines: 2 })
    expect(why).toMatch(/^Task \w{8}, container api:$/)
    expect(rest).toEqual(['connecting to postgres://blog:***@db/blog', 'failed'])
  })

  it('reports that a task which never started has no log', async () => {
    const lines = await logOf({
      kind: 'never-starts',
      stoppedReason: 'ResourceInitializationError: no secret',
    })
    expect(lines).toEqual([expect.stringMatching(/^Task \w{8}: api never logged$/)])
  })

  it('shows the service’s events if no task was placed', async () => {
    const lines = await logOf({ kind: 'unplaced' })
    expect(lines[0]).toMatch(/unable to place a task/)
    expect(lines.length).toBeGreaterThan(1)
  })

  it.each<[string, LogConfiguration | undefined, readonly (string | RegExp)[]]>([
    [
      'CloudWatch',
      {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': '/ecs/router',
          'awslogs-create-group': 'true',
          'awslogs-stream-prefix': 'r',
        },
      },
      ['no route', 'giving up'],
    ],
    [
      'CloudWatch, through FireLens',
      {
        logDriver: 'awsfirelens',
        options: { Name: 'cloudwatch_logs', log_group_name: '/ecs/router', log_stream_prefix: 'r/' },
      },
      ['no route', 'giving up'],
    ],
    [
      'Splunk',
      { logDriver: 'splunk', options: { 'splunk-url': 'https://splunk.internal' } },
      ['router logs to Splunk (splunk-url https://splunk.internal)'],
    ],
    ['nowhere', undefined, [/^router has no logConfiguration/]],
  ])('shows the log of the container to blame, which logs to %s', async (_, logConfiguration, rest) => {
    const router = { name: 'router', image: 'router:1', essential: true, logConfiguration }
    const agent = { name: 'agent', image: 'agent:1', essential: true }
    const [first, ...others] = await logOf(
      {
        kind: 'exits',
        code: 143,
        others: { router: 2, api: 143 },
        logs: { router: ['no route', 'giving up'], api: ['stopped'] },
      },
      { beside: [agent, router] },
    )
    const log = first?.endsWith(':') ? others : [first?.replace(/^Task \w{8}: /, '')]
    if (log === others) expect(first).toMatch(/^Task \w{8}, container router:$/)
    expect(log).toEqual(rest.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))))
  })

  it('names the container to blame among forty without logs, in few words', async () => {
    const names = Array.from({ length: 39 }, (_, at) => `sidecar-${at}`)
    const lines = await logOf(
      { kind: 'exits', code: 143, others: { 'sidecar-20': 2 } },
      { beside: names.map((name) => ({ name, image: `${name}:1`, essential: true })) },
    )
    expect(lines).toEqual([expect.stringMatching(/^Task \w{8}: sidecar-20 has no logConfiguration/)])
  })
})

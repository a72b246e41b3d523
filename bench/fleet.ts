import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addService } from '../sandbox/aws/seed-world.ts'
import { deployPath, deployWorkflow } from '../sandbox/github/workflow-file.ts'
import { type Pace, testPace } from '../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { slack as seed } from '../sandbox/seed.ts'

export const dispatchRoute = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

/** One service with its own channel, since Slack accepts about one post a second in each. */
export type Ship = { readonly service: string; readonly channel: string }

/** Many services of one team, and the sandbox in which they run. */
export type Fleet = {
  readonly sandbox: Sandbox
  readonly ships: readonly Ship[]
  /** The environment of the bot's process. */
  readonly env: Readonly<Record<string, string>>
  /** The arrival of the next dispatch at GitHub, as `performance.now()`. Call it before the cause of the dispatch. */
  dispatched(): Promise<number>
  close(): Promise<void>
}

export type FleetOptions = {
  /** The number of services. */
  readonly count: number
  /** Approvals required for a release. */
  readonly required: number
  readonly approvers?: readonly string[]
  /** How long each waits after its last approval; default: not at all. */
  readonly wait?: (ship: Ship) => string
  /** Slack's rate limits; default `off`. */
  readonly rates?: 'real' | 'off'
  /** How fast the sandbox moves; default as in tests. */
  readonly pace?: Pace
  /** Files of the repository. The default is the demo's deploy workflow, which an input tells the service. */
  readonly files?: Readonly<Record<string, string>>
  /** How twokey learns what moves in AWS: by polling alone, the default, or also by events from a queue. */
  readonly learns?: 'by polling' | 'by events'
}

export async function openFleet({
  rates = 'off',
  pace = testPace,
  files = { [deployPath]: forAnyService(deployWorkflow()) },
  learns = 'by polling',
  ...options
}: FleetOptions): Promise<Fleet> {
  const { count } = options
  const folder = mkdtempSync(join(tmpdir(), 'twokey-bench-'))
  const sandbox = await startSandbox({ pace, rates })
  const ships = Array.from({ length: count }, (_, index) => shipOf(index))
  for (const ship of ships) launch(sandbox, ship)
  sandbox.github.world.push('main', { message: 'Ship every service', files })
  sandbox.github.world.rate.limit = Number.POSITIVE_INFINITY
  const configPath = join(folder, 'twokey.yml')
  const queues = learns === 'by events' ? [eventsOf(sandbox)] : []
  writeFileSync(configPath, configOf(ships, queues, options))
  const waiting: ((at: number) => void)[] = []
  const { log } = sandbox.github
  const add = log.add.bind(log)
  log.add = (exchange) => {
    if (exchange.on === dispatchRoute) waiting.shift()?.(performance.now())
    return add(exchange)
  }
  return {
    sandbox,
    ships,
    env: { ...sandbox.env, TWOKEY_CONFIG: configPath, TWOKEY_DATA_DIR: join(folder, 'store'), PORT: '0' },
    dispatched: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      await sandbox.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The address of a queue that gets the events of AWS from now on. */
function eventsOf({ aws: { world } }: Sandbox): string {
  const queue = world.createQueue('twokey')
  world.sendEventsTo(queue)
  return queue.url
}

/** A deploy workflow whose input names the service. Only a dispatch starts it. */
export function forAnyService(workflow: string): string {
  return workflow
    .replace(/ {2}push:\n.*\n/, '')
    .replace('    inputs:\n', '    inputs:\n      service: { type: string, required: true }\n')
    .replace(/SERVICE: .*/, `SERVICE: \${{ inputs.service }}`)
}

function shipOf(index: number): Ship {
  const number = String(index).padStart(3, '0')
  return { service: `blog-${number}`, channel: `C0BLOG${number}` }
}

function launch({ aws, slack }: Sandbox, { service, channel }: Ship): void {
  const at = Date.now() - 3_600_000
  const history = [{ taskDefinition: 'blog-api:43', at }]
  addService(aws.world, { cluster: 'blog-cluster-prod', service, desired: 1, history })
  const everybody = slack.workspace.channels.get(seed.channel.id)
  if (!everybody) throw new Error('the seed has no channel')
  slack.workspace.channels.set(channel, { ...everybody, id: channel, name: service })
}

/** An environment for each service: a channel belongs to an environment. */
function configOf(
  ships: readonly Ship[],
  queues: readonly string[],
  { required, approvers = ['S0DEPLOYERS', 'U0APPROVER'], wait = () => '0s' }: FleetOptions,
): string {
  const environments = ships.map((ship) => [
    `prod-${ship.service}`,
    {
      channel: ship.channel,
      branch: 'main',
      githubEnvironment: 'production',
      approvals: { required, ...(required > 0 && { approvers }) },
      wait: wait(ship),
    },
  ])
  const services = ships.map(({ service }) => [
    service,
    {
      repository: 'myorg/blog-api',
      workflow: 'deploy.yml',
      inputs: { service: '$service' },
      containers: ['api'],
      environments: { [`prod-${service}`]: { cluster: 'blog-cluster-prod', service } },
    },
  ])
  // JSON is YAML.
  return JSON.stringify({
    slack: { channel: seed.channel.id },
    environments: Object.fromEntries(environments),
    services: Object.fromEntries(services),
    events: queues.map((queueUrl) => ({ queueUrl })),
  })
}

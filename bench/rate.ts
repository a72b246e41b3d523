import { setTimeout as pause } from 'node:timers/promises'
import { ECS, waitUntilServicesStable } from '@aws-sdk/client-ecs'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { cardIn } from './crowd.ts'
import { type Fleet, openFleet, type Ship } from './fleet.ts'
import { startProgram } from './processes.ts'

/**
 * Calls to ECS per minute while releases are under way in one cluster, whose rollouts all stand still: of twokey, of the
 * SDK's waiter as it comes, and of the best-configured waiter, every 15 s. `node bench/rate.ts 1 10 50`.
 */

const counts = process.argv.slice(2).map(Number)
const cluster = 'blog-cluster-prod'
/** How long calls are counted, ms. */
const countedMs = 60_000
/** How long the releases are under way before that, ms: what is read once is no part of the rate. */
const settledMs = 20_000

/** What tells the calls of a client from those of the workflows. */
const app = 'counted'

type Rate = { readonly total: number; readonly byOperation: ReadonlyMap<string, number> }

/** The calls to ECS from now on, until the time is over. */
async function rate({ aws }: Sandbox): Promise<Rate> {
  const from = aws.log.exchanges.length
  await pause(countedMs)
  const calls = aws.log.exchanges
    .slice(from)
    .filter(({ headers }) => headers['user-agent']?.includes(`app/${app}`))
  const byOperation = new Map(
    [...Map.groupBy(calls, ({ on }) => on)].map(([on, of]) => [on, of.length] as const),
  )
  return { total: calls.length, byOperation }
}

async function ofTwokey(count: number): Promise<Rate> {
  const fleet = await openFleet({ count, required: 0 })
  const twokey = await startProgram('twokey', { ...fleet.env, AWS_SDK_UA_APP_ID: app })
  try {
    await deployAll(fleet)
    await pause(settledMs)
    return await rate(fleet.sandbox)
  } finally {
    await twokey.stop()
    await fleet.close()
  }
}

async function deployAll({ sandbox, ships }: Fleet): Promise<void> {
  const { aws, slack } = sandbox
  aws.world.rollouts.next(...ships.map(() => ({ kind: 'stuck' }) as const))
  for (const { service, channel } of ships)
    await slack.as('U0ANA').types(channel, `/deploy prod-${service} ${service}`)
  const isRollingOut = ({ channel }: Ship) => / rolling out/.test(cardIn(slack, channel)?.text ?? '')
  await slack.until(() => ships.every(isRollingOut), { ms: 300_000 })
}

type Waiter = (ecs: ECS, service: string, until: AbortSignal) => Promise<void>

const asItComes: Waiter = async (client, service, abortSignal) => {
  await waitUntilServicesStable(
    { client, maxWaitTime: 600, abortSignal },
    { cluster, services: [service] },
  ).catch(() => undefined)
}

/** The waiter with a pause of 15 s. */
const bestConfigured: Waiter = async (client, service, abortSignal) => {
  await waitUntilServicesStable(
    { client, maxWaitTime: 600, minDelay: 15, maxDelay: 15, abortSignal },
    { cluster, services: [service] },
  ).catch(() => undefined)
}

/** The calls of one waiter a service, on the same timeline. */
async function ofWaiter(count: number, waiter: Waiter): Promise<Rate> {
  const fleet = await openFleet({ count, required: 0 })
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region } = fleet.env
  const ecs = new ECS({
    endpoint: endpoint!,
    region: region!,
    userAgentAppId: app,
    credentials: {
      accessKeyId: fleet.env.AWS_ACCESS_KEY_ID!,
      secretAccessKey: fleet.env.AWS_SECRET_ACCESS_KEY!,
    },
  })
  const ending = new AbortController()
  try {
    fleet.sandbox.aws.world.rollouts.next(...fleet.ships.map(() => ({ kind: 'stuck' }) as const))
    for (const { service } of fleet.ships)
      await ecs.updateService({ cluster, service, forceNewDeployment: true })
    const waiting = fleet.ships.map(({ service }) => waiter(ecs, service, ending.signal))
    await pause(settledMs)
    const counted = await rate(fleet.sandbox)
    ending.abort()
    await Promise.all(waiting)
    return counted
  } finally {
    await fleet.close()
  }
}

console.log(
  '| releases under way | twokey | waiter, 15 s | waiter as it comes | twokey’s calls |\n|---|---|---|---|---|',
)
for (const count of counts) {
  const twokey = await ofTwokey(count)
  const best = await ofWaiter(count, bestConfigured)
  const plain = await ofWaiter(count, asItComes)
  const operations = [...twokey.byOperation].map(([on, calls]) => `${on} ${calls}`).join(', ')
  console.log(`| ${count} | ${twokey.total} | ${best.total} | ${plain.total} | ${operations} |`)
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Exchange } from '../sandbox/request-log.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { type Fleet, openFleet } from './fleet.ts'
import { startProgram } from './processes.ts'
import { clientsTo, type WaiterName, waitFor } from './waiters.ts'

/**
 * Calls to ECS per minute while releases are under way in one cluster, whose rollouts all stand still: of twokey, by polling
 * and with the events of AWS, and in the same minute of the waiters of the SDK, one a service. `node bench/rate.ts 1 10 50`
 * takes ten minutes, `node bench/rate.ts 200` another ten: GitHub accepts one dispatch a second.
 */

const counts = process.argv.slice(2).map(Number)
const cluster = 'blog-cluster-prod'
/** How long calls are counted, ms. */
const countedMs = 60_000
/** How long all releases are under way before that, ms: what is read once is no part of the rate. */
const settledMs = 30_000

/** What tells the calls of a client from those of the workflows. */
type App = 'twokey' | WaiterName

type Rates = Readonly<Record<App, readonly Exchange[]>>

async function rates(count: number, learns: 'by polling' | 'by events'): Promise<Rates> {
  const fleet = await openFleet({ count, required: 0, learns })
  const twokey = await startProgram('twokey', { ...fleet.env, AWS_SDK_UA_APP_ID: 'twokey' satisfies App })
  const ending = new AbortController()
  try {
    await deployAll(fleet)
    const waiting = (['plain', 'best'] as const).map((name) => waitForAll(name, fleet, ending.signal))
    await pause(settledMs)
    const counted = await callsOfAMinute(fleet.sandbox)
    ending.abort()
    await Promise.all(waiting)
    return counted
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
  const isUpdated = (service: string) =>
    aws.world.service(cluster, service)?.rollouts[0]?.status === 'IN_PROGRESS'
  await aws.until(() => ships.every(({ service }) => isUpdated(service)), { ms: 600_000 })
}

async function waitForAll(name: WaiterName, { env, ships }: Fleet, abortSignal: AbortSignal): Promise<void> {
  const clients = clientsTo(env, name)
  const waits = ships.map(({ service }) => {
    const waited = { cluster, service, taskDefinition: '', codeDeployment: null }
    return waitFor(name, waited, clients, { maxWaitTime: 600, abortSignal })
  })
  await Promise.all(waits)
}

async function callsOfAMinute({ aws }: Sandbox): Promise<Rates> {
  const from = aws.log.exchanges.length
  await pause(countedMs)
  const exchanges = aws.log.exchanges.slice(from)
  const of = (app: App) => exchanges.filter(({ headers }) => headers['user-agent']?.includes(`app/${app}`))
  return { twokey: of('twokey'), plain: of('plain'), best: of('best') }
}

/** `DescribeServices 20, DescribeServiceDeployments 60` */
function byOperation(calls: readonly Exchange[]): string {
  return [...Map.groupBy(calls, ({ on }) => on)].map(([on, those]) => `${on} ${those.length}`).join(', ')
}

/** Reading the queue is no call to ECS. */
const toEcs = (calls: readonly Exchange[]) =>
  calls.filter(({ on }) => on !== 'ReceiveMessage' && on !== 'DeleteMessageBatch')

console.log(
  '| releases under way | twokey, polling | twokey, with events | waiter, 15 s | waiter as it comes | twokey’s calls, polling | with events |',
)
console.log('|---|---|---|---|---|---|---|')
for (const count of counts) {
  const polling = await rates(count, 'by polling')
  const events = await rates(count, 'by events')
  const figures = [toEcs(polling.twokey), toEcs(events.twokey), polling.best, polling.plain]
  console.log(
    `| ${count} | ${figures.map(({ length }) => length).join(' | ')} | ${byOperation(polling.twokey)} | ${byOperation(events.twokey)} |`,
  )
}

import type { Exchange } from '../sandbox/request-log.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { percentile, type Row, table } from './figures.ts'
import { dispatchRoute, type Fleet, openFleet, type Ship } from './fleet.ts'
import { startProgram } from './processes.ts'

const releases = 100
const warmUps = 5
/** Pause before and after each measurement, ms. */
const settleMs = 200
/** GitHub asks for one second between two writing requests, which Octokit observes, ms. */
const writesApartMs = 1_000

/** From the last approver's click, sent on the socket, to the arrival of the dispatch at GitHub. */
export async function approval(): Promise<readonly Row[]> {
  const fleet = await openFleet({ count: releases + warmUps, required: 2 })
  const twokey = await startProgram('twokey', fleet.env)
  try {
    const measured: { total: number; floor: number }[] = []
    for (const ship of fleet.ships) measured.push(await approved(fleet, ship))
    const counted = measured.slice(warmUps)
    return ([0.5, 0.99] as const).map((share) => ({
      what: `last approval to dispatch, p${share * 100}`,
      unit: 'ms',
      twokey: percentile(
        counted.map(({ total }) => total),
        share,
      ),
      baseline: percentile(
        counted.map(({ floor }) => floor),
        share,
      ),
      against: 'the same requests alone',
    }))
  } finally {
    await twokey.stop()
    await fleet.close()
  }
}

async function approved(fleet: Fleet, { service, channel }: Ship) {
  const { sandbox } = fleet
  const { slack, github } = sandbox
  // No runner takes it: what follows the dispatch is not measured.
  github.world.next = { stuck: 'queued' }
  await slack.as('U0ANA').types(channel, `/deploy prod-${service} ${service}`)
  const card = await slack.until(
    (workspace) => workspace.messages(channel).find(({ text }) => text.includes('awaiting approval')),
    { ms: 30_000 },
  )
  const approves = (user: string) =>
    slack.as(user).clicks({ channel, ts: card.ts, actionId: 'twokey:approve' })
  await approves('U0BEN')
  await pause(settleMs)
  const logs = looks(sandbox)
  const seen = logs.map(({ exchanges }) => exchanges.length)
  const dispatched = fleet.dispatched()
  const began = performance.now()
  await approves('U0CHLOE')
  const total = (await dispatched) - began
  const asked = logs.flatMap(({ url, exchanges }, at) =>
    exchanges
      .slice(seen[at])
      .filter(({ on }) => on !== dispatchRoute && !on.startsWith('chat.'))
      .map((exchange) => ({ url, exchange })),
  )
  await pause(writesApartMs)
  const again = performance.now()
  for (const { url, exchange } of asked) await sentAgain(url, exchange)
  const floor = performance.now() - again
  const run = github.world.repository().runs.at(-1)
  if (run) github.world.cancelRun(run.id)
  return { total, floor }
}

/** The requests before the dispatch. Messages to Slack are sent in parallel. */
function looks({ slack, github, aws }: Sandbox) {
  const { AWS_ENDPOINT_URL: awsUrl = '' } = aws.env as Readonly<Record<string, string>>
  return [
    { url: slack.url, exchanges: slack.log.exchanges },
    { url: github.env.GITHUB_API_URL, exchanges: github.log.exchanges },
    { url: awsUrl, exchanges: aws.log.exchanges },
  ]
}

/** The same request, without anything around it. */
async function sentAgain(url: string, { method, path, headers, body }: Exchange): Promise<void> {
  const { host: _host, connection: _connection, 'content-length': _length, ...kept } = headers
  const response = await fetch(`${url}${path}`, {
    method,
    headers: kept,
    ...(method !== 'GET' && { body: encoded(body, kept['content-type'] ?? '') }),
  })
  await response.arrayBuffer()
}

function encoded(body: unknown, type: string): string {
  return type.startsWith('application/x-www-form-urlencoded')
    ? new URLSearchParams(body as Record<string, string>).toString()
    : JSON.stringify(body)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

if (import.meta.main) console.log(table([await approval()]))

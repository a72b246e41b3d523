import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Readable } from 'node:stream'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeploy } from '@aws-sdk/client-codedeploy'
import { ECS } from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { mib, readWithin } from '../../runtime/bounded.ts'
import type { ProxySettings } from '../../runtime/proxy.ts'
import type { RemoteClock } from '../../runtime/remote-clock.ts'

/** How to reach AWS. The SDK provides missing settings (`AWS_REGION`, `AWS_ENDPOINT_URL`, …); times in ms. */
export type AwsSettings = {
  readonly region?: string
  readonly endpoint?: string
  /** Default 3,000. */
  readonly connectionTimeoutMs?: number
  /** Default 10,000. */
  readonly requestTimeoutMs?: number
  /** Absent: no proxy. */
  readonly proxy?: ProxySettings
}

/**
 * The SDK's clients of one region. `once` and `codeDeployOnce` never retry a request; `clock` is AWS's, updated by each
 * answer.
 */
export type Clients = {
  readonly ecs: ECS
  readonly once: ECS
  readonly logs: CloudWatchLogs
  readonly codeDeploy: CodeDeploy
  readonly codeDeployOnce: CodeDeploy
  readonly clock: RemoteClock
}

/** Creates the clients of one region: three attempts for reads, one for changes. */
export function clientsOf(settings: AwsSettings, clock: RemoteClock): Clients {
  const { region, endpoint, connectionTimeoutMs = 3_000, requestTimeoutMs = 10_000 } = settings
  const shared = {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      ...agents(settings.proxy),
    },
  }
  const clients = {
    ecs: new ECS({ ...shared, maxAttempts: 3 }),
    once: new ECS({ ...shared, maxAttempts: 1 }),
    logs: new CloudWatchLogs({ ...shared, maxAttempts: 3 }),
    codeDeploy: new CodeDeploy({ ...shared, maxAttempts: 3 }),
    codeDeployOnce: new CodeDeploy({ ...shared, maxAttempts: 1 }),
  }
  for (const client of Object.values(clients))
    onAnswers(client.middlewareStack as ECS['middlewareStack'], clock)
  return { ...clients, clock }
}

/** The SDK's own agents know no proxy. As many sockets as the SDK's. */
function agents(proxyEnv: ProxySettings | undefined) {
  if (proxyEnv === undefined) return {}
  const options = { keepAlive: true, maxSockets: 50, proxyEnv }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}

/**
 * Limit of one answer, bytes. `GetLogEvents` returns at most 1 MB of lines, six times as long if JSON has to escape
 * each character. A task definition has 64 KB; 100 tasks, or 10 services with 100 events each, have less.
 */
const maxAnswerBytes = 8 * mib

const dated = z.object({ headers: z.object({ date: z.string() }) })

/**
 * Handles each answer before the SDK parses it: takes AWS's time from it, reads it completely within the size limit,
 * and records the host that sent it, because AWS and its substitutes answer differently.
 */
function onAnswers(stack: ECS['middlewareStack'], clock: RemoteClock): void {
  stack.add(
    (next) => async (args) => {
      const result = await next(args)
      clock.hear(dated.safeParse(result.response).data?.headers.date)
      const answer = responseShape.safeParse(result.response).data
      if (answer) {
        const { hostname: answeredBy } = requestShape.parse(args.request)
        Object.assign(result.response as object, { answeredBy, body: await readWithin(answer.body, ofAws) })
      }
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'onAnswers' },
  )
}

const ofAws = { whose: 'an answer of AWS', most: maxAnswerBytes }

const requestShape = z.object({ hostname: z.string() })

/** Bodies of Node's own responses are streams. */
const responseShape = z.object({ body: z.instanceof(Readable) })

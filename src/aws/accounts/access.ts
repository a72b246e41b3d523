import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { ProxySettings } from '../../runtime/proxy.ts'
import type { RemoteClock } from '../../runtime/remote-clock.ts'
import { onAnswers, onExpiry, type Stack } from './answers.ts'
import { actingSession, assuming, readingSession } from './assume.ts'
import { renewing, type Session } from './session.ts'

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

/** How a client of the SDK reaches one account and region. */
export type Access = {
  /** Settings for its constructor. */
  readonly settings: ReturnType<typeof sharedSettings> & Partial<Pick<Session, 'credentials'>>
  /** Has it record AWS's time, limit the size of answers, and renew a session that AWS calls expired. */
  prepare<Client extends { readonly middlewareStack: unknown }>(client: Client): Client
}

/** One account and region. `clock` is AWS's, updated by each answer. */
export type Account = {
  readonly reading: Access
  /** For what a release changes: where a role is assumed, the session has the release's name. */
  acting(releaseId: string): Access
  readonly clock: RemoteClock
}

/** @param settings `roleArn`: the role to assume; absent: twokey's own credentials */
export function accountOf(
  settings: AwsSettings & { readonly roleArn?: string },
  clock: RemoteClock,
): Account {
  const shared = sharedSettings(settings)
  const { roleArn } = settings

  function accessBy(sessionName: string): Access {
    const session = roleArn === undefined ? null : renewing(assuming(shared, { roleArn, sessionName }))
    return {
      settings: { ...shared, ...(session && { credentials: session.credentials }) },
      prepare(client) {
        const stack = client.middlewareStack as Stack
        onAnswers(stack, clock)
        if (session) onExpiry(stack, session.forget)
        return client
      },
    }
  }

  const reading = accessBy(readingSession)
  return {
    reading,
    acting: (releaseId) => (roleArn === undefined ? reading : accessBy(actingSession(releaseId))),
    clock,
  }
}

function sharedSettings(settings: AwsSettings) {
  const { region, endpoint, connectionTimeoutMs = 3_000, requestTimeoutMs = 10_000 } = settings
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      ...agents(settings.proxy),
    },
  }
}

/** The SDK's own agents know no proxy. As many sockets as the SDK's. */
function agents(proxyEnv: ProxySettings | undefined) {
  if (proxyEnv === undefined) return {}
  const options = { keepAlive: true, maxSockets: 50, proxyEnv }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}

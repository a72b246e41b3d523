import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { GitHubSignal } from '../ports/github-signal.ts'
import type { HandleSlackRequest } from '../ports/slack-request.ts'
import type { HttpEnv } from './env.ts'
import { type GitHubWebhookDeps, gitHubWebhookRoutes } from './github-webhooks.ts'
import { type HealthDeps, healthRoutes } from './health.ts'
import { Later } from './later.ts'
import { slackEventRoutes } from './slack-events.ts'

export type HttpServer = {
  readonly url: string
  /** Ready while the function returns true; not ready before this is called. */
  readyWhile(isReady: () => boolean): void
  /** Takes what webhooks of GitHub say; those that came before are handed over at once. */
  onGitHubSignal(receive: (signal: GitHubSignal) => void): void
  /** Registers what handles Slack's requests; null: nothing, and Slack is told so. */
  onSlackRequest(handle: HandleSlackRequest | null): void
  close(): Promise<void>
}

export type HttpDeps = Omit<HealthDeps, 'isReady'> & {
  /** Undefined: all interfaces. */
  readonly host: string | undefined
  readonly port: number
  /** Absent: there is no `POST /github/webhooks`. */
  readonly gitHubWebhookSecret: string | undefined
  /** Absent: there is no `POST /slack/events`. */
  readonly slackSigningSecret: string | undefined
  readonly log: GitHubWebhookDeps['log'] & HealthDeps['log']
}

/** How long a client may take to send a whole request, ms. */
const requestMs = 30_000

/** How many webhooks are kept until the rest of twokey has started. */
const mostSignals = 1_000

/** The one server of twokey. It listens before Slack is connected, so that health can be read meanwhile. */
export function serveHttp({
  host,
  port,
  gitHubWebhookSecret,
  slackSigningSecret,
  ...deps
}: HttpDeps): Promise<HttpServer> {
  let isReady = () => false
  const app = new Hono<HttpEnv>()
  healthRoutes(app, { ...deps, isReady: () => isReady() })
  const signals = new Later<GitHubSignal>(mostSignals)
  if (gitHubWebhookSecret !== undefined)
    gitHubWebhookRoutes(app, {
      secret: gitHubWebhookSecret,
      receive: (signal) => signals.receive(signal),
      log: deps.log,
    })
  let handler: HandleSlackRequest | null = null
  if (slackSigningSecret !== undefined)
    slackEventRoutes(app, { signingSecret: slackSigningSecret, handler: () => handler, log: deps.log })
  app.onError((error, c) => {
    deps.log.error({ err: error, path: c.req.path }, 'an HTTP request could not be answered')
    return c.text('twokey could not answer; its log says why', 500)
  })
  return new Promise((resolve, reject) => {
    const serverOptions = { requestTimeout: requestMs }
    const server = serve({ fetch: app.fetch, port, hostname: host, serverOptions }, (address) => {
      resolve({
        url: addressFor(host, address.port),
        readyWhile(isReadyNow) {
          isReady = isReadyNow
        },
        onGitHubSignal: (receive) => signals.goTo(receive),
        onSlackRequest(handle) {
          handler = handle
        },
        close: () => close(server as Server),
      })
    })
    server.once('error', reject)
  })
}

/** The address at which it is reachable on this machine: for all interfaces, the loopback address. */
export function addressFor(host: string | undefined, port: number): string {
  if (host === undefined || host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return isIPv6(host) ? `http://[${host}]:${port}` : `http://${host}:${port}`
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

import { Faults } from '../faults.ts'
import { listen } from '../http.ts'
import { patience } from '../pace.ts'
import { RequestLog } from '../request-log.ts'
import type { Deliver } from './delivery.ts'
import type { App } from './entities.ts'
import { Events, redelivery } from './events.ts'
import { type Person, person } from './people.ts'
import { Rates } from './rates.ts'
import { Requests } from './requests.ts'
import { defaultApp, seededWorkspace } from './seeded.ts'
import { Sockets } from './sockets.ts'
import { transcript } from './transcript.ts'
import { webApi } from './web-api.ts'
import type { Clock, Workspace } from './workspace.ts'

export type SlackOptions = {
  /** Default: any free port. */
  readonly port?: number
  /** `off`: calls are not limited, for tests of other things. */
  readonly rates?: 'real' | 'off'
  /** The app as installed, if it differs from the default. */
  readonly app?: Partial<App>
  /** ms since the epoch; used for everything that expires. */
  readonly now?: Clock
  /** How long Slack waits for an acknowledgement, ms. Default 3,000, as in Slack. */
  readonly ackMs?: number
  /** When events that were not acknowledged are retried, in ms after the previous attempt. */
  readonly redeliverAfter?: readonly number[]
}

/** A Slack workspace on a local address. */
export type SlackSandbox = {
  readonly url: string
  /** The environment that the app needs to reach it. */
  readonly env: {
    readonly SLACK_API_URL: string
    readonly SLACK_BOT_TOKEN: string
    readonly SLACK_APP_TOKEN: string
  }
  readonly log: RequestLog
  readonly faults: Faults
  readonly workspace: Workspace
  /** The app's Socket Mode connections. */
  readonly sockets: Pick<Sockets, 'open' | 'refresh' | 'drop' | 'troubles'>
  /** HTTP mode, from the moment that a request URL is set. */
  readonly requests: Pick<Requests, 'setRequestUrl' | 'signingSecret' | 'troubles' | 'attempts'>
  /** One person of the workspace, in one of their clients. @throws if no person has this id */
  as(user: string, client?: string): Person
  /**
   * Waits until the condition is true of the workspace; checks it after each change.
   * @throws after `ms` (default 5,000), with the content of the channels
   */
  until<T>(isSo: (workspace: Workspace) => T, options?: { readonly ms?: number }): Promise<NonNullable<T>>
  /** A channel as plain text. */
  transcript(channel: string): string
  close(): Promise<void>
}

/** Starts a Slack workspace with the seed's people on 127.0.0.1. */
export async function startSlack(options: SlackOptions = {}): Promise<SlackSandbox> {
  const { port = 0, rates = 'real', now = Date.now, ackMs = 3_000, redeliverAfter = redelivery } = options
  const app: App = { ...defaultApp, ...options.app }
  const workspace = seededWorkspace({ app, now })
  const log = new RequestLog()
  const faults = new Faults()
  const sockets = new Sockets({ appId: app.id, ackMs, pingMs: 5_000 })
  const requests = new Requests({ ackMs, now })
  const deliver: Deliver = (outgoing) =>
    requests.isOn ? requests.deliver(outgoing) : sockets.deliver(outgoing)
  const events = new Events({ workspace, deliver, delays: redeliverAfter, isHttp: () => requests.isOn })
  const world = {
    workspace,
    log,
    faults,
    rates: rates === 'real' ? new Rates(now) : null,
    newSocketPath: () => sockets.newPath(),
  }
  const { url, server, close } = await listen(webApi(world), port)
  sockets.attach(server)
  return {
    url,
    env: { SLACK_API_URL: `${url}/api/`, SLACK_BOT_TOKEN: app.botToken, SLACK_APP_TOKEN: app.appToken },
    log,
    faults,
    workspace,
    sockets,
    requests,
    as: (user, client) => person({ workspace, deliver, events, url }, user, client),
    until: (isSo, { ms = patience } = {}) => until(workspace, isSo, ms),
    transcript: (channel) => transcript(workspace, channel),
    close: async () => {
      events.close()
      await sockets.close()
      await close()
    },
  }
}

function until<T>(
  workspace: Workspace,
  isSo: (workspace: Workspace) => T,
  ms: number,
): Promise<NonNullable<T>> {
  return new Promise((resolve, reject) => {
    const look = () => {
      try {
        const found = isSo(workspace)
        if (found) end(() => resolve(found))
      } catch (error) {
        end(() => reject(error))
      }
    }
    const end = (settle: () => void) => {
      clearTimeout(timer)
      unwatch()
      settle()
    }
    const unwatch = workspace.watch(look)
    const timer = setTimeout(() => end(() => reject(new Error(timeoutMessage(workspace, ms)))), ms)
    look()
  })
}

function timeoutMessage(workspace: Workspace, ms: number): string {
  const channels = [...workspace.channels.keys()].map((channel) => transcript(workspace, channel))
  return `The condition was not met within ${ms} ms. The workspace shows:\n\n${channels.join('\n\n')}`
}

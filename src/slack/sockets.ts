import type { App, Receiver } from '@slack/bolt'
import { SocketModeReceiver } from '@slack/bolt'
import type { Logger as SlackLogger } from '@slack/web-api'
import type { Logger } from 'pino'
import { EnvHttpProxyAgent } from 'undici'
import type { ProxySettings } from '../runtime/proxy.ts'
import { clientOptions } from './clients.ts'
import { patchSocketClient } from './frames.ts'
import { tokenTrouble } from './self.ts'
import { sayError, troubleOf } from './trouble.ts'

/** Slack allows ten connections per app. With two, one receives all events while the other is renewed. */
const connections = 2

/** Slack has answered 409 to two connections opened at the same moment (node-slack-sdk #2094). */
const apartMs = 250

/** The pause between two attempts to connect, ms. It doubles up to the second value. */
const backoffMs = { first: 500, longest: 5_000 } as const

export type SocketDeps = {
  readonly appToken: string
  readonly apiUrl?: string
  /** Absent: no proxy. */
  readonly proxy?: ProxySettings
  readonly logger: SlackLogger
  readonly log: Logger
  /** Slack will never accept this token again. */
  readonly onFatal: (error: Error) => void
}

/** How long Slack may take to greet a new connection, ms. */
const greetedWithinMs = 15_000

/** The connections over which Slack's events arrive. */
export type Connections = {
  /** Bolt takes one receiver in its constructor; the others get the app afterwards. */
  readonly first: Receiver
  serve(app: App): void
  /** Resolves once one connection is open. Rejects if Slack refuses the app token. */
  open(): Promise<void>
  /** Whether at least one connection is open. */
  isOpen(): boolean
  close(): Promise<void>
}

/**
 * Two Socket Mode connections that twokey itself reopens. The client's own reconnect waits 5 s, then up to minutes, and ends
 * the process by an unhandled rejection if the token was revoked meanwhile.
 */
export function socketConnections(deps: SocketDeps): Connections {
  const sockets = Array.from({ length: connections }, () => new Connection(deps))
  const [first, ...others] = sockets
  if (!first) throw new Error('there must be a connection')
  return {
    first: first.receiver,
    serve: (app) => {
      for (const { receiver } of others) receiver.init(app)
    },
    async open() {
      await first.open()
      for (const [index, socket] of others.entries())
        void wait(apartMs * (index + 1)).then(() => socket.keepOpen())
    },
    isOpen: () => sockets.some((socket) => socket.isUp),
    async close() {
      await Promise.all(sockets.map((socket) => socket.close()))
    },
  }
}

class Connection {
  readonly receiver: SocketModeReceiver
  isUp = false
  #isClosed = false
  #starting: Promise<void> = Promise.resolve()
  readonly #deps: SocketDeps

  constructor(deps: SocketDeps) {
    this.#deps = deps
    const { appToken, apiUrl, proxy, logger } = deps
    this.receiver = new SocketModeReceiver({
      appToken,
      logger,
      autoReconnectEnabled: false,
      ...(proxy && { dispatcher: socketDispatcher(proxy) }),
      installerOptions: {
        clientOptions: { ...clientOptions(apiUrl, logger), retryConfig: { retries: 0 } },
      },
      customPropertiesExtractor: ({ envelope_id }: { envelope_id?: unknown }) => ({
        envelopeId: envelope_id,
      }),
      // Not acknowledged, so the person sees an error.
      processEventErrorHandler: async ({ error }) => {
        deps.log.error({ err: error }, 'an event could not be handled')
        return false
      },
    })
    patchSocketClient(this.receiver.client, deps.log)
    this.receiver.client.on('connected', () => {
      this.isUp = true
    })
    this.receiver.client.on('disconnected', () => {
      const wasUp = this.isUp
      this.isUp = false
      if (wasUp) void this.keepOpen()
    })
  }

  /** Retries errors that may pass; throws an error of the token. */
  async open(): Promise<void> {
    await this.#connect()
  }

  /** The same when no caller waits for it. */
  async keepOpen(): Promise<void> {
    if (this.#isClosed) return
    try {
      await this.open()
    } catch (error) {
      this.#deps.onFatal(tokenTrouble(error, 'SLACK_APP_TOKEN'))
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.receiver.client.disconnect()
    await Promise.allSettled([this.#starting])
  }

  async #connect(): Promise<void> {
    let waitMs: number = backoffMs.first
    while (!this.#isClosed) {
      try {
        this.#starting = this.#started()
        await this.#starting
        return
      } catch (error) {
        if (troubleOf(error).kind === 'terminal') throw error
        this.#deps.log.warn({ reason: sayError(error), waitMs }, 'Slack could not be connected; trying again')
      }
      await wait(waitMs)
      waitMs = Math.min(backoffMs.longest, waitMs * 2)
    }
  }

  /**
   * Slack greets a connection at once; without a timeout, one that gets no greeting would block for ever. A connection that
   * opens after the shutdown is closed again, because nobody would store its events.
   */
  async #started(): Promise<void> {
    const timer = setTimeout(() => void this.receiver.client.disconnect(), greetedWithinMs)
    try {
      await this.receiver.start()
      if (this.#isClosed) await this.receiver.client.disconnect()
    } finally {
      clearTimeout(timer)
    }
  }
}

/** A dispatcher for a WebSocket through a proxy: always through a tunnel, and with HTTP/1.1, which an upgrade needs. */
function socketDispatcher({ HTTP_PROXY, HTTPS_PROXY, NO_PROXY }: ProxySettings): EnvHttpProxyAgent {
  return new EnvHttpProxyAgent({
    httpProxy: HTTP_PROXY ?? '',
    httpsProxy: HTTPS_PROXY ?? '',
    noProxy: NO_PROXY ?? '',
    proxyTunnel: true,
    allowH2: false,
  })
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

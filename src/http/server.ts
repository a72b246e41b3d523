import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { HttpEnv } from './env.ts'
import { type HealthDeps, healthRoutes } from './health.ts'

export type HttpServer = {
  readonly url: string
  /** Ready while the function returns true; not ready before this is called. */
  readyWhile(isReady: () => boolean): void
  close(): Promise<void>
}

export type HttpDeps = Omit<HealthDeps, 'isReady'> & {
  /** Undefined: all interfaces. */
  readonly host: string | undefined
  readonly port: number
}

/** How long a client may take to send a whole request, ms. */
const requestMs = 30_000

/** The one server of twokey. It listens before Slack is connected, so that health can be read meanwhile. */
export function serveHttp({ host, port, ...deps }: HttpDeps): Promise<HttpServer> {
  let isReady = () => false
  const app = new Hono<HttpEnv>()
  healthRoutes(app, { ...deps, isReady: () => isReady() })
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

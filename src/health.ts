import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { SetAsides } from './set-aside.ts'
import type { Store } from './store/store.ts'

export type Health = {
  readonly url: string
  /** Ready while the function returns true; not ready before this is called. */
  readyWhile(isReady: () => boolean): void
  close(): Promise<void>
}

/**
 * `/healthz`: 200 while the process and its store respond. `/readyz`: 200 once Slack is connected. `/metrics`: for
 * Prometheus.
 */
export function serveHealth({
  host,
  port,
  store,
  setAsides,
  log,
}: {
  /** Undefined: all interfaces. */
  host: string | undefined
  port: number
  store: Store
  setAsides: SetAsides
  log: Pick<Logger, 'error'>
}): Promise<Health> {
  const metrics = metricsOf(store, setAsides)
  let isReady = () => false
  const app = new Hono()
  app.get('/healthz', async (c) => {
    try {
      await store.ping()
      return c.text('ok')
    } catch (error) {
      // The caller is unknown, so the path of the store goes to the log only.
      log.error({ err: error }, 'the store does not answer')
      return c.text('the store does not answer; the log says why', 503)
    }
  })
  app.get('/readyz', (c) => (isReady() ? c.text('ok') : c.text('Slack is not connected', 503)))
  app.get('/metrics', async (c) =>
    c.text(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  )
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: host }, (address) => {
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

function metricsOf(store: Store, setAsides: SetAsides): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'twokey_releases_in_flight',
    help: 'Releases that have not ended, that ended while their run goes on, and those whose end is unknown',
    registers: [registry],
    async collect() {
      this.set(await store.countInFlight())
    },
  })
  new Counter({
    name: 'twokey_set_aside_total',
    help: 'Releases, cards, posts and requests that could not be read or drawn since the start, each counted once',
    labelNames: ['what'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [what, count] of Object.entries(setAsides.counts)) this.inc({ what }, count)
    },
  })
  return registry
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Store } from './store/store.ts'

export type Health = { readonly url: string; close(): Promise<void> }

/**
 * `/healthz`: 200 while the process and its store answer. `/readyz`: 200 once Slack is connected.
 * `/metrics`: for Prometheus.
 */
export function serveHealth({
  port,
  store,
  connected,
}: {
  port: number
  store: Store
  connected: () => boolean
}): Promise<Health> {
  const metrics = metricsOf(store)
  const app = new Hono()
  app.get('/healthz', async (c) => {
    try {
      await store.ping()
      return c.text('ok')
    } catch (error) {
      return c.text(
        `the store does not answer: ${error instanceof Error ? error.message : String(error)}`,
        503,
      )
    }
  })
  app.get('/readyz', (c) => (connected() ? c.text('ok') : c.text('Slack is not connected', 503)))
  app.get('/metrics', async (c) =>
    c.text(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  )
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port }, (address) => {
      resolve({ url: `http://127.0.0.1:${address.port}`, close: () => close(server as Server) })
    })
    server.once('error', reject)
  })
}

function metricsOf(store: Store): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'twokey_releases_in_flight',
    help: 'Releases that have not ended, that ended while their run goes on, and those whose end is unknown',
    registers: [registry],
    async collect() {
      this.set((await store.inFlight()).length)
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

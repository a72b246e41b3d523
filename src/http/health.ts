import type { Hono } from 'hono'
import type { Logger } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Store } from '../store/store.ts'
import type { HttpEnv } from './env.ts'

export type HealthDeps = {
  readonly store: Pick<Store, 'ping' | 'countInFlight'>
  /** How many messages the queues of AWS events brought since the start, by what twokey did with them. */
  readonly awsEvents: Readonly<Record<string, number>>
  readonly setAsides: { readonly counts: Readonly<Record<string, number>> }
  readonly isReady: () => boolean
  readonly log: Pick<Logger, 'error'>
}

/**
 * `/healthz`: 200 while the process and its store respond. `/readyz`: 200 once Slack is connected. `/metrics`: for
 * Prometheus.
 */
export function healthRoutes(
  app: Hono<HttpEnv>,
  { store, awsEvents, setAsides, isReady, log }: HealthDeps,
): void {
  const metrics = metricsOf({ store, awsEvents, setAsides })
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
}

function metricsOf({
  store,
  awsEvents,
  setAsides,
}: Pick<HealthDeps, 'store' | 'awsEvents' | 'setAsides'>): Registry {
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
  new Counter({
    name: 'twokey_aws_events_total',
    help: 'Messages from the queues of AWS events since the start, by what twokey did with them',
    labelNames: ['use'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [use, count] of Object.entries(awsEvents)) this.inc({ use }, count)
    },
  })
  return registry
}

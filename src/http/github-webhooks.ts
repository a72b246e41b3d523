import type { Hono } from 'hono'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { GitHubSignal } from '../ports/github-signal.ts'
import { atMost, mediaType } from './body.ts'
import type { HttpEnv } from './env.ts'
import { isSigned } from './signature.ts'

export type GitHubWebhookDeps = {
  readonly secret: string
  /** Takes note of the signal and returns at once; what follows from it happens after the answer. */
  readonly receive: (signal: GitHubSignal) => void
  readonly log: Pick<Logger, 'warn' | 'debug'>
}

/**
 * GitHub sends up to 25 MB, but the events that twokey uses have a few dozen kB. A larger one is refused, and what it
 * would have told is found by polling.
 */
const mostBytes = 1024 * 1024

/** How many deliveries are remembered, to recognize one that comes again. */
const mostDeliveries = 10_000

/** The events that say that a run may have moved; all others are accepted and ignored. */
const events: ReadonlySet<string> = new Set([
  'deployment_protection_rule',
  'deployment_review',
  'deployment_status',
  'workflow_job',
  'workflow_run',
])

const runId = z.number().int().positive()
const run = z.object({ id: runId }).optional().catch(undefined)

/** All that is read of a payload. Nobody is approved and nothing is sent because of what it says. */
const payload = z.object({
  action: z.string().catch(''),
  repository: z.object({ full_name: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/) }),
  workflow_run: run,
  workflow_job: z.object({ run_id: runId }).optional().catch(undefined),
  deployment_status: z.object({ state: z.string() }).optional().catch(undefined),
  deployment_callback_url: z.string().catch(''),
})

/** `POST /github/webhooks`: verifies, takes note, answers 202. */
export function gitHubWebhookRoutes(app: Hono<HttpEnv>, { secret, receive, log }: GitHubWebhookDeps): void {
  const seen = new LRUCache<string, true>({ max: mostDeliveries })
  app.post('/github/webhooks', atMost(mostBytes), async (c) => {
    if (mediaType(c.req.header('content-type')) !== 'application/json')
      return c.text('set the content type of the webhook to application/json', 415)
    const body = new Uint8Array(await c.req.arrayBuffer())
    const signature = c.req.header('x-hub-signature-256')
    if (!isSigned({ secret, prefix: 'sha256=', signature, parts: [body] })) {
      log.warn(
        { delivery: c.req.header('x-github-delivery') },
        'a webhook was refused: its signature is wrong',
      )
      return c.text('the signature is wrong', 401)
    }
    const delivery = c.req.header('x-github-delivery')
    if (delivery !== undefined && seen.has(delivery)) return c.text('known', 202)
    if (delivery !== undefined) seen.set(delivery, true)
    const event = c.req.header('x-github-event') ?? ''
    const signal = events.has(event) ? signalIn(event, body) : null
    log.debug({ event, delivery, ...signal }, 'a webhook came')
    if (signal) receive(signal)
    return c.text(signal ? 'accepted' : 'ignored', 202)
  })
}

function signalIn(event: string, body: Uint8Array): GitHubSignal | null {
  const read = payload.safeParse(json(body))
  if (!read.success) return null
  const { action, repository, workflow_run, workflow_job, deployment_status, deployment_callback_url } =
    read.data
  // GitHub documents no run id for protection rules. The address that has it is read, never requested.
  const called = /\/actions\/runs\/([1-9]\d{0,15})\//.exec(deployment_callback_url)?.[1]
  return {
    repository: repository.full_name,
    runId: workflow_run?.id ?? workflow_job?.run_id ?? (called === undefined ? null : Number(called)),
    isUrgent:
      event === 'deployment_protection_rule' ||
      event === 'deployment_review' ||
      action === 'waiting' ||
      deployment_status?.state === 'waiting',
  }
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return null
  }
}

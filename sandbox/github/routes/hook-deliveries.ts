import { type Answer, notFound, ok } from '../answer.ts'
import type { Call } from '../call.ts'
import { type Delivery, headersOf } from '../hooks/delivery.ts'
import { iso } from '../people.ts'

/** `apps/get-webhook-config-for-app`. */
export function hookConfig({ world, access }: Call): Answer {
  const hook = world.hooks.of({ type: 'integration', id: access.app!.id })
  if (!hook) return notFound
  return ok({ url: hook.url, content_type: 'json', secret: '********', insecure_ssl: '0' })
}

/** `apps/list-webhook-deliveries`: newest first, a page at a time by cursor. */
export function hookDeliveries(call: Call): Answer {
  const { query, at } = call
  const status = query.get('status')
  const size = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 30)))
  const before = Number(query.get('cursor')?.replace(/^v1_/, '') ?? Number.POSITIVE_INFINITY)
  const wanted = listed(call).filter(
    (delivery) => delivery.id < before && (status === null || classOf(delivery) === status),
  )
  const shown = wanted.slice(0, size)
  const url = new URL(call.path, at.api)
  url.searchParams.set('cursor', `v1_${shown.at(-1)?.id}`)
  const headers = wanted.length > size ? { link: `<${url}>; rel="next"` } : undefined
  return ok(shown.map(deliveryItem), headers)
}

/** `apps/get-webhook-delivery`. */
export function hookDelivery(call: Call): Answer {
  const delivery = deliveryCalled(call)
  if (!delivery) return notFound
  const { hook, payload, result } = delivery
  return ok({
    ...deliveryItem(delivery),
    url: hook.url,
    request: { headers: headersOf(delivery, JSON.stringify(payload), hook.secret), payload },
    response: { headers: result!.headers, payload: result!.response },
  })
}

/** `apps/redeliver-webhook-delivery`. */
export function redelivery(call: Call): Answer {
  const delivery = deliveryCalled(call)
  if (!delivery) return notFound
  call.world.hooks.redeliver(delivery)
  return { status: 202, body: {} }
}

function listed({ world, access }: Call): Delivery[] {
  return world.hooks.listed({ type: 'integration', id: access.app!.id })
}

function deliveryCalled(call: Call): Delivery | undefined {
  return listed(call).find(({ id }) => id === Number(call.params.delivery_id))
}

function classOf({ result }: Delivery): 'success' | 'failure' {
  return result!.statusCode < 400 ? 'success' : 'failure'
}

/** OpenAPI `hook-delivery-item`. */
function deliveryItem(delivery: Delivery) {
  const { id, guid, at, isRedelivery, event, action, installationId, repositoryId } = delivery
  const { status, statusCode, durationMs } = delivery.result!
  return {
    id,
    guid,
    delivered_at: iso(at),
    redelivery: isRedelivery,
    duration: durationMs / 1000,
    status,
    status_code: statusCode,
    event,
    action,
    installation_id: installationId,
    repository_id: repositoryId,
    throttled_at: null,
  }
}

import { createHmac } from 'node:crypto'
import type { HookEvent } from './events.ts'

/** A webhook as its owner configured it. */
export type Hook = {
  readonly id: number
  readonly url: string
  readonly secret: string
  /** The App, or the repository, that it belongs to. */
  readonly target: { readonly type: 'integration' | 'repository'; readonly id: number }
  /** Of a repository's; an App's are those that it is subscribed to. */
  readonly events: readonly HookEvent[]
}

/** One message to a webhook. A redelivery repeats its guid and payload. */
export type Delivery = {
  readonly id: number
  readonly guid: string
  readonly hook: Hook
  readonly event: HookEvent
  readonly action: string
  readonly repositoryId: number
  readonly installationId: number | null
  readonly isRedelivery: boolean
  readonly payload: Readonly<Record<string, unknown>>
  readonly at: number
  /** Absent until it was answered, or failed. */
  result?: Result
}

type Result = {
  /** `OK`, or why it failed. */
  readonly status: string
  readonly statusCode: number
  readonly durationMs: number
  readonly headers: Readonly<Record<string, string>>
  readonly response: string
}

/** The headers that GitHub sends with a payload. */
export function headersOf(
  { guid, hook, event }: Pick<Delivery, 'guid' | 'hook' | 'event'>,
  body: string,
  secret: string,
): Record<string, string> {
  const signature = (hash: string) => `${hash}=${createHmac(hash, secret).update(body).digest('hex')}`
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/5a4b0c1',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': String(hook.id),
    'x-github-hook-installation-target-id': String(hook.target.id),
    'x-github-hook-installation-target-type': hook.target.type,
    'x-hub-signature': signature('sha1'),
    'x-hub-signature-256': signature('sha256'),
  }
}

/**
 * Sends a delivery once, and waits for the answer as long as GitHub does.
 * @param secret what it is signed with
 */
export async function send(
  delivery: Delivery,
  {
    secret,
    patience,
    signal,
  }: { readonly secret: string; readonly patience: number; readonly signal: AbortSignal },
): Promise<Result> {
  const from = Date.now()
  const body = JSON.stringify(delivery.payload)
  const failed = (status: string, statusCode: number): Result => ({
    status,
    statusCode,
    durationMs: Date.now() - from,
    headers: {},
    response: '',
  })
  try {
    const answer = await fetch(delivery.hook.url, {
      method: 'POST',
      redirect: 'manual',
      headers: headersOf(delivery, body, secret),
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    })
    return {
      status: answer.ok ? 'OK' : `Invalid HTTP Response: ${answer.status}`,
      statusCode: answer.status,
      durationMs: Date.now() - from,
      headers: Object.fromEntries(answer.headers),
      response: await answer.text(),
    }
  } catch (trouble) {
    const isLate = trouble instanceof DOMException && trouble.name === 'TimeoutError'
    return isLate ? failed('timed out', 504) : failed(unreachable, 502)
  }
}

/** GitHub's words for an address that does not answer. */
export const unreachable = 'failed to connect to host'

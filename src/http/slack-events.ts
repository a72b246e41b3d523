import type { Context, Hono } from 'hono'
import type { Logger } from 'pino'
import type { HandleSlackRequest, SlackAnswer, SlackRequest } from '../ports/slack-request.ts'
import { atMost, mediaType } from './body.ts'
import type { HttpEnv } from './env.ts'
import { Replays } from './replays.ts'
import { isSigned } from './signature.ts'

export type SlackEventDeps = {
  readonly signingSecret: string
  /** Null while nobody is there to handle a request. */
  readonly handler: () => HandleSlackRequest | null
  readonly log: Pick<Logger, 'warn'>
  /** Slack's time, ms. Default: the clock of this machine. */
  readonly clock?: () => number
}

/** A form that is submitted has up to 250 kB, which its encoding may triple. */
const mostBytes = 1024 * 1024

/** How far the timestamp of a request may be off, before and after, ms; the same as Slack recommends. */
const windowMs = 5 * 60_000

/** How long Slack waits for an answer, ms. */
const patienceMs = 3_000

/** A request that Slack need not send again. */
const noRetry = { 'x-slack-no-retry': '1' } as const

/**
 * `POST /slack/events`: commands, clicks, forms, menus and events. A request counts only if Slack signed it, now, and once.
 */
export function slackEventRoutes(
  app: Hono<HttpEnv>,
  { signingSecret, handler, log, clock = Date.now }: SlackEventDeps,
): void {
  const replays = new Replays({ windowMs, patienceMs })

  app.post('/slack/events', atMost(mostBytes), async (c) => {
    const type = mediaType(c.req.header('content-type'))
    if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded')
      return c.text('the content type is neither JSON nor a form', 415)
    const body = new Uint8Array(await c.req.arrayBuffer())
    const content = contentOf(type, body)
    // Slack does not sign it. It asks only whether the certificate is valid.
    if (content !== null && type !== 'application/json' && content.ssl_check === '1') return c.body(null, 200)
    const timestamp = c.req.header('x-slack-request-timestamp') ?? ''
    const signature = c.req.header('x-slack-signature')
    const now = clock()
    const parts = [`v0:${timestamp}:`, body]
    if (!isSigned({ secret: signingSecret, prefix: 'v0=', signature, parts })) {
      log.warn('a request to /slack/events was refused: its signature is wrong')
      return c.text('the signature is wrong', 401)
    }
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1_000) > windowMs) {
      log.warn(
        { timestamp },
        'a request to /slack/events was refused: its time is off by more than 5 minutes',
      )
      return c.text('the timestamp is too far off', 401)
    }
    const payload = content && payloadOf(content)
    if (!payload) return c.text('the body cannot be read', 400, noRetry)
    if (payload.type === 'url_verification') return c.text(String(payload.challenge))
    const request: SlackRequest = { payload, delivery: String(signature), retry: retryOf(c) }
    const handle = handler()
    if (!handle) return c.text('twokey is starting or stopping', 503)
    const copy = {
      signature: request.delivery,
      isRetry: request.retry !== null,
      mayRepeat: payload.type === 'block_suggestion',
      now,
    }
    const answer = await replays.once(copy, () => handle(request))
    if (answer === 'replay') {
      log.warn('a request to /slack/events was refused: it was sent before')
      return c.text('this request was sent before', 401)
    }
    return answer === 'done' ? c.body(null, 200) : respond(c, answer)
  })
}

function respond(c: Context<HttpEnv>, { status, body, sent }: SlackAnswer): Response {
  if (sent) {
    const { outgoing } = c.env
    if (outgoing.closed || outgoing.destroyed) sent()
    else outgoing.once('close', sent)
  }
  if (status === 404) return c.text('twokey handles nothing of this kind', status, noRetry)
  if (status !== 200) return c.text('twokey could not take this; its log says why', status)
  if (body === undefined || body === '') return c.body(null, 200)
  return typeof body === 'string' ? c.text(body) : c.json(body)
}

type Content = Readonly<Record<string, unknown>>

/** The fields of a form, or of JSON; null if it cannot be read. */
function contentOf(type: string, body: Uint8Array): Content | null {
  const text = new TextDecoder().decode(body)
  return type === 'application/json' ? json(text) : Object.fromEntries(new URLSearchParams(text))
}

/** What happens in Slack's clients comes as JSON in one field of a form; a command is the form itself. */
function payloadOf(content: Content): Content | null {
  return typeof content.payload === 'string' ? json(content.payload) : content
}

function json(text: string): Content | null {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Content) : null
  } catch {
    return null
  }
}

function retryOf(c: Context<HttpEnv>): SlackRequest['retry'] {
  const number = Number(c.req.header('x-slack-retry-num'))
  if (!Number.isSafeInteger(number) || number < 1) return null
  return { number, reason: c.req.header('x-slack-retry-reason') ?? '' }
}

import { createHmac, randomUUID } from 'node:crypto'
import { isRecord } from './blocks/check.ts'
import { type Delivered, type Outgoing, type Trouble, Troubles } from './delivery.ts'

export type RequestOptions = {
  /** How long Slack waits for an answer, ms. */
  readonly ackMs: number
  /** ms since the epoch. */
  readonly now: () => number
}

/** A request as it went over the wire. */
export type Attempt = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Absent until it was answered. */
  status?: number
}

/** Slack's side of HTTP mode: signed requests to the app's request URL, which it verifies when it is set. */
export class Requests {
  readonly troubles = new Troubles()
  /** What was sent, in order. */
  readonly attempts: Attempt[] = []
  /** What requests are signed with. */
  readonly signingSecret = '8f742231b10e8888abcd99yyyzzz85a5'
  readonly #options: RequestOptions
  #url: string | null = null

  constructor(options: RequestOptions) {
    this.#options = options
  }

  /** Whether requests are sent instead of envelopes: Socket Mode is off. */
  get isOn(): boolean {
    return this.#url !== null
  }

  /**
   * Turns Socket Mode off and sets the request URL, as the app's settings do.
   * @throws if the app does not answer the challenge
   */
  async setRequestUrl(url: string): Promise<void> {
    const challenge = randomUUID()
    const body = JSON.stringify({ token: 'legacy-verification-token', challenge, type: 'url_verification' })
    const answer = await this.#post(url, this.#signed(body, 'application/json'))
    const text = await answer.text()
    const isAnswered = text === challenge || (isJson(answer) && challengeIn(text) === challenge)
    if (answer.status !== 200 || !isAnswered)
      throw new Error(`Your URL didn't respond with the value of the challenge parameter: ${text}`)
    this.#url = url
  }

  async deliver(outgoing: Outgoing): Promise<Delivered> {
    const trouble = this.troubles.take()
    const started = performance.now()
    const url = this.#url
    if (url === null) return { outcome: 'dispatch_failed' }
    const attempt = this.#signed(...encoded(outgoing), retryHeaders(outgoing))
    const abort = new AbortController()
    const isLate = new Promise<'late'>((resolve) =>
      setTimeout(() => resolve('late'), this.#options.ackMs).unref(),
    )
    const answered = this.#send(url, attempt, trouble, abort)
    const answer = await Promise.race([answered, isLate])
    if (answer === 'late' || trouble?.kind === 'deaf') {
      await isLate
      abort.abort()
      return { outcome: 'timeout' }
    }
    if (answer === null) return { outcome: 'dispatch_failed', reason: 'connection_failed' }
    const isFinal = answer.headers.get('x-slack-no-retry') === '1'
    if (answer.status !== 200) return { outcome: 'dispatch_failed', reason: 'http_error', isFinal }
    const response = outgoing.acceptsResponse ? responseIn(answer, await answer.text()) : {}
    return { outcome: 'acknowledged', afterMs: performance.now() - started, response }
  }

  /** Null: there was no answer. */
  async #send(
    url: string,
    attempt: Attempt,
    trouble: Trouble | undefined,
    abort: AbortController,
  ): Promise<Response | null> {
    try {
      if (trouble?.kind === 'late') await new Promise((resolve) => setTimeout(resolve, trouble.ms))
      const answered = this.#post(url, attempt, abort.signal)
      if (trouble?.kind === 'twice') void this.#post(url, attempt, abort.signal).catch(() => {})
      if (trouble?.kind === 'cut') setTimeout(() => abort.abort(), cutAfterMs).unref()
      return await answered
    } catch {
      return null
    }
  }

  #signed(body: string, type: string, more: Readonly<Record<string, string>> = {}): Attempt {
    const timestamp = String(Math.floor(this.#options.now() / 1_000))
    const hmac = createHmac('sha256', this.signingSecret).update(`v0:${timestamp}:${body}`)
    const headers = {
      accept: '*/*',
      'content-type': type,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${hmac.digest('hex')}`,
      ...more,
    }
    return { headers, body }
  }

  async #post(url: string, attempt: Attempt, signal?: AbortSignal): Promise<Response> {
    this.attempts.push(attempt)
    const { headers, body } = attempt
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal })
    attempt.status = answer.status
    return answer
  }
}

/** From sending a request to cutting its connection, ms: long enough to arrive. */
const cutAfterMs = 20

/** Clicks and forms come as JSON in a field of a form, commands as a form, events as JSON. */
function encoded({ type, payload }: Outgoing): [body: string, type: string] {
  if (type === 'events_api') return [JSON.stringify(payload), 'application/json']
  const fields = type === 'interactive' ? { payload: JSON.stringify(payload) } : texts(payload)
  return [new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded']
}

function texts(payload: Outgoing['payload']): Record<string, string> {
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]))
}

function retryHeaders({ retry }: Outgoing): Record<string, string> {
  if (!retry) return {}
  return { 'x-slack-retry-num': String(retry.attempt), 'x-slack-retry-reason': retry.reason }
}

/** A text is shown as it is. */
function responseIn(answer: Response, text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {}
  if (!isJson(answer)) return { text }
  const read: unknown = JSON.parse(text)
  return isRecord(read) ? read : {}
}

function challengeIn(text: string): unknown {
  const read: unknown = JSON.parse(text)
  return isRecord(read) ? read.challenge : undefined
}

function isJson(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('application/json') === true
}

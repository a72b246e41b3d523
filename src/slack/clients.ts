import { type Logger, WebClient, type WebClientOptions } from '@slack/web-api'
import type { Clock } from '../ports/clock.ts'
import { fetchBounded, mib } from '../runtime/bounded.ts'
import { RemoteClock } from '../runtime/remote-clock.ts'
import { isTooLarge } from './trouble.ts'

/** How long Slack may take for one answer, ms. */
const answerMs = 10_000

/** How long a trigger opens a form, ms. */
const triggerMs = 3_000

export type ClientDeps = {
  readonly botToken: string
  readonly apiUrl?: string
  readonly logger: Logger
  /** Default: this machine's. */
  readonly clock?: Clock
}

/** Clients with a queue each: a 429 stops the whole queue of a client. */
export type Clients = {
  /** For reads: tries again by itself. */
  readonly web: WebClient
  /** For what is written: sends once. A 429 and a lost answer are told at once, and the outbox decides. */
  readonly edits: WebClient
  /** For forms: sends once, and no longer than a trigger lives. */
  readonly forms: WebClient
  /** The time by Slack's clock, which dates messages: told by each answer of these clients. */
  readonly slackTime: Clock
}

/** The client hands all of it to p-retry, whose `onFailedAttempt` ends the attempts where it throws. */
const retrying = {
  retries: 3,
  factor: 2,
  maxTimeout: 5_000,
  onFailedAttempt(error: Error) {
    // It would be as large again.
    if (isTooLarge(error)) throw error
  },
}

export function slackClients({ botToken, apiUrl, logger, clock }: ClientDeps): Clients {
  const remote = new RemoteClock(clock)
  const options = () => ({ ...clientOptions(apiUrl, logger), fetch: boundedAnd(remote) })
  return {
    slackTime: () => remote.now(),
    web: new WebClient(botToken, {
      ...options(),
      retryConfig: retrying,
    }),
    edits: new WebClient(botToken, {
      ...options(),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    }),
    forms: new WebClient(botToken, {
      ...options(),
      timeout: triggerMs,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    }),
  }
}

/**
 * Of one answer, bytes: a user group of more than 300,000 people. A page of 100 messages may be larger: each has up to
 * 40,000 characters, of up to 12 bytes as Slack escapes them, and has them once more in its blocks.
 */
const mostOfAnswer = 4 * mib

const bounded = fetchBounded({ whose: 'an answer of Slack', most: mostOfAnswer })

function boundedAnd(clock: RemoteClock): typeof fetch {
  return async (input, init) => {
    const answer = await bounded(input, init)
    clock.hear(answer.headers.get('date'))
    return answer
  }
}

/** A new object each time: Bolt and the Socket Mode client write into theirs. No `headers`: they would be shared too. */
export function clientOptions(apiUrl: string | undefined, logger: Logger): WebClientOptions {
  return { timeout: answerMs, logger, fetch: bounded, ...(apiUrl !== undefined && { slackApiUrl: apiUrl }) }
}

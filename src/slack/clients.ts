import { type Logger, WebClient, type WebClientOptions } from '@slack/web-api'
import type { Clock } from '../ports/clock.ts'
import { fetchBounded, mib } from '../runtime/bounded.ts'
import { RemoteClock } from '../runtime/remote-clock.ts'
import { isTooLarge } from './trouble.ts'

/** How long Slack may take for one answer, ms. */
const answerMs = 10_000

/** How long a trigger can open a form, ms. */
const triggerMs = 3_000

export type ClientDeps = {
  readonly botToken: string
  readonly apiUrl?: string
  readonly logger: Logger
  /** Default: the clock of this machine. */
  readonly clock?: Clock
}

/** One client and queue for each purpose, because a 429 stops a client's whole queue. */
export type Clients = {
  /** For reads: retries by itself. */
  readonly web: WebClient
  /** For writes: sends once, reports a 429 or a lost answer at once, and leaves the decision to the outbox. */
  readonly edits: WebClient
  /** For forms: sends once, and gives up when the trigger expires. */
  readonly forms: WebClient
  /** The time by Slack's clock, which dates messages. Each answer to these clients carries it. */
  readonly slackTime: Clock
}

/** The client passes all of these options to p-retry, which stops retrying when `onFailedAttempt` throws. */
const retrying = {
  retries: 3,
  factor: 2,
  maxTimeout: 5_000,
  onFailedAttempt(error: Error) {
    // The raw body would be as large again.
    if (isTooLarge(error)) throw error
  },
}

export function slackClients({ botToken, apiUrl, logger, clock }: ClientDeps): Clients {
  const remote = new RemoteClock(clock)
  const options = () => ({ ...clientOptions(apiUrl, logger), fetch: boundedFetchWithClock(remote) })
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
 * Bytes of one answer: enough for a user group of more than 300,000 people. A page of 100 messages may be larger: each has up
 * to 40,000 characters of up to 12 bytes (as Slack escapes them), and repeats them in its blocks.
 */
const mostOfAnswer = 4 * mib

const bounded = fetchBounded({ whose: 'an answer of Slack', most: mostOfAnswer })

function boundedFetchWithClock(clock: RemoteClock): typeof fetch {
  return async (input, init) => {
    const answer = await bounded(input, init)
    clock.hear(answer.headers.get('date'))
    return answer
  }
}

/**
 * A new object for each call, because Bolt and the Socket Mode client modify theirs. No `headers`, which would be shared as
 * well.
 */
export function clientOptions(apiUrl: string | undefined, logger: Logger): WebClientOptions {
  return { timeout: answerMs, logger, fetch: bounded, ...(apiUrl !== undefined && { slackApiUrl: apiUrl }) }
}

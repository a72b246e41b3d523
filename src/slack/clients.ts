import { type Logger, WebClient, type WebClientOptions } from '@slack/web-api'
import { fetchBounded, mib } from '../shepherd/bounded.ts'

/** How long Slack may take for one answer, ms. */
const answerMs = 10_000

/** How long a trigger opens a form, ms. */
const triggerMs = 3_000

export type ClientNeeds = {
  readonly botToken: string
  readonly apiUrl?: string
  readonly logger: Logger
}

/** Clients with a queue each: a 429 stops the whole queue of a client. */
export type Clients = {
  /** For reads: tries again by itself. */
  readonly web: WebClient
  /** For what is written: sends once. A 429 and a lost answer are told at once, and the outbox decides. */
  readonly edits: WebClient
  /** For forms: sends once, and no longer than a trigger lives. */
  readonly forms: WebClient
}

export function slackClients({ botToken, apiUrl, logger }: ClientNeeds): Clients {
  return {
    web: new WebClient(botToken, {
      ...clientOptions(apiUrl, logger),
      retryConfig: { retries: 3, factor: 2, maxTimeout: 5_000 },
    }),
    edits: new WebClient(botToken, {
      ...clientOptions(apiUrl, logger),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    }),
    forms: new WebClient(botToken, {
      ...clientOptions(apiUrl, logger),
      timeout: triggerMs,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    }),
  }
}

/** Of one answer, bytes: a page of 100 messages with 40 KiB each, a user group of more than 300,000 people. */
const mostOfAnswer = 4 * mib

const bounded = fetchBounded({ whose: 'an answer of Slack', most: mostOfAnswer })

/** A new object each time: Bolt and the Socket Mode client write into theirs. No `headers`: they would be shared too. */
export function clientOptions(apiUrl: string | undefined, logger: Logger): WebClientOptions {
  return { timeout: answerMs, logger, fetch: bounded, ...(apiUrl !== undefined && { slackApiUrl: apiUrl }) }
}

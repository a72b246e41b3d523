import { Trouble } from '../ports/ports.ts'
import { type Failure, failureOf, isTokenMissing, noMessage } from './failure.ts'
import { meaningOf, permission } from './meanings.ts'

type Answered = Extract<Failure, { failure: 'answered' }>

/** Classifies an error of a request: passing (network, 5xx, a rate limit), or terminal with what to do about it. */
export function trouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error
  const failure = failureOf(error)
  if (failure.failure === 'unanswered')
    return new Trouble('passing', `GitHub could not be reached: ${failure.reason}`, { cause: error })
  const { method, path } = failure.request
  const kind = passes(failure) ? 'passing' : 'terminal'
  return new Trouble(kind, `GitHub answered ${method} ${path}: ${explain(failure)}`, { cause: error })
}

function passes(answered: Answered): boolean {
  return answered.status >= 500 || answered.status === 408 || limitEnd(answered) !== null
}

/** GitHub's message verbatim, its status, and what to do if that is known: by the message, else by the status. */
export function explain(answered: Answered): string {
  const message = `${answered.message} (${answered.status})`
  const until = limitEnd(answered)
  const next =
    until === null
      ? (meaningOf(answered) ?? byStatus(answered))
      : `the rate limit holds until ${new Date(until).toISOString()}`
  return next === null ? message : `${message}: ${next}`
}

function byStatus(answered: Answered): string | null {
  if (isTokenMissing(answered)) return 'the installation of the GitHub App is gone: install the App again'
  switch (answered.status) {
    case 401:
      return 'the token has expired or was revoked; set a new GITHUB_TOKEN, or install the GitHub App again'
    case 403:
      return answered.message === noMessage
        ? 'this is not GitHub’s message: a proxy between twokey and GitHub may have refused it'
        : `the token may lack ${permission(answered)}`
    case 404:
      return 'it does not exist, or the token has no access to it'
    default:
      return null
  }
}

/**
 * When a rate limit ends, ms since the epoch; null if the answer reports none. A secondary limit returns a duration or a
 * time; the primary limit returns its reset time; if neither is returned, one minute is used.
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function limitEnd(answered: Answered, now = Date.now()): number | null {
  const { status, message, headers } = answered
  if (status !== 403 && status !== 429) return null
  const end = retryAfterEnd(headers['retry-after'], now)
  if (end !== null) return end
  // The last request of the hour may have been refused for another reason.
  if (status === 403 && meaningOf(answered) !== null) return null
  const reset = Number(headers['x-ratelimit-reset']) * 1000
  if (headers['x-ratelimit-remaining'] === '0' && reset > 0) return Math.max(reset, now + leastMs)
  if (headers['x-ratelimit-remaining'] === '0') return now + minute
  return status === 429 || /rate limit/i.test(message) ? now + minute : null
}

const minute = 60_000
/** A reset that has passed by our clock is about to happen by GitHub's, ms. */
const leastMs = 5_000

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3); null if it names no time in the future. */
function retryAfterEnd(value: unknown, now: number): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const seconds = Number(value)
  const end = Number.isNaN(seconds) ? Date.parse(String(value)) : now + seconds * 1000
  return end > now ? end : null
}

import { Trouble } from '../shepherd/ports.ts'
import { type Failure, failureOf } from './failure.ts'

type Answered = Extract<Failure, { failure: 'answered' }>

/** What an error of a request means: passing (network, 5xx, a rate limit), or terminal with what to do about it. */
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

/** GitHub's message verbatim, its status, and what to do about it where that is known. */
export function explain(answered: Answered): string {
  const { status, message } = answered
  const said = `${message} (${status})`
  const until = limitEnd(answered)
  if (until !== null) return `${said}: the rate limit holds until ${new Date(until).toISOString()}`
  switch (status) {
    case 401:
      return `${said}: the token has expired or was revoked; set a new GITHUB_TOKEN`
    case 403:
      return `${said}: the token lacks ${lacking(answered)}`
    case 404:
      return `${said}: it is not there, or the token has no access to it`
    default:
      return said
  }
}

/**
 * When a rate limit ends, ms since the epoch; null where the answer tells of none. The primary limit names its reset,
 * the secondary one how long to wait, or nothing: then it is a minute.
 */
export function limitEnd({ status, message, headers }: Answered, now = Date.now()): number | null {
  if (status !== 403 && status !== 429) return null
  const wait = Number(headers['retry-after'])
  if (wait > 0) return now + wait * 1000
  if (headers['x-ratelimit-remaining'] === '0')
    return Number(headers['x-ratelimit-reset']) * 1000 || now + minute
  return status === 429 || /rate limit/i.test(message) ? now + minute : null
}

const minute = 60_000

/** GitHub names the permission in a header; where it does not, it follows from the address. */
function lacking({ headers, request }: Answered): string {
  const named = headers['x-accepted-github-permissions']
  if (typeof named === 'string' && named !== '') return named.replaceAll('=', ': ')
  const level = request.method === 'GET' ? 'read' : 'write'
  return request.path.includes('/actions/') ? `actions: ${level}` : `contents: ${level}`
}

import { randomUUID } from 'node:crypto'
import { createAppAuth } from '@octokit/auth-app'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'
import { fetchBounded, mib } from '../runtime/bounded.ts'

/** Receives the client's log messages. */
type GitHubLog = { debug(message: string): void; warn(message: string): void }

/** A GitHub App, as which twokey acts. */
export type GitHubApp = {
  readonly appId: number
  /** PEM. */
  readonly privateKey: string
  /** Absent: the installation of each repository is looked up. */
  readonly installationId?: number
}

/** Token mode, or App mode. */
type Authentication = { readonly token: string } | { readonly app: GitHubApp }

export type GitHubSettings = Authentication & {
  /** `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string
  /** Time limit of one attempt of a request, ms; default 10 s. */
  readonly timeoutMs?: number
  /** Time limit of one call with its retries and waits, ms; default 60 s. */
  readonly callMs?: number
  readonly log?: GitHubLog
}

/** The API version whose dispatch answers 200 with the run if requested, else 204. GitHub supports it until 2028 at least. */
const apiVersion = '2022-11-28'
const defaultTimeoutMs = 10_000
/** The caller handles longer rate limits, because it has other work to do meanwhile. */
const longestWaitSeconds = 5
/** Statuses that a retry would get again; the throttle handles 403 and 429. */
const lastingStatuses = [400, 401, 403, 404, 409, 410, 422, 429, 451]

const PatientOctokit = Octokit.plugin(retry, throttling)

export type Requests = InstanceType<typeof PatientOctokit>

/** Creates GitHub's client. A read is retried at most twice. This is the only place that decides on authentication. */
export function makeOctokit(settings: GitHubSettings): Requests {
  const { apiUrl, timeoutMs = defaultTimeoutMs, log = noLog } = settings
  const octokitLogger = octokitLog(log)
  const octokit = new PatientOctokit({
    ...authentication(settings),
    baseUrl: apiUrl.replace(/\/+$/, ''),
    userAgent: 'twokey',
    log: octokitLogger,
    // GitHub's deprecation notices would be printed to the console otherwise.
    request: { fetch: fetchWithin(timeoutMs), log: octokitLogger },
    retry: { doNotRetry: lastingStatuses, retries: 2, retryAfterBaseValue: 200 },
    throttle: { id: randomUUID(), onRateLimit: mayRetry, onSecondaryRateLimit: mayRetry },
  })
  octokit.hook.before('request', (options) => {
    options.headers['x-github-api-version'] = apiVersion
  })
  return octokit
}

/** Installation tokens last an hour; auth-app renews them. */
function authentication(acting: Authentication) {
  if ('token' in acting) return { auth: acting.token }
  return { authStrategy: createAppAuth, auth: acting.app }
}

/**
 * Octokit calls these methods without their object, which a logger such as pino's needs. Octokit logs every 304 as an
 * error; the caller reports real failures.
 */
function octokitLog(log: GitHubLog) {
  const debug = (message: string) => log.debug(message)
  return { debug, info: debug, warn: (message: string) => log.warn(message), error: debug }
}

/** Without a limit the plugin would retry for ever. A write is never retried. */
function mayRetry(seconds: number, { method }: { method: string }, _: unknown, repeated: number): boolean {
  return method === 'GET' && repeated < 2 && seconds <= longestWaitSeconds
}

/**
 * Limit of one answer, bytes. The largest documented answer is a tree of 7 MB
 * (https://docs.github.com/rest/git/trees#get-a-tree); commit messages have no limit, and a comparison contains 100
 * commits.
 */
const maxAnswerBytes = 8 * mib

/** Each attempt has its own time limit, and its answer a size limit. */
function fetchWithin(ms: number): typeof fetch {
  return fetchBounded({ whose: 'an answer of GitHub', most: maxAnswerBytes }, (input, init) =>
    fetch(input, {
      ...init,
      signal: AbortSignal.any([AbortSignal.timeout(ms), ...(init?.signal ? [init.signal] : [])]),
    }),
  )
}

const noLog: GitHubLog = { debug: () => {}, warn: () => {} }

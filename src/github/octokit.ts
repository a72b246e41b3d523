import { randomUUID } from 'node:crypto'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'
import { fetchBounded, mib } from '../runtime/bounded.ts'

/** Where messages of the client go. */
type GitHubLog = { debug(message: string): void; warn(message: string): void }

export type GitHubSettings = {
  readonly token: string
  /** `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string
  /** For one attempt of a request, ms; default 10 s. */
  readonly timeoutMs?: number
  /** For one call with its repeats, and all that it waits for, ms; default 60 s. */
  readonly callMs?: number
  readonly log?: GitHubLog
}

/** The version whose dispatch answers 200 with the run where it is asked to, else 204; GitHub keeps it until 2028 at least. */
const apiVersion = '2022-11-28'
const defaultTimeoutMs = 10_000
/** A longer wait for a rate limit is the caller's to make: it has other things to look at. */
const longestWaitSeconds = 5
/** Statuses that a repeated read would be answered with again; 403 and 429 are the throttle's. */
const lasting = [400, 401, 403, 404, 409, 410, 422, 429, 451]

const PatientOctokit = Octokit.plugin(retry, throttling)

export type Requests = InstanceType<typeof PatientOctokit>

/** GitHub's client. Reads are repeated after a failure, at most twice; the only place where it is decided who calls. */
export function makeOctokit(settings: GitHubSettings): Requests {
  const { token, apiUrl, timeoutMs = defaultTimeoutMs, log = silent } = settings
  const said = octokitLog(log)
  const octokit = new PatientOctokit({
    auth: token,
    baseUrl: apiUrl.replace(/\/+$/, ''),
    userAgent: 'twokey',
    log: said,
    // What GitHub says of a route that it will take back goes to the console otherwise.
    request: { fetch: fetchWithin(timeoutMs), log: said },
    retry: { doNotRetry: lasting, retries: 2, retryAfterBaseValue: 200 },
    throttle: { id: randomUUID(), onRateLimit: waits, onSecondaryRateLimit: waits },
  })
  octokit.hook.before('request', (options) => {
    options.headers['x-github-api-version'] = apiVersion
  })
  return octokit
}

/**
 * Octokit calls these without their object, which a logger such as pino's needs. It logs every 304 as an error; what
 * went wrong is told by whoever asked.
 */
function octokitLog(log: GitHubLog) {
  const debug = (message: string) => log.debug(message)
  return { debug, info: debug, warn: (message: string) => log.warn(message), error: debug }
}

/** Without a bound here the plugin repeats for ever. A write is never repeated. */
function waits(seconds: number, { method }: { method: string }, _: unknown, repeated: number): boolean {
  return method === 'GET' && repeated < 2 && seconds <= longestWaitSeconds
}

/**
 * Of one answer, bytes. The largest that GitHub promises is a tree of 7 MB
 * (https://docs.github.com/rest/git/trees#get-a-tree); commits have messages of any length, and a comparison 100 of them.
 */
const mostOfAnswer = 8 * mib

/** Each attempt has its own time, and its answer a bound. */
function fetchWithin(ms: number): typeof fetch {
  return fetchBounded({ whose: 'an answer of GitHub', most: mostOfAnswer }, (input, init) =>
    fetch(input, {
      ...init,
      signal: AbortSignal.any([AbortSignal.timeout(ms), ...(init?.signal ? [init.signal] : [])]),
    }),
  )
}

const silent: GitHubLog = { debug: () => {}, warn: () => {} }

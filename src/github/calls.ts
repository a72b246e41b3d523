import { inTime } from '../runtime/bounded.ts'
import { SetBack } from '../runtime/set-back.ts'
import { Installations, isInstallationRefused } from './installations.ts'
import { type GitHubSettings, makeOctokit, type Requests } from './octokit.ts'

/** The parameters of a route, and `request`, which Octokit takes beside them. */
type CallOptions = { readonly parameters: Readonly<Record<string, unknown>>; readonly request: object }

/** Thrown when a call, retries and queueing included, exceeded its time limit. */
export class TooLate extends Error {}

const defaultCallMs = 60_000

/**
 * Calls of GitHub's API by Octokit. Each call has its own time limit, which includes its time in Octokit's queue, so
 * each call returns whatever GitHub or the clock does.
 */
export class Calls {
  readonly #settings: GitHubSettings
  /** The client of token mode, which also spells URLs; in App mode the App's own. */
  #octokit: Requests
  /** The clients of App mode; null in token mode. */
  #installations: Installations | null
  readonly #setBack = new SetBack(() => Date.now())

  constructor(settings: GitHubSettings) {
    this.#settings = settings
    this.#octokit = makeOctokit(settings)
    this.#installations = 'app' in settings ? new Installations(settings) : null
  }

  /** Returns the URL of a route. */
  url(route: string, parameters: CallOptions['parameters']): string {
    return this.#octokit.request.endpoint(route, parameters).url
  }

  /** The `fetch` used for requests, unless the call specifies another one. */
  get fetch(): typeof fetch {
    return this.#octokit.request.endpoint.DEFAULTS.request?.fetch ?? fetch
  }

  /**
   * Throws what Octokit throws, and `TooLate`.
   * @param asked builds the request with the signal that ends the call
   */
  async make(route: string, asked: (signal: AbortSignal) => CallOptions): ReturnType<Requests['request']> {
    const { callMs = defaultCallMs } = this.#settings
    const ending = new AbortController()
    const { parameters, request } = asked(ending.signal)
    const call = this.#clientFor(parameters)
      .then((client) =>
        client.request(route, { ...parameters, request: { signal: ending.signal, ...request } }),
      )
      .catch((error: unknown) => {
        if (isInstallationRefused(error)) this.#installations?.forget(parameters)
        throw error
      })
    return inTime(call, callMs, () => {
      ending.abort()
      throw new TooLate(`no answer within ${callMs / 1_000} s`)
    })
  }

  /**
   * Octokit's queue relies on the wall clock: if the clock is set back, the queue would hold each call until the clock
   * catches up. A new client is made in that case.
   */
  #current(): Requests {
    if (this.#setBack.noticed() > 0) {
      this.#octokit = makeOctokit(this.#settings)
      this.#installations = 'app' in this.#settings ? new Installations(this.#settings) : null
    }
    return this.#octokit
  }

  /** The client that may send this request: in App mode, that of the repository's installation. */
  async #clientFor(parameters: CallOptions['parameters']): Promise<Requests> {
    const client = this.#current()
    return this.#installations === null ? client : this.#installations.of(parameters)
  }
}

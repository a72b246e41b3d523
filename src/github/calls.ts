import { inTime } from '../runtime/bounded.ts'
import { SetBack } from '../runtime/set-back.ts'
import { type GitHubSettings, makeOctokit, type Requests } from './octokit.ts'

/** What a call is made with: the parameters of its route, and `request`, which Octokit takes beside them. */
type Asked = { readonly parameters: Readonly<Record<string, unknown>>; readonly request: object }

/** Thrown where a call took longer than all of it may. */
export class TooLate extends Error {}

const defaultCallMs = 60_000

/**
 * Calls of GitHub's API by Octokit, each within a time of its own that its turn in Octokit's queue counts for: whatever
 * GitHub or the clock does, each call comes back.
 */
export class Calls {
  readonly #settings: GitHubSettings
  #octokit: Requests
  readonly #setBack = new SetBack(() => Date.now())

  constructor(settings: GitHubSettings) {
    this.#settings = settings
    this.#octokit = makeOctokit(settings)
  }

  /** The address behind a route. */
  url(route: string, parameters: Asked['parameters']): string {
    return this.#octokit.request.endpoint(route, parameters).url
  }

  /** What a request is sent with, unless the call says otherwise. */
  get fetch(): typeof fetch {
    return this.#octokit.request.endpoint.DEFAULTS.request?.fetch ?? fetch
  }

  /** Throws what Octokit throws, and `TooLate`. @param asked made with the signal that ends the call */
  async make(route: string, asked: (signal: AbortSignal) => Asked): ReturnType<Requests['request']> {
    const { callMs = defaultCallMs } = this.#settings
    const ending = new AbortController()
    const { parameters, request } = asked(ending.signal)
    const call = this.#current().request(route, {
      ...parameters,
      request: { signal: ending.signal, ...request },
    })
    return inTime(call, callMs, () => {
      ending.abort()
      throw new TooLate(`no answer within ${callMs / 1_000} s`)
    })
  }

  /** Octokit's queue goes by the clock: once that is set back, it would hold each call until the time of before has come again. */
  #current(): Requests {
    if (this.#setBack.noticed() > 0) this.#octokit = makeOctokit(this.#settings)
    return this.#octokit
  }
}

import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import { withShortError } from '../runtime/bounded.ts'
import { Calls, TooLate } from './calls.ts'
import { Answers } from './etag.ts'
import { type Failure, failureOf, isTokenMissing, NotSent } from './failure.ts'
import type { GitHubSettings } from './octokit.ts'
import { trouble } from './trouble.ts'

type Parameters = Readonly<Record<string, unknown>>

/** A read: its route as GitHub's reference spells it, and the schema of the fields that twokey uses. */
export type Read<T> = { readonly route: `GET ${string}`; readonly shape: z.ZodType<T> } & {
  readonly parameters: Parameters
}

/** The result of a request that was sent once. */
export type Posted = { readonly failure: null; readonly status: number; readonly body: unknown } | Failure

/** Time limit for reading a log, ms. */
const streamTimeoutMs = 30_000

/** Client of GitHub's API. Reads are conditional and throw `Trouble`; a post is sent once and does not throw. */
export class Client {
  readonly #calls: Calls
  readonly #answers = new Answers()

  constructor(settings: GitHubSettings) {
    this.#calls = new Calls(settings)
  }

  async read<T>(ask: Read<T>): Promise<T> {
    try {
      return await this.#conditional(ask)
    } catch (error) {
      throw trouble(error)
    }
  }

  /** Like `read`, but returns null if GitHub answers 404 or one of the statuses in `absent`. */
  async find<T>(ask: Read<T>, absent: readonly number[] = []): Promise<T | null> {
    try {
      return await this.#conditional(ask)
    } catch (error) {
      const failure = failureOf(error)
      const status = failure.failure === 'answered' && !isTokenMissing(failure) ? failure.status : null
      if (status === 404 || (status !== null && absent.includes(status))) return null
      throw trouble(error)
    }
  }

  async #conditional<T>({ route, parameters, shape }: Read<T>): Promise<T> {
    const url = this.#calls.url(route, parameters)
    const kept = this.#answers.of(url, shape)
    const headers = kept ? { 'if-none-match': kept.etag } : {}
    try {
      const { data, headers: answered } = await this.#calls.make(route, () => ({
        parameters: { ...parameters, headers },
        request: unparsed,
      }))
      const body = understood(route, shape, await parsed(route, data))
      if (answered.etag) this.#answers.keep(url, { etag: answered.etag, shape, body })
      return body
    } catch (error) {
      if (kept && statusOf(error) === 304) return shape.parse(kept.body)
      throw error
    }
  }

  /** The text behind a route as a stream of chunks, redirects followed; null if there is none. */
  async stream(route: `GET ${string}`, parameters: Parameters): Promise<AsyncIterable<Uint8Array> | null> {
    // The stream is not buffered: the caller limits how much it keeps.
    const request = { ...unparsed, fetch: streamed }
    try {
      const { data } = await this.#calls.make(route, (signal) => ({
        parameters,
        request: { ...request, signal: AbortSignal.any([signal, AbortSignal.timeout(streamTimeoutMs)]) },
      }))
      return data
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw trouble(error)
    }
  }

  async post(
    route: `POST ${string}`,
    parameters: Parameters,
    maySend: () => Promise<boolean> = async () => true,
  ): Promise<Posted> {
    const { fetch: send } = this.#calls
    let hasLeft = false
    try {
      const { status, data } = await this.#calls.make(route, (signal) => ({
        parameters,
        request: {
          retries: 0,
          /** Check right before the request leaves: the throttle may have delayed it for seconds. */
          fetch: (async (input, init) => {
            if (!(await maySend()) || signal.aborted) throw new NotSent(heldBack)
            hasLeft = true
            return send(input, init)
          }) satisfies typeof fetch,
        },
      }))
      return { failure: null, status, body: data }
    } catch (error) {
      return failureOf(error instanceof TooLate && !hasLeft ? new NotSent(heldBack) : error)
    }
  }
}

const heldBack = 'it was stopped, or delayed for too long, before it could be sent'

/** The status that GitHub answered with; null if it did not answer. */
function statusOf(error: unknown): number | null {
  const failure = failureOf(error)
  return failure.failure === 'answered' ? failure.status : null
}

/**
 * Octokit's own parser preserves integers beyond 2^53, which none of these answers contain, and takes seconds for
 * megabytes.
 */
const unparsed = { parseSuccessResponseBody: false }

async function parsed(route: string, body: ReadableStream<Uint8Array> | null): Promise<unknown> {
  const text = body === null ? '' : await new Response(body).text()
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Trouble('passing', `GitHub's answer to ${route}is not JSON`, { cause: error })
  }
}

const streamed: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init)
  return answer.ok ? answer : withShortError(answer)
}

function understood<T>(route: string, shape: z.ZodType<T>, body: unknown): T {
  const parsed = shape.safeParse(body)
  if (parsed.success) return parsed.data
  const problem = z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')
  throw new Trouble('passing', `GitHub's answer to ${route} has an unexpected form: ${problem}`)
}

/** Splits `owner/name` into the parameters that routes take. */
export function ownerAndName(repository: string): { readonly owner: string; readonly repo: string } {
  const [owner = '', repo = ''] = repository.split('/')
  return { owner, repo }
}

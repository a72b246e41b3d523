import { z } from 'zod'
import { neverConnected } from '../runtime/never-connected.ts'
import { cut } from './text.ts'

/** How a request failed: with an answer of GitHub, or without one. */
export type Failure =
  | {
      readonly failure: 'answered'
      readonly status: number
      /** GitHub's message, verbatim. */
      readonly message: string
      readonly headers: Readonly<Record<string, unknown>>
      readonly request: Sent
    }
  /** `never`: no connection was made; `held back`: the deadline for sending had passed. Nothing was started in either case. */
  | {
      readonly failure: 'unanswered'
      readonly sent: 'never' | 'held back' | 'perhaps'
      readonly reason: string
    }

type Sent = { readonly method: string; readonly path: string }

const httpError = z.object({
  status: z.number(),
  message: z.string(),
  request: z.object({ method: z.string(), url: z.string() }),
  response: z.object({ headers: z.record(z.string(), z.unknown()), data: z.unknown() }).optional(),
})

const longestMessage = 500

/** Used if GitHub's answer has no message. */
export const noMessage = 'no message'

const errorShape = z.object({ message: z.string(), errors: z.array(z.unknown()).optional() })

/** Thrown instead of sending a request whose deadline has passed. */
export class NotSent extends Error {}

/** Converts what Octokit throws: an `HttpError` with GitHub's response, or without one if the network failed. */
export function failureOf(error: unknown): Failure {
  const { data: http } = httpError.safeParse(error)
  if (!http?.response) {
    const reason = error instanceof Error ? error.message : String(error)
    return { failure: 'unanswered', sent: sentBy(error), reason }
  }
  const { headers, data } = http.response
  return {
    failure: 'answered',
    status: http.status,
    message: cut(messageOf(data) ?? noMessage, longestMessage),
    headers,
    request: { method: http.request.method, path: new URL(http.request.url).pathname },
  }
}

/** Whether the installation is gone for which a token was requested. */
export function isTokenMissing(failure: Failure): boolean {
  return (
    failure.failure === 'answered' &&
    failure.status === 404 &&
    /\/app\/installations\/\d+\/access_tokens$/.test(failure.request.path)
  )
}

function messageOf(data: unknown): string | undefined {
  const parsed = errorShape.safeParse(data)
  if (!parsed.success) return undefined
  const { message, errors = [] } = parsed.data
  return errors.length === 0
    ? message
    : `${message}: ${errors.map((each) => messageOf(each) ?? JSON.stringify(each)).join(', ')}`
}

function sentBy(error: unknown): Extract<Failure, { failure: 'unanswered' }>['sent'] {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof NotSent) return 'held back'
  }
  return neverConnected(error) ? 'never' : 'perhaps'
}

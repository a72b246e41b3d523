/** The answer to a call. */
export type Answer = {
  readonly status: number
  /** Sent as JSON; a string is sent unchanged; absent: no body. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export function ok(body: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return { status: 200, body, headers }
}

/** An error in GitHub's format: `message`, `documentation_url`, `status`. */
export function refuse(status: number, message: string): Answer {
  return {
    status,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
  }
}

export const notFound = refuse(404, 'Not Found')

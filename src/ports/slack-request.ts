/** What Slack posts to an app in HTTP mode, verified and parsed. */
export type SlackRequest = {
  readonly payload: Readonly<Record<string, unknown>>
  /** The same for copies of one delivery, different for everything else. */
  readonly delivery: string
  /** Slack sends an event again that was not answered. */
  readonly retry: { readonly number: number; readonly reason: string } | null
}

/** The answer to Slack. 200 acknowledges; the body may be an answer to a command, a form or a menu. */
export type SlackAnswer = {
  readonly status: 200 | 404 | 500 | 503
  readonly body?: unknown
  /** Called once the answer has left, or the connection is closed. */
  readonly sent?: () => void
}

export type HandleSlackRequest = (request: SlackRequest) => Promise<SlackAnswer>

/** What Slack sends to an app, whatever the transport. */
export type Outgoing = {
  readonly type: 'slash_commands' | 'interactive' | 'events_api'
  readonly payload: Readonly<Record<string, unknown>>
  /** Whether Slack uses a response that comes with the acknowledgement. */
  readonly acceptsResponse: boolean
  readonly retry?: { readonly attempt: number; readonly reason: string }
}

/** The result of a delivery. `response` is what the app sent with the acknowledgement. */
export type Delivered =
  | {
      readonly outcome: 'acknowledged'
      readonly afterMs: number
      readonly response: Readonly<Record<string, unknown>>
    }
  | { readonly outcome: 'timeout' }
  | {
      readonly outcome: 'dispatch_failed'
      /** In HTTP mode, by Slack's name; absent: the app is not connected. */
      readonly reason?: 'http_error' | 'connection_failed'
      /** Whether the app asked not to be sent this again. */
      readonly isFinal?: boolean
    }

/** Delivers to the app, by Socket Mode or by HTTP. */
export type Deliver = (outgoing: Outgoing) => Promise<Delivered>

/**
 * A fault of the next delivery. `twice`: the same envelope is delivered twice. `late`: it is delivered after this many
 * ms, while the time limit runs from the click on. `cut`: the connection is cut right after it is sent. `deaf`: the
 * acknowledgement is ignored.
 */
export type Trouble =
  | { readonly kind: 'twice' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'deaf' }

/** Faults that are queued for the next deliveries. */
export class Troubles {
  readonly #queue: Trouble[] = []

  queue(trouble: Trouble, { times = 1 } = {}): void {
    for (let n = 0; n < times; n += 1) this.#queue.push(trouble)
  }

  take(): Trouble | undefined {
    return this.#queue.shift()
  }
}

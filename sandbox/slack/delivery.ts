/** What Slack sends to an app, whichever way it reaches it. */
export type Outgoing = {
  readonly type: 'slash_commands' | 'interactive' | 'events_api'
  readonly payload: Readonly<Record<string, unknown>>
  /** Whether what comes with the acknowledgement counts. */
  readonly acceptsResponse: boolean
  readonly retry?: { readonly attempt: number; readonly reason: string }
}

/** What became of it. `response` is what came with the acknowledgement. */
export type Delivered =
  | {
      readonly outcome: 'acknowledged'
      readonly afterMs: number
      readonly response: Readonly<Record<string, unknown>>
    }
  | { readonly outcome: 'timeout' }
  | { readonly outcome: 'dispatch_failed' }

/** The way to the app: Socket Mode now. */
export type Deliver = (outgoing: Outgoing) => Promise<Delivered>

/**
 * What goes wrong with the next delivery.
 * `twice`: the same envelope comes twice. `late`: it comes after so many ms, the limit running since the click.
 * `cut`: the connection is cut once it is sent. `deaf`: the acknowledgement is not heard.
 */
export type Trouble =
  | { readonly kind: 'twice' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'deaf' }

/** Troubles waiting for their delivery. */
export class Troubles {
  readonly #queue: Trouble[] = []

  queue(trouble: Trouble, { times = 1 } = {}): void {
    for (let n = 0; n < times; n += 1) this.#queue.push(trouble)
  }

  take(): Trouble | undefined {
    return this.#queue.shift()
  }
}

/** One request as received, and the status of its answer. */
export type Exchange = {
  /** When it arrived, ms since the epoch. */
  readonly at: number
  /** The name that faults use: a Slack method, a GitHub route, an AWS operation. */
  readonly on: string
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Parsed if it was JSON or a form. */
  readonly body: unknown
  /** Absent while unanswered, and if the connection was cut. */
  status?: number
}

/** All requests that a server received, in order, for assertions in tests. */
export class RequestLog {
  readonly exchanges: Exchange[] = []

  add(exchange: Exchange): Exchange {
    this.exchanges.push(exchange)
    return exchange
  }

  /** The requests of this name. */
  of(on: string): readonly Exchange[] {
    return this.exchanges.filter((exchange) => exchange.on === on)
  }
}

import type { Deliver, Delivered, Outgoing } from './delivery.ts'
import { newId, type Workspace } from './workspace.ts'

/**
 * When Slack retries an event that was not acknowledged, in ms after the previous attempt: at once, after one minute,
 * after five minutes.
 */
export const redelivery: readonly number[] = [0, 60_000, 300_000]

/**
 * Sends Events API events, and retries those that the app does not acknowledge. Slash commands and clicks are never
 * retried.
 */
export class Events {
  readonly #workspace: Workspace
  readonly #deliver: Deliver
  readonly #delays: readonly number[]
  readonly #isHttp: () => boolean
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(seams: {
    workspace: Workspace
    deliver: Deliver
    delays: readonly number[]
    isHttp: () => boolean
  }) {
    this.#workspace = seams.workspace
    this.#deliver = seams.deliver
    this.#delays = seams.delays
    this.#isHttp = seams.isHttp
  }

  /** Resolves with the result of the first attempt; retries follow in the background. */
  async emit(event: Readonly<Record<string, unknown>>): Promise<Delivered> {
    const outgoing: Outgoing = { type: 'events_api', acceptsResponse: false, payload: this.#callback(event) }
    return this.#attempt(outgoing, 0)
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  async #attempt(outgoing: Outgoing, attempt: number, reason = ''): Promise<Delivered> {
    const delivered = await this.#deliver({
      ...outgoing,
      ...(attempt > 0 && { retry: { attempt, reason } }),
    })
    const delay = this.#delays[attempt]
    if (delivered.outcome === 'acknowledged' || delay === undefined) return delivered
    if (delivered.outcome === 'dispatch_failed' && delivered.isFinal) return delivered
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#attempt(outgoing, attempt + 1, this.#reason(delivered))
    }, delay)
    timer.unref()
    this.#timers.add(timer)
    return delivered
  }

  #reason(delivered: Delivered): string {
    if (delivered.outcome === 'dispatch_failed' && delivered.reason) return delivered.reason
    return this.#isHttp() ? 'http_timeout' : 'timeout'
  }

  #callback(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { app, team, now } = this.#workspace
    return {
      token: 'legacy-verification-token',
      team_id: team,
      api_app_id: app.id,
      event: { ...event, event_ts: this.#workspace.newTs() },
      type: 'event_callback',
      event_id: newId('Ev'),
      event_time: Math.floor(now() / 1000),
      authorizations: [
        {
          enterprise_id: null,
          team_id: team,
          user_id: app.userId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    }
  }
}

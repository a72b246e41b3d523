/** How many calls Slack accepts in a window; counted per method, and for some methods per channel. */
export type Rate = { readonly per: 'method' | 'channel'; readonly limit: number; readonly windowMs: number }

/**
 * Slack promises "N+ a minute" per method and workspace and accepts slightly more: a fifth more here. Source:
 * docs.slack.dev/apis/web-api/rate-limits
 */
function tier(perMinute: number): Rate {
  return { per: 'method', limit: Math.round(perMinute * 1.2), windowMs: 60_000 }
}

export const tier2 = tier(20)
export const tier3 = tier(50)
export const tier4 = tier(100)
/** Methods of Slack's "special" tier, which accept hundreds of calls a minute. */
export const generous = tier(500)
/** One message a second per channel, with short bursts. */
export const posting: Rate = { per: 'channel', limit: 5, windowMs: 5_000 }

/** Counts calls in sliding windows. Refused calls do not count. */
export class Rates {
  readonly #now: () => number
  readonly #calls = new Map<string, number[]>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Counts the call. Over the limit, returns the whole seconds after which to retry. */
  take(key: string, rate: Rate): { readonly retryAfter: number } | undefined {
    const now = this.#now()
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - rate.windowMs)
    this.#calls.set(key, recent)
    const [oldest] = recent
    if (oldest !== undefined && recent.length >= rate.limit) {
      return { retryAfter: Math.max(1, Math.ceil((oldest + rate.windowMs - now) / 1000)) }
    }
    recent.push(now)
    return undefined
  }
}

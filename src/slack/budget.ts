import type { Time } from '../release/names.ts'

/** A token bucket that refills with time. */
type Bucket = {
  readonly capacity: number
  /** How long one token takes to come back, ms. */
  readonly everyMs: number
  /** How many tokens there were at `at`; fractions count. */
  readonly level: number
  readonly at: Time
}

/**
 * A little less than one post a second in a channel: posts that were delayed on their way arrive closer together. Source:
 * docs.slack.dev, rate limits.
 */
const posting = { capacity: 1, everyMs: 1_100 } as const

/** At most 50 edits in any minute for the whole workspace. Source: `chat.update` is a tier 3 method. */
const editing = { capacity: 10, everyMs: 1_500 } as const

/** Edits that progress updates leave for changes that people wait for. */
const kept = 4

/** A full bucket. */
function fullBucket({ capacity, everyMs }: Pick<Bucket, 'capacity' | 'everyMs'>, now: Time): Bucket {
  return { capacity, everyMs, level: capacity, at: now }
}

/** Takes one token and leaves `leave` tokens to others; if there are too few, returns when one will be available. */
function take(
  bucket: Bucket,
  now: Time,
  leave = 0,
): { readonly taken: true; readonly bucket: Bucket } | { readonly taken: false; readonly at: Time } {
  const level = Math.min(bucket.capacity, bucket.level + Math.max(0, now - bucket.at) / bucket.everyMs)
  if (level >= leave + 1) return { taken: true, bucket: { ...bucket, level: level - 1, at: now } }
  return { taken: false, at: Math.ceil(now + (leave + 1 - level) * bucket.everyMs) }
}

/** Something to send: an edit of a card, or a new post. */
export type Spend =
  | { readonly spend: 'edit'; readonly urgency: 'now' | 'progress' }
  | { readonly spend: 'post'; readonly channel: string }

/** The rate limits of this process, and the rate limit answers that Slack gave. */
export class Budget {
  #edits: Bucket | null = null
  readonly #posts = new Map<string, Bucket>()
  readonly #closedUntil = new Map<string, Time>()

  /** Null if it may be sent now (then it is counted); else when to call this again. */
  spend(spend: Spend, now: Time): Time | null {
    const closed = this.#closedUntil.get(keyOf(spend)) ?? 0
    if (closed > now) return closed
    const bucket =
      spend.spend === 'edit'
        ? (this.#edits ?? fullBucket(editing, now))
        : (this.#posts.get(spend.channel) ?? fullBucket(posting, now))
    const leave = spend.spend === 'edit' && spend.urgency === 'progress' ? kept : 0
    const answer = take(bucket, now, leave)
    if (!answer.taken) return answer.at
    if (spend.spend === 'edit') this.#edits = answer.bucket
    else this.#posts.set(spend.channel, answer.bucket)
    return null
  }

  /** Drops all counts after the clock was set back. */
  reset(): void {
    this.#edits = null
    this.#posts.clear()
    this.#closedUntil.clear()
  }

  /** Slack answered 429: nothing of this kind is sent before that time. */
  close(spend: Spend, until: Time): void {
    this.#closedUntil.set(keyOf(spend), until)
  }
}

function keyOf(spend: Spend): string {
  return spend.spend === 'edit' ? 'chat.update' : `chat.postMessage ${spend.channel}`
}

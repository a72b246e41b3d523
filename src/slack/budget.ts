import type { Time } from '../release/names.ts'

/** Tokens that fill up again with time. */
type Bucket = {
  readonly capacity: number
  /** How long one token takes to come back, ms. */
  readonly everyMs: number
  /** How many there were at `at`; parts of one count. */
  readonly level: number
  readonly at: Time
}

/**
 * About one post a second in a channel, and a little less: those that were held up on their way arrive closer together.
 * Source: docs.slack.dev, rate limits.
 */
const posting = { capacity: 1, everyMs: 1_100 } as const

/** Together at most 50 edits in any minute, for the whole workspace. Source: chat.update is of tier 3. */
const editing = { capacity: 10, everyMs: 1_500 } as const

/** Edits that progress leaves to what people wait for. */
const kept = 4

/** A bucket that is full. */
function fullBucket({ capacity, everyMs }: Pick<Bucket, 'capacity' | 'everyMs'>, now: Time): Bucket {
  return { capacity, everyMs, level: capacity, at: now }
}

/** Takes one token, leaving `leave` of them to others; else tells when there will be one. */
function take(
  bucket: Bucket,
  now: Time,
  leave = 0,
): { readonly taken: true; readonly bucket: Bucket } | { readonly taken: false; readonly at: Time } {
  const level = Math.min(bucket.capacity, bucket.level + Math.max(0, now - bucket.at) / bucket.everyMs)
  if (level >= leave + 1) return { taken: true, bucket: { ...bucket, level: level - 1, at: now } }
  return { taken: false, at: Math.ceil(now + (leave + 1 - level) * bucket.everyMs) }
}

/** Something to be sent: an edit of a card, or a new post. */
export type Spend =
  | { readonly spend: 'edit'; readonly urgency: 'now' | 'progress' }
  | { readonly spend: 'post'; readonly channel: string }

/** What this process may send to Slack, and what Slack said of it. */
export class Budget {
  #edits: Bucket | null = null
  readonly #posts = new Map<string, Bucket>()
  readonly #closedUntil = new Map<string, Time>()

  /** Null where it may be sent now, and counts it; else when to ask again. */
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

  /** Forgets all that was counted by a clock that was set back. */
  reset(): void {
    this.#edits = null
    this.#posts.clear()
    this.#closedUntil.clear()
  }

  /** Slack answered 429: nothing of this kind before then. */
  close(spend: Spend, until: Time): void {
    this.#closedUntil.set(keyOf(spend), until)
  }
}

function keyOf(spend: Spend): string {
  return spend.spend === 'edit' ? 'chat.update' : `chat.postMessage ${spend.channel}`
}

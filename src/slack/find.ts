import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { Time } from '../release/names.ts'
import type { Metadata } from './blocks.ts'
import type { SendDeps } from './send.ts'
import { isTooLarge, troubleOf } from './trouble.ts'

/** How far off the clock at the mark may be, ms: our clock may have been set between Slack's last answer and the mark. */
const skewMs = 5 * 60_000

/** Messages per page. */
const perPage = 100

/**
 * The most requests of one search, about what Slack allows in a minute. They cover 6,000 messages, or one message that is
 * itself too large.
 */
const mostRequests = 60

/** A time range this short is not split again, ms: if it is still too large, it counts as one message. */
const shortestMs = 5

/** How long after the first post the search continues while it fails for good, ms. Then the message is posted again. */
const patienceMs = 10 * 60_000

/** An id that Slack may send as null, or not at all. */
const id = z.string().nullish().catch(null)

const message = z.object({
  ts: z.string(),
  user: id,
  bot_id: id,
  bot_profile: z.object({ id, user_id: id }).nullish().catch(null),
  metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }),
})
type Seen = z.infer<typeof message>

const page = z.object({
  messages: z.array(z.unknown()).catch([]),
  response_metadata: z.object({ next_cursor: z.string().catch('') }).catch({ next_cursor: '' }),
})

export type Sought = {
  readonly channel: string
  /** Search in this thread; absent: in the channel itself. */
  readonly thread?: string
  /** By Slack's clock. */
  readonly since: Time
  /** Only messages posted after this one (its `ts`). */
  readonly after?: string
  readonly metadata: Metadata
}

/** A time range in a channel or thread, both ends included, ms. */
type Stretch = { readonly from: Time; readonly to: Time }

/** Thrown when a search would need more than `mostRequests` requests. */
class TooManyMessages extends Error {
  constructor() {
    super(`more was written since than twokey reads with ${mostRequests} requests`)
  }
}

/**
 * Searches for a message of twokey's by its metadata, to learn whether Slack carried out a post whose answer was lost. Returns
 * its `ts`, or null. Throws what Slack answered. If the search fails for good, it returns null ten minutes after the first
 * post: two cards, of which the older one accepts no approvals, are better than a release that nobody can approve.
 */
export async function findPosted(
  { web, slackTime, log }: Pick<SendDeps, 'web' | 'slackTime' | 'log'>,
  sought: Sought,
): Promise<string | null> {
  try {
    const self = await web.auth.test()
    return await search(web, sought, self, { from: sought.since - skewMs, to: slackTime() + skewMs })
  } catch (error) {
    if (slackTime() < sought.since + patienceMs || !isForGood(error)) throw error
    log.error({ err: error, ...sought }, 'cannot find out whether Slack carried out a post; posting it again')
    return null
  }
}

function isForGood(error: unknown): boolean {
  return error instanceof TooManyMessages || ['refused', 'terminal'].includes(troubleOf(error).kind)
}

async function search(web: WebClient, sought: Sought, self: Self, whole: Stretch): Promise<string | null> {
  let requests = 0
  return within(whole)

  /** Splits the time range in two, as often as needed, if an answer is too large. */
  async function within(stretch: Stretch): Promise<string | null> {
    try {
      return await read(stretch)
    } catch (error) {
      if (!isTooLarge(error)) throw error
    }
    const { from, to } = stretch
    // A single message that is larger than the largest answer cannot be twokey's.
    if (to - from <= shortestMs) return null
    const middle = (from + to) / 2
    return (await within({ from, to: middle })) ?? within({ from: middle, to })
  }

  async function read(stretch: Stretch): Promise<string | null> {
    let cursor = ''
    do {
      if (requests === mostRequests) throw new TooManyMessages()
      requests += 1
      const { messages, response_metadata } = page.parse(await readPage(web, sought, { ...stretch, cursor }))
      const found = messages
        .flatMap((each) => message.safeParse(each).data ?? [])
        .find((each) => isOurs(each, self) && matches(each, sought))
      if (found) return found.ts
      cursor = response_metadata.next_cursor
    } while (cursor !== '')
    return null
  }
}

function readPage(
  web: WebClient,
  { channel, thread }: Sought,
  { from, to, cursor }: Stretch & { readonly cursor: string },
) {
  const request = {
    channel,
    limit: perPage,
    oldest: (from / 1_000).toFixed(6),
    latest: (to / 1_000).toFixed(6),
    inclusive: true,
    include_all_metadata: true,
    ...(cursor !== '' && { cursor }),
  }
  return thread === undefined
    ? web.conversations.history(request)
    : web.conversations.replies({ ...request, ts: thread })
}

/** twokey's own ids, from `auth.test`. */
type Self = { readonly user_id?: string; readonly bot_id?: string }

/** Any app can forge metadata, but not the author of a message. Slack may leave out one of the ids, or send null. */
function isOurs({ user, bot_id, bot_profile }: Seen, self: Self): boolean {
  const ids = [user, bot_id, bot_profile?.id, bot_profile?.user_id]
  return [self.user_id, self.bot_id].some((own) => own && ids.includes(own))
}

function matches({ ts, metadata }: Seen, { metadata: sought, after }: Sought): boolean {
  if (metadata.event_type !== sought.event_type) return false
  if (after !== undefined && Number(ts) <= Number(after)) return false
  const payload = metadata.event_payload
  return Object.entries(sought.event_payload).every(([name, value]) => payload[name] === value)
}

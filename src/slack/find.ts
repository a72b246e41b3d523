import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { Time } from '../release/release.ts'
import type { Metadata } from './blocks.ts'

/** How much earlier than our mark Slack's clock may date a message, ms. */
const skewMs = 60_000

/** Pages that are looked through, and the messages of one: far more than are written while an answer is lost. */
const pages = 40
const perPage = 100

const message = z.object({
  ts: z.string(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
})
type Seen = z.infer<typeof message>

const page = z.object({
  messages: z.array(z.unknown()).catch([]),
  response_metadata: z.object({ next_cursor: z.string().catch('') }).catch({ next_cursor: '' }),
})

export type Sought = {
  readonly channel: string
  /** In this thread; absent: in the channel itself. */
  readonly thread?: string
  readonly since: Time
  readonly metadata: Metadata
}

/** Looks for a message of ours by its metadata: whether a post whose answer was lost was carried out. Its `ts`, or null. */
export async function findPosted(web: WebClient, sought: Sought): Promise<string | null> {
  const self = await web.auth.test()
  let cursor = ''
  for (let turn = 0; turn < pages; turn += 1) {
    const read = page.parse(await ask(web, sought, cursor))
    const found = read.messages
      .flatMap((each) => message.safeParse(each).data ?? [])
      .find((each) => isOurs(each, self) && isMeant(each, sought))
    if (found) return found.ts
    cursor = read.response_metadata.next_cursor
    if (cursor === '') return null
  }
  return null
}

function ask(web: WebClient, { channel, thread, since }: Sought, cursor: string) {
  const asked = {
    channel,
    limit: perPage,
    oldest: ((since - skewMs) / 1000).toFixed(6),
    include_all_metadata: true,
    ...(cursor !== '' && { cursor }),
  }
  return thread === undefined
    ? web.conversations.history(asked)
    : web.conversations.replies({ ...asked, ts: thread })
}

/** Metadata can be forged by any app; whose message it is cannot. */
function isOurs(each: Seen, self: { readonly user_id?: string; readonly bot_id?: string }): boolean {
  return (
    (each.user !== undefined && each.user === self.user_id) ||
    (each.bot_id !== undefined && each.bot_id === self.bot_id)
  )
}

function isMeant({ metadata }: Seen, { metadata: sought }: Sought): boolean {
  if (metadata?.event_type !== sought.event_type) return false
  const payload = metadata.event_payload
  return Object.entries(sought.event_payload).every(([name, value]) => payload[name] === value)
}

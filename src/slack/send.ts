import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { Checkpoint } from '../ports/ports.ts'
import type { Message } from './blocks.ts'
import type { Budget, Spend } from './budget.ts'
import { troubleOf } from './trouble.ts'

/** What writing to Slack needs. */
export type SendDeps = {
  readonly web: WebClient
  readonly edits: WebClient
  readonly budget: Budget
  readonly clock: Clock
  /** By Slack's clock: a post whose answer is lost is searched for from the time of its mark. */
  readonly slackTime: Clock
  readonly log: Logger
  readonly checkpoint: Checkpoint
}

/** Where a new message goes. */
export type Destination = {
  readonly channel: string
  readonly thread?: string
  /** A reply that the channel shows as well. */
  readonly broadcast?: true
}

/** Slack's answers when it does not accept blocks: a bug of twokey's that must not keep news from people. */
const badBlocks: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
])

/** Posts once and returns the `ts`. Throws what Slack answered. */
export async function post(
  { edits, ...deps }: SendDeps,
  place: Destination,
  message: Message,
): Promise<string> {
  const { channel } = place
  const answer = await written(deps, { spend: 'post', channel }, message, ({ text, blocks, metadata }) =>
    edits.chat.postMessage({
      channel,
      text,
      blocks: [...blocks],
      ...(metadata && { metadata }),
      ...inThread(place),
      unfurl_links: false,
      unfurl_media: false,
    }),
  )
  if (typeof answer.ts !== 'string') throw new Error('Slack’s answer to a post has no ts')
  return answer.ts
}

function inThread({ thread, broadcast }: Destination) {
  if (thread === undefined) return {}
  return broadcast ? ({ thread_ts: thread, reply_broadcast: true } as const) : { thread_ts: thread }
}

export type Edit = {
  readonly channel: string
  readonly ts: string
  readonly urgency: Extract<Spend, { spend: 'edit' }>['urgency']
}

/** Edits once. Throws what Slack answered. */
export async function edit({ edits, ...deps }: SendDeps, at: Edit, message: Message): Promise<void> {
  const { channel, ts, urgency } = at
  await written(deps, { spend: 'edit', urgency }, message, ({ text, blocks, metadata }) =>
    edits.chat.update({ channel, ts, text, blocks: [...blocks], ...(metadata && { metadata }) }),
  )
}

/** Sends the text alone if Slack does not accept the blocks. A 429 pauses the method until Slack allows it again. */
async function written<T>(
  { budget, clock, log }: Pick<SendDeps, 'budget' | 'clock' | 'log'>,
  spend: Spend,
  message: Message,
  send: (message: Message) => Promise<T>,
): Promise<T> {
  try {
    return await send(message)
  } catch (error) {
    const trouble = troubleOf(error)
    if (trouble.kind === 'limited') budget.close(spend, clock() + trouble.afterMs)
    if (trouble.kind !== 'refused' || !badBlocks.has(trouble.code)) throw error
    log.error({ err: error, metadata: message.metadata }, 'Slack did not accept the blocks; sent as text')
    return await send({ ...message, blocks: [] })
  }
}

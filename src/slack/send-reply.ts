import type { Origin } from '../messages/intent.ts'
import type { Reply } from '../messages/reply.ts'
import type { DuePost, OnSetAside, Outbox } from '../store/store.ts'
import type { Message } from './blocks.ts'
import { replyMessage } from './cards/reply.ts'
import { drawing, Undrawn } from './drawing.ts'
import { post, type SendDeps } from './send.ts'
import { sayError, troubleOf } from './trouble.ts'

/** How long Slack may take, ms. */
const answerMs = 10_000

/** How often the first way is tried if Slack does not answer. */
const tries = 3

export type ReplyDeps = SendDeps & {
  readonly outbox: Outbox
  readonly onSetAside: OnSetAside
  /** The workspace's own address, for links to cards; without it nothing is linked. */
  readonly workspace?: string
}

export type DueReply = DuePost & { readonly what: Extract<DuePost['what'], { kind: 'reply' }> }

/**
 * Answers one person alone: through the `response_url`, else as an ephemeral message in the channel, else by direct message. If
 * no way works, the answer is dropped and the reason logged. Throws errors that may pass.
 */
export async function sendReply(deps: ReplyDeps, due: DueReply): Promise<void> {
  const { outbox, slackTime, checkpoint } = deps
  const { to, reply } = due.what
  let message: Message
  try {
    message = drawing(() => replyMessage(reply, deps.workspace))
  } catch (error) {
    // Another version of twokey stored the answer in another shape. Answers are soon out of date, so the person can ask again.
    deps.onSetAside({
      what: 'post',
      id: String(due.id),
      error: error instanceof Undrawn ? error.cause : error,
    })
    return outbox.postDropped(due.id, 'it could not be drawn as a message')
  }
  await checkpoint('before reply marked')
  await outbox.postSending(due.id, slackTime())
  await checkpoint('reply marked')
  for (const way of [byResponseUrl, ephemerally, directly]) {
    const answer = await way(deps, { to, message, stands: standsIn(to, reply) })
    if (answer.went) {
      await checkpoint('reply sent')
      await outbox.postSent(due.id, null)
      return checkpoint('reply written')
    }
    if (answer.mayPass && due.attempts < tries) throw new Error(answer.why)
    deps.log.info({ user: to.user, why: answer.why }, 'an answer could not be sent this way')
  }
  deps.log.warn({ user: to.user, reply: reply.reply }, 'an answer could not be delivered')
  await outbox.postDropped(due.id, 'no way to reach the person worked')
}

type Answer = {
  readonly to: Origin
  readonly message: Message
  /** Below the message that the button was on, or in its place as the next page. */
  readonly stands: 'below' | 'instead'
}

/** An error never replaces a list. */
function standsIn({ turned }: Origin, { reply }: Reply): Answer['stands'] {
  return turned === 'page' && (reply === 'status' || reply === 'history') ? 'instead' : 'below'
}

type Went =
  | { readonly went: true }
  | { readonly went: false; readonly mayPass: boolean; readonly why: string }

/** Usable 5 times within 30 minutes, then 404. Source: docs.slack.dev, response_url. */
async function byResponseUrl(_: ReplyDeps, { to: { responseUrl }, message, stands }: Answer): Promise<Went> {
  if (responseUrl === null) return { went: false, mayPass: false, why: 'there is no response_url' }
  try {
    const answer = await fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: stands === 'instead',
        text: message.text,
        blocks: message.blocks,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(answerMs),
    })
    // The body is of no use, but unread it would stay in memory.
    await answer.body?.cancel()
    if (answer.ok) return { went: true }
    const mayPass = answer.status >= 500 || answer.status === 429
    return { went: false, mayPass, why: `the response_url answered with status ${answer.status}` }
  } catch (error) {
    return { went: false, mayPass: true, why: `the response_url did not answer: ${sayError(error)}` }
  }
}

async function ephemerally({ edits }: ReplyDeps, { to: { channel, user }, message }: Answer): Promise<Went> {
  return tried(() =>
    edits.chat.postEphemeral({ channel, user, text: message.text, blocks: [...message.blocks] }),
  )
}

async function directly(deps: ReplyDeps, { to: { user }, message }: Answer): Promise<Went> {
  return tried(() => post(deps, { channel: user }, message))
}

async function tried(send: () => Promise<unknown>): Promise<Went> {
  try {
    await send()
    return { went: true }
  } catch (error) {
    const { kind } = troubleOf(error)
    return { went: false, mayPass: kind === 'passing' || kind === 'limited', why: sayError(error) }
  }
}

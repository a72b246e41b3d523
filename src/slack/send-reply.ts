import type { Origin } from '../messages/intent.ts'
import type { Reply } from '../messages/reply.ts'
import type { DuePost, OnSetAside, Outbox } from '../store/store.ts'
import type { Message } from './blocks.ts'
import { replyMessage } from './cards/reply.ts'
import { DrawError, drawing } from './drawing.ts'
import { post, type SendDeps } from './send.ts'
import { sayError, troubleOf } from './trouble.ts'

/** How long Slack may take, ms. */
const answerMs = 10_000

/** How often the first way is tried if Slack does not answer. */
const maxAttempts = 3

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
      error: error instanceof DrawError ? error.cause : error,
    })
    return outbox.postDropped(due.id, 'it could not be drawn as a message')
  }
  await checkpoint('before reply marked')
  await outbox.postSending(due.id, slackTime())
  await checkpoint('reply marked')
  for (const way of [byResponseUrl, ephemerally, directly]) {
    const answer = await way(deps, { to, message, position: positionOf(to, reply) })
    if (answer.sent) {
      await checkpoint('reply sent')
      await outbox.postSent(due.id, null)
      return checkpoint('reply written')
    }
    if (answer.canRetry && due.attempts < maxAttempts) throw new Error(answer.why)
    deps.log.info({ user: to.user, why: answer.why }, 'an answer could not be sent this way')
  }
  deps.log.warn({ user: to.user, reply: reply.reply }, 'an answer could not be delivered')
  await outbox.postDropped(due.id, 'the person could not be reached in any way')
}

type Answer = {
  readonly to: Origin
  readonly message: Message
  /** Below the message that the button was on, or in its place as the next page. */
  readonly position: 'below' | 'instead'
}

/** An error never replaces a list. */
function positionOf({ turned }: Origin, { reply }: Reply): Answer['position'] {
  return turned === 'page' && (reply === 'status' || reply === 'history') ? 'instead' : 'below'
}

type Attempt =
  | { readonly sent: true }
  | { readonly sent: false; readonly canRetry: boolean; readonly why: string }

/** Usable 5 times within 30 minutes, then 404. Source: docs.slack.dev, response_url. */
async function byResponseUrl(
  _: ReplyDeps,
  { to: { responseUrl }, message, position }: Answer,
): Promise<Attempt> {
  if (responseUrl === null) return { sent: false, canRetry: false, why: 'there is no response_url' }
  try {
    const answer = await fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: position === 'instead',
        text: message.text,
        blocks: message.blocks,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(answerMs),
    })
    // The body is of no use, but unread it would stay in memory.
    await answer.body?.cancel()
    if (answer.ok) return { sent: true }
    const canRetry = answer.status >= 500 || answer.status === 429
    return { sent: false, canRetry, why: `the response_url answered with status ${answer.status}` }
  } catch (error) {
    return { sent: false, canRetry: true, why: `the response_url did not answer: ${sayError(error)}` }
  }
}

async function ephemerally(
  { edits }: ReplyDeps,
  { to: { channel, user }, message }: Answer,
): Promise<Attempt> {
  return attempt(() =>
    edits.chat.postEphemeral({ channel, user, text: message.text, blocks: [...message.blocks] }),
  )
}

async function directly(deps: ReplyDeps, { to: { user }, message }: Answer): Promise<Attempt> {
  return attempt(() => post(deps, { channel: user }, message))
}

async function attempt(send: () => Promise<unknown>): Promise<Attempt> {
  try {
    await send()
    return { sent: true }
  } catch (error) {
    const { kind } = troubleOf(error)
    return { sent: false, canRetry: kind === 'passing' || kind === 'limited', why: sayError(error) }
  }
}

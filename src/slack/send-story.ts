import type { LogPointer } from '../release/look.ts'
import type { DuePost, Outbox } from '../store/store.ts'
import { type LogTail, story } from './cards/story.ts'
import { drawing } from './drawing.ts'
import { findPosted } from './find.ts'
import { type Place, post, type SendNeeds } from './send.ts'
import { sayError, troubleOf } from './trouble.ts'

/** How long an end waits to be told for its log, ms; then it is told without. */
const logMs = 5_000

/** How many of the last lines tell why. */
const logLines = 20

export type StoryNeeds = SendNeeds & {
  readonly outbox: Outbox
  readonly readLog: (pointer: LogPointer, lines: number) => Promise<readonly string[]>
}

export type DueStory = DuePost & { readonly what: Extract<DuePost['what'], { kind: 'story' }> }

/** Tells one thing in the card's thread, once: a post whose answer was lost is looked for first. Throws what Slack answered. */
export async function sendStory(needs: StoryNeeds, due: DueStory): Promise<void> {
  const { outbox, clock, checkpoint } = needs
  const { release, told, thread } = due.what
  const pointer = told.story.tell === 'ended' ? told.story.log : null
  const log = pointer && (await tail(needs, pointer))
  const message = drawing(() => story(release, told, log))
  if (due.sendingSince !== null && message.metadata) {
    const sought = { channel: thread.channel, since: due.sendingSince, metadata: message.metadata }
    const found = await foundReply(() => findPosted(needs, { ...sought, thread: thread.ts }))
    if (found !== null) return outbox.postSent(due.id, found)
  }
  await checkpoint('before story marked')
  await outbox.postSending(due.id, clock())
  await checkpoint('story marked')
  const place: Place = {
    channel: thread.channel,
    thread: thread.ts,
    ...(told.where === 'channel' && { broadcast: true }),
  }
  const ts = await postReply(() => post(needs, place, message))
  await checkpoint('story posted')
  await outbox.postSent(due.id, ts)
  await checkpoint('story post written')

  /** In the channel itself where somebody deleted the card. */
  async function postReply(reply: () => Promise<string>): Promise<string> {
    try {
      return await reply()
    } catch (error) {
      if (!isGone(error)) throw error
      return post(needs, { channel: thread.channel }, message)
    }
  }
}

async function foundReply(look: () => Promise<string | null>): Promise<string | null> {
  try {
    return await look()
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

function isGone(error: unknown): boolean {
  const trouble = troubleOf(error)
  return trouble.kind === 'refused' && ['thread_not_found', 'message_not_found'].includes(trouble.code)
}

async function tail({ readLog }: StoryNeeds, pointer: LogPointer): Promise<LogTail> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<LogTail>((resolve) => {
    timer = setTimeout(
      () => resolve({ read: false, why: `it was not there within ${logMs / 1_000} s` }),
      logMs,
    )
  })
  const read = readLog(pointer, logLines).then(
    (lines): LogTail => ({ read: true, lines }),
    (error: unknown): LogTail => ({ read: false, why: sayError(error) }),
  )
  try {
    return await Promise.race([read, tooLong])
  } finally {
    clearTimeout(timer)
  }
}

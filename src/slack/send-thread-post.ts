import type { ReleasePost } from '../release/effects.ts'
import type { LogPointer } from '../release/log-pointer.ts'
import { inTime } from '../runtime/bounded.ts'
import type { DuePost, Outbox } from '../store/store.ts'
import { cardLink } from './cards/paging.ts'
import { type LinkTo, type LogTail, threadPost } from './cards/thread-post.ts'
import { drawing } from './drawing.ts'
import { findPosted } from './find.ts'
import { post, type SendDeps } from './send.ts'
import { sayError, troubleOf, unthreadedNow } from './trouble.ts'

/** How long the post about a release's end waits for the log, ms. Then it is posted without. */
const logMs = 5_000

/** How many of the last log lines are shown. */
const logLines = 20

export type ThreadPostDeps = SendDeps & {
  readonly outbox: Outbox
  readonly readLog: (pointer: LogPointer, lines: number) => Promise<readonly string[]>
  /** The workspace's own address, for links to cards; without it nothing is linked. */
  readonly workspace?: string
}

export type DueThreadPost = DuePost & { readonly what: Extract<DuePost['what'], { kind: 'story' }> }

/** Posts once in the card's thread. A post whose answer was lost is first looked for. Throws what Slack answered. */
export async function sendThreadPost(deps: ThreadPostDeps, due: DueThreadPost): Promise<void> {
  const { outbox, clock, slackTime, checkpoint, workspace } = deps
  const { release, post: queued, thread: card } = due.what
  const pointer = queued.story.tell === 'ended' ? queued.story.log : null
  const log = pointer && (await tail(deps, pointer))
  const linkTo: LinkTo = (place) => cardLink(place === 'now' ? card : place, workspace)
  const message = drawing(() => threadPost(release, queued, log, linkTo))
  // Only this post goes to the thread of the card that was replaced.
  const thread = queued.story.tell === 'card-outdated' ? queued.story.card : card
  if (due.sendingSince !== null && message.metadata) {
    const { channel, ts } = thread
    const sought = { channel, thread: ts, since: due.sendingSince, metadata: message.metadata }
    const found = await foundReply(() => findPosted(deps, sought))
    if (found !== null) return outbox.postSent(due.id, found)
  }
  await checkpoint('before story marked')
  await outbox.postSending(due.id, slackTime())
  await checkpoint('story marked')
  const ts = await postReply()
  if (ts === null) return
  await checkpoint('story posted')
  await outbox.postSent(due.id, ts)
  await checkpoint('story post written')

  /** Null if the post waits for a new card, or is no longer of use. */
  async function postReply(): Promise<string | null> {
    const { channel } = thread
    const place = {
      channel,
      thread: thread.ts,
      ...(queued.where === 'channel' && { broadcast: true as const }),
    }
    try {
      return await post(deps, place, message)
    } catch (error) {
      const state = unthreadedNow(error)
      if (isOfNoUse(queued.story, error)) await outbox.postDropped(due.id, sayError(error))
      else if (state === null) throw error
      // If the thread of a card that was just posted again takes no replies either, the post goes to the channel.
      else if (state === 'closed' || due.attempts > 0) return post(deps, { channel }, message)
      else await outbox.cardLost(release.id, { ts: thread.ts, why: 'gone' }, clock())
      return null
    }
  }
}

/** Whether the post is only about the cards and may be dropped after this error, because other posts wait behind it. */
function isOfNoUse({ tell }: ReleasePost['story'], error: unknown): boolean {
  const { kind } = troubleOf(error)
  if (tell === 'card-outdated') return kind === 'refused' || kind === 'terminal'
  return tell === 'card-replaced' && unthreadedNow(error) !== null
}

async function foundReply(look: () => Promise<string | null>): Promise<string | null> {
  try {
    return await look()
  } catch (error) {
    if (unthreadedNow(error) === 'gone') return null
    throw error
  }
}

function tail({ readLog }: ThreadPostDeps, pointer: LogPointer): Promise<LogTail> {
  const read = readLog(pointer, logLines).then(
    (lines): LogTail => ({ read: true, lines }),
    (error: unknown): LogTail => ({ read: false, why: sayError(error) }),
  )
  return inTime(read, logMs, () => ({ read: false, why: `it did not arrive within ${logMs / 1_000} s` }))
}

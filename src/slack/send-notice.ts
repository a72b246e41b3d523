import type { DuePost, Outbox } from '../store/store.ts'
import { notice } from './cards/notice.ts'
import { drawing } from './drawing.ts'
import { findPosted } from './find.ts'
import { post, type SendDeps } from './send.ts'

export type NoticeDeps = SendDeps & { readonly outbox: Outbox }

export type DueNotice = DuePost & { readonly what: Extract<DuePost['what'], { kind: 'notice' }> }

/** Posts a notice in its channel, once. A post whose answer was lost is first looked for. Throws what Slack answered. */
export async function sendNotice(deps: NoticeDeps, due: DueNotice): Promise<void> {
  const { outbox, slackTime, checkpoint } = deps
  const { channel, announced } = due.what
  const message = drawing(() => notice(due.id, announced))
  if (due.sendingSince !== null && message.metadata) {
    const found = await findPosted(deps, { channel, since: due.sendingSince, metadata: message.metadata })
    if (found !== null) return outbox.postSent(due.id, found)
  }
  await checkpoint('before notice marked')
  await outbox.postSending(due.id, slackTime())
  await checkpoint('notice marked')
  const ts = await post(deps, { channel }, message)
  await checkpoint('notice posted')
  await outbox.postSent(due.id, ts)
  await checkpoint('notice post written')
}

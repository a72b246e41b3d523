import { cardNotPosted } from '../release/refusals/trouble.ts'
import { headline } from '../release/state.ts'
import type { DueCard } from '../store/store.ts'
import { replyMessage } from './cards/reply.ts'
import { post, type SendDeps } from './send.ts'
import { sayError, troubleOf } from './trouble.ts'

/**
 * Tells the requester by direct message that the card could not be posted for good. Sends nothing if the error may pass. If
 * Slack takes no direct message either, the log has the error.
 */
export async function sendUnposted(
  deps: SendDeps,
  { release, channel }: DueCard,
  error: unknown,
): Promise<void> {
  const trouble = troubleOf(error)
  if (trouble.kind !== 'terminal') return
  const refusal = cardNotPosted(headline(release), channel, trouble)
  try {
    await post(deps, { channel: release.requester }, replyMessage({ reply: 'refusal', refusal }))
  } catch (second) {
    deps.log.warn(
      { release: release.id, why: sayError(second) },
      'the requester could not be sent a direct message',
    )
  }
}

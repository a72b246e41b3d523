import { cardNotPosted } from '../release/refusals/trouble.ts'
import { headline } from '../release/state.ts'
import type { DueCard } from '../store/store.ts'
import { replyMessage } from './cards/reply.ts'
import { post, type SendDeps } from './send.ts'
import { sayError, troubleOf } from './trouble.ts'

/**
 * Tells the requester directly that nobody can see the card: its post was refused for good. Says nothing where the
 * trouble may pass, and is content with the log where Slack takes no direct message either.
 */
export async function sendUnposted(
  needs: SendDeps,
  { release, channel }: DueCard,
  error: unknown,
): Promise<void> {
  const trouble = troubleOf(error)
  if (trouble.kind !== 'terminal') return
  const refusal = cardNotPosted(headline(release), channel, trouble)
  try {
    await post(needs, { channel: release.requester }, replyMessage({ reply: 'refusal', refusal }))
  } catch (second) {
    needs.log.warn(
      { release: release.id, why: sayError(second) },
      'the requester could not be sent a direct message',
    )
  }
}

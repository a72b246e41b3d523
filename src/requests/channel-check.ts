import { troubleOf } from '../engine/observe.ts'
import type { Channels, Sharing } from '../ports/ports.ts'
import { foreign } from '../release/foreign.ts'
import type { SightingOf } from '../release/look.ts'
import { allowsSharedChannels, type Eligibility, type Policy } from '../release/policy/approval.ts'
import type { Refusal } from '../release/refusal.ts'
import { channelShared, channelUnknown, channelUnknownNow } from '../release/refusals/channels.ts'
import type { Seen } from '../release/sighting.ts'

/** Whether a release channel is shared with other organizations. Throws `Trouble` if that cannot be determined now. */
export async function lookAtChannel(
  channels: Channels,
  channel: string,
): Promise<Seen<SightingOf<'channel'>>> {
  const sharing = await channels.sharing(channel)
  return sharing === 'hidden'
    ? { seen: false, kind: 'terminal', reason: `twokey does not see the release channel ${channel}` }
    : { seen: true, value: sharing }
}

/**
 * Why nothing may be requested from the channel of a command; null: it may. It may be a channel that twokey is not in, or may
 * not read. @param home the release channel
 */
export async function channelHereRefusal(
  channels: Channels,
  {
    environment,
    home,
    channel,
  }: { readonly environment: string; readonly home: string; readonly channel: string },
): Promise<Refusal | null> {
  if (channel === home) return null
  let sharing: Sharing
  try {
    sharing = await channels.sharing(channel)
  } catch (error) {
    return channelUnknownNow(home, troubleOf(error).reason)
  }
  switch (sharing) {
    case 'inside':
      return null
    case 'outside':
      return channelShared(environment, { the: 'channel here', home })
    case 'hidden':
      return channelUnknown({ the: 'channel here', home })
  }
}

/** Why an approval in the channel of a card does not count; null: it does. */
export async function channelStanding(
  channels: Channels,
  channel: string,
  policies: readonly Policy[],
): Promise<Eligibility | null> {
  if (policies.every(allowsSharedChannels)) return null
  let sharing: Sharing
  try {
    sharing = await channels.sharing(channel)
  } catch (error) {
    return { eligible: false, why: 'channel_unknown', sentence: foreign(troubleOf(error).reason) }
  }
  switch (sharing) {
    case 'inside':
      return null
    case 'outside':
      return {
        eligible: false,
        why: 'channel_shared',
        sentence: 'this channel is shared with another organization, and the environment does not allow that',
      }
    case 'hidden':
      return {
        eligible: false,
        why: 'channel_unknown',
        sentence: 'twokey can no longer see this channel',
      }
  }
}

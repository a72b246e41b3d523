import { troubleOf } from '../engine/observe.ts'
import type { Channels, Sharing } from '../ports/ports.ts'
import { foreign } from '../release/foreign.ts'
import { allowsSharedChannels, type Eligibility, type Policy } from '../release/policy/approval.ts'
import type { Refusal } from '../release/refusal.ts'
import { channelShared, channelUnknown, channelUnknownNow } from '../release/refusals/channels.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'

/**
 * Why nothing may be requested there: a protected environment whose release channel, or the channel of the command,
 * is shared with other organizations. Null: it may. Throws `Trouble` if that cannot be determined for the release
 * channel.
 */
export async function channelRefusal(
  channels: Channels,
  {
    serviceEnvironment,
    channel,
  }: { readonly serviceEnvironment: ServiceEnvironment; readonly channel: string },
): Promise<Refusal | null> {
  const { environment, policy, channel: home } = serviceEnvironment
  if (allowsSharedChannels(policy)) return null
  switch (await channels.sharing(home)) {
    case 'outside':
      return channelShared(environment, { the: 'release channel', home })
    case 'hidden':
      return channelUnknown({ the: 'release channel', home })
    case 'inside':
      return channel === home ? null : elsewhere(channels, { serviceEnvironment, channel })
  }
}

/** Checks another channel, which may be one that twokey is not in, or may not read. */
async function elsewhere(
  channels: Channels,
  {
    serviceEnvironment,
    channel,
  }: { readonly serviceEnvironment: ServiceEnvironment; readonly channel: string },
): Promise<Refusal | null> {
  let sharing: Sharing
  try {
    sharing = await channels.sharing(channel)
  } catch (error) {
    return channelUnknownNow(serviceEnvironment.channel, troubleOf(error).reason)
  }
  switch (sharing) {
    case 'inside':
      return null
    case 'outside':
      return channelShared(serviceEnvironment.environment, {
        the: 'channel here',
        home: serviceEnvironment.channel,
      })
    case 'hidden':
      return channelUnknown({ the: 'channel here', home: serviceEnvironment.channel })
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

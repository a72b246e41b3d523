import { foreign } from '../foreign.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

/** The channel that is meant: the release channel, or that of the command. `home` is the release channel. */
type Channel = { readonly the: 'release channel' | 'channel here'; readonly home: string }

/** The channel is shared with another organization. */
export function channelShared(environment: string, { the, home }: Channel): Refusal {
  const channel = the === 'release channel' ? `the release channel <#${home}>` : 'this channel'
  return refuse(
    'channel_shared',
    `Nothing was done: ${channel} is shared with another organization, and ${environment} does not allow that.`,
    the === 'release channel'
      ? 'Ask a maintainer of twokey.yml for a release channel that is not shared, or for `externalChannels: true`.'
      : `Ask in <#${home}>, or ask a maintainer of twokey.yml for \`externalChannels: true\`.`,
  )
}

/** Slack does not show the channel: it does not exist, or it is private and twokey is not in it. */
export function channelUnknown({ the, home }: Channel): Refusal {
  return the === 'release channel'
    ? refuse(
        'channel_unknown',
        `Nothing was done: Slack has no channel ${home}, the release channel in twokey.yml, or it is private and twokey is not in it.`,
        `Ask a maintainer of twokey.yml to check the channel ID, or type \`/invite @twokey\` in the channel, then request again.`,
      )
    : refuse(
        'channel_unknown',
        'Nothing was done: twokey is not in this channel, so it cannot tell with whom it is shared.',
        `Ask in <#${home}>, or type \`/invite @twokey\` here, then ask again.`,
      )
}

/** Slack does not say with whom the channel is shared. */
export function channelUnknownNow(home: string, why: string): Refusal {
  return refuse(
    'channel_unknown',
    `Nothing was done: twokey could not determine with whom this channel is shared (${foreign(why)}).`,
    `Ask in <#${home}>, or here again in a minute.`,
  )
}

import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { type Channels, type Sharing, Trouble } from '../ports/ports.ts'
import { isRefusal, readable } from './directory.ts'
import { Reads } from './reads.ts'
import { asTrouble } from './trouble.ts'

/** Channels shared within one organization (`is_org_shared`) count as internal. Source: docs.slack.dev, conversation object. */
const conversation = z.object({
  is_ext_shared: z.boolean().optional(),
  is_pending_ext_shared: z.boolean().optional(),
})

/** With whom channels are shared, as Slack reports. */
export function slackChannels(web: WebClient, now: () => number = Date.now): Channels {
  const sharings = new Reads<Sharing>(now)
  return {
    async sharing(channel, maxAge = 'minute') {
      // Reading a direct message needs scopes of its own, and only the people in it can write there. The requester is checked
      // by their own account.
      if (channel.startsWith('D')) return 'inside'
      try {
        return await sharings.get(channel, maxAge, async () => {
          const answered = await web.conversations.info({ channel })
          const channelInfo = readable('conversations.info', conversation.safeParse(answered.channel))
          return channelInfo.is_ext_shared || channelInfo.is_pending_ext_shared ? 'outside' : 'inside'
        })
      } catch (error) {
        if (isRefusal(error, 'channel_not_found')) return 'hidden'
        // Slack itself always knows this method. A stand-in for Slack without it has no Slack Connect and shares no channel.
        if (isRefusal(error, 'unknown_method')) return 'inside'
        const { kind, message } = asTrouble(error)
        throw new Trouble(
          kind,
          `twokey could not read whether the channel is shared with other organizations: ${message}`,
          {
            cause: error,
          },
        )
      }
    },
  }
}

import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { type Channels, type Sharing, Trouble } from '../ports/ports.ts'
import { isRefusal, readable } from './directory.ts'
import { Reads } from './reads.ts'
import { asTrouble } from './trouble.ts'

/** Shared within one organization (`is_org_shared`) is inside. Source: docs.slack.dev, conversation object. */
const conversation = z.object({
  is_ext_shared: z.boolean().optional(),
  is_pending_ext_shared: z.boolean().optional(),
})

/** With whom channels are shared, as Slack says. */
export function slackChannels(web: WebClient, now: () => number = Date.now): Channels {
  const sharings = new Reads<Sharing>(now)
  return {
    async sharing(channel, maxAge = 'minute') {
      // A direct message needs scopes of its own to look at, and has nobody in it but those who write there: the one
      // who asks is checked by their own account.
      if (channel.startsWith('D')) return 'inside'
      try {
        return await sharings.get(channel, maxAge, async () => {
          const answered = await web.conversations.info({ channel })
          const told = readable('conversations.info', conversation.safeParse(answered.channel))
          return told.is_ext_shared || told.is_pending_ext_shared ? 'outside' : 'inside'
        })
      } catch (error) {
        if (isRefusal(error, 'channel_not_found')) return 'hidden'
        // Slack itself always knows the method. A stand-in that does not has no Slack Connect, and shares no channel.
        if (isRefusal(error, 'unknown_method')) return 'inside'
        const { kind, message } = asTrouble(error)
        throw new Trouble(
          kind,
          `whether the channel is shared with other organizations could not be read: ${message}`,
          {
            cause: error,
          },
        )
      }
    },
  }
}

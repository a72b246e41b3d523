import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { ChannelSeen, SlackSetup } from '../ports/setup.ts'
import { accountRefusal, type Home } from './account.ts'
import { isRefusal, readable, slackDirectory } from './directory.ts'
import { countEligibleApprovers } from './eligible-approvers.ts'
import { asTrouble } from './trouble.ts'

/** Fields that a stand-in for Slack leaves out count as in order. Source: docs.slack.dev, conversation object. */
const conversation = z.object({
  name: z.string().optional(),
  is_member: z.boolean().optional(),
  is_archived: z.boolean().optional(),
  is_ext_shared: z.boolean().optional(),
  is_pending_ext_shared: z.boolean().optional(),
})

const usergroups = z.array(z.object({ id: z.string(), handle: z.string().optional() }))

/** Looks up in Slack what the config names. */
export function slackSetup({ web, ...home }: Home & { readonly web: WebClient }): SlackSetup {
  const directory = slackDirectory(web, Date.now)
  let handles: Promise<ReadonlyMap<string, string>> | null = null

  return {
    channel: (id) =>
      looked(async () => {
        try {
          const { channel } = await web.conversations.info({ channel: id })
          return channelSeen(id, readable('conversations.info', conversation.safeParse(channel)))
        } catch (error) {
          if (isRefusal(error, 'channel_not_found')) return null
          throw error
        }
      }),
    group: (id) =>
      looked(async () => {
        const members = await directory.membersOf(id, 'minute')
        if (members === null) return null
        handles ??= handlesOf(web)
        return { handle: (await handles).get(id) ?? null, members: members.size }
      }),
    notAMember: (id) =>
      looked(async () => {
        try {
          return accountRefusal(id, await directory.account(id, 'minute'), home)?.why ?? null
        } catch (error) {
          if (isRefusal(error, 'user_not_found', 'user_not_visible')) return `Slack has no account ${id}`
          throw error
        }
      }),
    eligibleApprovers: (list, ask) => countEligibleApprovers({ directory, home }, list, ask),
  }
}

function channelSeen(id: string, answer: z.infer<typeof conversation>): ChannelSeen {
  return {
    name: answer.name ?? id,
    isMember: answer.is_member ?? true,
    isArchived: answer.is_archived ?? false,
    isShared: answer.is_ext_shared === true || answer.is_pending_ext_shared === true,
  }
}

/** The handles of all user groups, by ID; empty if they cannot be read, because nothing depends on them. */
async function handlesOf(web: WebClient): Promise<ReadonlyMap<string, string>> {
  try {
    const { usergroups: groups } = await web.usergroups.list()
    const answer = readable('usergroups.list', usergroups.safeParse(groups))
    return new Map(answer.flatMap(({ id, handle }) => (handle ? [[id, handle]] : [])))
  } catch {
    return new Map()
  }
}

async function looked<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    throw asTrouble(error)
  }
}

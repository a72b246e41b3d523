import type { Channel, Message } from '../entities.ts'
import { tier3 } from '../rates.ts'
import { channelOnWire, isBot, messageOnWire } from '../wire.ts'
import type { Workspace } from '../workspace.ts'
import {
  ApiError,
  type Args,
  type Call,
  checkScope,
  flagArg,
  joinedChannel,
  type Method,
  requiredArg,
  textArg,
  visibleChannel,
} from './method.ts'

const historyScope = { public: 'channels:history', private: 'groups:history', dm: 'im:history' } as const
const readScope = { public: 'channels:read', private: 'groups:read', dm: 'im:read' } as const

const history: Method = {
  name: 'conversations.history',
  token: 'bot',
  scope: null,
  rate: tier3,
  support: 'supported',
  note: 'with the rate limit of internal apps, not that of new apps distributed outside the Marketplace',
  execute: (call) => {
    const channel = readable(call)
    const threads = call.workspace.messages(channel.id)
    const shown = threads.flatMap((thread) => [thread, ...thread.replies.filter((reply) => reply.broadcast)])
    const newestFirst = shown.toSorted((a, b) => Number(b.ts) - Number(a.ts))
    return page(newestFirst, call)
  },
}

const replies: Method = {
  name: 'conversations.replies',
  token: 'bot',
  scope: null,
  rate: tier3,
  support: 'supported',
  note: '',
  execute: (call) => {
    const channel = readable(call)
    const { args, workspace } = call
    const message = workspace.message(channel.id, requiredArg(args, 'ts'))
    const parent = message?.threadTs ? workspace.message(channel.id, message.threadTs) : message
    if (!parent) throw new ApiError('thread_not_found')
    return page([parent, ...workspace.replies(parent)], call)
  },
}

const info: Method = {
  name: 'conversations.info',
  token: 'bot',
  scope: null,
  rate: tier3,
  support: 'partial',
  note: 'the fields for kind, membership, sharing, topic and creator',
  execute: (call) => {
    const channel = visibleChannel(call)
    checkScope(call.workspace, readScope[channel.kind])
    const include = { members: flagArg(call.args, 'include_num_members') }
    return { channel: channelOnWire(channel, call.workspace, include) }
  },
}

const open: Method = {
  name: 'conversations.open',
  token: 'bot',
  scope: 'im:write',
  rate: tier3,
  support: 'partial',
  note: 'one person at a time; no group messages',
  execute: ({ args, workspace }) => {
    const user = workspace.users.get(requiredArg(args, 'users'))
    if (!user) throw new ApiError('user_not_found')
    if (user.deleted) throw new ApiError('user_disabled')
    if (isBot(user)) throw new ApiError('cannot_dm_bot')
    const alreadyOpen = workspace.channels.has(`D${user.id.slice(1)}`)
    return {
      channel: { id: workspace.dm(user.id).id },
      ...(alreadyOpen && { already_open: true, no_op: true }),
    }
  },
}

export const conversationMethods: readonly Method[] = [history, replies, info, open]

function readable(call: Call): Channel {
  const channel = visibleChannel(call)
  checkScope(call.workspace, historyScope[channel.kind])
  return joinedChannel(call)
}

function page(messages: readonly Message[], { args, workspace }: Call): Record<string, unknown> {
  const inRange = messages.filter((message) => isWithin(message, args))
  const limit = Math.min(Math.max(Number(textArg(args, 'limit') ?? 100), 1), 999)
  const from = offsetOf(args)
  const more = inRange.length > from + limit
  return {
    messages: inRange.slice(from, from + limit).map((message) => shownMessage(workspace, message, args)),
    has_more: more,
    ...(more && {
      response_metadata: { next_cursor: Buffer.from(`next:${from + limit}`).toString('base64') },
    }),
  }
}

function isWithin({ ts }: Message, args: Args): boolean {
  const inclusive = flagArg(args, 'inclusive')
  const oldest = Number(textArg(args, 'oldest') ?? 0)
  const latest = Number(textArg(args, 'latest') ?? Number.POSITIVE_INFINITY)
  const at = Number(ts)
  return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest
}

function offsetOf(args: Args): number {
  const cursor = textArg(args, 'cursor')
  if (cursor === undefined) return 0
  const [, offset] = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString()) ?? []
  if (offset === undefined) throw new ApiError('invalid_cursor')
  return Number(offset)
}

function shownMessage(workspace: Workspace, message: Message, args: Args): Record<string, unknown> {
  const { metadata, ...rest } = messageOnWire(workspace, message)
  return metadata && flagArg(args, 'include_all_metadata') ? { ...rest, metadata } : rest
}

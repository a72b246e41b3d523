import type { Channel, Message } from '../entities.ts'
import { generous, posting, tier3, tier4 } from '../rates.ts'
import { isBot, messageOnWire } from '../wire.ts'
import { checkNotEmpty, contentOf } from './content.ts'
import { ApiError, type Call, flagArg, joinedChannel, type Method, requiredArg, textArg } from './method.ts'

const postLimit = 40_000
const updateLimit = 4_000

const postMessage: Method = {
  name: 'chat.postMessage',
  token: 'bot',
  scope: 'chat:write',
  rate: posting,
  support: 'partial',
  note: 'no markdown_text, username, icon_* or unfurling; texts over 40,000 characters are msg_too_long, Slack truncates them',
  execute: (call) => {
    const { args, workspace } = call
    const channel = channelToPost(call)
    const content = contentOf(args, postLimit)
    checkNotEmpty(content)
    const threadTs = threadToJoin(call, channel)
    const message = workspace.post({
      channel: channel.id,
      user: workspace.app.userId,
      text: content.text ?? '',
      blocks: content.blocks ?? [],
      attachments: content.attachments,
      metadata: content.metadata,
      threadTs,
      broadcast: threadTs !== null && flagArg(args, 'reply_broadcast'),
    })
    return { channel: channel.id, ts: message.ts, message: messageOnWire(workspace, message) }
  },
}

const update: Method = {
  name: 'chat.update',
  token: 'bot',
  scope: 'chat:write',
  rate: tier3,
  support: 'partial',
  note: 'no markdown_text, parse, link_names or file_ids',
  execute: (call) => {
    const { args, workspace } = call
    const message = editableMessage(call)
    const content = contentOf(args, updateLimit)
    if (content.metadata === undefined) checkNotEmptyUpdate(content)
    workspace.edit(message, { ...content, ...(flagArg(args, 'reply_broadcast') && { broadcast: true }) })
    const { channel, ts, text, user, editedTs } = message
    // The answer marks every edit; the channel marks only edits by text alone.
    const edited = { user, ts: editedTs ?? workspace.newTs() }
    return { channel, ts, text, message: { ...messageOnWire(workspace, message), edited } }
  },
}

const postEphemeral: Method = {
  name: 'chat.postEphemeral',
  token: 'bot',
  scope: 'chat:write',
  rate: tier4,
  support: 'partial',
  note: 'everybody counts as online, and the message never disappears',
  execute: (call) => {
    const { args, workspace } = call
    const channel = joinedChannel(call)
    const user = workspace.users.get(requiredArg(args, 'user'))
    if (!user || user.deleted) throw new ApiError('user_not_found')
    if (!channel.members.has(user.id)) throw new ApiError('user_not_in_channel')
    const content = contentOf(args, postLimit)
    checkNotEmpty(content)
    const ephemeral = workspace.whisper({
      channel: channel.id,
      to: user.id,
      from: 'app',
      text: content.text ?? '',
      blocks: content.blocks ?? [],
      threadTs: textArg(args, 'thread_ts') ?? null,
    })
    return { message_ts: ephemeral.ts }
  },
}

const remove: Method = {
  name: 'chat.delete',
  token: 'bot',
  scope: 'chat:write',
  rate: tier3,
  support: 'partial',
  note: 'no tombstone for a message with replies',
  execute: (call) => {
    const message = ownMessage(call, 'cant_delete_message')
    call.workspace.remove(message)
    return { channel: message.channel, ts: message.ts }
  },
}

const getPermalink: Method = {
  name: 'chat.getPermalink',
  token: 'bot',
  scope: null,
  rate: generous,
  support: 'supported',
  note: '',
  execute: ({ args, workspace }) => {
    const channel = workspace.channels.get(requiredArg(args, 'channel'))
    if (!channel) throw new ApiError('channel_not_found')
    const message = workspace.message(channel.id, requiredArg(args, 'message_ts'))
    if (!message) throw new ApiError('message_not_found')
    const path = `https://${workspace.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`
    const thread = message.threadTs ? `?thread_ts=${message.threadTs}&cid=${channel.id}` : ''
    return { channel: channel.id, permalink: path + thread }
  },
}

export const chatMethods: readonly Method[] = [postMessage, update, postEphemeral, remove, getPermalink]

/** The channel to post to: a conversation, or the direct messages with a person. */
function channelToPost(call: Call): Channel {
  const { args, workspace } = call
  const id = requiredArg(args, 'channel')
  const person = workspace.users.get(id)
  if (person) {
    if (isBot(person)) throw new ApiError('cannot_dm_bot')
    if (person.deleted || person.stranger) throw new ApiError('channel_not_found')
    checkMessagesTab(call)
    return workspace.dm(id)
  }
  const mayPostAnywhere = workspace.app.scopes.includes('chat:write.public')
  const open = workspace.channels.get(id)
  const channel = mayPostAnywhere && open?.kind === 'public' ? open : joinedChannel(call)
  if (channel.archived) throw new ApiError('is_archived')
  if (channel.kind === 'dm') checkMessagesTab(call)
  return channel
}

/** Apps that are new, or that have no `app_home` in their manifest, have it turned off. */
function checkMessagesTab({ workspace }: Call): void {
  if (!workspace.app.messagesTab) throw new ApiError('messages_tab_disabled')
}

/** The thread to reply in; for a reply, the thread that contains it. */
function threadToJoin({ args, workspace }: Call, channel: Channel): string | null {
  const threadTs = textArg(args, 'thread_ts')
  if (threadTs === undefined) return null
  const parent = workspace.message(channel.id, threadTs)
  if (!parent) throw new ApiError('thread_not_found')
  return parent.threadTs ?? parent.ts
}

function editableMessage(call: Call): Message {
  const { editWindowMs, now } = call.workspace
  const message = ownMessage(call, 'cant_update_message')
  if (joinedChannel(call).archived) throw new ApiError('is_inactive')
  const age = now() - Number(message.ts) * 1_000
  if (editWindowMs !== null && age > editWindowMs) throw new ApiError('edit_window_closed')
  return message
}

function ownMessage(call: Call, refusal: string): Message {
  const { args, workspace } = call
  const channel = joinedChannel(call)
  const message = workspace.message(channel.id, requiredArg(args, 'ts'))
  if (!message) throw new ApiError('message_not_found')
  if (message.user !== workspace.app.userId || message.ts < workspace.installedSince)
    throw new ApiError(refusal)
  return message
}

/** An update may remove the blocks with `[]`, but then needs a text. */
function checkNotEmptyUpdate({ text, blocks, attachments }: ReturnType<typeof contentOf>): void {
  if (text === undefined && blocks === undefined && attachments === undefined) throw new ApiError('no_text')
}

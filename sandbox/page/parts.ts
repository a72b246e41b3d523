import type { Sandbox } from '../sandbox.ts'
import { isRecord } from '../slack/blocks/check.ts'
import type { Client, Ephemeral, Message, User, View } from '../slack/entities.ts'
import type { Workspace } from '../slack/workspace.ts'
import { outsideParts } from './outside.ts'
import type { Change, Frame, ShownEphemeral, ShownMessage, ShownPerson, ShownView } from './shown.ts'
import { queuedTroubles } from './troubles.ts'

/** How many of the newest top-level messages are shown. */
const messagesShown = 200

/**
 * Everything that this person sees in this browser tab, and the state of GitHub and AWS, by key. It contains nothing
 * that only the bot knows.
 */
export function partsFor(
  sandbox: Sandbox,
  { user, client }: Client,
  channel: string,
): Record<string, unknown> {
  const { workspace } = sandbox.slack
  const threads = workspace.messages(channel).slice(-messagesShown)
  const messages = threads.flatMap((thread) => [thread, ...thread.replies])
  const ephemerals = workspace.ephemerals(user).filter((ephemeral) => ephemeral.channel === channel)
  const home = workspace.views.home(user)
  const modals = workspace.views.open(user, client)
  const modal = modals.at(-1)
  return {
    frame: frameOf(workspace, channel),
    notifications: [...workspace.users.keys()].flatMap((id) =>
      workspace.notifications(id).map(({ ts, why }) => ({ user: id, ts, why })),
    ),
    modal: modal ? shownView(modal, modals.length > 1) : null,
    home: home ? shownView(home, false) : null,
    troubles: queuedTroubles(sandbox),
    ...Object.fromEntries(messages.map((message) => [`message:${message.ts}`, shownMessage(message)])),
    ...Object.fromEntries(
      ephemerals.map((ephemeral) => [`ephemeral:${ephemeral.ts}`, shownEphemeral(ephemeral)]),
    ),
    ...outsideParts(sandbox, Date.now()),
  }
}

/**
 * The change from the parts that were already sent (`before`) to `parts`; null if nothing changed. Updates `before`.
 */
export function changeFrom(
  before: Map<string, string>,
  parts: Readonly<Record<string, unknown>>,
): Change | null {
  const isFirst = before.size === 0
  const set: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(parts)) {
    const text = JSON.stringify(value)
    if (before.get(key) === text) continue
    before.set(key, text)
    set[key] = value
  }
  const gone = [...before.keys()].filter((key) => !(key in parts))
  for (const key of gone) before.delete(key)
  if (Object.keys(set).length === 0 && gone.length === 0) return null
  return { ...(isFirst && { isFirst }), set, gone }
}

function frameOf(workspace: Workspace, channelId: string): Frame {
  const { app, users, groups, channels } = workspace
  const channel = channels.get(channelId)
  const present = [...users.values()].filter(({ id, kind }) => channel?.members.has(id) && kind !== 'bot')
  return {
    channel: { id: channelId, name: channel?.name ?? channelId },
    app: { name: app.name, userId: app.userId, commands: app.commands },
    people: present.map((user) => shownPerson(workspace, user)),
    users: Object.fromEntries([...users.values()].map(({ id, name }) => [id, name])),
    groups: Object.fromEntries(
      [...groups.values()].map(({ id, handle, members }) => [id, { handle, members }]),
    ),
    channels: Object.fromEntries([...channels.values()].map(({ id, name }) => [id, name])),
  }
}

function shownPerson({ groups, team }: Workspace, { id, name, kind, team: own }: User): ShownPerson {
  const handles = [...groups.values()]
    .filter(({ members }) => members.includes(id))
    .map(({ handle }) => `@${handle}`)
  const account = own === team ? (kind === 'member' ? [] : [kind]) : ['other company']
  return { id, name, about: [...account, ...handles].join(' ') }
}

function shownMessage(message: Message): ShownMessage {
  const { ts, user, text, blocks, attachments, threadTs, broadcast, editedTs } = message
  return { ts, user, text, blocks, attachments, threadTs, broadcast, editedTs }
}

function shownEphemeral({ ts, from, threadTs, text, blocks }: Ephemeral): ShownEphemeral {
  return { ts, from, threadTs, text, blocks }
}

function shownView({ id, hash, sent, blocks, values, errors }: View, isPushed: boolean): ShownView {
  return {
    id,
    hash,
    title: plain(sent.title) ?? '',
    submit: plain(sent.submit),
    close: plain(sent.close),
    blocks,
    values,
    errors,
    isPushed,
  }
}

function plain(text: unknown): string | null {
  return isRecord(text) && typeof text.text === 'string' ? text.text : null
}

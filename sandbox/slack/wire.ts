import type { Channel, Group, Message, User, View } from './entities.ts'
import type { Workspace } from './workspace.ts'

/** The workspace's entities as Slack's JSON. */

export function messageOnWire(workspace: Workspace, message: Message): Record<string, unknown> {
  const { app, team } = workspace
  const replies = message.threadTs === null ? workspace.replies(message) : []
  return {
    type: 'message',
    ...(message.broadcast && { subtype: 'thread_broadcast' }),
    user: message.user,
    team,
    ts: message.ts,
    ...(message.user === app.userId && {
      bot_id: app.botId,
      app_id: app.id,
      bot_profile: {
        id: app.botId,
        app_id: app.id,
        user_id: app.userId,
        name: app.name,
        deleted: false,
        team_id: team,
      },
    }),
    text: message.text,
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.attachments.length > 0 && { attachments: message.attachments }),
    ...(message.files.length > 0 && { files: message.files.map((id) => fileOnWire(workspace, id)) }),
    ...(message.editedTs && { edited: { user: message.user, ts: message.editedTs } }),
    ...threadOf(message, replies),
    ...(message.metadata && { metadata: message.metadata }),
  }
}

function threadOf(message: Message, replies: readonly Message[]): Record<string, unknown> {
  if (message.threadTs) return { thread_ts: message.threadTs }
  if (replies.length === 0) return {}
  const users = [...new Set(replies.map((reply) => reply.user))]
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    reply_users: users,
    latest_reply: replies.at(-1)?.ts,
  }
}

export function fileOnWire(workspace: Workspace, id: string): Record<string, unknown> {
  const upload = workspace.uploads.get(id)
  return { id, name: upload?.filename, title: upload?.title, size: upload?.length, mode: 'hosted' }
}

/** When accounts were last changed and channels created, in seconds. */
const longAgo = 1_760_000_000

/** Whether the account belongs to a program: an app, a workflow or a connected service. */
export function isBot({ kind }: User): boolean {
  return kind === 'bot' || kind === 'workflow bot' || kind === 'connector bot'
}

/** @param include whether the request asked for `locale`. Source: docs.slack.dev, users.info */
export function userOnWire(user: User, include: { readonly locale: boolean }): Record<string, unknown> {
  const base = {
    id: user.id,
    team_id: user.team,
    name: user.name.toLowerCase(),
    deleted: user.deleted,
    is_bot: isBot(user),
    is_app_user: false,
    updated: longAgo,
    profile: {
      real_name: user.name,
      display_name: user.name.toLowerCase(),
      real_name_normalized: user.name,
      display_name_normalized: user.name.toLowerCase(),
      team: user.team,
    },
    ...(user.enterprise !== undefined && {
      enterprise_user: {
        id: user.id,
        enterprise_id: user.enterprise,
        enterprise_name: user.enterprise.toLowerCase(),
        is_admin: false,
        is_owner: false,
        teams: user.teams ?? [user.team],
      },
    }),
  }
  if (user.deleted) return base
  return {
    ...base,
    real_name: user.name,
    ...zoneOnWire(user.tz ?? 'Etc/UTC'),
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: user.kind === 'guest' || user.kind === 'single-channel guest',
    is_ultra_restricted: user.kind === 'single-channel guest',
    is_stranger: user.stranger,
    is_invited_user: user.invited === true,
    is_workflow_bot: user.kind === 'workflow bot',
    is_connector_bot: user.kind === 'connector bot',
    ...(include.locale && { locale: user.locale ?? 'en-US' }),
    is_email_confirmed: true,
  }
}

/** `tz_offset`: seconds east of Greenwich now. */
function zoneOnWire(tz: string): Record<string, unknown> {
  const now = new Date()
  const [, sign = '+', hours = '0', minutes = '0'] =
    /GMT(?:([+-])(\d\d):(\d\d))?/.exec(
      new Intl.DateTimeFormat('en', { timeZone: tz, timeZoneName: 'longOffset' }).format(now),
    ) ?? []
  return { tz, tz_offset: Number(`${sign}1`) * (Number(hours) * 3_600 + Number(minutes) * 60) }
}

export function groupOnWire(group: Group, team: string): Record<string, unknown> {
  return {
    id: group.id,
    team_id: team,
    is_usergroup: true,
    name: group.handle,
    description: '',
    handle: group.handle,
    is_external: false,
    date_delete: group.disabled ? longAgo : 0,
    user_count: group.members.length,
    prefs: { channels: [], groups: [] },
  }
}

/** A topic or a purpose; without a value, it has no author either. */
function setWords(value: string | undefined, creator: string): Record<string, unknown> {
  return value === undefined ? { value: '', creator: '', last_set: 0 } : { value, creator, last_set: longAgo }
}

/** @param include whether the request asked for `num_members`. Source: docs.slack.dev, conversations.info */
export function channelOnWire(
  channel: Channel,
  workspace: Workspace,
  include: { readonly members: boolean },
): Record<string, unknown> {
  const { app, team } = workspace
  if (channel.kind === 'dm') {
    const user = [...channel.members].find((member) => member !== app.userId)
    return {
      id: channel.id,
      created: longAgo,
      is_im: true,
      is_channel: false,
      user,
      is_archived: false,
      is_user_deleted: false,
    }
  }
  const creator = channel.creator ?? [...channel.members][0] ?? ''
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    created: longAgo,
    creator,
    topic: setWords(channel.topic, creator),
    purpose: setWords(channel.purpose, creator),
    ...(include.members && { num_members: channel.members.size }),
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_private: channel.kind === 'private',
    is_im: false,
    is_mpim: false,
    is_archived: channel.archived,
    is_member: channel.members.has(app.userId),
    is_shared: channel.external || channel.organizationWide === true,
    is_ext_shared: channel.external,
    is_org_shared: channel.organizationWide === true,
    is_pending_ext_shared: channel.invited === true,
    pending_connected_team_ids: channel.invited ? ['T0OTHER'] : [],
    context_team_id: team,
    shared_team_ids: channel.external ? [team, 'T0OTHER'] : [team],
  }
}

export function viewOnWire(view: View, workspace: Workspace): Record<string, unknown> {
  const { app, team } = workspace
  const { sent } = view
  return {
    id: view.id,
    team_id: team,
    type: view.type,
    blocks: view.blocks,
    private_metadata: sent.private_metadata ?? '',
    callback_id: sent.callback_id ?? '',
    external_id: sent.external_id ?? '',
    state: { values: view.values },
    hash: view.hash,
    title: sent.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    close: sent.close ?? null,
    submit: sent.submit ?? null,
    clear_on_close: sent.clear_on_close ?? false,
    notify_on_close: sent.notify_on_close ?? false,
    root_view_id: view.rootId,
    previous_view_id: view.previousId,
    app_id: app.id,
    app_installed_team_id: team,
    bot_id: app.botId,
  }
}

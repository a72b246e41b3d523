import type { Channel, Ephemeral, Message, User, View } from './entities.ts'
import { initialValues } from './inputs.ts'
import { encoded, withIds } from './typed.ts'
import { messageOnWire, viewOnWire } from './wire.ts'
import type { Workspace } from './workspace.ts'

/** The payloads of interactions, with the same fields as Slack sends. */

type Payload = Record<string, unknown>

/** The origin of an interaction: the server's address, the person, and the client they used. */
export type Source = {
  readonly workspace: Workspace
  readonly url: string
  readonly user: User
  readonly client: string
}

type Typed = { readonly channel: Channel; readonly command: string; readonly text: string }

export function slashCommand(source: Source, { channel, command, text }: Typed): Payload {
  const { workspace, user, client } = source
  const { app, team, domain } = workspace
  const escapes = app.commands.some((known) => known.command === command && known.escapes)
  return {
    token: 'legacy-verification-token',
    team_id: team,
    team_domain: domain,
    ...(workspace.enterprise !== null && { enterprise_id: workspace.enterprise, enterprise_name: domain }),
    channel_id: channel.id,
    channel_name: channel.kind === 'dm' ? 'directmessage' : channel.name,
    user_id: user.id,
    user_name: user.name.toLowerCase(),
    command,
    text: escapes ? withIds(workspace, text) : encoded(text),
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url: responseUrl(source, channel.id, { kind: 'command' }),
    trigger_id: workspace.trigger(user.id, client).id,
  }
}

/** A click or a choice; `action` is the element with the chosen value. */
export type Action = Readonly<Record<string, unknown>>

export function messageAction(source: Source, message: Message, action: Action): Payload {
  const { workspace } = source
  const url = responseUrl(source, message.channel, { kind: 'message', ts: message.ts })
  return {
    ...blockActions(source, action),
    container: containerOf(message.ts, message.channel, message.threadTs, false),
    channel: channelOf(workspace, message.channel),
    message: messageOnWire(workspace, message),
    state: { values: initialValues(message.blocks) },
    response_url: url,
  }
}

export function ephemeralAction(source: Source, ephemeral: Ephemeral, action: Action): Payload {
  const { ts, channel, threadTs } = ephemeral
  return {
    ...blockActions(source, action),
    container: containerOf(ts, channel, threadTs, true),
    channel: channelOf(source.workspace, channel),
    state: { values: initialValues(ephemeral.blocks) },
    response_url: responseUrl(source, channel, { kind: 'ephemeral', ts, threadTs }),
  }
}

export function viewAction(source: Source, view: View, action: Action): Payload {
  return {
    ...blockActions(source, action),
    container: { type: 'view', view_id: view.id },
    view: viewOnWire(view, source.workspace),
  }
}

export function viewSubmission(source: Source, view: View): Payload {
  return {
    ...interaction(source, 'view_submission'),
    trigger_id: source.workspace.trigger(source.user.id, source.client).id,
    view: viewOnWire(view, source.workspace),
    response_urls: [],
  }
}

export function viewClosed(source: Source, view: View): Payload {
  return {
    ...interaction(source, 'view_closed'),
    view: viewOnWire(view, source.workspace),
    is_cleared: false,
  }
}

/**
 * Slack requests the options of a menu while a person types into it, and sends no values of the other fields (bolt-js
 * #1146).
 */
export function blockSuggestion(
  source: Source,
  view: View,
  { block, action, value }: { readonly block: string; readonly action: string; readonly value: string },
): Payload {
  return {
    ...interaction(source, 'block_suggestion'),
    container: { type: 'view', view_id: view.id },
    action_id: action,
    block_id: block,
    value,
    view: { ...viewOnWire(view, source.workspace), state: { values: {} } },
  }
}

function blockActions(source: Source, action: Action): Payload {
  const { workspace, user, client } = source
  return {
    ...interaction(source, 'block_actions'),
    trigger_id: workspace.trigger(user.id, client).id,
    actions: [{ ...action, action_ts: workspace.newTs() }],
  }
}

function interaction({ workspace, user }: Source, type: string): Payload {
  const { app, team, domain } = workspace
  return {
    type,
    user: {
      id: user.id,
      username: user.name.toLowerCase(),
      name: user.name.toLowerCase(),
      team_id: user.team,
    },
    api_app_id: app.id,
    token: 'legacy-verification-token',
    team: { id: team, domain },
    enterprise: workspace.enterprise === null ? null : { id: workspace.enterprise, name: domain },
    is_enterprise_install: false,
  }
}

function containerOf(ts: string, channel: string, threadTs: string | null, isEphemeral: boolean): Payload {
  return {
    type: 'message',
    message_ts: ts,
    channel_id: channel,
    is_ephemeral: isEphemeral,
    ...(threadTs && { thread_ts: threadTs }),
  }
}

function channelOf(workspace: Workspace, id: string): Payload {
  const channel = workspace.channels.get(id)
  return { id, name: channel?.kind === 'dm' ? 'directmessage' : channel?.name }
}

function responseUrl(
  { workspace, url, user }: Source,
  channel: string,
  source: Parameters<Workspace['responseUrl']>[0]['source'],
): string {
  const { id } = workspace.responseUrl({ user: user.id, channel, source })
  return `${url}/actions/${workspace.team}/${id}`
}

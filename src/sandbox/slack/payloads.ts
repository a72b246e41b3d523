import type { Channel, Ephemeral, Message, User, View } from './entities.ts'
import { initialValues } from './inputs.ts'
import { messageOnWire, viewOnWire } from './wire.ts'
import type { Workspace } from './workspace.ts'

/** The payloads of interactions, field for field as Slack sends them. */

type Payload = Record<string, unknown>

/** Where an interaction is answered: the server's address, and the person's. */
export type Source = { readonly workspace: Workspace; readonly url: string; readonly user: User }

type Typed = { readonly channel: Channel; readonly command: string; readonly text: string }

export function slashCommand(source: Source, { channel, command, text }: Typed): Payload {
  const { workspace, user } = source
  const { app, team, domain } = workspace
  return {
    token: 'legacy-verification-token',
    team_id: team,
    team_domain: domain,
    channel_id: channel.id,
    channel_name: channel.kind === 'dm' ? 'directmessage' : channel.name,
    user_id: user.id,
    user_name: user.name.toLowerCase(),
    command,
    text: encoded(text),
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url: responseUrl(source, channel.id, { kind: 'command' }),
    trigger_id: workspace.trigger(user.id).id,
  }
}

/** A press or a choice; `action` is the element with what was chosen. */
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
    trigger_id: source.workspace.trigger(source.user.id).id,
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

/** Slack asks for the options of a menu while a person types into it, and tells nothing of the other fields (bolt-js #1146). */
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
  const { workspace, user } = source
  return {
    ...interaction(source, 'block_actions'),
    trigger_id: workspace.trigger(user.id).id,
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
    enterprise: null,
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

/** Slack encodes its three control characters in what people type. */
export function encoded(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

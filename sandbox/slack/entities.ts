/** The entities of a Slack workspace. Ids are Slack's; times are `ts` strings or ms since the epoch. */

export type Block = { readonly type: string; readonly block_id?: string } & Readonly<Record<string, unknown>>
export type Blocks = readonly Block[]

export type Metadata = {
  readonly event_type: string
  readonly event_payload: Readonly<Record<string, unknown>>
}

export type User = {
  readonly id: string
  readonly name: string
  /** The workspace of this person; another organization's marks a person of Slack Connect. */
  team: string
  /** On Enterprise Grid: the organization of that workspace. */
  enterprise?: string
  /** On Enterprise Grid: the workspaces of that organization that the person is in; absent: only their own. */
  teams?: readonly string[]
  kind: 'member' | 'guest' | 'single-channel guest' | 'bot' | 'workflow bot' | 'connector bot'
  /** Whether the person was invited and has not joined yet. */
  invited?: boolean
  deleted: boolean
  /** Whether the person is of another workspace and shares no channel with the app. */
  stranger: boolean
  /** The time zone that the person set, an IANA name; absent: Etc/UTC. */
  tz?: string
  /** An IETF language code; absent: en-US. */
  locale?: string
}

export type Group = { readonly id: string; readonly handle: string; members: string[]; disabled: boolean }

export type Channel = {
  readonly id: string
  readonly name: string
  readonly kind: 'public' | 'private' | 'dm'
  readonly topic?: string
  readonly purpose?: string
  /** Absent: the first member. */
  readonly creator?: string
  /** User ids, with the app's bot user if it was invited. */
  readonly members: Set<string>
  archived: boolean
  /** Shared with another company (Slack Connect). */
  external: boolean
  /** Another company was invited and has not accepted yet. */
  invited?: boolean
  /** Shared with other workspaces of the same organization (Enterprise Grid). */
  organizationWide?: boolean
}

export type Message = {
  readonly ts: string
  readonly channel: string
  /** The author: a person, or the app's bot user. */
  readonly user: string
  text: string
  blocks: Blocks
  attachments: readonly unknown[]
  metadata: Metadata | null
  /** Set on replies: the `ts` of the parent message. */
  readonly threadTs: string | null
  /** Whether this reply is also shown in the channel. */
  broadcast: boolean
  /** How often it was edited. */
  edits: number
  /** `ts` of the last edit that Slack marks as edited: only edits of messages without blocks. */
  editedTs: string | null
  files: readonly string[]
}

/** A top-level message with its replies, oldest first. */
export type Thread = Message & { readonly replies: readonly Message[] }

/** A message that only one person sees. */
export type Ephemeral = {
  readonly ts: string
  readonly channel: string
  /** The person who sees it. */
  readonly to: string
  readonly from: 'app' | 'slackbot'
  readonly threadTs: string | null
  text: string
  blocks: Blocks
}

/** A notification of a new post. Edits notify nobody. */
export type Notification = {
  readonly user: string
  readonly channel: string
  readonly ts: string
  readonly why: 'mention' | 'group' | 'channel' | 'direct'
}

/** The values of a view's inputs: block id → action id → what `view.state.values` carries. */
export type Values = Record<string, Record<string, Readonly<Record<string, unknown>>>>

export type View = {
  readonly id: string
  readonly type: 'modal' | 'home'
  readonly user: string
  /** The client that shows this modal: the one whose trigger opened it. */
  readonly client: string
  readonly rootId: string
  readonly previousId: string | null
  /** The view as the app sent it. */
  sent: Readonly<Record<string, unknown>>
  blocks: Blocks
  hash: string
  values: Values
  /** The errors that the app returned for a submission, by block id. */
  errors: Readonly<Record<string, string>>
}

export type Upload = {
  readonly id: string
  readonly filename: string
  /** The announced number of bytes. */
  readonly length: number
  title: string
  content: Uint8Array | null
  /** The message that the file was shared in. */
  sharedIn: { readonly channel: string; readonly ts: string } | null
}

/** A URL where an app may answer an interaction: 5 times within 30 minutes. */
export type ResponseUrl = {
  readonly id: string
  readonly user: string
  readonly channel: string
  /** The message or command that the interaction was made on. */
  readonly source:
    | { readonly kind: 'command' }
    | { readonly kind: 'message'; readonly ts: string }
    | { readonly kind: 'ephemeral'; readonly ts: string; readonly threadTs: string | null }
  readonly expiresAt: number
  uses: number
}

/** One of the windows in which a person has Slack open. */
export type Client = { readonly user: string; readonly client: string }

export type Trigger = Client & {
  readonly id: string
  readonly expiresAt: number
  used: boolean
}

/** A slash command, as the composer offers it. */
export type Command = {
  readonly command: string
  readonly description: string
  readonly hint: string
  /** `should_escape`: Slack sends names as ids, and links in brackets. */
  readonly escapes: boolean
}

/** The app as installed. */
export type App = {
  readonly id: string
  readonly name: string
  readonly botId: string
  readonly userId: string
  readonly botToken: string
  readonly appToken: string
  /** The bot scopes that were granted. */
  readonly scopes: readonly string[]
  /** Whether people have the Messages tab of the app, where its direct messages are. */
  readonly messagesTab: boolean
  /** The slash commands of the app's manifest. */
  readonly commands: readonly Command[]
}

/** A slash command that a person typed, or a button of a message that a person clicked. */
export type Used = {
  readonly user: string
  /** The line as typed, or the label of the button. */
  readonly what: string
  /** The `ts` of the message with the button; null for a command. */
  readonly on: string | null
  /** When, as a `ts`. */
  readonly at: string
}

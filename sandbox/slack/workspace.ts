import { randomBytes } from 'node:crypto'
import { asStored } from './blocks/ids.ts'
import type {
  App,
  Blocks,
  Channel,
  Ephemeral,
  Group,
  Message,
  Metadata,
  Notification,
  ResponseUrl,
  Thread,
  Trigger,
  Upload,
  Used,
  User,
} from './entities.ts'
import { mentionsOf } from './mentions.ts'
import { Offers } from './offers.ts'
import { Views } from './views.ts'

export type Clock = () => number

/** The content of a message. */
export type Content = {
  readonly text: string
  readonly blocks: readonly unknown[]
  readonly attachments?: readonly unknown[]
  readonly metadata?: Metadata | null
}

export type Post = Content & {
  readonly channel: string
  readonly user: string
  readonly threadTs?: string | null
  readonly broadcast?: boolean
  readonly files?: readonly string[]
}

export type Whisper = Pick<Ephemeral, 'channel' | 'to' | 'from' | 'text'> & {
  readonly blocks: readonly unknown[]
  readonly threadTs?: string | null
}

const triggerMs = 3_000
const responseUrlMs = 30 * 60_000

/** The state of one Slack workspace, and the operations that change it. It is independent of the wire format. */
export class Workspace {
  readonly team: string
  /** On Enterprise Grid: the organization of this workspace. */
  enterprise: string | null = null
  readonly domain = 'twokey-sandbox'
  readonly app: App
  readonly now: Clock
  readonly users = new Map<string, User>()
  readonly groups = new Map<string, Group>()
  readonly channels = new Map<string, Channel>()
  readonly uploads = new Map<string, Upload>()
  readonly responseUrls = new Map<string, ResponseUrl>()
  readonly triggers = new Map<string, Trigger>()
  readonly views: Views
  readonly offers = new Offers()
  /** The slash commands that people typed and the buttons of messages that they clicked, oldest first. */
  readonly used: Used[] = []
  /** How long after its post a message may be edited, ms; null: forever. A setting of the workspace. */
  editWindowMs: number | null = null
  /** When the app was installed, a `ts`: it may not edit what it posted before. */
  installedSince = ''
  readonly #messages = new Map<string, Message>()
  /** Replies by the `ts` of their parent; top-level messages by their channel. */
  readonly #threads = new Map<string, Message[]>()
  readonly #ephemerals: Ephemeral[] = []
  readonly #notifications: Notification[] = []
  readonly #watchers = new Set<() => void>()
  #lastTs = 0

  constructor({ team, app, now }: { team: string; app: App; now: Clock }) {
    this.team = team
    this.app = app
    this.now = now
    this.views = new Views({ newId, newTs: () => this.newTs(), changed: () => this.changed() })
  }

  /** Top-level messages of a channel with their replies, oldest first. */
  messages(channel: string): readonly Thread[] {
    const topLevel = this.#threads.get(channel) ?? []
    return topLevel.map((message) => ({ ...message, replies: [...this.replies(message)] }))
  }

  /** The ephemeral messages of this person, oldest first. */
  ephemerals(user?: string): readonly Ephemeral[] {
    return this.#ephemerals.filter((ephemeral) => user === undefined || ephemeral.to === user)
  }

  /** The new posts that this person was notified of. */
  notifications(user: string): readonly Notification[] {
    return this.#notifications.filter((notification) => notification.user === user)
  }

  message(channel: string, ts: string): Message | undefined {
    const message = this.#messages.get(ts)
    return message?.channel === channel ? message : undefined
  }

  replies(message: Message): readonly Message[] {
    return this.#threads.get(message.ts) ?? []
  }

  /** The direct messages between the app and a person; created on first use. */
  dm(user: string): Channel {
    const id = `D${user.slice(1)}`
    const open = this.channels.get(id)
    if (open) return open
    const members = new Set([user, this.app.userId])
    const channel: Channel = { id, name: id, kind: 'dm', members, archived: false, external: false }
    this.channels.set(id, channel)
    return channel
  }

  post(post: Post): Message {
    const message: Message = {
      ts: this.newTs(),
      channel: post.channel,
      user: post.user,
      text: post.text,
      blocks: this.kept(post.blocks),
      attachments: post.attachments ?? [],
      metadata: post.metadata ?? null,
      threadTs: post.threadTs ?? null,
      broadcast: post.broadcast ?? false,
      edits: 0,
      editedTs: null,
      files: post.files ?? [],
    }
    this.#messages.set(message.ts, message)
    this.#siblings(message).push(message)
    this.#notify(message)
    this.changed()
    return message
  }

  /** Removes the app and installs it again. */
  installAnew(): void {
    this.installedSince = this.newTs()
  }

  /** Edits a message. Fields that are not named stay, but a text without blocks removes the blocks. */
  edit(message: Message, change: Partial<Content> & { readonly broadcast?: boolean }): void {
    if (change.text !== undefined) {
      message.text = change.text
      message.blocks = []
    }
    if (change.blocks !== undefined) message.blocks = this.kept(change.blocks)
    if (change.attachments !== undefined) message.attachments = change.attachments
    if (change.metadata !== undefined) message.metadata = change.metadata
    if (change.broadcast !== undefined) message.broadcast = change.broadcast
    message.edits += 1
    // Slack shows no "(edited)" if an app edits blocks.
    if (message.blocks.length === 0) message.editedTs = this.newTs()
    this.changed()
  }

  remove(message: Message): void {
    this.#messages.delete(message.ts)
    const siblings = this.#siblings(message)
    siblings.splice(siblings.indexOf(message), 1)
    this.changed()
  }

  whisper(whisper: Whisper): Ephemeral {
    const { channel, to, from, text } = whisper
    const blocks = this.kept(whisper.blocks)
    const ephemeral: Ephemeral = {
      ts: this.newTs(),
      channel,
      to,
      from,
      text,
      blocks,
      threadTs: whisper.threadTs ?? null,
    }
    this.#ephemerals.push(ephemeral)
    this.changed()
    return ephemeral
  }

  editEphemeral(ephemeral: Ephemeral, content: Content): void {
    ephemeral.text = content.text
    ephemeral.blocks = this.kept(content.blocks)
    this.changed()
  }

  removeEphemeral(ephemeral: Ephemeral): void {
    this.#ephemerals.splice(this.#ephemerals.indexOf(ephemeral), 1)
    this.changed()
  }

  /** A trigger of an interaction in a client: valid for one view there within 3 seconds. */
  trigger(user: string, client = ''): Trigger {
    const id = `${this.#stamp()}.${this.#stamp()}.${randomBytes(16).toString('hex')}`
    const trigger: Trigger = { id, user, client, expiresAt: this.now() + triggerMs, used: false }
    this.triggers.set(id, trigger)
    return trigger
  }

  responseUrl(request: Pick<ResponseUrl, 'user' | 'channel' | 'source'>): ResponseUrl {
    const id = randomBytes(12).toString('hex')
    const responseUrl: ResponseUrl = { ...request, id, uses: 0, expiresAt: this.now() + responseUrlMs }
    this.responseUrls.set(id, responseUrl)
    return responseUrl
  }

  /** A new `ts`: seconds and six digits, unique in the workspace. */
  newTs(): string {
    this.#lastTs = Math.max(this.now() * 1000, this.#lastTs + 1)
    return `${Math.floor(this.#lastTs / 1_000_000)}.${String(this.#lastTs % 1_000_000).padStart(6, '0')}`
  }

  kept(blocks: readonly unknown[]): Blocks {
    return asStored(blocks, () => randomBytes(4).toString('base64url').slice(0, 5))
  }

  changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  /** Calls the watcher after every change. Returns a function that stops it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  #siblings({ threadTs, channel }: Message): Message[] {
    const key = threadTs ?? channel
    const siblings = this.#threads.get(key) ?? []
    this.#threads.set(key, siblings)
    return siblings
  }

  #stamp(): number {
    return this.now() + Math.floor(Math.random() * 1e6)
  }

  #notify(message: Message): void {
    const channel = this.channels.get(message.channel)
    const notified = new Set<string>([message.user])
    const notify = (user: string, why: Notification['why']) => {
      if (notified.has(user) || !channel?.members.has(user) || this.users.get(user)?.deleted) return
      notified.add(user)
      this.#notifications.push({ user, channel: message.channel, ts: message.ts, why })
    }
    for (const mention of mentionsOf(message.text, message.blocks)) {
      switch (mention.kind) {
        case 'user':
          notify(mention.id, 'mention')
          break
        case 'group':
          for (const member of this.groups.get(mention.id)?.members ?? []) notify(member, 'group')
          break
        case 'everyone':
          for (const member of channel?.members ?? []) notify(member, 'channel')
      }
    }
    if (channel?.kind === 'dm') for (const member of channel.members) notify(member, 'direct')
  }
}

/** An id like Slack's: a letter and ten characters of its alphabet. */
export function newId(letter: string): string {
  return letter + randomBytes(8).toString('hex').slice(0, 10).toUpperCase()
}

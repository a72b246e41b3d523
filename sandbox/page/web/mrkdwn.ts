import { type Node, NodeType, parse } from 'slack-message-parser'
import { dateText } from './date.ts'
import { emoji, emojiOf } from './emoji.ts'
import { html, type Shown } from './html.ts'
import { own, type Reader } from './reader.ts'

/** Renders Slack's mrkdwn. Everything that is not markup stays text, including HTML. */
export function mrkdwn(text: string, reader: Reader): Shown {
  return nodes(children(parse(text)), reader)
}

/** Renders a text without markup; emoji names become emoji if `emoji` is set. */
export function plainText(text: string, { emoji: isDrawn }: { readonly emoji: boolean }): Shown {
  if (!isDrawn) return decoded(text)
  return text
    .split(/(:[\w+-]+:)/)
    .map((part, index) => (index % 2 === 1 ? emoji(part.slice(1, -1)) : decoded(part)))
}

/** mrkdwn as plain text, for screen readers and toasts. */
export function spoken(text: string, reader: Reader): string {
  const words = (all: readonly Node[]): string => all.map(word).join('')
  const word = (node: Node): string => {
    switch (node.type) {
      case NodeType.UserLink:
        return `@${own(reader.users, node.userID) || node.userID}`
      case NodeType.ChannelLink:
        return `#${own(reader.channels, node.channelID) ?? node.channelID}`
      case NodeType.URL:
        return node.label ? words(node.label) : node.url
      case NodeType.Command:
        return commandText(node.name, node.arguments, reader) ?? words(node.label ?? [])
      case NodeType.Text:
        return decoded(node.text)
      case NodeType.Code:
      case NodeType.PreText:
        return spokenCode(node.text, words)
      case NodeType.Emoji:
        return emojiOf(node.name) ?? node.source
      default:
        return words(node.children)
    }
  }
  return words(children(parse(text)))
}

function spokenCode(text: string, words: (all: readonly Node[]) => string): string {
  return text
    .split(/(<[^<>]+>)/)
    .map((part, index) => (index % 2 === 1 ? words(children(parse(part))) : decoded(part)))
    .join('')
}

/** A URL that a click may open; undefined for `javascript:` and all other schemes that are not plain links. */
export function safeHref(url: string): string | undefined {
  return /^(https?:\/\/|mailto:|tel:)/i.test(url) ? url : undefined
}

/**
 * Renders a link. A permalink of this workspace scrolls to its message on the page, all other links open a new tab.
 * Slack turns any text in angle brackets into a link, even `<reason>`; if that is not a URL, it leads nowhere here.
 * Source: integrations/slack#1872.
 */
export function link(url: string, label: Shown): Shown {
  const [, seconds, digits] = permalink.exec(url) ?? []
  if (seconds !== undefined) return html`<a href=${`#channel-${seconds}.${digits}`}>${label}</a>`
  const href = safeHref(url)
  if (!href) return url.includes(':') ? label : html`<span class="no-address">${label}</span>`
  return html`<a href=${href} target="_blank" rel="noopener noreferrer">${label}</a>`
}

const permalink = /^https:\/\/twokey-sandbox\.slack\.com\/archives\/[A-Z0-9]+\/p(\d{10})(\d{6})$/

export function userMention(id: string, { users, me }: Reader): Shown {
  return html`<span class=${id === me ? 'mention mine' : 'mention'} data-user=${id}>@${own(users, id) || id}</span>`
}

export function groupMention(id: string, { groups, me }: Reader): Shown {
  const group = own(groups, id)
  const isMine = group?.members.includes(me)
  return html`<span class=${isMine ? 'mention mine' : 'mention'}>@${group?.handle ?? id}</span>`
}

export function channelMention(id: string, { channels }: Reader): Shown {
  return html`<span class="mention">#${own(channels, id) ?? id}</span>`
}

export function everyoneMention(range: string): Shown {
  return html`<span class="mention mine">@${range}</span>`
}

/** Decodes Slack's three entities. */
function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function children(root: Node): readonly Node[] {
  return root.type === NodeType.Root ? root.children : [root]
}

function nodes(all: readonly Node[], reader: Reader): Shown[] {
  return all.map((node) => shown(node, reader))
}

function shown(node: Node, reader: Reader): Shown {
  const inside = (all: readonly Node[]) => nodes(all, reader)
  switch (node.type) {
    case NodeType.Text:
      return withItalics(node.text)
    case NodeType.Bold:
      return html`<strong>${inside(node.children)}</strong>`
    case NodeType.Italic:
      return html`<em>${inside(node.children)}</em>`
    case NodeType.Strike:
      return html`<s>${inside(node.children)}</s>`
    case NodeType.Code:
      return html`<code>${inCode(node.text, reader)}</code>`
    case NodeType.PreText:
      return html`<pre>${inCode(node.text.replace(/^\n/, ''), reader)}</pre>`
    case NodeType.Quote:
      return html`<blockquote>${inside(node.children)}</blockquote>`
    case NodeType.Emoji:
      return emoji(node.name)
    case NodeType.UserLink:
      return userMention(node.userID, reader)
    case NodeType.ChannelLink:
      return channelMention(node.channelID, reader)
    case NodeType.URL:
      return link(decoded(node.url), node.label ? inside(node.label) : decoded(node.url))
    case NodeType.Command:
      return command(node, reader)
    case NodeType.Root:
      return inside(node.children)
  }
}

/**
 * Renders code, in which nothing is formatted, but text in angle brackets still becomes links and mentions. Source:
 * integrations/slack#1761.
 */
function inCode(text: string, reader: Reader): Shown[] {
  return text
    .split(/(<[^<>]+>)/)
    .map((part, index) => (index % 2 === 1 ? nodes(children(parse(part)), reader) : decoded(part)))
}

/** `_in_flight_` is one italic word in Slack; the parser does not recognize it because of the underscore inside. */
const italicWord = /(?<![\w_])_(\w+(?:_\w+)+)_(?![\w_])/

function withItalics(text: string): Shown {
  return text
    .split(italicWord)
    .map((part, index) => (index % 2 === 1 ? html`<em>${part}</em>` : decoded(part)))
}

function command(node: Extract<Node, { type: NodeType.Command }>, reader: Reader): Shown {
  const [first = '', , url] = node.arguments
  switch (node.name) {
    case 'subteam':
      return groupMention(first, reader)
    case 'here':
    case 'channel':
    case 'everyone':
      return everyoneMention(node.name)
    default: {
      const text = commandText(node.name, node.arguments, reader)
      const label = text ?? (node.label ? nodes(node.label, reader) : node.name)
      return node.name === 'date' ? time(first, url, label) : label
    }
  }
}

function time(seconds: string, url: string | undefined, label: Shown): Shown {
  const at = new Date(Number(seconds) * 1000)
  if (Number.isNaN(at.getTime())) return label
  const shownTime = html`<time datetime=${at.toISOString()}>${label}</time>`
  return url ? link(url, shownTime) : shownTime
}

/** The text of a `<!…>`; undefined if only its label can be shown. */
function commandText(name: string, args: readonly string[], reader: Reader): string | undefined {
  const [first = '', format = ''] = args
  if (name === 'subteam') return `@${own(reader.groups, first)?.handle ?? first}`
  if (name !== 'date') return ['here', 'channel', 'everyone'].includes(name) ? `@${name}` : undefined
  const seconds = Number(first)
  return Number.isFinite(seconds) && format !== '' ? dateText(seconds, format, reader) : undefined
}

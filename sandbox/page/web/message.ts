import type { ShownEphemeral, ShownMessage } from '../shown.ts'
import { act } from './actions.ts'
import { blocks } from './blocks.ts'
import { clock, dateText, timeOf } from './date.ts'
import { html, type Shown } from './html.ts'
import { mrkdwn, spoken } from './mrkdwn.ts'
import { parts, textOf } from './part.ts'
import { own } from './reader.ts'
import { dismiss, frame, messages, openThread, reader } from './state.ts'
import type { Surface } from './surface.ts'

type MessageProps = {
  readonly message: ShownMessage
  /** In the channel, a message has the bar of its thread. */
  readonly where: 'channel' | 'thread'
  /** The message directly before this one, if any. */
  readonly after?: ShownMessage
}

/** A message that everybody sees. Directly after another one of the same author it has no picture. */
export function Message({ message, where, after }: MessageProps): Shown {
  const surface: Surface = {
    reader: reader.value,
    press: async (control) => void (await act({ do: 'click', ts: message.ts, ...control })),
    choose: async (control, option) => void (await act({ do: 'select', ts: message.ts, ...control, option })),
  }
  const isContinued = after?.user === message.user && timeOf(message.ts) - timeOf(after.ts) < continuedMs
  return html`<article class=${`message ${isContinued ? 'continued' : ''}`} id=${`${where}-${message.ts}`} tabindex="-1" aria-label=${labelOf(message.user, message.text)}>
    ${!isContinued && html`<${Avatar} user=${message.user} />`}
    <div class="message-body">
      <${Byline} user=${message.user} ts=${message.ts} />
      ${where === 'channel' && message.threadTs !== null && html`<${RepliedTo} threadTs=${message.threadTs} />`}
      ${content(message, surface)}
      ${message.editedTs !== null && html`<span class="quiet edited">(edited)</span>`}
      ${where === 'channel' && message.threadTs === null && html`<${ThreadBar} ts=${message.ts} />`}
    </div>
  </article>`
}

/** How long messages of one author are grouped under one picture, ms. */
const continuedMs = 5 * 60_000

/** A message that only this person sees, until they dismiss it. */
export function EphemeralMessage({ ephemeral }: { ephemeral: ShownEphemeral }): Shown {
  const { ts, from } = ephemeral
  const surface: Surface = {
    reader: reader.value,
    press: async (control) => void (await act({ do: 'click-ephemeral', ts, ...control })),
    choose: async (control, option) => void (await act({ do: 'select-ephemeral', ts, ...control, option })),
  }
  const user = from === 'app' ? (frame.value?.app.userId ?? '') : 'slackbot'
  return html`<article class="message ephemeral" id=${`ephemeral-${ts}`} tabindex="-1" aria-label=${labelOf(user, ephemeral.text)}>
    <${Avatar} user=${user} />
    <div class="message-body">
      <p class="only-you"><span aria-hidden="true">👁</span> Only visible to you</p>
      <${Byline} user=${user} ts=${ts} />
      ${content(ephemeral, surface)}
      <p><button type="button" class="linklike" onClick=${() => dismiss(ts)}>Dismiss message</button></p>
    </div>
  </article>`
}

type Content = Pick<ShownMessage, 'text' | 'blocks'> & { readonly attachments?: readonly unknown[] }

/** Renders the blocks, or the text if there are no blocks: beside blocks, the text is only for notifications. */
function content({ text, blocks: shown, attachments }: Content, surface: Surface): Shown {
  return [
    shown.length > 0 ? blocks(shown, surface) : html`<div class="text">${mrkdwn(text, surface.reader)}</div>`,
    ...parts(attachments).map(
      (each) =>
        html`<div class="attachment">${
          parts(each.blocks).length > 0
            ? blocks(parts(each.blocks), surface)
            : mrkdwn(textOf(each.text), surface.reader)
        }</div>`,
    ),
  ]
}

/** The person's initial on a color that is always the same for them, or the app's icon. */
export function Avatar({ user, small = false }: { user: string; small?: boolean }): Shown {
  const isApp = user === frame.value?.app.userId
  const name = nameOf(user)
  const hue = [...user].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 12, 5)
  return html`<span class=${`avatar hue-${hue} ${small ? 'small' : ''} ${isApp ? 'app' : ''}`} aria-hidden="true">
    ${isApp ? html`<img src="/web/icon.svg" alt="" />` : firstLetter(name)}
  </span>`
}

/** What a screen reader calls a post: its author and its first line. */
function labelOf(user: string, text: string): string {
  const [first = ''] = text.split('\n')
  return [nameOf(user), spoken(first, reader.value)].filter(Boolean).join(': ')
}

/** The id if the account has no name. */
function nameOf(user: string): string {
  return (own(reader.value.users, user) ?? 'Slackbot') || user
}

/** The first letter as a person sees it, even if it has several code points. */
function firstLetter(name: string): string {
  const [first] = new Intl.Segmenter().segment(name)
  return first?.segment ?? '?'
}

function Byline({ user, ts }: { user: string; ts: string }): Shown {
  const isPerson = frame.value?.people.some((person) => person.id === user)
  const at = timeOf(ts)
  return html`<header class="byline">
    <strong dir="auto">${nameOf(user)}</strong>
    ${!isPerson && html`<span class="badge">APP</span>`}
    <time datetime=${new Date(at).toISOString()} title=${dateText(at / 1000, '{date_long} {time_secs}', reader.value)}>${clock(at, reader.value)}</time>
  </header>`
}

/** Below a message in the channel: who replied, how often, and when last. */
function ThreadBar({ ts }: { ts: string }): Shown {
  const replies = messages.value.filter(({ threadTs }) => threadTs === ts)
  const last = replies.at(-1)
  const open = () => {
    openThread.value = ts
  }
  if (!last)
    return html`<button type="button" class="answer-in-thread" onClick=${open}>Reply in thread</button>`
  const users = [...new Set(replies.map(({ user }) => user))].slice(0, 4)
  return html`<button type="button" class="thread-bar" aria-expanded=${openThread.value === ts} onClick=${open}>
    ${users.map((user) => html`<${Avatar} user=${user} small />`)}
    <span class="count">${replies.length === 1 ? '1 reply' : `${replies.length} replies`}</span>
    <span class="quiet">Last reply ${dateText(timeOf(last.ts) / 1000, '{date_pretty} at {time}', reader.value)}</span>
  </button>`
}

function RepliedTo({ threadTs }: { threadTs: string }): Shown {
  const parent = messages.value.find(({ ts }) => ts === threadTs)
  const first = parent?.text.split('\n')[0] ?? 'a thread'
  const open = () => {
    openThread.value = threadTs
  }
  return html`<p class="replied-to quiet">replied to a thread: <button type="button" class="linklike" onClick=${open}>${mrkdwn(first, reader.value)}</button></p>`
}

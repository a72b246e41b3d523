import { effect, untracked } from '@preact/signals'
import type { ShownEphemeral, ShownMessage } from '../shown.ts'
import { html, type Shown } from './html.ts'
import { spoken } from './mrkdwn.ts'
import { own } from './reader.ts'
import {
  announced,
  dropToast,
  ephemerals,
  frame,
  markRead,
  me,
  messages,
  notifications,
  openThread,
  reader,
  shownTab,
  toast,
  toasts,
} from './state.ts'

/** Toasts, and announcements for screen readers. */
export function Toasts(): Shown {
  return html`
    <div class="toasts">${toasts.value.map(
      ({ id, title, text, ts }) => html`<div class="toast" key=${id} role=${ts ? undefined : 'alert'}>
        <button type="button" class="toast-body" onClick=${() => {
          if (ts) goTo(ts)
          dropToast(id)
        }}><strong>${title}</strong><span dir="auto">${text}</span></button>
        <button type="button" class="icon" aria-label="Dismiss" onClick=${() => dropToast(id)}>✕</button>
      </div>`,
    )}</div>
    <p class="sr" role="status" aria-live="polite">${announced.value}</p>
  `
}

/** Scrolls to a post, in its thread if it is a reply. */
function goTo(ts: string): void {
  const { threadTs = null, broadcast = false } = messages.value.find((each) => each.ts === ts) ?? {}
  const isReply = threadTs !== null && !broadcast
  shownTab.value = 'channel'
  if (isReply) openThread.value = threadTs
  const id = `${isReply ? 'thread' : 'channel'}-${ts}`
  // Waits until the post is rendered.
  setTimeout(() => document.getElementById(id)?.scrollIntoView({ block: 'center' }))
}

/**
 * Shows a toast for each new mention of the person that the visitor acts as, and announces every new or changed post to
 * screen readers.
 */
export function startNotices(): void {
  let last:
    | { readonly me: string; readonly notified: number; readonly lines: ReadonlyMap<string, string> }
    | undefined
  effect(() => {
    const channel = frame.value?.channel.name
    if (channel === undefined || !notifications.value) return
    const own = notifications.value.filter(({ user }) => user === me.value)
    const lines = new Map([...messages.value.map(spokenMessage), ...ephemerals.value.map(spokenEphemeral)])
    const before = last
    last = { me: me.value, notified: own.length, lines }
    if (!before || before.me !== me.value) return
    const fresh = [...lines].filter(([ts, line]) => before.lines.get(ts) !== line)
    untracked(() => {
      for (const { ts } of own.slice(before.notified))
        toast({ title: `New mention in #${channel}`, text: lines.get(ts) ?? '', ts })
      if (fresh.length > 0) announced.value = fresh.map(([, line]) => line).join('. ')
    })
    if (document.visibilityState === 'visible') setTimeout(markRead, readAfterMs)
  })
}

/** How long a post must be visible before it counts as read, ms. */
const readAfterMs = 1_500

function spokenMessage({ ts, user, text }: ShownMessage): [string, string] {
  return [ts, `${own(reader.value.users, user) ?? ''}: ${firstLine(text)}`]
}

function spokenEphemeral({ ts, text }: ShownEphemeral): [string, string] {
  return [ts, `Only visible to you: ${firstLine(text)}`]
}

function firstLine(text: string): string {
  return spoken(text.split('\n')[0] ?? '', reader.value)
}

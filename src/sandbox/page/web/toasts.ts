import { effect } from '@preact/signals'
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
  reader,
  toast,
  toasts,
  told,
} from './state.ts'

/** Notes at the edge, and what screen readers are told. */
export function Toasts(): Shown {
  return html`
    <div class="toasts">${toasts.value.map(
      ({ id, title, text, ts }) => html`<div class="toast" key=${id}>
        <button type="button" class="toast-body" onClick=${() => {
          if (ts) document.getElementById(`channel-${ts}`)?.scrollIntoView({ block: 'center' })
          dropToast(id)
        }}><strong>${title}</strong><span>${text}</span></button>
        <button type="button" class="icon" aria-label="Dismiss" onClick=${() => dropToast(id)}>✕</button>
      </div>`,
    )}</div>
    <p class="sr" role="status" aria-live="polite">${announced.value}</p>
  `
}

/** Toasts for new mentions of the person the visitor is, and a word to screen readers for each new post. */
export function notice(): void {
  let last: { readonly me: string; readonly told: number; readonly ts: string } | undefined
  effect(() => {
    if (!frame.value || !told.value) return
    const own = told.value.filter(({ user }) => user === me.value)
    const posts = [...messages.value, ...ephemerals.value]
    const newest = posts.reduce((max, { ts }) => (Number(ts) > Number(max) ? ts : max), '0')
    const before = last
    last = { me: me.value, told: own.length, ts: newest }
    if (!before || before.me !== me.value) return
    for (const { ts } of own.slice(before.told))
      toast({ title: `New mention in #${frame.value.channel.name}`, text: firstLine(ts), ts })
    const fresh = posts.filter(({ ts }) => Number(ts) > Number(before.ts))
    if (fresh.length > 0) announced.value = fresh.map(({ ts }) => spokenPost(ts)).join('. ')
    if (document.visibilityState === 'visible') setTimeout(markRead, 1_500)
  })
}

function firstLine(ts: string): string {
  const post = [...messages.value, ...ephemerals.value].find((each) => each.ts === ts)
  return spoken(post?.text ?? '', reader.value).split('\n')[0] ?? ''
}

function spokenPost(ts: string): string {
  const post = messages.value.find((each) => each.ts === ts)
  const who = post ? (own(reader.value.users, post.user) ?? '') : 'Only visible to you'
  return `${who}: ${firstLine(ts)}`
}

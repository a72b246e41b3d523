import { effect } from '@preact/signals'
import { render } from 'preact'
import type { Change } from '../shown.ts'
import { App } from './app.ts'
import { html } from './html.ts'
import { client, frame, isConnected, me, now, sent, take } from './state.ts'
import { notice } from './toasts.ts'

/** Listens as the person the visitor is; a broken connection comes back by itself and begins anew. */
effect(() => {
  const events = new EventSource(`/events?as=${encodeURIComponent(me.value)}&in=${client}`)
  events.onopen = () => {
    isConnected.value = true
  }
  events.onerror = () => {
    isConnected.value = false
  }
  events.onmessage = ({ data }) => take(JSON.parse(data) as Change)
  return () => events.close()
})

effect(() => {
  if (frame.value) document.title = `#${frame.value.channel.name} – ${frame.value.users[me.value] ?? ''}`
})

setInterval(() => {
  now.value = Date.now()
}, 30_000)

notice()
render(html`<${App} />`, document.body)

// For those who look for the page's state from outside: it is loaded once it knows what it was sent.
effect(() => {
  document.body.dataset.ready = String(sent.value.size > 0)
})

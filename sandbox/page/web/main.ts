import { effect } from '@preact/signals'
import { render } from 'preact'
import type { Change } from '../shown.ts'
import { App } from './app.ts'
import { html } from './html.ts'
import { applyChange, client, frame, isConnected, me, now, sent } from './state.ts'
import { startNotices } from './toasts.ts'

/**
 * Receives the changes for the person that the visitor acts as; a broken connection is reopened automatically and
 * starts again.
 */
effect(() => {
  const events = new EventSource(`/events?as=${encodeURIComponent(me.value)}&in=${client}`)
  events.onopen = () => {
    isConnected.value = true
  }
  events.onerror = () => {
    isConnected.value = false
  }
  events.onmessage = ({ data }) => applyChange(JSON.parse(data) as Change)
  return () => events.close()
})

effect(() => {
  if (frame.value) document.title = `#${frame.value.channel.name} – ${frame.value.users[me.value] ?? ''}`
})

setInterval(() => {
  now.value = Date.now()
}, 30_000)

startNotices()
render(html`<${App} />`, document.body)

// Tests wait for this attribute: the page is ready once it has received its first change.
effect(() => {
  document.body.dataset.ready = String(sent.value.size > 0)
})

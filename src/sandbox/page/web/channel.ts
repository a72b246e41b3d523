import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { ShownEphemeral, ShownMessage } from '../shown.ts'
import { Composer } from './composer.ts'
import { dayText, timeOf } from './date.ts'
import { does } from './deeds.ts'
import { html, type Shown } from './html.ts'
import { Message, Whisper } from './message.ts'
import { ephemerals, frame, messages, openThread, reader, sent } from './state.ts'

/** The channel: what was said, oldest first, and where to type. */
export function Channel(): Shown {
  const list = useRef<HTMLDivElement>(null)
  useStickToEnd(list)
  const shown = messages.value.filter(({ threadTs, broadcast }) => threadTs === null || broadcast)
  const whispers = ephemerals.value.filter(({ threadTs }) => threadTs === null)
  const entries = [
    ...shown.map((message) => ({
      ts: message.ts,
      row: html`<${Message} message=${message} where="channel" />`,
    })),
    ...whispers.map((ephemeral) => ({ ts: ephemeral.ts, row: html`<${Whisper} ephemeral=${ephemeral} />` })),
  ].sort((one, other) => Number(one.ts) - Number(other.ts))
  const name = frame.value?.channel.name ?? ''
  return html`
    <div class="messages" ref=${list} tabindex="0" role="region" aria-label=${`Messages in ${name}`}>
      <${Beginning} name=${name} />
      ${entries.map(
        ({ ts, row }, index) => html`<div class="entry" key=${ts}>
        <${DayDivider} ts=${ts} before=${entries[index - 1]?.ts} />${row}
      </div>`,
      )}
    </div>
    <${Composer} label=${`Message #${name}`} commands=${frame.value?.app.commands ?? []} send=${(line: string) => does({ do: 'type', line })} />
  `
}

/** A thread beside the channel. */
export function Thread({ ts }: { ts: string }): Shown {
  const list = useRef<HTMLDivElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useStickToEnd(list)
  useEffect(() => heading.current?.focus(), [ts])
  const close = () => {
    openThread.value = null
    document.getElementById(`channel-${ts}`)?.querySelector<HTMLElement>('.thread-bar')?.focus()
  }
  const parent = messages.value.find((message) => message.ts === ts)
  if (!parent) return null
  const replies: readonly ShownMessage[] = messages.value.filter(({ threadTs }) => threadTs === ts)
  const whispers: readonly ShownEphemeral[] = ephemerals.value.filter(({ threadTs }) => threadTs === ts)
  const rows = [
    ...replies.map((message, index) => ({
      ts: message.ts,
      row: html`<${Message} message=${message} where="thread" after=${replies[index - 1]} />`,
    })),
    ...whispers.map((ephemeral) => ({ ts: ephemeral.ts, row: html`<${Whisper} ephemeral=${ephemeral} />` })),
  ].sort((one, other) => Number(one.ts) - Number(other.ts))
  return html`<aside class="thread" aria-label="Thread" onKeyDown=${(event: KeyboardEvent) => event.key === 'Escape' && close()}>
    <header class="bar">
      <h2 tabindex="-1" ref=${heading}>Thread <span class="quiet">#${frame.value?.channel.name}</span></h2>
      <button type="button" class="icon" aria-label="Close the thread" onClick=${close}>✕</button>
    </header>
    <div class="messages" ref=${list} tabindex="0" role="region" aria-label="Messages of the thread">
      <${Message} message=${parent} where="thread" />
      <p class="reply-count quiet"><span>${replies.length === 1 ? '1 reply' : `${replies.length} replies`}</span></p>
      ${rows.map(({ ts: key, row }) => html`<div key=${key}>${row}</div>`)}
    </div>
    <${Composer} label="Reply…" commands=${[]} send=${(line: string) => does({ do: 'reply', ts, line })} />
  </aside>`
}

function Beginning({ name }: { name: string }): Shown {
  const app = frame.value?.app
  return html`<section class="beginning">
    <h2><span aria-hidden="true">#</span> ${name}</h2>
    <p>This is the very beginning of the <strong>#${name}</strong> channel.${
      messages.value.length === 0 &&
      app &&
      html` Type <code>${app.commands[0]?.command} help</code> to hear what ${app.name} does.`
    }</p>
  </section>`
}

function DayDivider({ ts, before }: { ts: string; before: string | undefined }): Shown {
  const day = dayText(timeOf(ts), reader.value)
  if (before !== undefined && dayText(timeOf(before), reader.value) === day) return null
  return html`<h3 class="day"><span>${day}</span></h3>`
}

/** Whoever reads the end keeps reading the end; whoever scrolled up stays where they are. */
function useStickToEnd(list: { readonly current: HTMLDivElement | null }): void {
  const isAtEnd = useRef(true)
  useEffect(() => {
    const element = list.current
    if (!element) return undefined
    const look = () => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60
    }
    element.addEventListener('scroll', look, { passive: true })
    return () => element.removeEventListener('scroll', look)
  }, [list])
  const now = sent.value
  useLayoutEffect(() => {
    if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight
  }, [now, list])
}

import { useEffect, useRef } from 'preact/hooks'
import type { ShownEphemeral, ShownMessage } from '../shown.ts'
import { act } from './actions.ts'
import { Composer } from './composer.ts'
import { dayText, timeOf } from './date.ts'
import { ToEnd, useEnd } from './end.ts'
import { html, type Shown } from './html.ts'
import { EphemeralMessage, Message } from './message.ts'
import { ephemerals, frame, messages, openThread, reader, steps, suggestion } from './state.ts'

/** The channel: its messages, oldest first, and the composer. */
export function Channel(): Shown {
  const shown = messages.value.filter(({ threadTs, broadcast }) => threadTs === null || broadcast)
  const onlyMine = ephemerals.value.filter(({ threadTs }) => threadTs === null)
  const entries = [
    ...shown.map((message) => ({
      ts: message.ts,
      row: html`<${Message} message=${message} where="channel" />`,
    })),
    ...onlyMine.map((ephemeral) => ({
      ts: ephemeral.ts,
      row: html`<${EphemeralMessage} ephemeral=${ephemeral} />`,
    })),
  ].sort((one, other) => Number(one.ts) - Number(other.ts))
  const end = useEnd(entries.at(-1)?.ts)
  const name = frame.value?.channel.name ?? ''
  const send = (line: string) => {
    end.goTo()
    return act({ do: 'type', line })
  }
  return html`
    <div class="messages" ref=${end.list} tabindex="0" role="region" aria-label=${`Messages in ${name}`}>
      <div>
        <${Beginning} name=${name} />
        ${entries.map(
          ({ ts, row }, index) => html`<div class="entry" key=${ts}>
          <${DayDivider} ts=${ts} before=${entries[index - 1]?.ts} />${row}
        </div>`,
        )}
      </div>
    </div>
    <${ToEnd} ...${end} />
    <${Composer} label=${`Message #${name}`} commands=${frame.value?.app.commands ?? []} suggestion=${suggestion.value} send=${send} />
  `
}

/** A thread beside the channel. */
export function Thread({ ts }: { ts: string }): Shown {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [ts])
  const close = () => {
    openThread.value = null
    document.getElementById(`channel-${ts}`)?.querySelector<HTMLElement>('.thread-bar')?.focus()
  }
  const parent = messages.value.find((message) => message.ts === ts)
  const replies: readonly ShownMessage[] = messages.value.filter(({ threadTs }) => threadTs === ts)
  const onlyMine: readonly ShownEphemeral[] = ephemerals.value.filter(({ threadTs }) => threadTs === ts)
  const rows = [
    ...replies.map((message, index) => ({
      ts: message.ts,
      row: html`<${Message} message=${message} where="thread" after=${replies[index - 1]} />`,
    })),
    ...onlyMine.map((ephemeral) => ({
      ts: ephemeral.ts,
      row: html`<${EphemeralMessage} ephemeral=${ephemeral} />`,
    })),
  ].sort((one, other) => Number(one.ts) - Number(other.ts))
  const end = useEnd(rows.at(-1)?.ts)
  const send = (line: string) => {
    end.goTo()
    return act({ do: 'reply', ts, line })
  }
  if (!parent) return null
  return html`<aside class="thread" aria-label="Thread" onKeyDown=${(event: KeyboardEvent) => event.key === 'Escape' && close()}>
    <header class="bar">
      <h2 tabindex="-1" ref=${heading}>Thread <span class="quiet">#${frame.value?.channel.name}</span></h2>
      <button type="button" class="icon" aria-label="Close the thread" onClick=${close}>✕</button>
    </header>
    <div class="messages" ref=${end.list} tabindex="0" role="region" aria-label="Messages of the thread">
      <div>
        <${Message} message=${parent} where="thread" />
        <p class="reply-count quiet"><span>${replies.length === 1 ? '1 reply' : `${replies.length} replies`}</span></p>
        ${rows.map(({ ts: key, row }) => html`<div key=${key}>${row}</div>`)}
      </div>
    </div>
    <${ToEnd} ...${end} />
    <${Composer} label="Reply…" commands=${[]} send=${send} />
  </aside>`
}

function Beginning({ name }: { name: string }): Shown {
  const app = frame.value?.app
  return html`<section class="beginning">
    <h2><span aria-hidden="true">#</span> ${name}</h2>
    <p>This is the very beginning of the <strong>#${name}</strong> channel.${
      messages.value.length === 0 &&
      !steps.value &&
      app &&
      html` Type <code>${app.commands[0]?.command} prod</code> to try a deploy, <code>${app.commands[0]?.command} help</code> for all commands.`
    }</p>
  </section>`
}

function DayDivider({ ts, before }: { ts: string; before: string | undefined }): Shown {
  const day = dayText(timeOf(ts), reader.value)
  if (before !== undefined && dayText(timeOf(before), reader.value) === day) return null
  return html`<h3 class="day"><span>${day}</span></h3>`
}

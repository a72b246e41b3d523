import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Command } from '../../slack/entities.ts'
import { html, type Shown } from './html.ts'

type Props = {
  readonly label: string
  readonly commands: readonly Command[]
  /** A line to put into the field whenever this changes. */
  readonly suggestion?: { readonly line: string } | null
  send(line: string): Promise<{ readonly problem?: string }>
}

/** The message field: Enter sends, Shift+Enter starts a new line, `/` lists the commands. */
export function Composer({ label, commands, suggestion, send }: Props): Shown {
  const [line, setLine] = useState('')
  const [at, setAt] = useState(0)
  const [isHidden, setHidden] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const typed = useRef<readonly string[]>([])

  const offered = isHidden ? [] : offeredFor(line, commands)
  const known = commands.find(({ command }) => line === command || line.startsWith(`${command} `))

  const write = (text: string) => {
    setLine(text)
    setAt(0)
    setHidden(false)
  }
  useLayoutEffect(() => {
    if (!suggestion) return
    write(suggestion.line)
    setHidden(true)
    area.current?.focus()
  }, [suggestion])
  const complete = (command: Command) => {
    write(`${command.command} `)
    area.current?.focus()
  }
  const submit = async () => {
    const text = line.trim()
    if (text === '') return
    write('')
    area.current?.focus()
    typed.current = [...typed.current, text]
    const { problem } = await send(text)
    if (problem) setLine(text)
  }
  const press = (event: KeyboardEvent) => {
    const offer = offered[at]
    if (event.isComposing) return
    if (event.key === 'ArrowUp' && line === '' && typed.current.length > 0) write(typed.current.at(-1) ?? '')
    else if (offer && event.key === 'ArrowDown') setAt((at + 1) % offered.length)
    else if (offer && event.key === 'ArrowUp') setAt((at + offered.length - 1) % offered.length)
    else if (offer && event.key === 'Escape') setHidden(true)
    else if (offer && (event.key === 'Tab' || (event.key === 'Enter' && line !== offer.command)))
      complete(offer)
    else if (event.key === 'Enter' && !event.shiftKey) void submit()
    else return
    event.preventDefault()
  }

  return html`<form class="composer" onSubmit=${(event: Event) => {
    event.preventDefault()
    void submit()
  }}>
    ${
      offered.length > 0 &&
      html`<ul class="commands" role="listbox" id="commands" aria-label="Commands">${offered.map(
        (command, index) => html`<li
          role="option" id=${`command-${index}`} aria-selected=${index === at}
          onMouseDown=${(event: Event) => {
            event.preventDefault()
            complete(command)
          }}
        ><strong>${command.command}</strong> <span class="hint">${command.hint}</span><br /><span class="quiet">${command.description}</span></li>`,
      )}</ul>`
    }
    <div class="entry-box">
      <textarea
        ref=${area} rows=${Math.min(6, line.split('\n').length)} aria-label=${label} placeholder=${label} value=${line}
        role="combobox" aria-autocomplete="list" aria-expanded=${offered.length > 0} aria-controls="commands"
        aria-activedescendant=${offered.length > 0 ? `command-${at}` : undefined}
        onInput=${(event: Event) => write((event.currentTarget as HTMLTextAreaElement).value)} onKeyDown=${press}
      ></textarea>
      <button class="send" aria-label="Send" disabled=${line.trim() === ''}>
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path fill="currentColor" d="M3 3l15 7-15 7 2.5-7zM6 9.3h6v1.4H6z" /></svg>
      </button>
    </div>
    <p class="usage" aria-live="polite">${known ? html`<strong>${known.command}</strong> ${known.hint}` : html`<span class="quiet"><kbd>Enter</kbd> sends${commands.length > 0 && html` · <kbd>/</kbd> shows the commands`}</span>`}</p>
  </form>`
}

/** The commands that start with the typed text; none once it has an argument. */
function offeredFor(line: string, commands: readonly Command[]): readonly Command[] {
  if (!line.startsWith('/') || /\s/.test(line)) return []
  return commands.filter(({ command }) => command.startsWith(line))
}

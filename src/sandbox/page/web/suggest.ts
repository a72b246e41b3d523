import { useEffect, useRef, useState } from 'preact/hooks'
import { html, type Shown } from './html.ts'
import { isPart, type Part, textOf } from './part.ts'
import type { Offer, Surface } from './surface.ts'

type Props = {
  readonly element: Part
  readonly input: Readonly<Record<string, unknown>>
  /** What was chosen before, by value: its label is not known any more after a reload. */
  readonly held: string
  readonly surface: Surface
  note(value: string): void
}

/** How long a person pauses before the app is asked, ms. */
const pauseMs = 150

/** A menu that asks the app while one types (`external_select`). */
export function Suggest({ element, input, held, surface, note }: Props): Shown {
  const initial = isPart(element.initial_option) ? textOf(element.initial_option.text) : held
  const [typed, setTyped] = useState(initial)
  const [offers, setOffers] = useState<readonly Offer[]>([])
  const [at, setAt] = useState(-1)
  const asked = useRef(0)
  const least = Number(element.min_query_length ?? 3)
  const listId = `${input.id}-list`

  const ask = (words: string) => {
    clearTimeout(asked.current)
    if (words.length < least) return setOffers([])
    asked.current = window.setTimeout(async () => {
      const found = await surface.form?.suggest(textOf(element.action_id), words)
      setOffers(found ?? [])
      setAt(-1)
    }, pauseMs)
  }
  useEffect(() => () => clearTimeout(asked.current), [])

  const type = (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement
    setTyped(value)
    note('')
    ask(value)
  }
  const choose = (offer: Offer) => {
    setTyped(offer.label)
    setOffers([])
    note(offer.value)
  }
  const move = (event: KeyboardEvent) => {
    const offer = offers[at]
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, offers.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else if (event.key === 'Enter' && offer) choose(offer)
    else if (event.key === 'Escape' && offers.length > 0) setOffers([])
    else return
    event.preventDefault()
  }
  return html`<div class="suggest">
    <input
      type="text" role="combobox" autocomplete="off" ...${input}
      aria-autocomplete="list" aria-expanded=${offers.length > 0} aria-controls=${listId}
      aria-activedescendant=${at >= 0 ? `${listId}-${at}` : undefined}
      value=${typed} onInput=${type} onKeyDown=${move} onFocus=${() => ask(typed === initial ? '' : typed)}
    />
    <ul role="listbox" id=${listId} hidden=${offers.length === 0}>${offers.map(
      (offer, index) =>
        html`<li role="option" id=${`${listId}-${index}`} aria-selected=${index === at} onMouseDown=${(
          event: Event,
        ) => {
          event.preventDefault()
          choose(offer)
        }}>${offer.label}</li>`,
    )}</ul>
  </div>`
}

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { html, type Shown } from './html.ts'
import { isPart, type Part, textOf } from './part.ts'
import type { Offer, Surface } from './surface.ts'

type Props = {
  readonly element: Part
  readonly input: Readonly<Record<string, unknown>>
  /** The initial value; its label is no longer known after a reload. */
  readonly value: string
  readonly surface: Surface
  note(value: string): void
}

/** How long a person must stop typing before the app is called, ms. */
const pauseMs = 150

/**
 * A menu whose options the app returns while a person types (`external_select`). Typed text without a choice is
 * removed, and typing removes the previous choice; Slack's client would show that choice again, and send it.
 */
export function Suggest({ element, input, value, surface, note }: Props): Shown {
  const initial = isPart(element.initial_option) ? textOf(element.initial_option.text) : value
  const [typed, setTyped] = useState(initial)
  const [offers, setOffers] = useState<readonly Offer[]>([])
  const [at, setAt] = useState(-1)
  const [isEmpty, setEmpty] = useState(false)
  const chosen = useRef(initial)
  const timer = useRef(0)
  const request = useRef(0)
  const field = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const least = Number(element.min_query_length ?? 3)
  const listId = `${input.id}-list`

  const cancelRequest = () => {
    clearTimeout(timer.current)
    request.current += 1
    setEmpty(false)
  }
  const close = () => {
    cancelRequest()
    setOffers([])
    setAt(-1)
  }
  const requestOptions = (words: string) => {
    if (words.length < least) return close()
    cancelRequest()
    const current = request.current
    timer.current = window.setTimeout(async () => {
      const found = (await surface.form?.suggest(textOf(element.action_id), words)) ?? []
      // This answer is for an earlier text.
      if (current !== request.current) return
      setOffers(found)
      setEmpty(found.length === 0)
      setAt(words === '' ? -1 : 0)
    }, pauseMs)
  }
  /** Selects the chosen text, so that typing replaces it. */
  const open = () => {
    if (typed === chosen.current) field.current?.select()
    requestOptions(typed === chosen.current ? '' : typed)
  }
  useEffect(() => cancelRequest, [])
  useLayoutEffect(() => {
    list.current?.togglePopover(offers.length > 0)
    if (offers.length === 0 || !list.current || !field.current) return undefined
    layOut(list.current, field.current)
    const move = ({ target }: Event) => target !== list.current && close()
    window.addEventListener('scroll', move, { capture: true })
    window.addEventListener('resize', close)
    return () => {
      window.removeEventListener('scroll', move, { capture: true })
      window.removeEventListener('resize', close)
    }
  }, [offers])
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  }, [at])

  const type = (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement
    setTyped(value)
    chosen.current = ''
    note('')
    requestOptions(value)
  }
  const choose = (offer: Offer) => {
    setTyped(offer.label)
    chosen.current = offer.label
    close()
    note(offer.value)
  }
  const leave = () => {
    close()
    setTyped(chosen.current)
  }
  const press = (event: KeyboardEvent) => {
    const offer = offers[at]
    if (event.key === 'ArrowDown' && offers.length === 0) open()
    else if (event.key === 'ArrowDown') setAt(Math.min(at + 1, offers.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else if (event.key === 'Enter' && offer) choose(offer)
    else if (event.key === 'Escape' && offers.length > 0) close()
    else if (event.key !== 'Enter' || typed === chosen.current) return
    event.preventDefault()
  }
  return html`<div class="suggest">
    <input
      type="text" role="combobox" autocomplete="off" dir="auto" ...${input} ref=${field}
      aria-autocomplete="list" aria-expanded=${offers.length > 0} aria-controls=${listId}
      aria-activedescendant=${at >= 0 ? `${listId}-${at}` : undefined}
      value=${typed} onInput=${type} onKeyDown=${press} onClick=${open} onBlur=${leave}
    />
    <p class="quiet" role="status">${isEmpty && 'Nothing found.'}</p>
    <ul ref=${list} role="listbox" id=${listId} aria-label="Suggestions" popover="manual">${offers.map(
      (offer, index) =>
        html`<li role="option" id=${`${listId}-${index}`} dir="auto" aria-selected=${index === at} onMouseDown=${(
          event: Event,
        ) => {
          event.preventDefault()
          choose(offer)
        }}>${offer.label}${offer.note !== '' && html`<span class="quiet">${offer.note}</span>`}</li>`,
    )}</ul>
  </div>`
}

/** Places the list above all other content: below its field, or above the field if there is more room. */
function layOut(list: HTMLElement, field: HTMLElement): void {
  const { left, top, bottom, width } = field.getBoundingClientRect()
  const [above, below] = [top - marginPx, window.innerHeight - bottom - marginPx]
  const isBelow = below >= Math.min(list.scrollHeight, tallestPx, above)
  list.style.left = `${left}px`
  list.style.width = `${width}px`
  list.style.maxHeight = `${Math.min(tallestPx, isBelow ? below : above)}px`
  list.style.top = isBelow ? `${bottom}px` : 'auto'
  list.style.bottom = isBelow ? 'auto' : `${window.innerHeight - top}px`
}

/** The margin to the edge of the window, and the maximum height of the list, px. */
const marginPx = 8
const tallestPx = 240

import { useState } from 'preact/hooks'
import { confirmed } from './confirm.ts'
import { html, type Shown } from './html.ts'
import { plainText, safeHref } from './mrkdwn.ts'
import { isPart, type Part, parts, textOf } from './part.ts'
import type { Control, Surface } from './surface.ts'

type Placed = { readonly element: Part; readonly surface: Surface }

/** A button, menu or picker that sends its action at once. */
export function control(element: Part, surface: Surface): Shown {
  switch (element.type) {
    case 'button':
    case 'workflow_button':
      return html`<${Button} element=${element} surface=${surface} />`
    case 'overflow':
      return html`<${Overflow} element=${element} surface=${surface} />`
    case 'image':
      return picture(element)
    case 'checkboxes':
    case 'radio_buttons':
      return html`<${Choices} element=${element} surface=${surface} />`
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return html`<${Picker} element=${element} surface=${surface} />`
    default:
      return html`<${Menu} element=${element} surface=${surface} />`
  }
}

export function picture({ image_url, alt_text }: Part): Shown {
  const src = safeHref(textOf(image_url))
  return src ? html`<img src=${src} alt=${textOf(alt_text)} />` : html`<span>${textOf(alt_text)}</span>`
}

/** Renders the text of a `plain_text` object. */
export function label(text: unknown): Shown {
  return plainText(textOf(text), { emoji: isPart(text) && text.emoji === true })
}

export function controlOf({ action_id, value }: Part): Control {
  return { actionId: textOf(action_id), ...(typeof value === 'string' && { value }) }
}

function Button({ element, surface }: Placed): Shown {
  const [isBusy, setBusy] = useState(false)
  const press = async () => {
    if (isBusy || !(await confirmed(element.confirm, surface.reader))) return
    setBusy(true)
    const href = safeHref(textOf(element.url))
    if (href) window.open(href, '_blank', 'noopener')
    await surface.press(controlOf(element))
    setBusy(false)
  }
  return html`<button
    type="button"
    class=${`button ${textOf(element.style)}`}
    aria-label=${element.accessibility_label}
    aria-busy=${isBusy}
    data-action=${element.action_id}
    onClick=${press}
  >${label(element.text)}</button>`
}

function Overflow({ element, surface }: Placed): Shown {
  const [isOpen, setOpen] = useState(false)
  const choose = async (option: Part) => {
    setOpen(false)
    if (await confirmed(element.confirm, surface.reader))
      await surface.choose(controlOf(element), textOf(option.value))
  }
  const leave = (event: FocusEvent) => {
    const { currentTarget, relatedTarget } = event
    if (!(currentTarget as Element).contains(relatedTarget as Node | null)) setOpen(false)
  }
  return html`<span class="overflow" onFocusOut=${leave} onKeyDown=${(event: KeyboardEvent) => event.key === 'Escape' && setOpen(false)}>
    <button type="button" class="button" aria-label="More actions" aria-haspopup="menu" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>⋯</button>
    ${
      isOpen &&
      html`<span role="menu">${parts(element.options).map(
        (option) =>
          html`<button type="button" role="menuitem" onClick=${() => choose(option)}>${label(option.text)}</button>`,
      )}</span>`
    }
  </span>`
}

/** The options of a menu, including people and channels, as a native list. */
export function optionsOf(element: Part, { reader }: Surface): Shown {
  const kind = textOf(element.type)
  const named = (names: Readonly<Record<string, string>>, mark: string) =>
    Object.entries(names).map(([id, name]) => html`<option value=${id}>${mark}${name}</option>`)
  if (kind.includes('users_select')) return named(reader.users, '@')
  if (/channels_select|conversations_select/.test(kind)) return named(reader.channels, '#')
  const option = (each: Part) => html`<option value=${textOf(each.value)}>${textOf(each.text)}</option>`
  const groups = parts(element.option_groups)
  return groups.length > 0
    ? groups.map(
        (group) =>
          html`<optgroup label=${textOf(group.label)}>${parts(group.options).map(option)}</optgroup>`,
      )
    : parts(element.options).map(option)
}

/** The initial value of a menu. */
export function initialOf(element: Part): string | readonly string[] {
  const { initial_option, initial_options } = element
  if (isPart(initial_option)) return textOf(initial_option.value)
  if (initial_options) return parts(initial_options).map(({ value }) => textOf(value))
  const found = Object.entries(element).find(([key]) => key.startsWith('initial_'))?.[1]
  return Array.isArray(found) ? found.map(String) : String(found ?? '')
}

function Menu({ element, surface }: Placed): Shown {
  const choose = async (event: Event) => {
    const menu = event.currentTarget as HTMLSelectElement
    if (menu.value === '') return
    if (await confirmed(element.confirm, surface.reader)) await surface.choose(controlOf(element), menu.value)
    else menu.value = String(initialOf(element))
  }
  const hint = textOf(element.placeholder) || 'Choose'
  return html`<select aria-label=${hint} data-action=${element.action_id} value=${String(initialOf(element))} onChange=${choose}>
    <option value="">${hint}</option>${optionsOf(element, surface)}
  </select>`
}

function Choices({ element, surface }: Placed): Shown {
  const chosen = [initialOf(element)].flat()
  const type = element.type === 'radio_buttons' ? 'radio' : 'checkbox'
  return html`<fieldset class="choices">${parts(element.options).map(
    (option) => html`<label><input
      type=${type}
      name=${textOf(element.action_id)}
      checked=${chosen.includes(textOf(option.value))}
      onChange=${() => surface.choose(controlOf(element), textOf(option.value))}
    /> ${label(option.text)}</label>`,
  )}</fieldset>`
}

const inputTypes: Readonly<Record<string, string>> = {
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
}

function Picker({ element, surface }: Placed): Shown {
  const choose = (event: Event) => {
    const { value, valueAsNumber } = event.currentTarget as HTMLInputElement
    const picked = element.type === 'datetimepicker' ? String(Math.floor(valueAsNumber / 1000)) : value
    return surface.choose(controlOf(element), picked)
  }
  return html`<input
    type=${inputTypes[textOf(element.type)] ?? 'text'}
    aria-label=${textOf(element.placeholder) || 'Date'}
    value=${String(initialOf(element))}
    onChange=${choose}
  />`
}

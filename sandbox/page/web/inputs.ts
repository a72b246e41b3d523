import { controlOf, initialOf, label, optionsOf } from './elements.ts'
import { html, type Shown } from './html.ts'
import { isPart, type Part, parts, textOf } from './part.ts'
import { Suggest } from './suggest.ts'
import type { Form, Surface } from './surface.ts'

export type FieldProps = { readonly block: Part; readonly surface: Surface }

/** The value of an input of a form: what the person entered, or the initial value. */
export function valueIn(block: Part, form: Form | undefined): string | readonly string[] {
  const element = isPart(block.element) ? block.element : {}
  return form?.values[textOf(block.block_id)] ?? initialOf(element)
}

/** An input block: label, input, hint, and the error of the app or of Slack. */
export function Field({ block, surface }: FieldProps): Shown {
  const id = textOf(block.block_id)
  const element = isPart(block.element) ? block.element : {}
  const error = surface.form?.errors[id]
  const described = [block.hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`]
  const input = {
    id: `${id}-input`,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': error !== undefined,
    'aria-required': block.optional !== true,
    autofocus: element.focus_on_load === true,
    placeholder: textOf(element.placeholder) || undefined,
  }
  const note = (value: string | readonly string[]) => {
    surface.form?.fill(id, value)
    const isHeard =
      block.dispatch_action === true && typeof value === 'string' && element.type !== 'plain_text_input'
    if (isHeard) void surface.choose({ actionId: textOf(element.action_id) }, value)
  }
  return html`<div class="field">
    <label id=${`${id}-label`} for=${input.id}>${label(block.label)}${block.optional === true && html` <span class="quiet">(optional)</span>`}</label>
    ${entry({ element, input, note, value: valueIn(block, surface.form), surface })}
    ${block.hint !== undefined && html`<p class="quiet" id=${`${id}-hint`}>${label(block.hint)}</p>`}
    ${error !== undefined && html`<p class="error" role="alert" id=${`${id}-error`}>${error}</p>`}
  </div>`
}

type Entry = {
  readonly element: Part
  /** The attributes that connect the input to its label, hint and error. */
  readonly input: Readonly<Record<string, unknown>>
  readonly value: string | readonly string[]
  readonly surface: Surface
  note(value: string | readonly string[]): void
}

const typedIn = (event: Event) => (event.currentTarget as HTMLInputElement).value

function entry({ element, input, value, surface, note }: Entry): Shown {
  const typed = { ...input, value: String(value), onInput: (event: Event) => note(typedIn(event)) }
  const { min_length: minlength, max_length: maxlength } = element
  switch (element.type) {
    case 'plain_text_input':
      return element.multiline === true
        ? html`<textarea rows="4" ...${typed} minlength=${minlength} maxlength=${maxlength}></textarea>`
        : html`<input type="text" ...${typed} minlength=${minlength} maxlength=${maxlength} />`
    case 'email_text_input':
      return html`<input type="email" ...${typed} />`
    case 'url_text_input':
      return html`<input type="url" ...${typed} />`
    case 'number_input':
      return html`<input type="text" inputmode="decimal" ...${typed} />`
    case 'datepicker':
      return html`<input type="date" ...${typed} />`
    case 'timepicker':
      return html`<input type="time" ...${typed} />`
    case 'datetimepicker':
      return html`<input type="datetime-local" ...${input} onInput=${(event: Event) =>
        note(String(Math.floor((event.currentTarget as HTMLInputElement).valueAsNumber / 1000)))} />`
    case 'checkboxes':
    case 'radio_buttons':
      return choices({ element, input, value, surface, note })
    case 'external_select':
      return html`<${Suggest} element=${element} input=${input} value=${String(value)} surface=${surface} note=${note} />`
    default:
      return menu({ element, input, value, surface, note })
  }
}

function menu({ element, input, value, surface, note }: Entry): Shown {
  const isMany = textOf(element.type).startsWith('multi_')
  if (isMany) {
    const chosen = [value].flat().filter((value) => value !== '')
    const noteAll = (event: Event) =>
      note([...(event.currentTarget as HTMLSelectElement).selectedOptions].map(({ value }) => value))
    return html`<select multiple ...${input} value=${chosen} onChange=${noteAll}>${optionsOf(element, surface)}</select>`
  }
  return html`<select ...${input} value=${String(value)} data-action=${controlOf(element).actionId} onChange=${(event: Event) => note(typedIn(event))}>
    <option value="">${textOf(element.placeholder) || 'Choose'}</option>${optionsOf(element, surface)}
  </select>`
}

function choices({ element, input, value, note }: Entry): Shown {
  const chosen = [value].flat().filter((value) => value !== '')
  const isOne = element.type === 'radio_buttons'
  const toggle = (value: string) => {
    if (isOne) return note(value)
    note(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value])
  }
  return html`<div class="choices" role=${isOne ? 'radiogroup' : 'group'} ...${input} aria-labelledby=${String(input.id).replace(/-input$/, '-label')}>${parts(
    element.options,
  ).map(
    (option) => html`<label><input
      type=${isOne ? 'radio' : 'checkbox'}
      name=${String(input.id)}
      checked=${chosen.includes(textOf(option.value))}
      onChange=${() => toggle(textOf(option.value))}
    /> ${label(option.text)}${option.description !== undefined && html` <span class="quiet">${label(option.description)}</span>`}</label>`,
  )}</div>`
}

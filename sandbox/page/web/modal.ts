import { useEffect, useState } from 'preact/hooks'
import type { ShownView } from '../shown.ts'
import { act } from './actions.ts'
import { blocks } from './blocks.ts'
import { useDialog } from './dialog.ts'
import { html, type Shown } from './html.ts'
import { valueIn } from './inputs.ts'
import { isPart, parts, textOf } from './part.ts'
import { reader } from './state.ts'
import type { Form, Surface } from './surface.ts'

type Values = Form['values']

/** The front modal. */
export function Modal({ view }: { view: ShownView }): Shown {
  const dialog = useDialog()
  const [values, setValues] = useState<Values>({})
  const [missing, setMissing] = useState<Readonly<Record<string, string>>>({})
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [refusals, setRefusals] = useState(0)

  const isFilledIn = view.blocks.some(({ type }) => type === 'input')
  const focus = (what: string) => dialog.current?.querySelector<HTMLElement>(`.modal-body ${what}`)?.focus()
  // A form that opens empty while the app loads its data gets its first input later.
  useEffect(() => focus(':is([autofocus], input, select, textarea)'), [isFilledIn])
  useEffect(() => focus('[aria-invalid="true"]'), [refusals, view.errors])
  const form: Form = {
    values,
    errors: { ...view.errors, ...missing },
    fill: (block, value) => {
      const { [block]: _, ...others } = missing
      setMissing(others)
      setValues((before) => ({ ...before, [block]: value }))
    },
    suggest: async (actionId, typed) => {
      const { options } = await act({ do: 'suggest', view: view.id, actionId, typed })
      return parts(options).map(({ value, text, description }) => ({
        value: textOf(value),
        label: textOf(text),
        note: textOf(description),
      }))
    },
  }
  const surface = viewSurface(view, form)
  const close = () => act({ do: 'close', view: view.id })

  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    const empty = missingIn(view, form)
    setMissing(empty)
    if (Object.keys(empty).length > 0) return setRefusals(refusals + 1)
    setBusy(true)
    setTrouble('')
    const { problem, outcome, problems } = await act({
      do: 'submit',
      view: view.id,
      values: mutable(values),
    })
    setBusy(false)
    if (problem) setTrouble(problem)
    else if (outcome !== 'acknowledged')
      setTrouble(problems?.join(', ') ?? 'We had some trouble connecting. Try again?')
  }
  return html`<dialog ref=${dialog} class="modal" aria-labelledby="modal-title" onCancel=${(event: Event) => {
    event.preventDefault()
    void close()
  }}>
    <form onSubmit=${submit} novalidate>
      <header class="bar">
        <h2 id="modal-title">${view.title}</h2>
        <button type="button" class="icon" aria-label=${view.isPushed ? 'Back' : 'Close'} onClick=${close}>${view.isPushed ? '←' : '✕'}</button>
      </header>
      <div class="modal-body">
        ${trouble !== '' && html`<p class="error" role="alert">${trouble}</p>`}
        ${blocks(view.blocks, surface)}
      </div>
      <footer class="answers">
        <button type="button" class="button" onClick=${close}>${view.close ?? (view.submit ? 'Cancel' : 'Close')}</button>
        ${view.submit !== null && html`<button class="button primary" aria-busy=${isBusy}>${view.submit}</button>`}
      </footer>
    </form>
  </dialog>`
}

/** How controls of a modal or of the App Home send their actions. */
export function viewSurface(view: ShownView, form?: Form): Surface {
  return {
    reader: reader.value,
    press: async (control) => void (await act({ do: 'click-view', view: view.id, ...control })),
    choose: async (control, option) =>
      void (await act({ do: 'select-view', view: view.id, ...control, option })),
    ...(form && { form }),
  }
}

/** The required inputs without a value, with Slack's error message. */
function missingIn(view: ShownView, form: Form): Record<string, string> {
  const required = view.blocks.filter(
    (block) => block.type === 'input' && block.optional !== true && isPart(block.element),
  )
  const empty = required.filter((block) => valueIn(block, form).length === 0)
  return Object.fromEntries(
    empty.map((block) => [textOf(block.block_id), 'Please complete this required field.']),
  )
}

function mutable(values: Values): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : [...value]]),
  )
}

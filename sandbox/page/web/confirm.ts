import { signal } from '@preact/signals'
import { useDialog } from './dialog.ts'
import { html, type Shown } from './html.ts'
import { mrkdwn, plainText } from './mrkdwn.ts'
import { isPart, type Part, textOf } from './part.ts'
import type { Reader } from './reader.ts'

type Question = { readonly confirm: Part; readonly reader: Reader; answer(yes: boolean): void }

const openQuestion = signal<Question | null>(null)

/** Shows the confirmation dialog that a control's `confirm` describes; true at once if there is none. */
export function confirmed(confirm: unknown, reader: Reader): Promise<boolean> {
  if (!isPart(confirm)) return Promise.resolve(true)
  openQuestion.value?.answer(false)
  return new Promise((resolve) => {
    openQuestion.value = {
      confirm,
      reader,
      answer(yes) {
        openQuestion.value = null
        resolve(yes)
      },
    }
  })
}

/** The confirmation dialog that is shown before an action is sent. */
export function ConfirmDialog(): Shown {
  const question = openQuestion.value
  return question && html`<${Dialog} key=${question} ...${question} />`
}

function Dialog({ confirm, reader, answer }: Question): Shown {
  const dialog = useDialog()
  const title = textOf(confirm.title) || 'Are you sure?'
  const text = isPart(confirm.text) ? confirm.text : {}
  return html`<dialog ref=${dialog} class="confirm" aria-labelledby="confirm-title" onCancel=${() => answer(false)}>
    <h2 id="confirm-title">${title}</h2>
    <p class="question">${text.type === 'mrkdwn' ? mrkdwn(textOf(text), reader) : plainText(textOf(text), { emoji: text.emoji === true })}</p>
    <div class="answers">
      <button type="button" class="button" onClick=${() => answer(false)}>${textOf(confirm.deny) || 'Cancel'}</button>
      <button
        type="button"
        class=${`button ${confirm.style === 'danger' ? 'danger filled' : 'primary'}`}
        onClick=${() => answer(true)}
      >${textOf(confirm.confirm) || 'Yes'}</button>
    </div>
  </dialog>`
}

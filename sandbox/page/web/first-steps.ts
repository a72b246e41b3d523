import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { html, type Shown } from './html.ts'
import { own } from './reader.ts'
import { isOutsideOpen, me, messages, reader, steps, suggestion, switchPerson } from './state.ts'

/** Whether the visitor has closed the steps, stored for this tab. */
const isClosed = signal(sessionStorage.getItem('steps') === 'closed')

/** The three steps to a first deploy, ticked off as they are done; then what to try next. */
export function FirstSteps(): Shown {
  if (!steps.value || isClosed.value) return null
  const { done, approvers, hasEnded } = steps.value
  const close = () => {
    isClosed.value = true
    sessionStorage.setItem('steps', 'closed')
  }
  const isStarted = messages.value.length > 0
  return html`<section class=${`first-steps ${isStarted ? 'started' : ''}`} aria-labelledby="steps-title">
    <header>
      <h2 id="steps-title">${done < 3 ? 'Deploy in three steps' : hasEnded ? 'Now break something' : 'Approved: watch the card'}</h2>
      <button type="button" class="icon" aria-label="Close the steps" onClick=${close}>✕</button>
    </header>
    ${!isStarted && html`<p>A simulated Slack with the real twokey in it. GitHub and AWS are simulated, too: nothing real is deployed.</p>`}
    <div aria-live="polite">${done < 3 ? html`<${Steps} done=${done} approvers=${approvers} />` : hasEnded ? html`<${Next} />` : html`<p>twokey starts the workflow and reports on its card: the run, the migration, the rollout. <${ToScenes} target="outside-title">Behind the scenes<//> shows GitHub and AWS meanwhile.</p>`}</div>
  </section>`
}

function Steps({ done, approvers }: { done: number; approvers: readonly string[] }): Shown {
  const all = [
    html`Type <${Line} line="/deploy prod" /> and press Enter`,
    ...approvers.map((user) =>
      me.value === user
        ? html`As ${nameOf(user)}, press <strong>Approve</strong> on the card`
        : html`Switch to <${Person} user=${user} />, press <strong>Approve</strong> on the card`,
    ),
  ]
  return html`<ol>${all.map(
    (
      words,
      index,
    ) => html`<li key=${index} class=${index < done ? 'done' : index === done ? 'current' : ''} aria-current=${index === done ? 'step' : undefined}>
      <span class="step-mark" aria-hidden="true">${index < done ? '✓' : index + 1}</span>
      <span>${words}${index < done && html`<span class="sr"> (done)</span>`}</span>
    </li>`,
  )}</ol>`
}

/** One short line each, because on a phone the card needs the space. */
function Next(): Shown {
  return html`<ul>
    <li>A failure: <${ToScenes} target="troubles-title">Break something<//>, then <${Line} line="/deploy prod" /></li>
    <li>A git push: <${ToScenes} target="push-a-commit">Push a commit<//></li>
    <li>A rollback: <${Line} line="/rollback blog-api 42" /></li>
    <li>A canary: <${Line} line="/deploy prod blog-search" /></li>
    <li>CodeDeploy: <${Line} line="/deploy prod blog-web" /></li>
    <li>A freeze: <${Line} line="/deploy prod blog-worker" /></li>
  </ul>`
}

/** A line to type; a click types it. */
function Line({ line }: { line: string }): Shown {
  const type = () => {
    suggestion.value = { line }
  }
  return html`<button type="button" class="line" title="Put it into the message field" onClick=${type}>${line}</button>`
}

/** A person to act as; a click switches to them. */
function Person({ user }: { user: string }): Shown {
  return html`<button type="button" class="linklike" onClick=${() => switchPerson(user)}>${nameOf(user)}</button>`
}

function nameOf(user: string): string {
  return own(reader.value.users, user) ?? user
}

/** Opens the panel beside the channel at one of its headings. */
function ToScenes({ target, children }: { target: string; children: Shown }): Shown {
  const wanted = useRef(false)
  const isOpen = isOutsideOpen.value
  useEffect(() => {
    if (!wanted.current) return
    wanted.current = false
    document.getElementById(target)?.focus()
  }, [isOpen])
  const go = () => {
    const heading = document.getElementById(target)
    heading?.focus()
    if (document.activeElement === heading) return
    // The panel is hidden on this screen, so it is opened first.
    wanted.current = true
    isOutsideOpen.value = true
  }
  return html`<button type="button" class="linklike" onClick=${go}>${children}</button>`
}

import type { ShownBranch, Troubled, TroubleName } from '../shown.ts'
import { changes } from './deeds.ts'
import { html, type Shown } from './html.ts'
import { botState, frame, sent } from './state.ts'

const troubles: readonly { readonly name: TroubleName; readonly label: string }[] = [
  { name: 'migration', label: 'Migration exits 1' },
  { name: 'unhealthy', label: 'New tasks are unhealthy' },
  { name: 'image', label: 'Image is missing' },
  { name: 'github', label: 'GitHub answers 502 after starting the run' },
]

/** The actions of a visitor on GitHub, AWS, Slack's connections and the bot. */
export function Switches({ branches }: { branches: readonly ShownBranch[] }): Shown {
  const ahead = sent.value.get('troubles') as Troubled | undefined
  const state = botState.value ?? 'stopped'
  const app = frame.value?.app.name ?? 'the bot'
  return html`
    <section aria-labelledby="branches-title">
      <h3 id="branches-title">Branches</h3>
      ${branches.map(
        ({ name, sha, message }) => html`<div class="branch" key=${name}>
          <p class="row"><code>${name}</code> <span class="quiet">${sha}</span> <button type="button" class="button slim" onClick=${() => changes({ do: 'push', branch: name === 'main' ? 'main' : 'develop' })}>Push a commit<span class="sr"> to ${name}</span></button></p>
          <p class="quiet" dir="auto">${message}</p>
        </div>`,
      )}
    </section>
    <section class="at-hand" aria-labelledby="troubles-title">
      <h3 id="troubles-title">What goes wrong next</h3>
      ${troubles.map(
        ({ name, label }) => html`<label class="switch" key=${name}>
          <input type="checkbox" role="switch" name=${name} checked=${ahead?.[name] === true} onChange=${(
            event: Event,
          ) => {
            const isOn = (event.currentTarget as HTMLInputElement).checked
            void changes({ do: 'trouble', name, next: isOn ? 'goes wrong' : 'goes well' })
          }} /> ${label}
        </label>`,
      )}
      <div class="deeds">
        <button type="button" class="button slim" onClick=${() => changes({ do: 'drop-sockets' })}>Drop Slack’s sockets</button>
        ${
          state === 'stopped'
            ? html`<button type="button" class="button slim primary" onClick=${() => changes({ do: 'start-bot' })}>Start ${app}</button>`
            : html`<button type="button" class="button slim danger" aria-disabled=${state === 'starting'} onClick=${() => state === 'running' && changes({ do: 'kill-bot' })}>Kill ${app}</button>`
        }
      </div>
      <p class="quiet" role="status">${app} is ${state === 'running' ? 'running' : state === 'starting' ? 'starting …' : 'not running'}.</p>
    </section>`
}

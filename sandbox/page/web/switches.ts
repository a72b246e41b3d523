import type { QueuedTroubles, ShownBranch, TroubleName } from '../shown.ts'
import { changeWorld } from './actions.ts'
import { html, type Shown } from './html.ts'
import { botState, frame, sent } from './state.ts'

const troubles: readonly { readonly name: TroubleName; readonly label: string }[] = [
  { name: 'migration', label: 'Migration exits with code 1' },
  { name: 'unhealthy', label: 'New tasks become unhealthy' },
  { name: 'image', label: 'Image cannot be pulled' },
  { name: 'github', label: 'GitHub returns 502 but starts the run' },
  { name: 'role', label: 'The setup is wrong: the deploy role trusts a branch (type /deploy doctor)' },
]

const pushable = [
  { branch: 'main', label: 'Push a commit' },
  { branch: 'develop', label: 'Push to develop' },
] as const

/** The actions of a visitor on GitHub, AWS, Slack's connections and the bot. */
export function Switches({ branches }: { branches: readonly ShownBranch[] }): Shown {
  const queued = sent.value.get('troubles') as QueuedTroubles | undefined
  const state = botState.value ?? 'stopped'
  const app = frame.value?.app.name ?? 'the bot'
  return html`
    <section aria-labelledby="branches-title">
      <h3 id="branches-title">Branches</h3>
      ${branches.map(
        ({ name, sha, message }) => html`<div class="branch" key=${name}>
          <p class="row"><code>${name}</code> <span class="quiet">${sha}</span></p>
          <p class="quiet" dir="auto">${message}</p>
        </div>`,
      )}
    </section>
    <section class="at-hand" aria-labelledby="troubles-title">
      <h3 id="troubles-title" tabindex="-1">Break something</h3>
      ${troubles.map(
        ({ name, label }) => html`<label class="switch" key=${name}>
          <input type="checkbox" role="switch" name=${name} checked=${queued?.[name] === true} onChange=${(
            event: Event,
          ) => {
            const isOn = (event.currentTarget as HTMLInputElement).checked
            void changeWorld({ do: 'trouble', name, next: isOn ? 'fails' : 'works' })
          }} /> ${label}
        </label>`,
      )}
      <div class="actions-row">
        ${pushable.map(({ branch, label }) => html`<button key=${branch} id=${branch === 'main' ? 'push-a-commit' : undefined} type="button" class="button slim" onClick=${() => changeWorld({ do: 'push', branch })}>${label}</button>`)}
      </div>
      <div class="actions-row">
        <button type="button" class="button slim" onClick=${() => changeWorld({ do: 'drop-sockets' })}>Disconnect Slack</button>
        ${
          state === 'stopped'
            ? html`<button type="button" class="button slim primary" onClick=${() => changeWorld({ do: 'start-bot' })}>Start ${app}</button>`
            : html`<button type="button" class="button slim danger" aria-disabled=${state === 'starting'} onClick=${() => state === 'running' && changeWorld({ do: 'kill-bot' })}>Kill ${app}</button>`
        }
      </div>
      <p class="quiet" role="status">${app} is ${state === 'running' ? 'running' : state === 'starting' ? 'starting …' : 'not running'}.</p>
    </section>`
}

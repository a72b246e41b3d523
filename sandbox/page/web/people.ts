import { act } from './actions.ts'
import { html, type Shown } from './html.ts'
import { Avatar } from './message.ts'
import { frame, me, shownTab, switchPerson, unread } from './state.ts'

/** Selects the person that the visitor acts as, and shows everybody's unread mentions. */
export function People(): Shown {
  const people = frame.value?.people ?? []
  return html`<section class="people" aria-labelledby="people-title">
    <h2 id="people-title">You are</h2>
    <div role="radiogroup" aria-labelledby="people-title">
      ${people.map(({ id, name, about }) => {
        const count = unread.value[id] ?? 0
        return html`<label class="person" key=${id}>
          <input type="radio" name="me" value=${id} checked=${me.value === id} onChange=${() => switchPerson(id)} />
          <${Avatar} user=${id} small />
          <span class="name"><bdi>${name || id}</bdi><span class="about">${about}</span></span>
          ${count > 0 && html`<span class="unread" aria-label=${mentions(count)}>${count}</span>`}
        </label>`
      })}
    </div>
  </section>`
}

function mentions(count: number): string {
  return count === 1 ? '1 unread mention' : `${count} unread mentions`
}

/** Links to the channel and to the app's Home. */
export function Navigation(): Shown {
  const { channel, app } = frame.value ?? {}
  const count = unread.value[me.value] ?? 0
  const goHome = () => {
    shownTab.value = 'home'
    void act({ do: 'open-home' })
  }
  const goToChannel = () => {
    shownTab.value = 'channel'
  }
  return html`<nav class="navigation" aria-label="Navigation">
    <h2>Channels</h2>
    <button type="button" aria-current=${shownTab.value === 'channel' ? 'page' : undefined} onClick=${goToChannel}>
      <span aria-hidden="true">#</span> ${channel?.name}
      ${count > 0 && html`<span class="unread" aria-label=${mentions(count)}>${count}</span>`}
    </button>
    <h2>Apps</h2>
    <button type="button" aria-current=${shownTab.value === 'home' ? 'page' : undefined} onClick=${goHome}>
      <img src="/web/icon.svg" alt="" width="18" height="18" /> ${app?.name}
    </button>
  </nav>`
}

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { blocks } from './blocks.ts'
import { Channel, Thread } from './channel.ts'
import { ConfirmDialog } from './confirm.ts'
import { FirstSteps } from './first-steps.ts'
import { html, type Shown } from './html.ts'
import { Modal, viewSurface } from './modal.ts'
import { Outside } from './outside.ts'
import { Navigation, People } from './people.ts'
import { frame, home, isConnected, isOutsideOpen, modal, openThread, shownTab } from './state.ts'
import { Toasts } from './toasts.ts'

type Theme = 'light dark' | 'light' | 'dark'
const themes: readonly { readonly theme: Theme; readonly label: string; readonly sign: string }[] = [
  { theme: 'light dark', label: 'as the system', sign: '◐' },
  { theme: 'light', label: 'light', sign: '☀' },
  { theme: 'dark', label: 'dark', sign: '☾' },
]
const theme = signal<Theme>((localStorage.getItem('theme') as Theme | null) ?? 'light dark')

/** The whole page. */
export function App(): Shown {
  useEffect(() => {
    document.documentElement.style.colorScheme = theme.value
    localStorage.setItem('theme', theme.value)
  }, [theme.value])
  if (!frame.value) return html`<p class="loading" role="status">Loading the channel …</p>`
  const thread = openThread.value
  return html`
    <a class="skip" href="#main">Skip to the messages</a>
    <button type="button" class="skip" onClick=${toNewest}>Skip to the newest message</button>
    <div class=${`frame ${thread ? 'with-thread' : ''} ${isOutsideOpen.value ? 'with-outside' : ''}`}>
      <div class="sidebar">
        <header class="team"><img src="/web/icon.svg" alt="" width="24" height="24" /> <strong>myorg</strong></header>
        <${Navigation} />
        <${People} />
      </div>
      <main id="main" class="tab" tabindex="-1">
        <${TopBar} />
        ${shownTab.value === 'home' ? html`<${Home} />` : html`<${FirstSteps} /><${Channel} />`}
      </main>
      ${thread && html`<${Thread} ts=${thread} key=${thread} />`}
      <aside class="outside" aria-label="Behind the scenes"><${Outside} /></aside>
    </div>
    ${modal.value && html`<${Modal} key=${modal.value.id} view=${modal.value} />`}
    <${ConfirmDialog} />
    <${Toasts} />
  `
}

/** Focuses the newest message of the channel, from which Tab leads to its first button. */
function toNewest(): void {
  shownTab.value = 'channel'
  // Waits until the channel is rendered.
  setTimeout(() => [...document.querySelectorAll<HTMLElement>('#main article')].at(-1)?.focus())
}

function TopBar(): Shown {
  const current = themes.find((each) => each.theme === theme.value) ?? themes[0]!
  const nextTheme = () => {
    theme.value = themes[(themes.indexOf(current) + 1) % themes.length]!.theme
  }
  const { channel, people, app } = frame.value ?? {}
  return html`<header class="bar">
    <h1>${shownTab.value === 'home' ? app?.name : html`<span aria-hidden="true">#</span> ${channel?.name}`}</h1>
    ${shownTab.value === 'channel' && html`<span class="quiet members">${people?.length} people</span>`}
    <span class="grow"></span>
    ${!isConnected.value && html`<span class="offline" role="status">Reconnecting …</span>`}
    <button type="button" class="icon" aria-label=${`Theme: ${current.label}`} title=${`Theme: ${current.label}`} onClick=${nextTheme}>${current.sign}</button>
    <button type="button" class="button slim outside-toggle" aria-expanded=${isOutsideOpen.value} onClick=${() => {
      isOutsideOpen.value = !isOutsideOpen.value
    }}>Behind the scenes</button>
  </header>`
}

/** The app's Home tab, if it has published one. */
function Home(): Shown {
  const view = home.value
  return html`<div class="home messages" tabindex="0" role="region" aria-label="App Home">${
    view
      ? blocks(view.blocks, viewSurface(view))
      : html`<p class="quiet">${frame.value?.app.name} has not published its Home tab yet.</p>`
  }</div>`
}

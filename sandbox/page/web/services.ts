import { useState } from 'preact/hooks'
import type { ShownLane, ShownService, ShownTask } from '../shown.ts'
import { html, type Shown } from './html.ts'
import { services } from './state.ts'

/** How many services are shown in full: those that were deployed last. */
const unfolded = 4

/** The services of ECS. If there are many, the rest is collapsed and a field searches all of them. */
export function Services(): Shown {
  const [sought, setSought] = useState('')
  const [isOpen, setOpen] = useState(false)
  const all = (services.value as ShownService[]).toSorted(byPlace)
  if (all.length <= unfolded) return all.map(whole)
  const found = all.filter((service) => holds(service, sought)).toSorted((one, other) => other.at - one.at)
  const folded = found.slice(unfolded).toSorted(byPlace)
  const find = (event: Event) => setSought((event.currentTarget as HTMLInputElement).value)
  return html`
    <section class="find" aria-label="Services">
      <input type="search" aria-label="Find a service" placeholder=${`Find one of ${all.length} services`} value=${sought} onInput=${find} />
      <p class="quiet" role="status">${sought !== '' && `${found.length} of ${all.length}`}</p>
    </section>
    ${found.slice(0, unfolded).map(whole)}
    ${
      folded.length > 0 &&
      html`<details class="folded" open=${isOpen} onToggle=${(event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
      <summary>${folded.length} more</summary>
      ${isOpen && html`<ul>${folded.map(line)}</ul>`}
    </details>`
    }
  `
}

/** prod before dev, then by name. */
function byPlace(one: ShownService, other: ShownService): number {
  return other.cluster.localeCompare(one.cluster) || one.name.localeCompare(other.name)
}

function holds({ name, cluster, lanes }: ShownService, sought: string): boolean {
  const words = sought.toLowerCase().split(/\s+/)
  const said = [name, cluster, ...lanes.map(({ revision }) => revision)].join(' ').toLowerCase()
  return words.every((word) => said.includes(word))
}

function whole(service: ShownService): Shown {
  return html`<${Service} key=${keyOf(service)} service=${service} />`
}

function line(service: ShownService): Shown {
  const { name, cluster, desired, lanes } = service
  const primary = lanes.find(({ status }) => status === 'PRIMARY')
  return html`<li class="row" key=${keyOf(service)}>
    <span dir="auto">${name}</span> <span class="quiet" dir="auto">${cluster}</span>
    ${primary && html`<code>${primary.revision}</code> <span class="quiet">${primary.running} of ${desired}</span>`}
  </li>`
}

function keyOf({ cluster, name }: ShownService): string {
  return `${cluster}/${name}`
}

function Service({ service }: { service: ShownService }): Shown {
  const { name, cluster, rollout, lanes, desired } = service
  const id = `service-${keyOf(service)}`
  return html`<section aria-labelledby=${id}>
    <h3 id=${id}><bdi>${name}</bdi> <bdi class="quiet">${cluster}</bdi></h3>
    ${lanes.map((lane) => html`<${Lane} key=${lane.revision + lane.status} lane=${lane} desired=${desired} />`)}
    ${rollout.status !== 'SUCCESSFUL' && html`<p class=${`rollout ${toneOf(rollout.status)}`}>${wordsOf(rollout.status)}${rollout.reason && html`<span class="quiet"> – ${rollout.reason}</span>`}</p>`}
  </section>`
}

function Lane({ lane, desired }: { lane: ShownLane; desired: number }): Shown {
  const { revision, commit, status, running, pending, failed, tasks } = lane
  return html`<div class=${`lane ${status.toLowerCase()}`}>
    <p class="row"><code>${revision}</code> <span class="quiet">${commit}</span> <span class="badge">${status}</span></p>
    <p class="row quiet">${running} of ${desired} running${pending > 0 && `, ${pending} pending`}${failed > 0 && html`, <span class="bad">${failed} failed</span>`}</p>
    <ul class="tasks" aria-label=${`Tasks of ${revision}`}>${tasks.map((task) => html`<${Task} key=${task.id} task=${task} />`)}</ul>
  </div>`
}

function Task({ task }: { task: ShownTask }): Shown {
  const { id, status, isHealthy, reason } = task
  const words = status === 'RUNNING' ? (isHealthy ? 'healthy' : 'starting') : status.toLowerCase()
  return html`<li class=${`task-chip ${words}`} title=${reason ?? undefined}><code>${id}</code> ${words}</li>`
}

function wordsOf(status: string): string {
  const words = status.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function toneOf(status: string): 'bad' | 'moving' {
  return /ROLLBACK|STOPPED|FAILED/.test(status) ? 'bad' : 'moving'
}

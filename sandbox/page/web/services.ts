import { useState } from 'preact/hooks'
import type { ShownDeployment, ShownService, ShownTask } from '../shown.ts'
import { html, type Shown } from './html.ts'
import { services } from './state.ts'

/** How many services are shown in full: those that were deployed last. */
const shownInFull = 4

/** The services of ECS. If there are many, the rest is collapsed and a field searches all of them. */
export function Services(): Shown {
  const [query, setQuery] = useState('')
  const [isOpen, setOpen] = useState(false)
  const all = (services.value as ShownService[]).toSorted(byCluster)
  if (all.length <= shownInFull) return all.map(whole)
  const found = all.filter((service) => matches(service, query)).toSorted((one, other) => other.at - one.at)
  const folded = found.slice(shownInFull).toSorted(byCluster)
  const find = (event: Event) => setQuery((event.currentTarget as HTMLInputElement).value)
  return html`
    <section class="find" aria-label="Services">
      <input type="search" aria-label="Find a service" placeholder=${`Find one of ${all.length} services`} value=${query} onInput=${find} />
      <p class="quiet" role="status">${query !== '' && `${found.length} of ${all.length}`}</p>
    </section>
    ${found.slice(0, shownInFull).map(whole)}
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
function byCluster(one: ShownService, other: ShownService): number {
  return other.cluster.localeCompare(one.cluster) || one.name.localeCompare(other.name)
}

function matches({ name, cluster, deployments }: ShownService, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/)
  const searchable = [name, cluster, ...deployments.map(({ revision }) => revision)].join(' ').toLowerCase()
  return words.every((word) => searchable.includes(word))
}

function whole(service: ShownService): Shown {
  return html`<${Service} key=${keyOf(service)} service=${service} />`
}

function line(service: ShownService): Shown {
  const { name, cluster, desired, deployments } = service
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  return html`<li class="row" key=${keyOf(service)}>
    <span dir="auto">${name}</span> <span class="quiet" dir="auto">${cluster}</span>
    ${primary && html`<code>${primary.revision}</code> <span class="quiet">${primary.running} of ${desired}</span>`}
  </li>`
}

function keyOf({ cluster, name }: ShownService): string {
  return `${cluster}/${name}`
}

function Service({ service }: { service: ShownService }): Shown {
  const { name, cluster, rollout, deployments, desired } = service
  const id = `service-${keyOf(service)}`
  return html`<section aria-labelledby=${id}>
    <h3 id=${id}><bdi>${name}</bdi> <bdi class="quiet">${cluster}</bdi></h3>
    ${deployments.map((deployment) => html`<${Deployment} key=${deployment.revision + deployment.status} deployment=${deployment} desired=${desired} />`)}
    ${rollout.status !== 'SUCCESSFUL' && html`<p class=${`rollout ${toneOf(rollout.status)}`}>${wordsOf(rollout.status)}${rollout.reason && html`<span class="quiet"> – ${rollout.reason}</span>`}</p>`}
  </section>`
}

function Deployment({ deployment, desired }: { deployment: ShownDeployment; desired: number }): Shown {
  const { revision, commit, status, running, pending, failed, tasks } = deployment
  return html`<div class=${`deployment ${status.toLowerCase()}`}>
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

import type {
  Course,
  ShownBranch,
  ShownLane,
  ShownMigration,
  ShownRun,
  ShownService,
  ShownTask,
} from '../shown.ts'
import { clock } from './date.ts'
import { html, type Shown } from './html.ts'
import { reader, runs, sent, services } from './state.ts'
import { Switches } from './switches.ts'

/** The outside world as it moves: what ECS and GitHub do, and what goes wrong next. */
export function Outside(): Shown {
  const byName = (services.value as ShownService[]).toSorted((one, other) =>
    other.cluster.localeCompare(one.cluster),
  )
  const newestFirst = (runs.value as ShownRun[]).toSorted((one, other) => other.id - one.id)
  const migration = sent.value.get('migration') as ShownMigration | undefined
  const branches = (sent.value.get('branches') as ShownBranch[] | undefined) ?? []
  return html`<div class="outside-body">
    <h2>Outside world</h2>
    ${byName.map((service) => html`<${Service} key=${service.cluster} service=${service} />`)}
    <section aria-labelledby="runs-title">
      <h3 id="runs-title">GitHub Actions</h3>
      ${newestFirst.length === 0 && html`<p class="quiet">No run yet.</p>`}
      ${newestFirst.slice(0, 3).map((run, index) => html`<${Run} key=${run.id} run=${run} isNewest=${index === 0} />`)}
    </section>
    <section aria-labelledby="migration-title">
      <h3 id="migration-title">Migration</h3>
      ${migration ? html`<p class="row"><${Mark} course=${migrationCourse(migration)} /> <code>${migration.revision}</code> ${migrationWords(migration)}</p>` : html`<p class="quiet">None yet.</p>`}
    </section>
    <${Switches} branches=${branches} />
  </div>`
}

function Service({ service }: { service: ShownService }): Shown {
  const { name, cluster, rollout, lanes, desired } = service
  const id = `service-${cluster}`
  return html`<section aria-labelledby=${id}>
    <h3 id=${id}>${name} <span class="quiet">${cluster}</span></h3>
    ${lanes.map((lane) => html`<${Lane} key=${lane.revision + lane.status} lane=${lane} desired=${desired} />`)}
    ${rollout.status !== 'SUCCESSFUL' && html`<p class=${`rollout ${rolloutTone(rollout.status)}`}>${wordsOf(rollout.status)}${rollout.reason && html`<span class="quiet"> – ${rollout.reason}</span>`}</p>`}
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

function Run({ run, isNewest }: { run: ShownRun; isNewest: boolean }): Shown {
  return html`<details class="run" open=${isNewest && run.status !== 'completed'}>
    <summary><${Mark} course=${{ ...run, name: '' }} /> <span>${run.title}</span> <span class="quiet">#${run.number} · ${run.sha} · ${clock(run.createdAt, reader.value)}</span></summary>
    <ul>${run.jobs.map(
      (job) => html`<li key=${job.name}>
      <p class="row"><${Mark} course=${job} /> ${job.name} <span class="quiet">${stepsDone(job.steps)}</span></p>
      ${job.status === 'in_progress' && html`<ol class="steps">${job.steps.map((step) => html`<li key=${step.name}><${Mark} course=${step} /> ${step.name}</li>`)}</ol>`}
      ${job.conclusion === 'failure' && html`<p class="bad">${job.steps.find(({ conclusion }) => conclusion === 'failure')?.name}</p>`}
    </li>`,
    )}</ul>
  </details>`
}

/** How something stands, as a sign with its word. */
function Mark({ course }: { course: Course }): Shown {
  const word = (course.conclusion ?? course.status).replace('_', ' ')
  const signs: Readonly<Record<string, string>> = {
    success: '✓',
    failure: '✕',
    cancelled: '⊘',
    skipped: '–',
    'in progress': '◐',
  }
  return html`<span class=${`mark ${word.replace(' ', '-')}`} role="img" aria-label=${word} title=${word}>${signs[word] ?? '○'}</span>`
}

function stepsDone(steps: readonly Course[]): string {
  const done = steps.filter(({ status }) => status === 'completed').length
  return done === 0 || done === steps.length ? '' : `${done} of ${steps.length}`
}

function migrationCourse({ status, exitCode }: NonNullable<ShownMigration>): Course {
  if (status !== 'STOPPED') return { name: '', status: 'in_progress', conclusion: null }
  return { name: '', status: 'completed', conclusion: exitCode === 0 ? 'success' : 'failure' }
}

function migrationWords({ status, exitCode }: NonNullable<ShownMigration>): string {
  if (status !== 'STOPPED') return status.toLowerCase()
  return exitCode === null ? 'ended without an exit code' : `exit code ${exitCode}`
}

function wordsOf(status: string): string {
  const words = status.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function rolloutTone(status: string): 'bad' | 'moving' {
  return /ROLLBACK|STOPPED|FAILED/.test(status) ? 'bad' : 'moving'
}

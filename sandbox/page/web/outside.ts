import type { Course, ShownBranch, ShownMigration, ShownRun } from '../shown.ts'
import { clock } from './date.ts'
import { html, type Shown } from './html.ts'
import { Services } from './services.ts'
import { reader, runs, sent } from './state.ts'
import { Switches } from './switches.ts'

/** The panel with the current state of ECS and GitHub, and the switches for failures. */
export function Outside(): Shown {
  const newestFirst = (runs.value as ShownRun[]).toSorted((one, other) => other.id - one.id)
  const migration = sent.value.get('migration') as ShownMigration | undefined
  const branches = (sent.value.get('branches') as ShownBranch[] | undefined) ?? []
  return html`<div class="outside-body">
    <h2 id="outside-title" tabindex="-1">Behind the scenes</h2>
    <p class="quiet">GitHub and AWS, as they are now. The bot sees them only through their APIs.</p>
    <${Services} />
    <section aria-labelledby="runs-title">
      <h3 id="runs-title">GitHub Actions</h3>
      ${newestFirst.length === 0 && html`<p class="quiet">No runs yet.</p>`}
      ${newestFirst.slice(0, 3).map((run, index) => html`<${Run} key=${run.id} run=${run} isNewest=${index === 0} />`)}
    </section>
    <section aria-labelledby="migration-title">
      <h3 id="migration-title">Migration</h3>
      ${migration ? html`<p class="row"><${Mark} course=${migrationCourse(migration)} /> <code>${migration.revision}</code> ${migrationText(migration)}</p>` : html`<p class="quiet">No migrations yet.</p>`}
    </section>
    <${Switches} branches=${branches} />
  </div>`
}

function Run({ run, isNewest }: { run: ShownRun; isNewest: boolean }): Shown {
  return html`<details class="run" open=${isNewest && run.status !== 'completed'}>
    <summary><${Mark} course=${{ ...run, name: '' }} /> <span dir="auto">${run.title}</span> <span class="quiet">#${run.number} · ${run.sha} · ${clock(run.createdAt, reader.value)}</span></summary>
    <ul>${run.jobs.map(
      (job) => html`<li key=${job.name}>
      <p class="row"><${Mark} course=${job} /> <bdi>${job.name}</bdi> <span class="quiet">${stepsDone(job.steps)}</span></p>
      ${job.status === 'in_progress' && html`<ol class="steps">${job.steps.map((step) => html`<li key=${step.name}><${Mark} course=${step} /> ${step.name}</li>`)}</ol>`}
      ${job.conclusion === 'failure' && html`<p class="bad">${job.steps.find(({ conclusion }) => conclusion === 'failure')?.name}</p>`}
    </li>`,
    )}</ul>
  </details>`
}

/** A status as a symbol with its name. */
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

function migrationText({ status, exitCode }: NonNullable<ShownMigration>): string {
  if (status !== 'STOPPED') return status.toLowerCase()
  return exitCode === null ? 'ended without an exit code' : `exit code ${exitCode}`
}

import { Trouble } from '../ports/ports.ts'
import type { Hindrance, RunSighting } from '../release/sighting.ts'
import type { Client } from './client.ts'
import { behindAnother, concurrencyQueue } from './concurrency.ts'
import type { GateAsk } from './gate-reads.ts'
import { pendingDeployments } from './pending-deployments.ts'
import type { Reviewer } from './reviewer.ts'
import type { JobAnswer, RunAnswer } from './run-shapes.ts'
import { cut, firstLine } from './text.ts'
import { timeOf, verdictOf } from './verdict.ts'

/** A run and the jobs of its latest attempt. */
type BlockedRun = {
  readonly repository: string
  readonly run: RunAnswer
  readonly jobs: readonly JobAnswer[]
  readonly reviewer: Reviewer
}

/** What blocks a run, and the gates that twokey can open. */
export type Blocked = Pick<RunSighting, 'heldBy' | 'opens'>

/**
 * Returns what blocks a run; nothing if one of its jobs runs or no cause is known. Gates at which jobs wait are also read
 * while other jobs run, other details only while the run is blocked. If they cannot be read, the answer says so.
 */
export async function blockedBy(client: Client, held: BlockedRun): Promise<Blocked> {
  if (verdictOf(held.run) !== 'moving') return {}
  const found = await hindrance(client, held)
  if (found === undefined) return {}
  const { opens = [], ...heldBy } = found
  const isGoingOn = held.jobs.some(({ status }) => status === 'in_progress')
  return {
    ...(!isGoingOn && { heldBy: { ...heldBy, words: cut(heldBy.words, maxTextLength) } }),
    ...(opens.length > 0 && { opens }),
  }
}

/** Limit of characters: labels, reviewers and reasons may be long. */
const maxTextLength = 500

/** Of a run whose other jobs go on only the gates are read. */
async function hindrance(client: Client, held: BlockedRun): Promise<(Hindrance & Openable) | undefined> {
  const { run, jobs } = held
  const [word, job] = blockedStatus(held)
  if (word !== 'waiting' && jobs.some(({ status }) => status === 'in_progress')) return undefined
  const since = sinceWhen(run, jobs, job)
  const ask = { repository: held.repository, runId: run.id }
  switch (word) {
    case 'completed':
      return { kind: 'allowance', words: 'it waits for somebody on GitHub to allow it to run', ...since }
    case 'waiting':
      return {
        kind: 'gate',
        ...since,
        ...(await detailsOr(gatesOf(client, ask, held), 'it waits at the gate of an environment')),
      }
    case 'pending':
      return {
        kind: 'concurrency',
        ...since,
        ...(await detailsOr(concurrencyQueue(client, ask), behindAnother)),
      }
    case 'queued':
      return { kind: 'runner', words: runnerText(job), ...since }
    case 'requested':
      return { kind: 'queue', words: 'GitHub has not queued it yet', ...since }
    default:
      return undefined
  }
}

/** The gates at which a run waits, and whether nothing else is left of it. Throws `Trouble`. */
async function gatesOf(client: Client, ask: GateAsk, { run, jobs, reviewer }: BlockedRun): Promise<Details> {
  const { environments, ...gates } = await pendingDeployments(client, ask, reviewer)
  const open = jobs.filter(({ status }) => status !== 'completed')
  const isAll =
    run.status === 'waiting' && open.length > 0 && open.every(({ status }) => status === 'waiting')
  return { ...gates, ...(isAll && environments.length > 0 && { restAt: environments }) }
}

type Openable = { readonly opens?: readonly string[] }

type Details = Pick<Hindrance, 'words' | 'until' | 'restAt'> & Openable

/** Returns GitHub's details; if they could not be read, the general reason and why there are no details. */
async function detailsOr(reading: Promise<Details>, otherwise: string): Promise<Details> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { words: `${otherwise}; the reason could not be read: ${error.message}` }
  }
}

/** The status in which a job, else the run, waits. A gate comes first, because only a person can open it. */
function blockedStatus({ run, jobs }: BlockedRun): readonly [string, JobAnswer?] {
  for (const blocked of ['waiting', 'pending', 'queued', 'requested']) {
    const job = jobs.find(({ status }) => status === blocked)
    if (job) return [blocked, job]
  }
  return [run.status ?? '']
}

/** Jobs may be listed before the jobs that they need have ended: their wait begins when those end. */
function sinceWhen(
  run: RunAnswer,
  jobs: readonly JobAnswer[],
  job: JobAnswer | undefined,
): Pick<Hindrance, 'since'> {
  const created = timeOf(job ? job.created_at : (run.run_started_at ?? run.created_at))
  if (created === null) return {}
  return { since: Math.max(created, ...jobs.map(({ completed_at }) => timeOf(completed_at) ?? 0)) }
}

function runnerText(job: JobAnswer | undefined): string {
  if (job === undefined) return 'none of its jobs has started yet'
  const labels = job.labels ?? []
  const labelText = labels.length === 0 ? '' : ` (labels: ${labels.map(firstLine).join(', ')})`
  return `no runner has taken the job ${firstLine(job.name)} yet${labelText}`
}

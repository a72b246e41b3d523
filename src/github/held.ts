import { z } from 'zod'
import type { Hindrance } from '../release/observation.ts'
import { Trouble } from '../shepherd/ports.ts'
import { type Client, ownerAndName } from './client.ts'
import type { JobAnswer, RunAnswer } from './run-shapes.ts'
import { cut, firstLine } from './text.ts'
import { timeOf, verdictOf } from './verdict.ts'

/** A run and the jobs of its latest attempt. */
type Held = { readonly repository: string; readonly run: RunAnswer; readonly jobs: readonly JobAnswer[] }

/**
 * What keeps a run from going on; undefined where one of its jobs runs, or nothing is known to. Of GitHub more is asked only
 * while it is held, and what cannot be read then is said in place of it.
 */
export async function heldBy(client: Client, held: Held): Promise<Hindrance | undefined> {
  const found = await hindrance(client, held)
  return found && { ...found, words: cut(found.words, longestWords) }
}

/** Labels, reviewers and reasons may be long, characters. */
const longestWords = 500

async function hindrance(client: Client, held: Held): Promise<Hindrance | undefined> {
  const { run, jobs } = held
  if (verdictOf(run) !== 'moving' || jobs.some(({ status }) => status === 'in_progress')) return undefined
  const [word, job] = waiting(held)
  const since = sinceWhen(run, jobs, job)
  switch (word) {
    case 'completed':
      return { kind: 'allowance', words: 'it waits for somebody on GitHub to allow it to run', ...since }
    case 'waiting':
      return { kind: 'gate', ...since, ...(await gateWords(client, held)) }
    case 'pending':
      return { kind: 'concurrency', words: 'it waits for another run of its concurrency group', ...since }
    case 'queued':
      return { kind: 'runner', words: runnerWords(job), ...since }
    case 'requested':
      return { kind: 'queue', words: 'GitHub has not queued it yet', ...since }
    default:
      return undefined
  }
}

/** What a job, else the run, waits for, in GitHub's word; a gate first, since only a person opens it. */
function waiting({ run, jobs }: Held): readonly [string, JobAnswer?] {
  for (const word of ['waiting', 'pending', 'queued', 'requested']) {
    const job = jobs.find(({ status }) => status === word)
    if (job) return [word, job]
  }
  return [run.status ?? '']
}

/** Jobs may be listed before those that they need have ended: they wait since then. */
function sinceWhen(
  run: RunAnswer,
  jobs: readonly JobAnswer[],
  job: JobAnswer | undefined,
): Pick<Hindrance, 'since'> {
  const created = timeOf(job ? job.created_at : (run.run_started_at ?? run.created_at))
  if (created === null) return {}
  return { since: Math.max(created, ...jobs.map(({ completed_at }) => timeOf(completed_at) ?? 0)) }
}

function runnerWords(job: JobAnswer | undefined): string {
  if (job === undefined) return 'none of its jobs has started yet'
  const labels = job.labels ?? []
  const asked = labels.length === 0 ? '' : ` (labels: ${labels.map(firstLine).join(', ')})`
  return `no runner has taken the job ${firstLine(job.name)} yet${asked}`
}

/** OpenAPI `pending-deployment`. */
const pendingShape = z.array(
  z.object({
    environment: z.object({ name: z.string() }),
    wait_timer: z.number().nullish(),
    wait_timer_started_at: z.string().nullish(),
    reviewers: z
      .array(
        z.object({
          type: z.string(),
          reviewer: z.object({ login: z.string().nullish(), name: z.string().nullish() }),
        }),
      )
      .nullish(),
  }),
)

type Pending = z.infer<typeof pendingShape>[number]

/** OpenAPI `environment-approvals`. */
const reviewsShape = z.array(
  z.object({ environments: z.array(z.object({ name: z.string().nullish() })), state: z.string() }),
)

type Gate = Pick<Hindrance, 'words' | 'until'>

async function gateWords(client: Client, held: Held): Promise<Gate> {
  try {
    const pending = await pendingOf(client, held)
    const gates = pending.map((each) => ({ ...each, endsAt: timerEnd(each) }))
    const mayBeReviewed = gates.some((each) => each.endsAt !== null && reviewersOf(each).length > 0)
    const reviewed = mayBeReviewed ? await reviewedOf(client, held) : []
    const told = gates.map((each) => gateOf(each, each.endsAt, reviewed.includes(each.environment.name)))
    const [only, ...others] = told
    if (!only) return { words: 'it waits at the gate of an environment, which GitHub does not name' }
    return others.length === 0 ? only : { words: told.map(({ words }) => words).join('; ') }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { words: `it waits at the gate of an environment; what for could not be read: ${error.message}` }
  }
}

/** Throws `Trouble`. */
function pendingOf(client: Client, { repository, run }: Held): Promise<readonly Pending[]> {
  return client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments',
    parameters: { ...ownerAndName(repository), run_id: run.id },
    shape: pendingShape,
  })
}

/** The environments of which the review was given: GitHub lists them as pending until their timer has ended. Throws `Trouble`. */
async function reviewedOf(client: Client, { repository, run }: Held): Promise<readonly string[]> {
  const reviews = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals',
    parameters: { ...ownerAndName(repository), run_id: run.id },
    shape: reviewsShape,
  })
  return reviews
    .filter(({ state }) => state === 'approved')
    .flatMap(({ environments }) => environments.flatMap(({ name }) => name ?? []))
}

const minute = 60_000

/** When a wait timer ends; null where there is none, or it has ended. Its minutes count from its start. */
function timerEnd({ wait_timer, wait_timer_started_at }: Pending): number | null {
  const startedAt = timeOf(wait_timer_started_at)
  if (!wait_timer || startedAt === null) return null
  const end = startedAt + wait_timer * minute
  return end > Date.now() ? end : null
}

/** Where neither a review nor the timer is missing, a rule of an App holds it, which GitHub does not name here. */
function gateOf(pending: Pending, endsAt: number | null, isReviewed: boolean): Gate {
  const name = firstLine(pending.environment.name)
  const reviewers = isReviewed ? [] : reviewersOf(pending)
  const timer = endsAt === null ? null : `the wait timer of ${pending.wait_timer} min`
  if (reviewers.length > 0)
    return {
      words: `it waits for a review of the environment ${name} by ${either(reviewers)}${timer === null ? '' : `, and ${timer} has not ended either`}`,
    }
  if (timer !== null && endsAt !== null)
    return { words: `it waits for ${timer} of the environment ${name}`, until: endsAt }
  return { words: `it waits for a protection rule of the environment ${name}` }
}

/** Logins, and names of teams. One of them is enough. Source: docs.github.com, reviewing deployments. */
function reviewersOf({ reviewers }: Pending): readonly string[] {
  return (reviewers ?? []).flatMap(({ type, reviewer: { login, name } }) => {
    const called = type === 'Team' ? name : login
    if (!called) return []
    return type === 'Team' ? `the team ${firstLine(called)}` : firstLine(called)
  })
}

function either(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

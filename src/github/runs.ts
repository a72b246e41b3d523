import { Trouble } from '../ports/ports.ts'
import type { AttemptSearch } from '../release/attempts.ts'
import type { AskOf } from '../release/look.ts'
import type { Time } from '../release/names.ts'
import type {
  JobSighting,
  LaterAttempt,
  ReviewOnGitHub,
  RunSearch,
  RunSighting,
} from '../release/sighting.ts'
import { type Client, ownerAndName } from './client.ts'
import { blockedBy } from './held.ts'
import { newerRunOf } from './newer-run.ts'
import { readPage } from './pages.ts'
import type { Reviewer } from './reviewer.ts'
import { reviewsByPeople } from './reviews.ts'
import { readRun, starterOf } from './run-reads.ts'
import { type JobAnswer, jobListShape, type RunAnswer, runListShape, runShape } from './run-shapes.ts'
import { shows } from './text.ts'
import { jobSighting, numberOf, runVerdict, supersededText, timeOf } from './verdict.ts'

const pageSize = 100
/** Pages searched: the runs of a busy workflow in the time in which a run is searched for. */
const searchedPages = 3
const mostJobPages = 10
/** Allowed difference between GitHub's clock and AWS's, which dates the dispatch, ms. */
const clockSlackMs = 30_000

/**
 * Finds the run whose title contains the release's id, among those dispatched after that time. The id decides, never the newest
 * run. The list is read without filters, because GitHub's filtered lists lag behind, sometimes by days. Throws
 * `Trouble`.
 */
export async function findRun(
  client: Client,
  look: AskOf<'findRun'>,
  reviewer: Reviewer,
): Promise<RunSearch> {
  const found = new Map<number, RunAnswer>()
  const since = look.since - clockSlackMs
  for (let page = 1; page <= searchedPages; page += 1) {
    const runs = await runsOf(client, look, page)
    for (const run of runs) if (isOurs(run, look, since)) found.set(run.id, run)
    const oldest = timeOf(runs.at(-1)?.created_at)
    if (runs.length < pageSize || (oldest !== null && oldest < since)) break
  }
  const [run, ...others] = found.values()
  if (!run) return { found: 'none' }
  if (others.length > 0) return { found: 'several', ids: [...found.keys()] }
  return {
    found: 'one',
    run: await sightRun(client, { repository: look.repository, run, attempt: 1, reviewer }),
  }
}

function runsOf(client: Client, look: AskOf<'findRun'>, page: number): Promise<readonly RunAnswer[]> {
  const workflow = { ...ownerAndName(look.repository), workflow_id: look.workflow }
  return readPage(
    async (asked) => {
      const { workflow_runs } = await client.read({
        route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
        parameters: { ...workflow, ...asked },
        shape: runListShape,
      })
      return workflow_runs
    },
    { per_page: pageSize, page },
  )
}

/** A run whose branch is missing is not rejected as a run of another branch. */
function isOurs(run: RunAnswer, { releaseId, branch }: AskOf<'findRun'>, since: number): boolean {
  const createdAt = timeOf(run.created_at)
  return (
    run.event === 'workflow_dispatch' &&
    createdAt !== null &&
    createdAt >= since &&
    (run.head_branch ?? branch) === branch &&
    shows(run.display_title, releaseId)
  )
}

/** Reads a run by its id, of one attempt only: a later re-run does not change what is reported. Throws `Trouble`. */
export async function runById(client: Client, look: AskOf<'run'>, reviewer: Reviewer): Promise<RunSearch> {
  const { repository, runId, attempt } = look
  const run = await readRun(client, look)
  if (!run) throw runNotFound(runId)
  const [sighting, reviews] = await Promise.all([
    sightRun(client, { repository, run, attempt, reviewer }),
    look.gate === 'seen' || run.status === 'completed' ? reviewsByPeople(client, look) : [],
  ])
  return { found: 'one', run: withReviews(sighting, reviews) }
}

/** A run that somebody rejected at a gate has failed for that reason. */
function withReviews(run: RunSighting, reviews: readonly ReviewOnGitHub[]): RunSighting {
  if (reviews.length === 0) return run
  const rejection = reviews.find(({ verdict }) => verdict === 'rejected')
  return {
    ...run,
    reviews,
    ...(run.verdict === 'failed' &&
      rejection && {
        reason: `the run failed: ${rejection.by} rejected it on GitHub at the gate of ${rejection.environment}`,
      }),
  }
}

/** The last attempt of a run if somebody re-ran it, else null; one conditional request. Throws `Trouble`. */
export async function laterAttempt(
  client: Client,
  look: AskOf<'laterAttempt'>,
  reviewer: Reviewer,
): Promise<LaterAttempt | null> {
  const run = await readRun(client, look)
  if (!run || run.run_attempt <= look.attempt) return null
  const { repository } = look
  return {
    run: await sightRun(client, { repository, run, attempt: run.run_attempt, reviewer }),
    login: run.triggering_actor?.login ?? null,
  }
}

/** The most later attempts that are read: each is a request, and one by somebody else is enough to tell. */
const mostAttempts = 3

/**
 * Finds the attempt that this account started after a known one: the next one, if it started no other. Throws `Trouble`.
 * @param ownLogin GitHub login of this account; null: not known, so any App's attempt may be its own
 */
export async function findAttempt(
  client: Client,
  look: AskOf<'findAttempt'>,
  { reviewer, ownLogin }: { readonly reviewer: Reviewer; readonly ownLogin: () => Promise<string | null> },
): Promise<AttemptSearch> {
  const { repository } = look
  const run = await readRun(client, look)
  if (!run) throw runNotFound(look.runId)
  if (run.run_attempt <= look.attempt) return { found: 'none' }
  const last = Math.min(run.run_attempt, look.attempt + mostAttempts)
  const numbers = Array.from({ length: last - look.attempt }, (_, index) => look.attempt + 1 + index)
  const [own, ...attempts] = await Promise.all([
    ownLogin(),
    ...numbers.map((attempt) =>
      attempt === run.run_attempt ? run : attemptOf(client, { repository, run, attempt }),
    ),
  ])
  const mayBeOurs = attempts.filter((each) => isBy(each, own))
  const [only, ...others] = mayBeOurs
  if (only?.run_attempt === look.attempt + 1 && others.length === 0)
    return {
      found: 'one',
      run: await sightRun(client, { repository, run, attempt: only.run_attempt, reviewer }),
    }
  return {
    found: 'others',
    attempts: attempts.map((each) => ({ attempt: each.run_attempt, login: starterOf(each) })),
  }
}

/** Whether this account may have started the attempt. GitHub does not tell a token of an App which App it is of. */
function isBy(run: RunAnswer, own: string | null): boolean {
  const login = starterOf(run)?.toLowerCase() ?? ''
  return own === null ? login.endsWith('[bot]') : login === own.toLowerCase()
}

/** Right after the dispatch GitHub may not return a run yet. */
function runNotFound(runId: number): Trouble {
  return new Trouble('passing', `GitHub does not show the run ${runId}`)
}

type Attempt = { readonly repository: string; readonly run: RunAnswer; readonly attempt: number }

type Sighted = Attempt & { readonly reviewer: Reviewer }

async function sightRun(
  client: Client,
  { repository, run, attempt, reviewer }: Sighted,
): Promise<RunSighting> {
  const [read, jobs] = await Promise.all([
    run.run_attempt === attempt ? run : attemptOf(client, { repository, run, attempt }),
    jobsOf(client, { repository, run, attempt }),
  ])
  const sightings = jobs.map(jobSighting)
  // GitHub reports gates of the latest attempt only.
  const blocked =
    run.run_attempt === attempt ? await blockedBy(client, { repository, run: read, jobs, reviewer }) : {}
  const came = runVerdict(read, sightings)
  const newer = came.verdict === 'cancelled' ? await newerRunOf(client, { repository, run: read }) : null
  return {
    id: run.id,
    ...numberOf(run),
    attempt,
    url: read.html_url,
    headSha: read.head_sha,
    ...came,
    ...(newer && { reason: supersededText(newer), newer }),
    ...blocked,
    startedAt: timeOf(read.run_started_at),
    endedAt: endOf(came, read, sightings),
    jobs: sightings,
  }
}

/**
 * When a run ended by GitHub's clock. GitHub has no field for it: it is the end of the last job, because the run may be
 * updated days after its end. If a job has no end, it is the run's last update, and never later than that.
 */
function endOf(
  { verdict }: Pick<RunSighting, 'verdict'>,
  { updated_at }: RunAnswer,
  jobs: readonly JobSighting[],
): Time | null {
  if (verdict === 'moving') return null
  const changedAt = timeOf(updated_at)
  const ends = jobs.map(({ completedAt }) => completedAt ?? Number.POSITIVE_INFINITY)
  const lastAt = ends.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...ends)
  return lastAt === Number.POSITIVE_INFINITY ? changedAt : Math.min(lastAt, changedAt ?? lastAt)
}

async function attemptOf(client: Client, { repository, run, attempt }: Attempt): Promise<RunAnswer> {
  const found = await client.find({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}',
    parameters: { ...ownerAndName(repository), run_id: run.id, attempt_number: attempt },
    shape: runShape,
  })
  if (!found) throw runNotFound(run.id)
  return found
}

/** A run without jobs yet is not an error. */
async function jobsOf(client: Client, { repository, run, attempt }: Attempt): Promise<readonly JobAnswer[]> {
  const ofAttempt = { ...ownerAndName(repository), run_id: run.id, attempt_number: attempt }
  const jobs: JobAnswer[] = []
  let total = 0
  for (let page = 1; page <= mostJobPages; page += 1) {
    const some = await readPage(
      async (asked) => {
        const list = await client.find({
          route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs',
          parameters: { ...ofAttempt, ...asked },
          shape: jobListShape,
        })
        total = list?.total_count ?? 0
        return list?.jobs ?? []
      },
      { per_page: pageSize, page },
    )
    jobs.push(...some)
    if (some.length < pageSize || jobs.length >= total) break
  }
  return jobs
}

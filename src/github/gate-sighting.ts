import { z } from 'zod'
import type { GitHub } from '../ports/ports.ts'
import type { AskOf } from '../release/look.ts'
import type { Time } from '../release/names.ts'
import { isSameOnGitHub } from '../release/names.ts'
import type { GateSighting, Reviewers } from '../release/sighting.ts'
import { type Client, ownerAndName } from './client.ts'
import { type Pending, pendingOf, reviewsOf, timerEnd } from './gate-reads.ts'
import { newerRunOf } from './newer-run.ts'
import { checkRepositoryAccess } from './refs.ts'
import type { Reviewer } from './reviewer.ts'
import { readRun } from './run-reads.ts'
import type { RunAnswer } from './run-shapes.ts'
import { shows } from './text.ts'
import { runVerdict, supersededText, timeOf } from './verdict.ts'

/**
 * What became of a run that waited at a gate. That it passed needs proof, by a review or by a deployment that has
 * started: GitHub may not list a gate for a moment. Throws `Trouble`.
 */
export async function gateAt(client: Client, ask: AskOf<'gate'>, reviewer: Reviewer): Promise<GateSighting> {
  const { repository, attempt, environment } = ask
  const run = await readRun(client, ask)
  if (run === null) {
    // Without access to the repository GitHub answers in the same way.
    await checkRepositoryAccess(client, repository)
    return { gate: 'gone' }
  }
  if (run.run_attempt > attempt) return { gate: 'started again', attempt: run.run_attempt }
  const isOver = run.status === 'completed'
  const since = ask.since ?? timeOf(run.run_started_at) ?? 0
  const deployment = { ...ask, headSha: run.head_sha, since }
  if (!isOver) {
    const pending = await pendingOf(client, ask)
    const gate = pending.find(({ environment: each }) => isSameOnGitHub(each.name, environment))
    if (gate) {
      // GitHub lists a gate that was opened until its wait timer has ended, and again once a later job waits there.
      const opened = await reviewAt(client, ask)
      const isOpen =
        opened?.state === 'approved' && (timerEnd(gate) !== null || (await hasDeployed(client, deployment)))
      if (isOpen) return { gate: 'passed', by: opened.by }
      return stillWaiting(reviewer, gate, await reviewer.mayReview(repository, gate))
    }
  }
  const [review, hasStarted] = await Promise.all([reviewAt(client, ask), hasDeployed(client, deployment)])
  if (hasStarted || review?.state === 'approved') return { gate: 'passed', by: review?.by ?? [] }
  if (review?.state === 'rejected') return { gate: 'rejected', by: review.by }
  if (isOver) return ended(client, repository, run)
  return { gate: 'waiting', may: 'unlisted' }
}

async function ended(client: Client, repository: string, run: RunAnswer): Promise<GateSighting> {
  const came = runVerdict(run, [])
  const newer = came.verdict === 'cancelled' ? await newerRunOf(client, { repository, run }) : null
  return newer === null
    ? { gate: 'run ended', ...came }
    : { gate: 'run ended', ...came, reason: supersededText(newer), newer }
}

function stillWaiting(
  { report }: Reviewer,
  gate: Pending,
  may: Awaited<ReturnType<Reviewer['mayReview']>>,
): GateSighting {
  const until = timerEnd(gate)
  return {
    gate: 'waiting',
    may,
    ...(until !== null && { until }),
    ...(report && may === 'review' && { takesReports: true }),
  }
}

/**
 * The last review at this gate on GitHub, one of the release itself if there is any. Reviews name neither an attempt nor a
 * job, so those of others prove nothing once a run was started again, or the gate was opened for an earlier job.
 */
async function reviewAt(
  client: Client,
  ask: AskOf<'gate'>,
): Promise<{ readonly state: string; readonly by: Reviewers } | undefined> {
  const reviews = await reviewsOf(client, ask)
  const there = reviews.filter(({ environments }) =>
    environments.some(({ name }) => name && isSameOnGitHub(name, ask.environment)),
  )
  const own = there.findLast(({ comment }) => shows(comment ?? '', ask.releaseId))
  if (own) return { state: own.state, by: 'twokey' }
  const last = ask.attempt > 1 || ask.since !== undefined ? undefined : there.at(-1)
  return last && { state: last.state, by: last.user ? [last.user.login] : [] }
}

/** OpenAPI `deployment` and `deployment-status`. Real states include some that the schema does not list. */
const deploymentsShape = z.array(z.object({ id: z.number(), environment: z.string() }))
const statusesShape = z.array(
  z.object({ state: z.string(), log_url: z.string().nullish(), created_at: z.string().nullish() }),
)

/** States of a deployment whose job has passed the gate. */
const startedStates = ['in_progress', 'success', 'inactive']

/** How many deployments of the commit are listed, and of how many of the environment the statuses are read: the newest. */
const pageSize = 100
const mostDeployments = 5

/** Whether a job of the run has started to deploy to the environment since then. Throws `Trouble`. */
export async function hasDeployed(
  client: Client,
  { repository, runId, headSha: sha, since, environment }: Parameters<GitHub['hasDeployed']>[0],
): Promise<boolean> {
  const deployments = await client.read({
    route: 'GET /repos/{owner}/{repo}/deployments',
    parameters: { ...ownerAndName(repository), sha, per_page: pageSize },
    shape: deploymentsShape,
  })
  const there = deployments.filter((each) => isSameOnGitHub(each.environment, environment))
  const statuses = await Promise.all(
    there.slice(0, mostDeployments).map(({ id }) =>
      client.read({
        route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
        parameters: { ...ownerAndName(repository), deployment_id: id, per_page: 30 },
        shape: statusesShape,
      }),
    ),
  )
  return statuses
    .flat()
    .some(
      ({ state, log_url, created_at }) =>
        startedStates.includes(state) &&
        (log_url?.includes(`/runs/${runId}/`) ?? false) &&
        isSince(timeOf(created_at), since),
    )
}

function isSince(at: Time | null, since: Time): boolean {
  return at !== null && at >= since
}

import { ok, refuse } from '../answer.ts'
import { page, type RepositoryRoutes } from '../call.ts'
import type { CommitStatus } from '../repository.ts'
import { appCheck, combinedStatus, jobCheck, mergedPull } from '../shapes/checks.ts'

/** Statuses, checks (including the jobs of runs) and pull requests of a commit. */
export const checkRoutes = {
  'GET /repos/{owner}/{repo}/commits/{ref}/status': (call) => {
    const { repository, params, at } = call
    const commit = repository.git.resolve(params.ref!)
    if (!commit) return refuse(404, `No commit found for the ref ${params.ref}`)
    const byContext = new Map<string, CommitStatus>()
    for (const status of repository.statuses)
      if (status.sha === commit.sha) byContext.set(status.context, status)
    const latest = [...byContext.values()]
    const { shown, headers } = page(call, latest)
    return ok(combinedStatus({ sha: commit.sha, latest, shown }, repository, at), headers)
  },

  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': (call) => {
    const { repository, params, query, at } = call
    const commit = repository.git.resolve(params.ref!)
    if (!commit) return refuse(422, `No commit found for SHA: ${params.ref}`)
    const runs = repository.runs.filter((run) => run.headSha === commit.sha)
    const attempts = runs.flatMap((run) =>
      (query.get('filter') === 'all' ? run.attempts : run.attempts.slice(-1)).map((attempt) => ({
        run,
        attempt,
      })),
    )
    const all = [
      ...attempts.flatMap(({ run, attempt }) =>
        attempt.jobs.map((job) => jobCheck(job, run, repository, at)),
      ),
      ...repository.checks
        .filter((check) => check.sha === commit.sha)
        .map((check) => appCheck(check, repository, at)),
    ]
    const wanted = all.filter(
      (check) =>
        (query.get('status') ?? check.status) === check.status &&
        (query.get('check_name') ?? check.name) === check.name &&
        Number(query.get('app_id') ?? check.app.id) === check.app.id,
    )
    const { shown, headers } = page(call, wanted)
    return ok({ total_count: wanted.length, check_runs: shown }, headers)
  },

  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': (call) => {
    const { repository, params, at } = call
    const commit = repository.git.resolve(params.commit_sha!)
    if (!commit) return refuse(422, `No commit found for SHA: ${params.commit_sha}`)
    const pulls = repository.pulls.filter((pull) => pull.mergeSha === commit.sha)
    const { shown, headers } = page(call, pulls)
    return ok(
      shown.map((pull) => mergedPull(pull, repository, at)),
      headers,
    )
  },
} satisfies RepositoryRoutes

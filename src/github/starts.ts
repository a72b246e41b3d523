import type { RepositoryStart, Start } from '../shepherd/ports.ts'
import { type Client, ownerAndName } from './client.ts'
import { type RunAnswer, runListShape } from './run-shapes.ts'
import { timeOf } from './verdict.ts'

/** How many of the last runs are looked at. */
const pageSize = 100

/**
 * The last runs of a workflow, the newest first, whoever started them. Without filters: GitHub's filtered lists lag behind.
 * Throws `Trouble`.
 */
export async function lastStarts(
  client: Client,
  { repository, workflow }: { readonly repository: string; readonly workflow: string },
): Promise<readonly Start[]> {
  const { workflow_runs } = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    parameters: { ...ownerAndName(repository), workflow_id: workflow, per_page: pageSize },
    shape: runListShape,
  })
  return workflow_runs.map(startOf)
}

/** The last runs of a repository, of all its workflows, the newest first. Throws `Trouble`. */
export async function lastStartsIn(
  client: Client,
  { repository }: { readonly repository: string },
): Promise<readonly RepositoryStart[]> {
  const { workflow_runs } = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs',
    parameters: { ...ownerAndName(repository), per_page: pageSize },
    shape: runListShape,
  })
  // `.github/workflows/deploy.yml@refs/heads/main` in some answers.
  return workflow_runs.map((run) => ({
    ...startOf(run),
    workflow: run.path.replace(/@.*$/, '').split('/').at(-1) ?? '',
  }))
}

function startOf(run: RunAnswer): Start {
  return {
    runId: run.id,
    attempt: run.run_attempt,
    event: run.event,
    branch: run.head_branch ?? null,
    headSha: run.head_sha,
    title: run.display_title,
    login: run.triggering_actor?.login ?? run.actor?.login ?? null,
    url: run.html_url,
    at: timeOf(run.run_started_at) ?? timeOf(run.created_at),
    endedAt: run.status === 'completed' ? timeOf(run.updated_at) : null,
    isOver: run.status === 'completed',
  }
}

import type { RepositoryStart, Start } from '../ports/start.ts'
import { type Client, ownerAndName, type Read } from './client.ts'
import { readPage } from './pages.ts'
import { type RunAnswer, runListShape } from './run-shapes.ts'
import { numberOf, timeOf } from './verdict.ts'

/** How many of the latest runs are read. */
const pageSize = 100

/**
 * The latest runs of a workflow, newest first, by any starter. Read without filters: GitHub's filtered lists lag
 * behind. Throws `Trouble`.
 */
export async function lastStarts(
  client: Client,
  { repository, workflow }: { readonly repository: string; readonly workflow: string },
): Promise<readonly Start[]> {
  const runs = await lastRuns(client, {
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    parameters: { ...ownerAndName(repository), workflow_id: workflow },
  })
  return runs.map(startOf)
}

/** The latest runs of all workflows of a repository, newest first. Throws `Trouble`. */
export async function lastStartsIn(
  client: Client,
  { repository }: { readonly repository: string },
): Promise<readonly RepositoryStart[]> {
  const runs = await lastRuns(client, {
    route: 'GET /repos/{owner}/{repo}/actions/runs',
    parameters: ownerAndName(repository),
  })
  return runs.map((run) => ({ ...startOf(run), workflow: workflowFileOf(run) }))
}

/** The file name of a run's workflow. Some answers contain `.github/workflows/deploy.yml@refs/heads/main`. */
export function workflowFileOf({ path }: Pick<RunAnswer, 'path'>): string {
  return path.replace(/@.*$/, '').split('/').at(-1) ?? ''
}

/** Returns each run once, though the list may grow between two smaller pages. */
async function lastRuns(
  client: Client,
  { route, parameters }: Pick<Read<unknown>, 'route' | 'parameters'>,
): Promise<readonly RunAnswer[]> {
  const runs = await readPage(
    async (page) => {
      const list = await client.read({ route, parameters: { ...parameters, ...page }, shape: runListShape })
      return list.workflow_runs
    },
    { per_page: pageSize, page: 1 },
  )
  return [...new Map(runs.map((run) => [run.id, run])).values()]
}

/** A run as a list shows it. */
export function startOf(run: RunAnswer): Start {
  return {
    runId: run.id,
    ...numberOf(run),
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
    ...(run.status === 'completed' && { conclusion: conclusionOf(run) }),
  }
}

function conclusionOf({ conclusion }: RunAnswer): NonNullable<Start['conclusion']> {
  if (conclusion === 'success') return 'succeeded'
  return conclusion === 'cancelled' ? 'cancelled' : 'failed'
}

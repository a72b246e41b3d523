import { type Client, ownerAndName } from './client.ts'
import { readPage } from './pages.ts'
import { runListShape } from './run-shapes.ts'
import { workflowFileOf } from './starts.ts'

/** A commit, and what deploys from its repository: the results of deploys say nothing about the commit. */
export type Deploying = {
  readonly repository: string
  readonly sha: string
  /** File name of the workflow that deploys. */
  readonly workflow: string
  /** Its last runs. */
  readonly ownRuns: readonly number[]
  /** File names of all workflows that deploy from the repository. */
  readonly deployWorkflows: readonly string[]
}

/** How many of a commit's runs are read. */
const pageSize = 100

/**
 * Returns whether the check with an address is a job of a run that deploys. A check names its run, but no workflow, so
 * the commit's runs are read if a check is of another run than the own. Throws `Trouble`.
 */
export async function deployJobs(
  client: Client,
  query: Deploying,
  addresses: readonly Address[],
): Promise<(address: Address) => boolean> {
  const { ownRuns } = query
  const isKnown = (run: number | null) => run === null || ownRuns.includes(run)
  const runs = addresses.map(runOf).every(isKnown)
    ? ownRuns
    : [...ownRuns, ...(await deployRunsOf(client, query))]
  return (address) => {
    const run = runOf(address)
    return run !== null && runs.includes(run)
  }
}

/** Whether a workflow deploys. */
export function isDeployWorkflow(
  { workflow, deployWorkflows }: Pick<Deploying, 'workflow' | 'deployWorkflows'>,
  file: string,
): boolean {
  return file === workflow || deployWorkflows.includes(file)
}

type Address = string | null | undefined

/** The check of a job names its run in its address. */
function runOf(address: Address): number | null {
  const run = /\/actions\/runs\/(\d+)\//.exec(address ?? '')?.[1]
  return run === undefined ? null : Number(run)
}

/** A filtered list lags behind, so a run of the last minutes may not be among them. */
async function deployRunsOf(client: Client, query: Deploying): Promise<readonly number[]> {
  const runs = await readPage(
    async (page) => {
      const list = await client.read({
        route: 'GET /repos/{owner}/{repo}/actions/runs',
        parameters: { ...ownerAndName(query.repository), head_sha: query.sha, ...page },
        shape: runListShape,
      })
      return list.workflow_runs
    },
    { per_page: pageSize, page: 1 },
  )
  return runs.filter((run) => isDeployWorkflow(query, workflowFileOf(run))).map(({ id }) => id)
}

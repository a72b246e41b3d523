import type { WaitingAtGate } from '../ports/gates.ts'
import type { GitHub } from '../ports/ports.ts'
import { isSameOnGitHub } from '../release/names.ts'
import { type Client, ownerAndName } from './client.ts'
import { type Pending, pendingOf } from './gate-reads.ts'
import type { Reviewer } from './reviewer.ts'
import { type RunAnswer, runListShape } from './run-shapes.ts'
import { startOf, workflowFileOf } from './starts.ts'

/** How many runs of a repository are read, and of how many that wait the gates: the newest. */
const pageSize = 100
const mostWaiting = 30

/**
 * The runs of a repository that wait at one of these gates, newest first, each once an environment. GitHub's filtered
 * lists lag behind, so the plain list of the newest runs is read too. Throws `Trouble`.
 */
export async function waitingRuns(
  client: Client,
  { repository, environments, workflows }: Parameters<GitHub['waitingRuns']>[0],
  reviewer: Reviewer,
): Promise<readonly WaitingAtGate[]> {
  const [filtered, newest] = await Promise.all([
    runsOf(client, repository, { status: 'waiting' }),
    runsOf(client, repository, {}),
  ])
  const waiting = [...newest, ...filtered].filter((run) => mayWait(run, workflows))
  const each = [...new Map(waiting.map((run) => [run.id, run])).values()].slice(0, mostWaiting)
  const found = await Promise.all(
    each.map(async (run) => {
      const pending = await pendingOf(client, { repository, runId: run.id })
      const named = pending.filter(({ environment }) =>
        environments.some((name) => isSameOnGitHub(name, environment.name)),
      )
      return Promise.all(
        named.map(async (gate) => ({ run, gate, may: await reviewer.mayReview(repository, gate) })),
      )
    }),
  )
  return found
    .flat()
    .flatMap(({ run, gate, may }) =>
      may === 'review' ? [waitingAt(run, { repository, environment: nameAmong(environments, gate) })] : [],
    )
}

/** A run may be in progress while one of its jobs waits. Only those of workflows that deploy are worth a request. */
function mayWait(run: RunAnswer, workflows: readonly string[]): boolean {
  return run.status === 'waiting' || (run.status === 'in_progress' && workflows.includes(workflowFileOf(run)))
}

async function runsOf(
  client: Client,
  repository: string,
  filter: { readonly status?: string },
): Promise<readonly RunAnswer[]> {
  const { workflow_runs } = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs',
    parameters: { ...ownerAndName(repository), per_page: pageSize, ...filter },
    shape: runListShape,
  })
  return workflow_runs
}

function waitingAt(
  run: RunAnswer,
  { repository, environment }: { readonly repository: string; readonly environment: string },
): WaitingAtGate {
  return {
    ...startOf(run),
    workflow: workflowFileOf(run),
    environment,
    headRepository: headRepositoryOf(run, repository),
  }
}

/** The name in twokey.yml, unless the head is in another repository. A renamed one has its new name in all answers. */
function headRepositoryOf(
  { head_repository: head, repository: own }: RunAnswer,
  named: string,
): string | null {
  if (!head) return null
  return own && isSameOnGitHub(head.full_name, own.full_name) ? named : head.full_name
}

/** The name as twokey.yml spells it. */
function nameAmong(environments: readonly string[], { environment }: Pending): string {
  return environments.find((name) => isSameOnGitHub(name, environment.name)) ?? environment.name
}

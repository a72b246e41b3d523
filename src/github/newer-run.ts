import { Trouble } from '../ports/ports.ts'
import type { NewerRun } from '../release/sighting.ts'
import type { Client } from './client.ts'
import { groupsOfRun } from './concurrency.ts'
import type { RunAnswer } from './run-shapes.ts'
import { lastStarts, workflowFileOf } from './starts.ts'
import { firstLine } from './text.ts'
import { numberOf, timeOf } from './verdict.ts'

/** How far apart the end of a cancelled run and the start of the newer one may be, ms. GitHub cancels at once. */
const cancelsWithinMs = 60_000

/** Of how many newer runs the groups are read. */
const mostRead = 3

/**
 * The newer run of the same workflow and branch for which GitHub cancelled this one: it started just before this one ended,
 * and is in a concurrency group. Null if there is none, because somebody cancelled the run, or if runs and groups cannot
 * be read.
 */
export async function newerRunOf(
  client: Client,
  { repository, run }: { readonly repository: string; readonly run: RunAnswer },
): Promise<NewerRun | null> {
  try {
    return await findNewer(client, repository, run)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return null
  }
}

async function findNewer(client: Client, repository: string, run: RunAnswer): Promise<NewerRun | null> {
  const endedAt = timeOf(run.updated_at)
  if (endedAt === null) return null
  const starts = await lastStarts(client, { repository, workflow: workflowFileOf(run) })
  const newer = starts.filter(
    ({ runId, branch, at }) =>
      runId > run.id &&
      branch === (run.head_branch ?? null) &&
      at !== null &&
      Math.abs(endedAt - at) <= cancelsWithinMs,
  )
  for (const { runId, number, url } of newer.slice(0, mostRead)) {
    const [group] = await groupsOfRun(client, { repository, runId })
    if (group !== undefined)
      return { id: runId, ...numberOf({ run_number: number }), url, group: firstLine(group.group_name) }
  }
  return null
}

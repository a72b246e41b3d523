import { type GitHub, Trouble } from '../ports/ports.ts'
import type { NamedRun, NewerRun } from '../release/sighting.ts'
import type { Client } from './client.ts'
import { groupsOfRun, holderOf } from './concurrency.ts'
import { readRun } from './run-reads.ts'
import type { RunAnswer } from './run-shapes.ts'
import { lastStarts, workflowFileOf } from './starts.ts'
import { firstLine } from './text.ts'
import { numberOf, timeOf } from './verdict.ts'

type Cancelled = Parameters<GitHub['newerRun']>[0]

/** How far apart the end of a cancelled run and the start of the newer one may be, ms. GitHub cancels at once. */
const cancelsWithinMs = 60_000

/** Of how many newer runs the groups are read. */
const mostRead = 3

/** The same for a run as GitHub returns it. */
export function newerRunOf(
  client: Client,
  { repository, run }: { readonly repository: string; readonly run: RunAnswer },
): Promise<NewerRun | null> {
  return newerRun(client, {
    repository,
    workflow: workflowFileOf(run),
    runId: run.id,
    branch: run.head_branch ?? null,
    endedAt: timeOf(run.updated_at),
  })
}

/**
 * The newer run of the same workflow and branch for which GitHub cancelled this one: it started just before this one ended,
 * and is in a concurrency group. Null if there is none, because somebody cancelled the run, or if runs and groups cannot
 * be read.
 */
export async function newerRun(client: Client, cancelled: Cancelled): Promise<NewerRun | null> {
  try {
    return await findNewer(client, cancelled)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return null
  }
}

async function findNewer(client: Client, cancelled: Cancelled): Promise<NewerRun | null> {
  const { repository, endedAt } = cancelled
  if (endedAt === null) return null
  const starts = await lastStarts(client, cancelled)
  const newer = starts.filter(
    ({ runId, branch, at }) =>
      runId > cancelled.runId &&
      branch === cancelled.branch &&
      at !== null &&
      Math.abs(endedAt - at) <= cancelsWithinMs,
  )
  for (const { runId, number, url } of newer.slice(0, mostRead)) {
    const [group] = await groupsOfRun(client, { repository, runId })
    if (group === undefined) continue
    const holder = await occupant(client, { repository, runId, group: group.group_name })
    return {
      id: runId,
      ...numberOf({ run_number: number }),
      url,
      group: firstLine(group.group_name),
      ...(holder && { holder }),
    }
  }
  return null
}

/** The run that occupies the group for which this one waits; null: this one does, or GitHub does not show any. */
async function occupant(
  client: Client,
  {
    repository,
    runId,
    group,
  }: { readonly repository: string; readonly runId: number; readonly group: string },
): Promise<NamedRun | null> {
  const holder = await holderOf(client, { repository }, group)
  if (holder === null || holder.run_id === runId) return null
  const run = await readRun(client, { repository, runId: holder.run_id })
  return run && { id: run.id, ...numberOf(run), url: run.html_url }
}

import { z } from 'zod'
import type { Hindrance } from '../release/sighting.ts'
import { type Client, ownerAndName } from './client.ts'
import { firstLine } from './text.ts'

const member = z.object({
  run_id: z.number(),
  job_name: z.string().nullish(),
  status: z.string().nullish(),
})

/** OpenAPI `concurrency-group-run-list`. */
const groupsOfRunShape = z.object({
  concurrency_groups: z.array(z.object({ group_name: z.string(), group_members: z.array(member) })),
})

/** OpenAPI `concurrency-group`. */
const groupShape = z.object({ group_members: z.array(member) })

type QueueAsk = { readonly repository: string; readonly runId: number }

/** Used if GitHub gives no details. */
export const behindAnother = 'it waits for another run of its concurrency group'

/**
 * Finds the concurrency group that a run, or one of its jobs, waits in, and the run that occupies it. GitHub Enterprise
 * Server up to 3.19 does not support this. Source: docs.github.com, concurrency groups. Throws `Trouble`.
 */
export async function concurrencyQueue(client: Client, ask: QueueAsk): Promise<Pick<Hindrance, 'words'>> {
  const group = await groupOf(client, ask)
  if (group === null) return { words: behindAnother }
  const holder = await holderOf(client, ask, group)
  const named = `in the concurrency group ${firstLine(group)}`
  if (holder === null) return { words: `it waits for its turn ${named}` }
  const of = holder.job_name ? `the job ${firstLine(holder.job_name)} of ` : ''
  const run = holder.run_id === ask.runId ? 'this run' : `run ${holder.run_id}`
  return { words: `it waits for ${of}${run} ${named}` }
}

async function groupOf(client: Client, ask: QueueAsk): Promise<string | null> {
  const groups = await groupsOfRun(client, ask)
  const waiting = groups.find(({ group_members }) => group_members.some(({ status }) => status === 'pending'))
  return waiting?.group_name ?? null
}

/** The concurrency groups that a run, or one of its jobs, is in; none on a server without them. Throws `Trouble`. */
export async function groupsOfRun(client: Client, { repository, runId }: QueueAsk) {
  const found = await client.find({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/concurrency_groups',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: groupsOfRunShape,
  })
  return found?.concurrency_groups ?? []
}

/** The run or job that occupies the group; null if none does now. Throws `Trouble`. */
export async function holderOf(client: Client, { repository }: Pick<QueueAsk, 'repository'>, group: string) {
  const found = await client.find({
    route: 'GET /repos/{owner}/{repo}/actions/concurrency_groups/{concurrency_group_name}',
    parameters: { ...ownerAndName(repository), concurrency_group_name: group },
    shape: groupShape,
  })
  return found?.group_members.find(({ status }) => status === 'in_progress') ?? null
}

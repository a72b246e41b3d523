import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import type { Checks } from '../release/checks.ts'
import type { AskOf } from '../release/look.ts'
import { inTime } from '../runtime/bounded.ts'
import { type Client, ownerAndName } from './client.ts'
import { readPage } from './pages.ts'
import { runListShape } from './run-shapes.ts'
import { lastStarts } from './starts.ts'
import { cut, firstLine } from './text.ts'

/** How many checks, statuses or runs are read of a commit. */
const pageSize = 100

/** How many names of those that failed are kept, and how long each may be. */
const most = { failing: 5, name: 60 } as const

/** How long a request waits for the checks, ms: they are for information only. */
const waitMs = 5_000

/** OpenAPI `check-run`. */
const checkListShape = z.object({
  total_count: z.number(),
  check_runs: z
    .array(
      z.object({
        name: z.string().transform((name) => cut(firstLine(name), most.name)),
        status: z.string(),
        conclusion: z.string().nullish(),
        html_url: z.string().nullish(),
      }),
    )
    .readonly(),
})

/** OpenAPI `combined-commit-status`: the latest of each context. */
const statusListShape = z.object({
  total_count: z.number(),
  statuses: z
    .array(
      z.object({
        context: z.string().transform((name) => cut(firstLine(name), most.name)),
        state: z.string(),
      }),
    )
    .readonly(),
})

/** One check, status or run of the commit. */
type Check = { readonly name: string; readonly verdict: 'passed' | 'pending' | 'failed' }

/** Some of the checks. `missing`: why others are not among them. */
type Read = { readonly checks: readonly Check[]; readonly missing: string | null }

export type ChecksQuery = {
  readonly repository: string
  readonly sha: string
  /** File name of the workflow that deploys: its result says nothing about the commit. */
  readonly workflow: string
  /** Its last runs. */
  readonly ownRuns: readonly number[]
}

/** What checks and statuses of a commit came to. What cannot be read in time is named and delays nothing. */
export async function checksOf(client: Client, query: ChecksQuery): Promise<Checks> {
  const late = { checks: [], missing: `GitHub did not answer within ${waitMs / 1_000} s` }
  const [checks, statuses] = await Promise.all([
    inTime(checkRuns(client, query), waitMs, () => ({ ...late, source: 'checks' as const })),
    inTime(readable(commitStatuses(client, query)), waitMs, () => late),
  ])
  return { source: checks.source, ...summary([checks, statuses]) }
}

/** The same for a release that was requested before: runs of its workflow that began since are left out too. Throws `Trouble`. */
export async function checksNow(
  client: Client,
  { repository, commit: sha, workflow }: AskOf<'checks'>,
): Promise<Checks> {
  const late = () => {
    throw new Trouble('passing', `GitHub did not answer within ${waitMs / 1_000} s`)
  }
  const runs = await inTime(lastStarts(client, { repository, workflow }), waitMs, late)
  return checksOf(client, { repository, sha, workflow, ownRuns: runs.map(({ runId }) => runId) })
}

function summary(reads: readonly Read[]): Omit<Checks, 'source'> {
  const all = reads.flatMap(({ checks }) => checks)
  const count = (verdict: Check['verdict']) => all.filter((check) => check.verdict === verdict).length
  const failing = all.flatMap(({ name, verdict }) => (verdict === 'failed' ? [name] : []))
  const missing = new Set(reads.flatMap((read) => read.missing ?? []))
  return {
    passed: count('passed'),
    pending: count('pending'),
    failed: count('failed'),
    failing: [...new Set(failing)].slice(0, most.failing),
    ...(missing.size > 0 && { unread: cut([...missing].join('; '), 300) }),
  }
}

async function readable(reading: Promise<Read>): Promise<Read> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { checks: [], missing: error.message }
  }
}

/** https://docs.github.com/rest/checks/runs#list-check-runs-for-a-git-reference */
async function checkRuns(
  client: Client,
  query: ChecksQuery,
): Promise<Read & { readonly source: Checks['source'] }> {
  let isAllowed = true
  const read = await readable(
    pages(async (page) => {
      const list = await client.find(
        {
          route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
          parameters: { ...ownerAndName(query.repository), ref: query.sha, ...page },
          shape: checkListShape,
        },
        [403],
      )
      if (list === null) isAllowed = false
      return { total: list?.total_count ?? 0, items: list?.check_runs ?? [] }
    }, 'checks').then(({ items, missing }) => ({
      checks: items
        .filter(({ html_url: url }) => !isOfRun(url, query.ownRuns))
        .map(({ name, status, conclusion }) => ({ name, verdict: verdictOf(status, conclusion) })),
      missing,
    })),
  )
  if (isAllowed) return { ...read, source: 'checks' }
  return { ...(await readable(workflowRuns(client, query))), source: 'workflow runs' }
}

/** The check of a job names its run in its address. */
function isOfRun(url: string | null | undefined, runs: readonly number[]): boolean {
  const run = /\/actions\/runs\/(\d+)\//.exec(url ?? '')?.[1]
  return run !== undefined && runs.includes(Number(run))
}

/** Needs no permission beyond those of a dispatch. A filtered list lags behind, which a commit's first minutes may show. */
async function workflowRuns(client: Client, { repository, sha, workflow }: ChecksQuery): Promise<Read> {
  const { items, missing } = await pages(async (page) => {
    const list = await client.read({
      route: 'GET /repos/{owner}/{repo}/actions/runs',
      parameters: { ...ownerAndName(repository), head_sha: sha, ...page },
      shape: runListShape,
    })
    return { total: list.workflow_runs.length, items: list.workflow_runs }
  }, 'workflow runs')
  const files = items.map((run) => ({ ...run, file: run.path.replace(/@.*$/, '').split('/').at(-1) ?? '' }))
  const others = files.filter(({ file }) => file !== workflow)
  // The list is newest first: an earlier run of the same workflow and event was started again.
  const latest = new Map(others.toReversed().map((run) => [`${run.file} ${run.event}`, run]))
  const checks = [...latest.values()].map(({ file, status, conclusion }) => ({
    name: cut(firstLine(file), most.name),
    verdict: verdictOf(status ?? '', conclusion),
  }))
  return { checks, missing }
}

/** https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference */
async function commitStatuses(client: Client, { repository, sha }: ChecksQuery): Promise<Read> {
  const { items, missing } = await pages(async (page) => {
    const list = await client.read({
      route: 'GET /repos/{owner}/{repo}/commits/{ref}/status',
      parameters: { ...ownerAndName(repository), ref: sha, ...page },
      shape: statusListShape,
    })
    return { total: list.total_count, items: list.statuses }
  }, 'commit statuses')
  const checks = items.map(({ context: name, state }) => ({ name, verdict: verdictOfStatus(state) }))
  return { checks, missing }
}

type Part<T> = { readonly total: number; readonly items: readonly T[] }

/** The first of a list, and whether there are more. */
async function pages<T>(
  read: (page: { readonly per_page: number; readonly page: number }) => Promise<Part<T>>,
  what: string,
): Promise<{ readonly items: readonly T[]; readonly missing: string | null }> {
  let total = 0
  const items = await readPage(
    async (page) => {
      const part = await read(page)
      total = part.total
      return part.items
    },
    { per_page: pageSize, page: 1 },
  )
  return {
    items,
    missing: total > items.length ? `only ${items.length} of ${total} ${what} were read` : null,
  }
}

const passing: ReadonlySet<string> = new Set(['success', 'neutral', 'skipped'])
const failing: ReadonlySet<string> = new Set([
  'failure',
  'timed_out',
  'cancelled',
  'startup_failure',
  'stale',
])

/** A conclusion that twokey does not know counts as neither passed nor failed: approvers look at it. */
function verdictOf(status: string, conclusion: string | null | undefined): Check['verdict'] {
  if (status !== 'completed') return 'pending'
  if (passing.has(conclusion ?? '')) return 'passed'
  return failing.has(conclusion ?? '') ? 'failed' : 'pending'
}

function verdictOfStatus(state: string): Check['verdict'] {
  if (state === 'success') return 'passed'
  return state === 'failure' || state === 'error' ? 'failed' : 'pending'
}

import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import type { Checks, NamedChecks, RequiredChecks } from '../release/checks.ts'
import type { AskOf } from '../release/look.ts'
import type { TroubleKind } from '../release/sighting.ts'
import { inTime } from '../runtime/bounded.ts'
import { type CheckVerdict, verdictOf, verdictOfStatus } from './check-verdict.ts'
import { type Client, ownerAndName } from './client.ts'
import { type Deploying, deployJobs, isDeployWorkflow } from './deploy-runs.ts'
import { type Page, readPage } from './pages.ts'
import { checksRequiredOn, type RequiredContext } from './required-checks.ts'
import { runListShape } from './run-shapes.ts'
import { lastStarts, workflowFileOf } from './starts.ts'
import { cut, firstLine } from './text.ts'

/** How many checks, statuses or runs a page has, and how many pages are read where checks are required. */
const pageSize = 100
const mostPages = 10

/** How many names of those that failed are kept, and how long each may be. */
const most = { named: 5, name: 60 } as const

/** How long a request waits for the checks, ms: for those that decide about it longer than for those that are shown only. */
const wait = { shownMs: 5_000, requiredMs: 30_000 } as const

/** OpenAPI `check-run`. */
const checkListShape = z.object({
  total_count: z.number(),
  check_runs: z
    .array(
      z.object({
        name: z.string(),
        status: z.string(),
        conclusion: z.string().nullish(),
        html_url: z.string().nullish(),
        app: z.object({ id: z.number() }).nullish(),
      }),
    )
    .readonly(),
})

/** OpenAPI `combined-commit-status`: the latest of each context. */
const statusListShape = z.object({
  total_count: z.number(),
  statuses: z.array(z.object({ context: z.string(), state: z.string() })).readonly(),
  repository: z.object({ html_url: z.string() }).nullish(),
})

/** One check, status or run of the commit. `isOwn`: a job of a workflow that deploys. */
type Check = {
  readonly name: string
  readonly verdict: CheckVerdict
  readonly app?: number
  readonly isOwn?: boolean
}

/** Some of the checks. `missing`: why others are not among them. */
type Read = { readonly checks: readonly Check[]; readonly missing: Missing | null }

type Missing = { readonly kind: TroubleKind; readonly reason: string }

/** `unread`: why the checks themselves could not be read, though the runs of workflows could. */
type ChecksRead = Read & { readonly source: Checks['source']; readonly unread?: Missing }

/** `page`: GitHub's page about the repository. */
type StatusesRead = Read & { readonly page?: string }

export type ChecksQuery = Deploying & {
  /** The branch whose required checks have to pass; absent: none have to. */
  readonly requiredOn?: string
}

/** What checks and statuses of a commit came to. What cannot be read in time is named and delays nothing. */
export async function checksOf(client: Client, query: ChecksQuery): Promise<Checks> {
  const { requiredOn: branch } = query
  const waitMs = waitFor(branch)
  const missing = tooLate(waitMs)
  const late = { checks: [], missing }
  const [checks, statuses, asked] = await Promise.all([
    inTime(checkRuns(client, query), waitMs, () => ({ ...late, source: 'checks' as const })),
    inTime<StatusesRead>(readable(commitStatuses(client, query)), waitMs, () => late),
    branch === undefined
      ? null
      : inTime(checksRequiredOn(client, { ...query, branch }), waitMs, () => ({ missing })),
  ])
  return {
    source: checks.source,
    ...summary([checks, statuses]),
    ...(asked && { required: requiredOf(asked, { checks, statuses, sha: query.sha }) }),
  }
}

function waitFor(requiredOn: string | undefined): number {
  return requiredOn === undefined ? wait.shownMs : wait.requiredMs
}

function tooLate(waitMs: number): Missing {
  return { kind: 'passing', reason: `GitHub did not answer within ${waitMs / 1_000} s` }
}

/** The same for a release that was requested before: runs of its workflow that began since are left out too. Throws `Trouble`. */
export async function checksNow(
  client: Client,
  {
    repository,
    commit: sha,
    workflow,
    requiredOn,
    deployWorkflows,
  }: AskOf<'checks'> & Pick<ChecksQuery, 'deployWorkflows'>,
): Promise<Checks> {
  const waitMs = waitFor(requiredOn)
  const late = () => {
    const { kind, reason } = tooLate(waitMs)
    throw new Trouble(kind, reason)
  }
  const runs = await inTime(lastStarts(client, { repository, workflow }), waitMs, late)
  const ownRuns = runs.map(({ runId }) => runId)
  const query = { repository, sha, workflow, ownRuns, deployWorkflows }
  return checksOf(client, { ...query, ...(requiredOn && { requiredOn }) })
}

function summary(reads: readonly Read[]): Omit<Checks, 'source'> {
  const all = reads.flatMap(({ checks }) => checks).filter(({ isOwn }) => !isOwn)
  const { count, names } = named(all, 'failed')
  const missing = new Set(reads.flatMap((read) => read.missing?.reason ?? []))
  return {
    passed: named(all, 'passed').count,
    pending: named(all, 'pending').count,
    failed: count,
    failing: names,
    ...(missing.size > 0 && { unread: cut([...missing].join('; '), 300) }),
  }
}

function named(all: readonly Check[], wanted: CheckVerdict): NamedChecks {
  const names = all
    .filter(({ verdict }) => verdict === wanted)
    .map(({ name }) => cut(firstLine(name), most.name))
  return { count: names.length, names: [...new Set(names)].slice(0, most.named) }
}

/** Those that GitHub requires for the branch. If it names none, all of the commit but the jobs of the workflows that deploy. */
function requiredOf(
  asked: Awaited<ReturnType<typeof checksRequiredOn>>,
  {
    checks,
    statuses,
    sha,
  }: { readonly checks: ChecksRead; readonly statuses: StatusesRead; readonly sha: string },
): RequiredChecks {
  const unread = [checks.unread, checks.missing, statuses.missing].find((missing) => missing)
  const all = [...checks.checks, ...statuses.checks]
  const url = statuses.page === undefined ? {} : { url: `${statuses.page}/commit/${sha}/checks` }
  if ('missing' in asked)
    return { by: 'branch', passed: 0, pending: none, failed: none, unread: asked.missing, ...url }
  const contexts = asked.contexts
  // Runs of workflows have other names than checks.
  const reported = checks.source === 'checks' ? all : statuses.checks
  const judged =
    contexts.length === 0
      ? all.filter(({ isOwn }) => !isOwn)
      : contexts.flatMap((context) => {
          const found = reported.filter((check) => isFor(check, context))
          return found.length > 0 ? found : [{ name: context.name, verdict: 'pending' as const }]
        })
  const isWhole =
    contexts.length > 0 && contexts.every((context) => reported.some((check) => isFor(check, context)))
  return {
    by: contexts.length === 0 ? 'commit' : 'branch',
    passed: named(judged, 'passed').count,
    pending: named(judged, 'pending'),
    failed: named(judged, 'failed'),
    ...(unread && !isWhole && { unread: { ...unread, reason: cut(unread.reason, 300) } }),
    ...url,
  }
}

const none: NamedChecks = { count: 0, names: [] }

/** GitHub takes a required check from one App alone if the rule says so. A commit status names no App. */
function isFor({ name, app }: Check, context: RequiredContext): boolean {
  return name === context.name && (context.app === null || app === undefined || app === context.app)
}

async function readable<T extends Read>(reading: Promise<T>): Promise<T | Read> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { checks: [], missing: { kind: error.kind, reason: error.message } }
  }
}

/** https://docs.github.com/rest/checks/runs#list-check-runs-for-a-git-reference */
async function checkRuns(client: Client, query: ChecksQuery): Promise<ChecksRead> {
  let isAllowed = true
  const read = await readable(
    pages(
      async (page) => {
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
      },
      'checks',
      query,
    ).then(async ({ items, missing }) => {
      const addresses = items.map(({ html_url }) => html_url)
      const deploys = await deployJobs(client, query, addresses)
      return {
        checks: items.map(({ name, status, conclusion, html_url: url, app }) => ({
          name,
          verdict: verdictOf(status, conclusion),
          isOwn: deploys(url),
          ...(app && { app: app.id }),
        })),
        missing,
      }
    }),
  )
  if (isAllowed) return { ...read, source: 'checks' }
  return { ...(await readable(workflowRuns(client, query))), source: 'workflow runs', unread: notAllowed }
}

const notAllowed: Missing = {
  kind: 'terminal',
  reason: 'the token may not read checks, as no fine-grained token may',
}

/** Needs no permission beyond those of a dispatch. A filtered list lags behind, which a commit's first minutes may show. */
async function workflowRuns(client: Client, query: ChecksQuery): Promise<Read> {
  const { repository, sha } = query
  const { items, missing } = await pages(
    async (page) => {
      const list = await client.read({
        route: 'GET /repos/{owner}/{repo}/actions/runs',
        parameters: { ...ownerAndName(repository), head_sha: sha, ...page },
        shape: runListShape,
      })
      return { total: list.workflow_runs.length, items: list.workflow_runs }
    },
    'workflow runs',
    {},
  )
  const files = items.map((run) => ({ ...run, file: workflowFileOf(run) }))
  const others = files.filter(({ file }) => !isDeployWorkflow(query, file))
  // The list is newest first: an earlier run of the same workflow and event was started again.
  const latest = new Map(others.toReversed().map((run) => [`${run.file} ${run.event}`, run]))
  const checks = [...latest.values()].map(({ file, status, conclusion }) => ({
    name: file,
    verdict: verdictOf(status ?? '', conclusion),
  }))
  return { checks, missing }
}

/** https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference */
async function commitStatuses(client: Client, query: ChecksQuery): Promise<StatusesRead> {
  let page: string | undefined
  const { items, missing } = await pages(
    async (part) => {
      const list = await client.read({
        route: 'GET /repos/{owner}/{repo}/commits/{ref}/status',
        parameters: { ...ownerAndName(query.repository), ref: query.sha, ...part },
        shape: statusListShape,
      })
      page ??= list.repository?.html_url
      return { total: list.total_count, items: list.statuses }
    },
    'commit statuses',
    query,
  )
  const checks = items.map(({ context: name, state }) => ({ name, verdict: verdictOfStatus(state) }))
  return { checks, missing, ...(page !== undefined && { page }) }
}

type Part<T> = { readonly total: number; readonly items: readonly T[] }

/** The first of a list, or all of it where checks are required, and whether there are more. */
async function pages<T>(
  read: (page: Page) => Promise<Part<T>>,
  what: string,
  { requiredOn }: Pick<ChecksQuery, 'requiredOn'>,
): Promise<{ readonly items: readonly T[]; readonly missing: Missing | null }> {
  const items: T[] = []
  let total = 0
  const last = requiredOn === undefined ? 1 : mostPages
  for (let page = 1; page <= last; page += 1) {
    const some = await readPage(
      async (part) => {
        const { total: now, items: found } = await read(part)
        total = now
        return found
      },
      { per_page: pageSize, page },
    )
    items.push(...some)
    if (items.length >= total || some.length === 0) break
  }
  const reason = `only ${items.length} of ${total} ${what} were read`
  return { items, missing: total > items.length ? { kind: 'terminal', reason } : null }
}

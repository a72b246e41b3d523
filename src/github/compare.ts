import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import { TooLarge } from '../runtime/bounded.ts'
import { type Client, ownerAndName } from './client.ts'
import { commitShape } from './commit.ts'
import { failureOf } from './failure.ts'
import { type Page, readPage } from './pages.ts'

/** OpenAPI `diff-entry`. Git limits no path; twokey needs nothing beyond this limit. */
const fileShape = z.object({
  filename: z.string().transform((name) => name.slice(0, 500)),
  additions: z.number(),
  deletions: z.number(),
})

export type ChangedFile = z.infer<typeof fileShape>

/** OpenAPI `commit-comparison`: how `head` relates to `base`. */
const comparisonShape = z.object({
  /** `ahead`, `behind`, `diverged`, `identical`. */
  status: z.string(),
  ahead_by: z.number(),
  behind_by: z.number(),
  total_commits: z.number(),
  html_url: z.string(),
  merge_base_commit: z.object({ sha: z.string() }),
  commits: z.array(commitShape).readonly(),
  /** On the first page alone: all files of the comparison, 300 at most. */
  files: z.array(fileShape).readonly().optional(),
})

export type Comparison = z.infer<typeof comparisonShape>

export type Comparing = {
  readonly repository: string
  readonly base: string
  readonly head: string
}

/**
 * Lists the commits of `head` that `base` does not have, oldest first; null if they have no common ancestor or one of
 * them does not exist. GitHub computes a diff for this, which may time out. Throws `Trouble`; `TooLarge` if the diff,
 * or one commit, is larger than twokey reads.
 * @param shown limit of commits, 1 to 100
 */
export async function compare(
  client: Client,
  asked: Comparing & { readonly shown: number },
): Promise<Comparison | null> {
  const parts: Comparison[] = []
  const commits = await readPage(
    async (page) => {
      const part = await comparison(client, asked, page)
      if (part) parts.push(part)
      return part?.commits ?? []
    },
    { per_page: asked.shown, page: 1 },
  )
  const [first] = parts
  return first ? { ...first, commits } : null
}

/**
 * How `head` relates to `base`, without the commits: only the first page contains a diff, so GitHub computes none here.
 * https://docs.github.com/rest/commits/commits#compare-two-commits
 */
export async function relation(
  client: Client,
  asked: Comparing,
): Promise<Omit<Comparison, 'commits'> | null> {
  return comparison(client, asked, { per_page: 1, page: 2 })
}

function comparison(
  client: Client,
  { repository, base, head }: Comparing,
  paging: Page,
): Promise<Comparison | null> {
  return client.find({
    route: 'GET /repos/{owner}/{repo}/compare/{basehead}',
    parameters: { ...ownerAndName(repository), basehead: `${base}...${head}`, ...paging },
    shape: comparisonShape,
  })
}

/** GitHub's sentence without the names of the objects in it. */
function withoutData(message: string): string {
  return message.replace(/\.?: \{.*$/s, '')
}

/**
 * Why GitHub cannot compare, in its words; null if the error has another cause.
 * @param error as thrown by `compare`
 */
export function notCompared(error: unknown): string | null {
  if (error instanceof TooLarge) return error.message
  if (!(error instanceof Trouble) || error.cause === undefined) return null
  const failure = failureOf(error.cause)
  if (failure.failure === 'unanswered') return `GitHub did not answer with a comparison: ${failure.reason}`
  const { status, message } = failure
  return status === 422 || status >= 500
    ? `GitHub does not compare them: ${withoutData(message)} (${status})`
    : null
}

import { z } from 'zod'
import { type Client, ownerAndName } from './client.ts'
import { commitShape } from './commit.ts'

/** OpenAPI `commit-comparison`: how `head` stands to `base`. */
const comparisonShape = z.object({
  /** `ahead`, `behind`, `diverged`, `identical`. */
  status: z.string(),
  ahead_by: z.number(),
  behind_by: z.number(),
  total_commits: z.number(),
  html_url: z.string(),
  merge_base_commit: z.object({ sha: z.string() }),
  commits: z.array(commitShape),
})

export type Comparison = z.infer<typeof comparisonShape>

export type Comparing = {
  readonly repository: string
  readonly base: string
  readonly head: string
  /** How many commits are shown at most, the oldest first: 1 to 100. */
  readonly shown: number
}

/** What `head` has that `base` has not; null where they have nothing in common, or one is not there. Throws `Trouble`. */
export function compare(
  client: Client,
  { repository, base, head, shown }: Comparing,
): Promise<Comparison | null> {
  return client.find({
    route: 'GET /repos/{owner}/{repo}/compare/{basehead}',
    parameters: { ...ownerAndName(repository), basehead: `${base}...${head}`, per_page: shown, page: 1 },
    shape: comparisonShape,
  })
}

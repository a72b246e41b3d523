import { z } from 'zod'
import type { DatedCommit } from '../ports/ports.ts'
import { type Client, ownerAndName } from './client.ts'
import { commitOf, commitShape, dateOf } from './commit.ts'
import { readPage } from './pages.ts'

const commitsShape = z.array(commitShape)

/** The latest commits of a branch, newest first; none if the branch does not exist. Throws `Trouble`. */
export async function recentCommits(
  client: Client,
  ask: { readonly repository: string; readonly branch: string; readonly limit: number },
): Promise<readonly DatedCommit[]> {
  const { repository, branch, limit } = ask
  const commits = await readPage(
    async (page) =>
      (await client.find(
        {
          route: 'GET /repos/{owner}/{repo}/commits',
          parameters: { ...ownerAndName(repository), sha: branch, ...page },
          shape: commitsShape,
        },
        // 409: the repository is empty.
        [409],
      )) ?? [],
    { per_page: limit, page: 1 },
  )
  return commits.map((commit) => ({ ...commitOf(commit), date: dateOf(commit) }))
}

import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import type { Commit } from '../release/subject.ts'
import { type Client, ownerAndName } from './client.ts'
import { failureOf } from './failure.ts'
import { firstLine } from './text.ts'

const signature = z
  .object({ name: z.string().nullish(), email: z.string().nullish(), date: z.string().nullish() })
  .nullish()

/** Of a message, what is used of it: its first line and its co-authors, so many of so many characters. */
const most = { title: 1_000, coAuthors: 100, coAuthor: 500 }

/** GitHub bounds no message: this is what is kept of one, and the same again of what was kept. */
function keptOf(message: string): string {
  const title = message.slice(0, most.title).split(/\r\n|[\n\r\u2028\u2029]/, 1)[0] ?? ''
  const rest = message.slice(title.length)
  const coAuthors: string[] = []
  for (const [line] of rest.matchAll(/^co-authored-by:.*/gim)) {
    if (line.length <= most.coAuthor) coAuthors.push(line)
    if (coAuthors.length === most.coAuthors) break
  }
  return [title, ...coAuthors].join('\n')
}

/** OpenAPI `commit`. Its `author` is null or empty where the e-mail belongs to no account. */
export const commitShape = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  commit: z.object({ message: z.string().transform(keptOf), author: signature, committer: signature }),
  author: z.object({ login: z.string().nullish() }).nullish(),
})

export type CommitAnswer = z.infer<typeof commitShape>

/** The commit as people are shown it: text as it came, the first line of it. */
export function commitOf({ sha, commit, author }: CommitAnswer): Commit {
  return {
    sha,
    title: firstLine(commit.message),
    author: firstLine(commit.author?.name ?? author?.login ?? 'unknown'),
    login: author?.login ?? null,
  }
}

/** When it came to be, ISO 8601; empty where GitHub does not tell. */
export function dateOf({ commit }: CommitAnswer): string {
  return commit.committer?.date ?? commit.author?.date ?? ''
}

/** What a branch, a tag, a full or a short sha names; null where GitHub knows no such commit. Throws `Trouble`. */
export async function findCommit(
  client: Client,
  repository: string,
  ref: string,
): Promise<CommitAnswer | null> {
  try {
    return await client.find(
      {
        route: 'GET /repos/{owner}/{repo}/commits/{ref}',
        // The first page of a commit carries its files; of one file none is more than needed.
        parameters: { ...ownerAndName(repository), ref, per_page: 1 },
        shape: commitShape,
      },
      // The repository is empty.
      [409],
    )
  } catch (error) {
    const failure = failureOf(error instanceof Trouble ? error.cause : error)
    if (failure.failure === 'unanswered') throw error
    if (/diff|not_available/i.test(failure.message)) return firstOf(client, repository, ref)
    // `No commit found for SHA`
    if (failure.status === 422) return null
    throw error
  }
}

/** The same from a list, which carries no diff. */
async function firstOf(client: Client, repository: string, ref: string): Promise<CommitAnswer | null> {
  const commits = await client.find({
    route: 'GET /repos/{owner}/{repo}/commits',
    parameters: { ...ownerAndName(repository), sha: ref, per_page: 1 },
    shape: z.array(commitShape),
  })
  return commits?.[0] ?? null
}

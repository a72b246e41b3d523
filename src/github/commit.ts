import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import type { Commit } from '../release/subject.ts'
import { type Client, ownerAndName } from './client.ts'
import { failureOf } from './failure.ts'
import { firstLine } from './text.ts'

const signature = z
  .object({ name: z.string().nullish(), email: z.string().nullish(), date: z.string().nullish() })
  .nullish()

/** Limits for a commit message: characters of its first line, number of co-authors, characters of each co-author. */
const limits = { title: 1_000, coAuthors: 100, coAuthor: 500 }

/** Returns the part of a message that is kept, because GitHub does not limit messages. Applying it twice changes nothing. */
function keptOf(message: string): string {
  const title = message.slice(0, limits.title).split(/\r\n|[\n\r\u2028\u2029]/, 1)[0] ?? ''
  const rest = message.slice(title.length)
  const coAuthors: string[] = []
  for (const [line] of rest.matchAll(/^co-authored-by:.*/gim)) {
    if (line.length <= limits.coAuthor) coAuthors.push(line)
    if (coAuthors.length === limits.coAuthors) break
  }
  return [title, ...coAuthors].join('\n')
}

/** OpenAPI `commit`. Its `author` is null or empty if the e-mail belongs to no account. */
export const commitShape = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  commit: z.object({ message: z.string().transform(keptOf), author: signature, committer: signature }),
  author: z.object({ login: z.string().nullish() }).nullish(),
})

export type CommitAnswer = z.infer<typeof commitShape>

/** The commit as shown to people: the first line of its message, unescaped. */
export function commitOf({ sha, commit, author }: CommitAnswer): Commit {
  return {
    sha,
    title: firstLine(commit.message),
    author: firstLine(commit.author?.name ?? author?.login ?? 'unknown'),
    login: author?.login ?? null,
  }
}

/** When the commit was created, ISO 8601; empty if GitHub does not provide it. */
export function dateOf({ commit }: CommitAnswer): string {
  return commit.committer?.date ?? commit.author?.date ?? ''
}

/** Resolves a branch, a tag, a full or a short sha to its commit; null if GitHub knows no such commit. Throws `Trouble`. */
export async function findCommit(
  client: Client,
  repository: string,
  ref: string,
): Promise<CommitAnswer | null> {
  try {
    return await client.find(
      {
        route: 'GET /repos/{owner}/{repo}/commits/{ref}',
        // The first page of a commit contains its files, which are not needed: one per page is the smallest.
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

/** Reads the same commit from a list, which contains no diff. */
async function firstOf(client: Client, repository: string, ref: string): Promise<CommitAnswer | null> {
  const commits = await client.find({
    route: 'GET /repos/{owner}/{repo}/commits',
    parameters: { ...ownerAndName(repository), sha: ref, per_page: 1 },
    shape: z.array(commitShape),
  })
  return commits?.[0] ?? null
}

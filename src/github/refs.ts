import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import type { Refusal } from '../release/refusal.ts'
import { notOnBranch, refAmbiguous, refUnknown } from '../release/refusals/commits.ts'
import { type Client, ownerAndName } from './client.ts'
import { type CommitAnswer, findCommit } from './commit.ts'
import { relation } from './compare.ts'
import { shownRef } from './ref-syntax.ts'

const refShape = z.object({ object: z.object({ sha: z.string() }) })

function findRef(client: Client, repository: string, ref: string): Promise<z.infer<typeof refShape> | null> {
  return client.find(
    {
      route: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
      parameters: { ...ownerAndName(repository), ref },
      shape: refShape,
    },
    // 409: the repository is empty.
    [409],
  )
}

/** Whether a branch or a tag has this name: GitHub prefers it over a short commit. Throws `Trouble`. */
export async function isRefName(client: Client, repository: string, name: string): Promise<boolean> {
  const found = await Promise.all(
    ['heads', 'tags'].map((kind) => findRef(client, repository, `${kind}/${name}`)),
  )
  return found.some((ref) => ref !== null)
}

/**
 * The sha of the branch's tip; null if the branch does not exist. Throws `Trouble`, terminal if the repository cannot
 * be read.
 */
export async function branchTip(client: Client, repository: string, branch: string): Promise<string | null> {
  const ref = await findRef(client, repository, `heads/${branch}`)
  if (ref) return ref.object.sha
  await checkRepositoryAccess(client, repository)
  return null
}

const repositoryShape = z.object({ full_name: z.string() })

/** Throws `Trouble`, terminal if the token cannot read the repository: GitHub answers then as if it did not exist. */
export async function checkRepositoryAccess(client: Client, repository: string): Promise<void> {
  await client.read({
    route: 'GET /repos/{owner}/{repo}',
    parameters: ownerAndName(repository),
    shape: repositoryShape,
  })
}

/** A resolved request, with the kind of ref that it was. */
export type Resolved = { readonly commit: CommitAnswer; readonly as: 'branch' | 'tag' | 'commit' }

/**
 * Resolves the ref that a person named. Refuses `ref_unknown`, and `ref_ambiguous` if both a branch and a tag have this
 * name. Throws `Trouble`.
 */
export async function resolveRef(
  client: Client,
  repository: string,
  ref: string,
): Promise<Resolved | { readonly refused: Refusal }> {
  const [commit, branch, tag] = await Promise.all([
    findCommit(client, repository, ref),
    findRef(client, repository, `heads/${ref}`),
    findRef(client, repository, `tags/${ref}`),
  ])
  if (branch && tag) return { refused: refAmbiguous(shownRef(ref), repository) }
  if (!commit) return unknownRef(ref, repository)
  if (branch || tag) return { commit, as: branch ? 'branch' : 'tag' }
  if (/^[0-9a-f]{1,6}$/i.test(ref)) return unknownRef(ref, repository, 'a short commit has at least 7 digits')
  if (/^[0-9a-f]{40}$/i.test(ref) && commit.sha !== ref.toLowerCase())
    return unknownRef(ref, repository, `GitHub answered with another commit, ${commit.sha}`)
  return { commit, as: 'commit' }
}

/** Refuses a ref. @param why what is wrong with its name */
export function unknownRef(ref: string, repository: string, why?: string): { readonly refused: Refusal } {
  return { refused: refUnknown(shownRef(ref), repository, why) }
}

/** The relation of a commit to a branch. `off`: how many of its commits the branch does not have, and the last common one. */
export type Standing =
  | { readonly on: 'branch' }
  | { readonly on: 'elsewhere'; readonly off: number; readonly leftAt: string | null }

/** Whether a commit is the branch's tip or an ancestor of it. Throws `Trouble`. */
export async function standing(
  client: Client,
  ask: { readonly repository: string; readonly sha: string; readonly tip: string },
): Promise<Standing> {
  const { repository, sha, tip } = ask
  if (sha === tip) return { on: 'branch' }
  const found = await relation(client, { repository, base: sha, head: tip }).catch((error: unknown) => {
    throw error instanceof Trouble ? unproven(sha, error) : error
  })
  if (!found) return { on: 'elsewhere', off: 0, leftAt: null }
  const { status, behind_by, merge_base_commit } = found
  return status === 'ahead' || status === 'identical'
    ? { on: 'branch' }
    : { on: 'elsewhere', off: behind_by, leftAt: merge_base_commit.sha }
}

function unproven(sha: string, { kind, message, cause }: Trouble): Trouble {
  return new Trouble(kind, `whether ${sha.slice(0, 7)} lies on the branch could not be checked: ${message}`, {
    cause,
  })
}

/** Names the branch on which the commit is instead. */
export function offBranch(
  ref: string,
  { commit, as }: Resolved,
  ask: { readonly branch: string; readonly where: Extract<Standing, { on: 'elsewhere' }> },
): { readonly refused: Refusal } {
  const { branch, where } = ask
  const named = { commit: commit.sha, ref: as === 'commit' ? null : { as, name: shownRef(ref) } }
  const left = where.leftAt === null ? null : { at: where.leftAt, commits: where.off }
  return { refused: notOnBranch(named, branch, left) }
}

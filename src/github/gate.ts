import { z } from 'zod'
import type { Gate } from '../ports/gates.ts'
import { type Client, ownerAndName } from './client.ts'
import { findEnvironment, reviewersIn } from './environment.ts'
import type { Reviewer } from './reviewer.ts'

/**
 * The protection rules that GitHub enforces before a job of this environment runs. GitHub's required reviewers are not
 * a two-person rule: one of them is enough, so twokey's account protects it only if it is the only one. Source:
 * docs.github.com, reviewing deployments. Throws `Trouble`.
 */
export async function gateOf(
  client: Client,
  { repository, environment }: { readonly repository: string; readonly environment: string },
  reviewer: Reviewer,
): Promise<Gate> {
  const found = await findEnvironment(client, repository, environment)
  if (found === null) return openIn(client, repository)
  const reviewers = reviewersIn(found)
  if (await reviewer.isOnlyGate(repository, found))
    return { gate: 'twokey', bypass: found.can_admins_bypass === false ? 'nobody' : 'administrators' }
  return reviewers.length > 0
    ? { gate: 'reviewers', reviewers: reviewers.length }
    : openIn(client, repository)
}

/** OpenAPI `full-repository`. */
const repositoryShape = z.object({ private: z.boolean() })

/**
 * GitHub shows an organization's plan to its owners only, but gates of private repositories need GitHub Enterprise. Source:
 * docs.github.com, deployments and environments. Throws `Trouble`.
 */
async function openIn(client: Client, repository: string): Promise<Gate> {
  const found = await client.read({
    route: 'GET /repos/{owner}/{repo}',
    parameters: ownerAndName(repository),
    shape: repositoryShape,
  })
  return found.private ? { gate: 'open', repository: 'private' } : { gate: 'open' }
}

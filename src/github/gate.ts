import { z } from 'zod'
import type { Gate } from '../ports/ports.ts'
import { type Client, ownerAndName } from './client.ts'

/** OpenAPI `environment`. */
const environmentShape = z.object({
  protection_rules: z
    .array(z.object({ type: z.string(), reviewers: z.array(z.unknown()).nullish() }))
    .nullish(),
})

/** Whether the repository has an environment of this name; names are compared without case. Throws `Trouble`. */
export async function environmentExists(
  client: Client,
  { repository, environment }: { readonly repository: string; readonly environment: string },
): Promise<boolean> {
  return (await findEnvironment(client, repository, environment)) !== null
}

function findEnvironment(client: Client, repository: string, environment: string) {
  return client.find({
    route: 'GET /repos/{owner}/{repo}/environments/{environment_name}',
    parameters: { ...ownerAndName(repository), environment_name: environment },
    shape: environmentShape,
  })
}

/**
 * The protection rules that GitHub enforces before a job of this environment runs. GitHub's required reviewers are not
 * a two-person rule: one of them is enough. Source: docs.github.com, reviewing deployments. Throws `Trouble`.
 */
export async function gateOf(
  client: Client,
  { repository, environment }: { readonly repository: string; readonly environment: string },
): Promise<Gate> {
  const found = await findEnvironment(client, repository, environment)
  const rule = found?.protection_rules?.find(({ type }) => type === 'required_reviewers')
  const reviewers = rule?.reviewers?.length ?? 0
  return reviewers > 0 ? { gate: 'reviewers', reviewers } : { gate: 'open' }
}

import { z } from 'zod'
import { type Client, ownerAndName } from './client.ts'

/** OpenAPI `environment`. `can_admins_bypass` is not in it, but GitHub sends it. */
const environmentShape = z.object({
  name: z.string(),
  can_admins_bypass: z.boolean().nullish(),
  deployment_branch_policy: z.object({ protected_branches: z.boolean() }).nullish(),
  protection_rules: z
    .array(
      z.object({
        type: z.string(),
        reviewers: z
          .array(
            z.object({
              type: z.string().nullish(),
              reviewer: z.object({ login: z.string().nullish() }).nullish(),
            }),
          )
          .nullish(),
      }),
    )
    .nullish(),
})

export type EnvironmentAnswer = z.infer<typeof environmentShape>

/** Whether the repository has an environment of this name; names are compared without case. Throws `Trouble`. */
export async function environmentExists(
  client: Client,
  { repository, environment }: { readonly repository: string; readonly environment: string },
): Promise<boolean> {
  return (await findEnvironment(client, repository, environment)) !== null
}

/** The environment; null: there is none. Throws `Trouble`. */
export function findEnvironment(
  client: Client,
  repository: string,
  environment: string,
): Promise<EnvironmentAnswer | null> {
  return client.find({
    route: 'GET /repos/{owner}/{repo}/environments/{environment_name}',
    parameters: { ...ownerAndName(repository), environment_name: environment },
    shape: environmentShape,
  })
}

/** The required reviewers; a team has no login. */
export function reviewersIn({
  protection_rules,
}: EnvironmentAnswer): readonly { readonly login: string | null }[] {
  const rule = protection_rules?.find(({ type }) => type === 'required_reviewers')
  return (rule?.reviewers ?? []).map(({ reviewer }) => ({ login: reviewer?.login ?? null }))
}

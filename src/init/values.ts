import type { Values } from '../iam/fill.ts'
import { repositoryId, subjectPrefix } from '../iam/values.ts'
import type { GitHubInventory, SeenDefinition } from '../ports/inventory.ts'
import type { Made } from './make-plan.ts'

/**
 * The values of policies that twokey.yml does not have, as far as AWS and GitHub show them. `github`: null if GitHub
 * cannot be read; what only it knows is not among the values then. @throws {Trouble}
 */
export async function valuesOf(
  { plan: { repository, image, environments }, definitions }: Made,
  { account, github }: { readonly account: string; readonly github: GitHubInventory | null },
): Promise<Values> {
  const identity = await github?.identity(repository)
  const each = (of: (definition: SeenDefinition) => readonly string[]) => [
    ...new Set(definitions.flatMap(of)),
  ]
  return new Map<string, readonly string[]>([
    ['account', [account]],
    ['log_groups', each(({ logGroups }) => logGroups)],
    ['ecr_repositories', [image.slice(image.indexOf('/') + 1)]],
    ['task_families', each(({ family }) => [family])],
    ['codedeploy_applications', environments.flatMap(({ codeDeploy }) => codeDeploy?.application ?? [])],
    ['task_roles', each(({ roles }) => roles)],
    ...(identity
      ? ([
          [repositoryId(repository).name, [String(identity.id)]],
          [subjectPrefix(repository).name, [identity.subjectPrefix]],
        ] as const)
      : []),
  ])
}

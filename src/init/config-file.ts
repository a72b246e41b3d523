import { stringify } from 'yaml'
import type { Plan, PlannedEnvironment } from './plan.ts'

/** twokey.yml of a plan. `account`: the one that twokey runs in. */
export function configFile(plan: Plan, account: string): string {
  const { channel, environments, service, repository, container, migration } = plan
  const { region } = environments[0]
  return stringify(
    {
      slack: { channel },
      events: [{ queueUrl: `https://sqs.${region}.${domain(region)}/${account}/twokey` }],
      environments: Object.fromEntries(
        environments.map((environment) => [environment.name, environmentOf(plan, environment)]),
      ),
      services: {
        [service]: {
          repository,
          workflow: 'deploy.yml',
          containers: [container],
          ...(migration !== null && { migration: { family: migration.family } }),
          environments: Object.fromEntries(
            environments.map(({ name, cluster, ecsService }) => [name, { cluster, service: ecsService }]),
          ),
        },
      },
    },
    { lineWidth: 100, flowCollectionPadding: true },
  )
}

function environmentOf(
  { approvers }: Plan,
  { branch, githubEnvironment, name, region, approvals }: PlannedEnvironment,
) {
  return {
    branch,
    ...(githubEnvironment !== name && { githubEnvironment }),
    aws: { region },
    approvals: { required: approvals, ...(approvals > 0 && { approvers }) },
    ...(approvals > 1 && { rollback: { approvals: { required: 1 } } }),
  }
}

/** China has a domain of its own. */
function domain(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}

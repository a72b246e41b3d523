import type { Service } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import { type Target, targetName } from '../../release/names.ts'
import { Cache } from '../ecs/cache.ts'
import { unlessDenied } from '../ecs/trouble.ts'
import type { CodeDeployReads, GroupName } from './reads.ts'
import { deploymentsOf } from './task-sets.ts'

/** The deployment group of a service; throws `Trouble` if it cannot be determined. */
export type Groups = (service: Service, target: Target) => Promise<GroupName>

/**
 * Learns which group deploys a service, once: from the deployment that created one of its task sets, else by the names
 * that aws-actions/amazon-ecs-deploy-task-definition assumes, if that group deploys this service. Listing all
 * applications and groups would be throttled (kayac/ecspresso#403).
 */
export function groupsOf(reads: CodeDeployReads): Groups {
  const known = new Cache<GroupName>()

  async function byTaskSet(service: Service): Promise<GroupName | undefined> {
    for (const id of deploymentsOf(service)) {
      const { applicationName, deploymentGroupName } = (await reads.deployment(id)) ?? {}
      if (applicationName !== undefined && deploymentGroupName !== undefined)
        return { applicationName, deploymentGroupName }
    }
    return undefined
  }

  async function byUsualName({ cluster, service }: Target): Promise<GroupName | undefined> {
    const name = {
      applicationName: `AppECS-${cluster}-${service}`,
      deploymentGroupName: `DgpECS-${cluster}-${service}`,
    }
    const group = await unlessDenied(reads.group(name))
    const isOfService = group?.ecsServices?.some(
      ({ clusterName, serviceName }) => clusterName === cluster && serviceName === service,
    )
    return isOfService ? name : undefined
  }

  return async (service, target) => {
    const key = targetName(target)
    const found = known.get(key) ?? (await byTaskSet(service)) ?? (await byUsualName(target))
    if (found === undefined)
      throw new Trouble(
        'terminal',
        `${key} is deployed by CodeDeploy, and twokey could not determine by which deployment group: deploy it once there`,
      )
    known.set(key, found)
    return found
  }
}

import type { DeploymentGroupInfo, DeploymentInfo } from '@aws-sdk/client-codedeploy'
import type { Service, TaskDefinition } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import { type Target, targetName } from '../../release/names.ts'
import type { RolloutTime } from '../../release/rollout-time.ts'
import { unlessDenied } from '../ecs/trouble.ts'
import type { AppSpec } from './app-spec.ts'
import type { Groups } from './group.ts'
import type { CodeDeployReads, GroupName } from './reads.ts'
import type { Revisions } from './revisions.ts'
import { timeOf } from './time.ts'

/** Statuses of a deployment that has not ended. A group has at most one. */
const active = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'] as const

/** How a service that CodeDeploy deploys gets an earlier revision back: by a deployment of its group. */
export type WayBack = {
  readonly group: GroupName
  /** The AppSpec of the last deployment that succeeded; a rollback changes only its task definition. */
  readonly appSpec: AppSpec
  /** How long a deployment takes by the configuration of the group. */
  readonly time: () => Promise<RolloutTime>
  /** The deployment of the group that has not ended; null: there is none. */
  readonly active: DeploymentInfo | null
}

export type WaysBack = {
  /** @throws {Trouble} if it cannot be determined */
  of(service: Service, target: Target): Promise<WayBack>
  /** The deployment of the service that has not ended; null: there is none. */
  activeOf(service: Service, target: Target): Promise<DeploymentInfo | null>
}

type Sources = {
  readonly codeDeploy: CodeDeployReads
  readonly groups: Groups
  readonly revisions: Revisions
}

export function waysBackOf({ codeDeploy, groups, revisions }: Sources): WaysBack {
  async function activeIn(group: GroupName): Promise<DeploymentInfo | null> {
    for await (const ids of codeDeploy.list({ group, statuses: active })) {
      const [first] = ids
      if (first !== undefined) return (await codeDeploy.deployment(first)) ?? null
    }
    return null
  }

  async function timeIn(info: DeploymentGroupInfo | undefined): Promise<RolloutTime> {
    const { deploymentConfigName: config } = info ?? {}
    const routing = config === undefined ? undefined : await unlessDenied(codeDeploy.routing(config))
    return timeOf(info?.blueGreenDeploymentConfiguration, routing)
  }

  return {
    activeOf: async (service, target) => activeIn(await groups(service, target)),
    async of(service, target) {
      const group = await groups(service, target)
      const info = await codeDeploy.group(group)
      const { deploymentId: last } = info?.lastSuccessfulDeployment ?? {}
      const deployment = last === undefined ? undefined : await codeDeploy.deployment(last)
      const appSpec = deployment && (await revisions.appSpecOf(deployment))
      if (appSpec === undefined)
        throw new Trouble(
          'terminal',
          `CodeDeploy shows no AppSpec of a successful deployment of ${targetName(target)}, which a rollback needs: allow codedeploy:GetApplicationRevision, or deploy it there once`,
        )
      return { group, appSpec, time: () => timeIn(info), active: await activeIn(group) }
    },
  }
}

/** What the load balancer needs and the task definition lacks, as in `container api with port 8080`; null: nothing. */
export function lacksFor(
  { containerName, containerPort }: AppSpec,
  { containerDefinitions = [] }: TaskDefinition,
): string | null {
  if (containerName === null) return null
  const container = containerDefinitions.find(({ name }) => name === containerName)
  if (container === undefined) return `container ${containerName}`
  const isOpen = container.portMappings?.some((each) => each.containerPort === containerPort) ?? false
  return containerPort === null || isOpen ? null : `port ${containerPort} of container ${containerName}`
}

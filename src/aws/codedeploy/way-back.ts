import type { DeploymentGroupInfo, DeploymentInfo } from '@aws-sdk/client-codedeploy'
import type { Service, TaskDefinition } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { ActiveDeployment } from '../../release/active-deployment.ts'
import { type Target, targetName } from '../../release/names.ts'
import type { RolloutTime } from '../../release/rollout-time.ts'
import { unlessDenied } from '../ecs/trouble.ts'
import { lastPart } from '../ecs/words.ts'
import type { AppSpec } from './app-spec.ts'
import type { Groups } from './group.ts'
import { type CodeDeployReads, type GroupName, isOver, isRollback } from './reads.ts'
import type { Revisions } from './revisions.ts'
import { deploymentsOf, taskSetsOf } from './task-sets.ts'
import { timeOf } from './time.ts'
import { mayStillRollBack } from './verdict.ts'

/** Statuses of a deployment that has not ended. A group has at most one. */
const open = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'] as const

/** How a service that CodeDeploy deploys gets an earlier revision back: by a deployment of its group. */
export type WayBack = {
  readonly group: GroupName
  /** The AppSpec of the last deployment that succeeded; a rollback changes only its task definition. */
  readonly appSpec: AppSpec
  /** How long a deployment takes by the configuration of the group. */
  readonly time: () => Promise<RolloutTime>
}

export type WaysBack = {
  /** @throws {Trouble} if it cannot be determined */
  of(service: Service, target: Target): Promise<WayBack>
  /** The deployment of the service that has not ended, or whose rollback has not; null: there is none. */
  activeOf(service: Service, target: Target): Promise<ActiveDeployment | null>
}

type Sources = {
  readonly codeDeploy: CodeDeployReads
  readonly groups: Groups
  readonly revisions: Revisions
  /** By AWS's clock, ms. */
  readonly now: () => number
  /** How long something that should appear may take, ms. */
  readonly settleMs: number
}

export function waysBackOf({ codeDeploy, groups, revisions, now, settleMs }: Sources): WaysBack {
  async function openIn(group: GroupName): Promise<DeploymentInfo | undefined> {
    for await (const ids of codeDeploy.list({ group, statuses: open })) {
      const [first] = ids
      if (first !== undefined) return codeDeploy.deployment(first)
    }
    return undefined
  }

  /** The last deployment, if it ended badly and its rollback may still appear or is in progress. */
  async function rollingBackIn(group: GroupName, service: Service): Promise<DeploymentInfo | undefined> {
    const { deploymentId: last, status } = (await codeDeploy.group(group))?.lastAttemptedDeployment ?? {}
    if (last === undefined || status === 'Succeeded') return undefined
    const deployment = await codeDeploy.deployment(last)
    if (!deployment) return undefined
    const { rollbackDeploymentId, rollbackMessage } = deployment.rollbackInfo ?? {}
    if (rollbackDeploymentId !== undefined) {
      const rollback = await codeDeploy.deployment(rollbackDeploymentId)
      return isOver(rollback?.status) ? undefined : deployment
    }
    // Before it has a task set it changed nothing, so there is nothing to roll back.
    const hasTaskSet = deploymentsOf(service).some((id) => id === last)
    const mayAppear = rollbackMessage === undefined && mayStillRollBack({ deployment, now: now(), settleMs })
    return hasTaskSet && mayAppear ? deployment : undefined
  }

  async function timeIn(info: DeploymentGroupInfo | undefined): Promise<RolloutTime> {
    const { deploymentConfigName: config } = info ?? {}
    const routing = config === undefined ? undefined : await unlessDenied(codeDeploy.routing(config))
    return timeOf(info?.blueGreenDeploymentConfiguration, routing)
  }

  return {
    async activeOf(service, target) {
      const group = await groups(service, target)
      const found = (await openIn(group)) ?? (await rollingBackIn(group, service))
      if (found?.deploymentId === undefined) return null
      const { deploymentId } = found
      const set = taskSetsOf(service).find(({ externalId }) => externalId === deploymentId)
      const taskDefinition = set?.taskDefinition ?? (await revisions.ofDeployment(found))
      const revision = taskDefinition === undefined ? null : lastPart(taskDefinition)
      return { target, deploymentId, revision, is: endOf(found) }
    },
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
      return { group, appSpec, time: () => timeIn(info) }
    },
  }
}

function endOf(deployment: DeploymentInfo): ActiveDeployment['is'] {
  if (isOver(deployment.status) || isRollback(deployment)) return 'ending'
  return deployment.creator === 'CloudFormation' ? 'of CloudFormation' : 'stoppable'
}

/** The task definition that serves again once this deployment is stopped; undefined: that is not known. */
export function keptBeside({ deploymentId }: ActiveDeployment, service: Service): string | undefined {
  const others = taskSetsOf(service).filter(
    ({ externalId, status }) => externalId !== deploymentId && status !== 'DRAINING',
  )
  return others.length === 1 ? others[0]?.taskDefinition : undefined
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

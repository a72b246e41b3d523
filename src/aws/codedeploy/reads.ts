import {
  ApplicationDoesNotExistException,
  DeploymentConfigDoesNotExistException,
  DeploymentGroupDoesNotExistException,
  type DeploymentGroupInfo,
  type DeploymentInfo,
  DeploymentNotStartedException,
  type DeploymentStatus,
  DeploymentTargetDoesNotExistException,
  type ECSTarget,
  RevisionDoesNotExistException,
  type TrafficRoutingConfig,
} from '@aws-sdk/client-codedeploy'
import type { TaskSet } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { Target } from '../../release/names.ts'
import { batched } from '../ecs/batch.ts'
import { Cache, cached } from '../ecs/cache.ts'
import type { Clients } from '../ecs/client.ts'
import { asking } from '../ecs/offered.ts'
import { rateLimiter } from '../ecs/rate-limiter.ts'

/** A deployment group, by which CodeDeploy deploys one ECS service. */
export type GroupName = { readonly applicationName: string; readonly deploymentGroupName: string }

type ListAsk = {
  readonly group: GroupName
  /** Created since, ms. */
  readonly since?: number
  readonly statuses?: readonly DeploymentStatus[]
}

/** The reads of CodeDeploy in one account and region. An absent object is undefined; other failures throw `Trouble`. */
export type CodeDeployReads = {
  deployment(id: string): Promise<DeploymentInfo | undefined>
  /**
   * The events and weights of a deployment, read again every ten seconds while it is in progress, and sooner if it or
   * its task sets changed.
   * @param taskSets as ECS shows them
   */
  target(
    deployment: DeploymentInfo,
    target: Target,
    taskSets: readonly TaskSet[],
  ): Promise<ECSTarget | undefined>
  /** Pages of the IDs of a group's deployments. AWS does not document their order. */
  list(asked: ListAsk): AsyncGenerator<readonly string[]>
  group(name: GroupName): Promise<DeploymentGroupInfo | undefined>
  /** How a configuration shifts traffic; it cannot be changed, so it is read once. */
  routing(configName: string): Promise<TrafficRoutingConfig | undefined>
  /** The content of an AppSpec by its hash, which no other answer has; read once. */
  appSpec(applicationName: string, sha256: string): Promise<string | undefined>
}

/** AWS does not publish the rates of CodeDeploy. Discovering deployments has been throttled (kayac/ecspresso#403). */
const quota = { burst: 10, perSecond: 5 } as const

/** How much longer than other batches those of deployments wait for the next round. */
const paceFactor = 4

/** How long events and weights stay valid while nothing else shows a change, in rounds. */
const targetGoodFor = 100

type KnownTarget = {
  readonly shown: string
  readonly at: number
  readonly target: ECSTarget
  /** Whether the deployment had ended, so that nothing of it changes any more. */
  readonly isOver: boolean
}

/** Batches of 25 deployments, as many as one request allows. @param paceMs of other batches: the minimum time between two rounds */
export function codeDeployReadsOf({ codeDeploy }: Clients, paceMs: number): CodeDeployReads {
  const ask = asking()
  const limiter = rateLimiter(quota)
  const targets = new Cache<KnownTarget>()

  async function limited<T>(action: string, send: () => Promise<T>): Promise<T> {
    await limiter()
    return ask(`codedeploy:${action}`, send)
  }

  const deployment = batched<DeploymentInfo>({
    size: 25,
    // Half of the limit: events may cause many looks at once, and the other reads share the limit.
    paceMs: paceFactor * paceMs,
    fetch: async (ids) => {
      const { deploymentsInfo = [] } = await limited('BatchGetDeployments', () =>
        codeDeploy.batchGetDeployments({ deploymentIds: [...ids] }),
      )
      return new Map(
        deploymentsInfo.flatMap((each) => (each?.deploymentId ? [[each.deploymentId, each]] : [])),
      )
    },
  })

  const appSpecs = cached(async (key) => {
    const [applicationName, sha256] = JSON.parse(key) as [string, string]
    const answer = await unless([ApplicationDoesNotExistException, RevisionDoesNotExistException], () =>
      limited('GetApplicationRevision', () =>
        codeDeploy.getApplicationRevision({
          applicationName,
          revision: { revisionType: 'AppSpecContent', appSpecContent: { sha256 } },
        }),
      ),
    )
    return answer?.revision?.appSpecContent?.content
  })

  return {
    deployment,
    async target(info, { cluster, service }, taskSets) {
      const { deploymentId = '', status, instanceTerminationWaitTimeStarted: waits } = info
      const sets = taskSets.map((each) => [each.id, each.status, each.runningCount, each.stabilityStatus])
      const shown = JSON.stringify([status, waits, sets])
      const known = targets.get(deploymentId)
      if (known && isOver(status) && known.isOver) return known.target
      if (known?.shown === shown && Date.now() - known.at < targetGoodFor * paceMs) return known.target
      const answer = await unless(
        [DeploymentNotStartedException, DeploymentTargetDoesNotExistException],
        () =>
          limited('GetDeploymentTarget', () =>
            codeDeploy.getDeploymentTarget({ deploymentId, targetId: `${cluster}:${service}` }),
          ),
      )
      const target = answer?.deploymentTarget?.ecsTarget
      if (target) targets.set(deploymentId, { shown, at: Date.now(), target, isOver: isOver(status) })
      return target
    },
    async *list({ group, since, statuses }) {
      let nextToken: string | undefined
      do {
        const page = await limited('ListDeployments', () =>
          codeDeploy.listDeployments({
            ...group,
            nextToken,
            ...(since !== undefined && { createTimeRange: { start: new Date(since) } }),
            ...(statuses && { includeOnlyStatuses: [...statuses] }),
          }),
        )
        yield page.deployments ?? []
        nextToken = page.nextToken
      } while (nextToken)
    },
    async group(name) {
      const answer = await unless(
        [ApplicationDoesNotExistException, DeploymentGroupDoesNotExistException],
        () => limited('GetDeploymentGroup', () => codeDeploy.getDeploymentGroup(name)),
      )
      return answer?.deploymentGroupInfo
    },
    routing: cached(async (deploymentConfigName) => {
      const answer = await unless([DeploymentConfigDoesNotExistException], () =>
        limited('GetDeploymentConfig', () => codeDeploy.getDeploymentConfig({ deploymentConfigName })),
      )
      return answer?.deploymentConfigInfo?.trafficRoutingConfig
    }),
    appSpec: (applicationName, sha256) => appSpecs(JSON.stringify([applicationName, sha256])),
  }
}

/** Whether a deployment has ended, so that nothing of it changes any more. */
export function isOver(status: DeploymentStatus | undefined): boolean {
  return status === 'Succeeded' || status === 'Failed' || status === 'Stopped'
}

/** Whether CodeDeploy itself created it to take back another one, which it belongs to. */
export function isRollback({ creator, rollbackInfo }: DeploymentInfo): boolean {
  return creator === 'codeDeployRollback' || rollbackInfo?.rollbackTriggeringDeploymentId !== undefined
}

/** Returns undefined if CodeDeploy answers that there is no such thing. */
async function unless<Value>(
  absent: readonly (new (...args: never[]) => Error)[],
  read: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Trouble && absent.some((each) => error.cause instanceof each)) return undefined
    throw error
  }
}

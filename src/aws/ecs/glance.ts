import type { Service } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { FailedTasks, ServiceGlance, WatchServices } from '../../ports/watch-services.ts'
import { type Target, targetName } from '../../release/names.ts'
import { failing } from '../../release/outside-changes.ts'
import type { CodeDeployReads } from '../codedeploy/reads.ts'
import { hasRestarted } from './events.ts'
import { withDefinition } from './failures.ts'
import type { Reads } from './reads.ts'
import { isOfCodeDeploy } from './sighting.ts'
import { unlessDenied } from './trouble.ts'
import { causeOf, hasDied, stopOf } from './why.ts'
import { lastPart } from './words.ts'

/** Glances at a service; those that are glanced at together share requests. */
export async function glanceAt(
  reads: Pick<Reads, 'service'>,
  target: Target,
  now: number,
): Promise<ServiceGlance> {
  try {
    const service = await reads.service(target)
    if (service === undefined || service.status === 'INACTIVE')
      return { seen: 'no', why: `ECS has no service ${targetName(target)}` }
    return { seen: 'yes', state: stateOf(service), mayFail: mayFail(service, now) }
  } catch (error) {
    if (error instanceof Trouble) return { seen: 'no', why: error.message }
    throw error
  }
}

/** The fields that change with a rollout. Which tasks run changes for other reasons too. */
function stateOf({ deployments = [], taskSets = [], currentServiceDeployment }: Service): string {
  return JSON.stringify([
    currentServiceDeployment,
    deployments.map(({ id, status, rolloutState }) => [id, status, rolloutState]),
    taskSets.map(({ id, externalId, status }) => [id, externalId, status]),
  ])
}

/**
 * Whether tasks may be failing: fewer run than should, ECS counts failures, or it started several within a few minutes.
 * Each has other causes too, so the stopped tasks decide.
 */
function mayFail(service: Service, now: number): boolean {
  const { desiredCount = 0, runningCount = 0, deployments = [] } = service
  return (
    runningCount < desiredCount ||
    deployments.some(({ failedTasks = 0 }) => failedTasks > 0) ||
    hasRestarted({ service, since: now - failing.withinMs }, failing.tasks - 1)
  )
}

/** The tasks of a service that failed since then, by ECS's list of stopped tasks; null: none. */
export async function failedTasksOf(
  reads: Reads,
  { target, since }: Parameters<WatchServices['failedTasks']>[0],
): Promise<FailedTasks | null> {
  const { cluster, service: serviceName } = target
  const stopped = await reads.tasks({ cluster, serviceName, desiredStatus: 'STOPPED' })
  const failed = stopped
    .filter((task) => hasDied(task) && stopOf(task) >= since)
    .toSorted((a, b) => stopOf(b) - stopOf(a))
  const [newest] = failed
  if (newest === undefined) return null
  const { taskDefinitionArn } = newest
  const cause = causeOf(await withDefinition(reads, newest), await reads.service(target))
  return {
    count: failed.length,
    last: stopOf(newest),
    revision: taskDefinitionArn === undefined ? null : lastPart(taskDefinitionArn),
    why: cause.sentence,
  }
}

/** Who may have made a rollout: ECS names who registered the task definition, CodeDeploy what created its deployment. */
export async function originOf(
  { reads, codeDeploy }: { readonly reads: Reads; readonly codeDeploy: CodeDeployReads },
  { rollout: { deploymentId, revision } }: Parameters<WatchServices['originOf']>[0],
): ReturnType<WatchServices['originOf']> {
  const [found, deployment] = await Promise.all([
    reads.definition(revision.arn),
    isOfCodeDeploy(deploymentId) ? unlessDenied(codeDeploy.deployment(deploymentId)) : undefined,
  ])
  return { registeredBy: found?.definition.registeredBy ?? null, creator: deployment?.creator ?? null }
}

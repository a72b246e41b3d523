import type { Service } from '@aws-sdk/client-ecs'
import { type Serving, Trouble } from '../../ports/ports.ts'
import { type Target, targetName } from '../../release/names.ts'
import { primaryOf } from './primary.ts'
import type { Reads } from './reads.ts'
import { runningOf } from './sighting.ts'
import { lastPart } from './words.ts'

/** Reads what this target serves, from its service alone; targets read at the same time share requests. */
export async function servingOf(reads: Reads, target: Target): Promise<Serving> {
  const name = targetName(target)
  try {
    const service = await reads.service(target)
    if (service === undefined || service.status === 'INACTIVE')
      return { seen: 'no', why: `ECS has no service ${name}` }
    const primary = primaryOf(service, name)
    const running = runningOf(service)
    const { taskDefinition: arn = primary.taskDefinition, createdAt } = running ?? primary
    const rolledOut = running?.rolloutState === 'COMPLETED' ? (running.id ?? null) : completedSet(service)
    return { seen: 'yes', arn, name: lastPart(arn), since: createdAt?.getTime() ?? null, rolledOut }
  } catch (error) {
    if (error instanceof Trouble) return { seen: 'no', why: error.message }
    throw error
  }
}

/** The deployment of CodeDeploy that created the only task set; null: another one is still there, or there is none. */
function completedSet({ taskSets = [] }: Service): string | null {
  const [only, ...others] = taskSets
  return others.length === 0 ? (only?.externalId ?? null) : null
}

/** The ARN of the task definition that the service should run; null if ECS has no such service. Throws `Trouble`. */
export async function definitionOf(reads: Reads, target: Target): Promise<string | null> {
  const service = await reads.service(target)
  if (service === undefined || service.status === 'INACTIVE') return null
  const isByEcs = (service.deploymentController?.type ?? 'ECS') === 'ECS'
  return isByEcs ? (service.taskDefinition ?? null) : primaryOf(service, targetName(target)).taskDefinition
}

/**
 * Whether a deployment of the service was created since then, ms; a service that does not exist changed nothing. Throws
 * `Trouble`.
 */
export async function hasChangedSince(reads: Reads, target: Target, since: number): Promise<boolean> {
  const service = await reads.service(target)
  return [...(service?.deployments ?? []), ...(service?.taskSets ?? [])].some(
    ({ createdAt }) => createdAt !== undefined && createdAt.getTime() >= since,
  )
}

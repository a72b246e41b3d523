import type { Service, ServiceDeploymentBrief } from '@aws-sdk/client-ecs'
import type { ServiceSeen } from '../../ports/doctor.ts'
import { Trouble } from '../../ports/ports.ts'
import { type Target, targetName } from '../../release/names.ts'
import { primaryOf } from '../ecs/primary.ts'
import type { Reads } from '../ecs/reads.ts'
import { definitionSeen } from './definition.ts'

/** How many of the last deployments are read. */
const mostDeployments = 20

/** An ECS service with what it runs; null: there is none. Throws `Trouble`. */
export async function readService(reads: Reads, target: Target): Promise<ServiceSeen | null> {
  const service = await reads.service(target)
  if (service === undefined || service.status === 'INACTIVE') return null
  // Task sets are not only those of CodeDeploy.
  const serving = service.taskSets?.find(({ status }) => status === 'PRIMARY')
  const arn = serving?.taskDefinition ?? primaryOf(service, targetName(target)).taskDefinition
  const [found, rolloutsMs] = await Promise.all([reads.definition(arn), readRollouts(reads, target)])
  if (found === undefined) throw new Trouble('passing', `ECS has no task definition ${arn}`)
  return { ...settingsSeen(service), rolloutsMs, definition: definitionSeen(found.definition) }
}

/** ECS keeps deployments of its own only; without them doctor does not know how long they take. */
async function readRollouts(reads: Reads, target: Target): Promise<readonly number[]> {
  try {
    for await (const page of reads.deployments({ target })) return rolloutsIn(page)
    return []
  } catch (error) {
    if (error instanceof Trouble) return []
    throw error
  }
}

function rolloutsIn(deployments: readonly ServiceDeploymentBrief[]): readonly number[] {
  return deployments
    .slice(0, mostDeployments)
    .flatMap(({ status, startedAt, finishedAt }) =>
      status === 'SUCCESSFUL' && startedAt && finishedAt ? [finishedAt.getTime() - startedAt.getTime()] : [],
    )
}

/** The settings of a service. Defaults are those of ECS. Source: API reference, CreateService. */
export function settingsSeen(service: Service): Omit<ServiceSeen, 'rolloutsMs' | 'definition'> {
  const {
    deploymentController,
    deploymentConfiguration,
    desiredCount,
    loadBalancers = [],
    events = [],
  } = service
  const breaker = deploymentConfiguration?.deploymentCircuitBreaker
  return {
    controller: deploymentController?.type ?? 'ECS',
    strategy: deploymentConfiguration?.strategy ?? 'ROLLING',
    desired: desiredCount ?? 0,
    maximumPercent: deploymentConfiguration?.maximumPercent ?? 200,
    circuitBreaker: { isOn: breaker?.enable === true, rollsBack: breaker?.rollback === true },
    isBehindLoadBalancer: loadBalancers.length > 0,
    graceSeconds: service.healthCheckGracePeriodSeconds ?? 0,
    subnets: service.networkConfiguration?.awsvpcConfiguration?.subnets ?? [],
    targetGroups: loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    unhealthy: events.flatMap(({ message }) =>
      message !== undefined && /is unhealthy in|failed ELB health checks/.test(message) ? [message] : [],
    ),
  }
}

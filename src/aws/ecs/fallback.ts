import type { Deployment } from '@aws-sdk/client-ecs'
import type { DeploymentReport } from './verdict.ts'
import { lastPart, words } from './words.ts'

/** ECS writes this about PRIMARY once it rolls another deployment back, often before it marks that one FAILED. */
const rollingBack = /rolling back to deploymentId/i

/**
 * The verdict by `deployments[]` alone, if service deployments may not be listed or are not listed yet. It is less
 * precise: whether a deployment that is gone was rolled back or replaced is not guessed.
 * @param id `ecs-svc/…` of the deployment in question
 */
export function verdictByDeployments(id: string, deployments: readonly Deployment[]): DeploymentReport {
  const mine = deployments.find((each) => each.id === id)
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  const serving = primary?.taskDefinition ? lastPart(primary.taskDefinition) : 'another revision'
  const revision = mine?.taskDefinition ? lastPart(mine.taskDefinition) : 'it'
  const isRollingBack = primary?.id !== id && rollingBack.test(primary?.rolloutStateReason ?? '')
  if (isRollingBack)
    return {
      verdict: 'rolling back',
      reason: `${cause(primary?.rolloutStateReason)} is rolling back ${revision} to ${serving}`,
    }
  if (mine?.rolloutState === 'FAILED')
    return { verdict: 'failed', reason: `ECS reports it as failed${suffixOf(mine.rolloutStateReason)}` }
  if (mine === undefined || mine.id !== primary?.id)
    return {
      verdict: 'unknown',
      reason: `${serving} is running instead; without ecs:ListServiceDeployments, twokey cannot determine whether it was rolled back or replaced`,
    }
  switch (mine.rolloutState) {
    case 'COMPLETED':
      return {
        verdict: 'succeeded',
        reason:
          mine.desiredCount === 0
            ? 'the rollout is complete, but no tasks run: the desired count is 0'
            : `${revision} is live`,
      }
    case 'IN_PROGRESS':
      return {
        verdict: 'moving',
        reason: `${mine.runningCount ?? 0} of ${mine.desiredCount ?? 0} tasks running`,
      }
    case undefined:
      return { verdict: 'unknown', reason: 'ECS reports no rollout state for this service' }
    default:
      mine.rolloutState satisfies never
      return { verdict: 'unknown', reason: 'ECS gave the rollout a state that twokey does not know' }
  }
}

function cause(reason: string | undefined): string {
  if (/circuit breaker/i.test(reason ?? '')) return 'the ECS circuit breaker'
  return /alarm/i.test(reason ?? '') ? 'a CloudWatch alarm' : 'ECS'
}

function suffixOf(reason: string | undefined): string {
  return reason ? `: ${words(reason)}` : ''
}

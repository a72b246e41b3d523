import type {
  DeploymentLifecycleHookDetail,
  ServiceDeployment,
  ServiceDeploymentBrief,
} from '@aws-sdk/client-ecs'
import type { RolloutVerdict } from '../../release/sighting.ts'
import { pausedHook, stageWords } from './lifecycle.ts'
import { counted, lastPart, runningTasks, words } from './words.ts'

/** ECS's report on a rollout: the verdict, and why in one sentence without a full stop. */
export type DeploymentReport = { readonly verdict: RolloutVerdict; readonly reason: string }

export type DeploymentFacts = {
  readonly deployment: ServiceDeployment
  /** Other service deployments of the service; including this one does no harm. */
  readonly others: readonly Pick<ServiceDeploymentBrief, 'createdAt'>[]
  /** The revision that it rolls out, as in `blog-api:44`. */
  readonly revision: string
  /** The revision of the rollback, as in `blog-api:43`. */
  readonly backTo: string | null
}

/** Maps a service deployment to a verdict. Statuses that ECS may add later are `unknown`, never success. */
export function verdictOf(facts: DeploymentFacts): DeploymentReport {
  const { deployment, revision, backTo } = facts
  const to = backTo === null ? '' : ` to ${backTo}`
  const { status } = deployment
  switch (status) {
    case 'PENDING':
      return { verdict: 'moving', reason: 'ECS has not started it yet' }
    case 'IN_PROGRESS':
      return inProgress(deployment)
    case 'SUCCESSFUL':
      return { verdict: 'succeeded', reason: completed(facts) }
    case 'STOP_REQUESTED':
      return { verdict: 'moving', reason: 'a stop was requested, and ECS is about to stop it' }
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return {
        verdict: 'rolling back',
        reason: `${causeOf(deployment)} is rolling back ${revision}${to}${failureCount(deployment)}`,
      }
    case 'ROLLBACK_SUCCESSFUL':
      return {
        verdict: 'rolled back',
        reason: `${causeOf(deployment)} rolled back ${revision}${to}${failureCount(deployment)}`,
      }
    case 'ROLLBACK_FAILED':
      return {
        verdict: 'rollback failed',
        reason: `the rollback of ${revision}${to} failed${suffixOf(deployment.statusReason)}`,
      }
    case 'STOPPED':
      return stopped(facts)
    case undefined:
      return { verdict: 'unknown', reason: 'ECS gave the rollout no status' }
    default:
      return unknownStatus('status', status)
  }
}

function unknownStatus(what: string, word: never): DeploymentReport {
  return {
    verdict: 'unknown',
    reason: `ECS gave the rollout the ${what} ${words(String(word), 60)}, which twokey does not know`,
  }
}

function inProgress(deployment: ServiceDeployment): DeploymentReport {
  if (pausedHook(deployment))
    return { verdict: 'paused', reason: `it waits for a person${stage(deployment)}` }
  if (isBaking(deployment))
    return { verdict: 'baking', reason: `it is live, and watched${stage(deployment)}` }
  const hook = deployment.lifecycleHookDetails?.find((each) => each?.status === 'IN_PROGRESS')
  if (hook) return { verdict: 'moving', reason: `${hookName(hook)} is running${stage(deployment)}` }
  return { verdict: 'moving', reason: progress(deployment) }
}

/** In a rolling deployment CLEAN_UP is the last part of the work, not a bake time. */
function isBaking({ lifecycleStage, deploymentConfiguration }: ServiceDeployment): boolean {
  const strategy = deploymentConfiguration?.strategy ?? 'ROLLING'
  return lifecycleStage === 'BAKE_TIME' || (lifecycleStage === 'CLEAN_UP' && strategy !== 'ROLLING')
}

function stage({ lifecycleStage }: ServiceDeployment): string {
  return lifecycleStage ? ` ${stageWords(lifecycleStage)}` : ''
}

/** `the lifecycle hook smoke-test`, by the name of its Lambda function. */
function hookName({ targetArn }: DeploymentLifecycleHookDetail): string {
  const name = targetArn?.split(':function:')[1] ?? (targetArn && lastPart(targetArn))
  return name ? `the lifecycle hook ${words(name, 100)}` : 'a lifecycle hook'
}

function progress({ targetServiceRevision }: ServiceDeployment): string {
  const {
    requestedTaskCount = 0,
    runningTaskCount = 0,
    pendingTaskCount = 0,
    requestedProductionTrafficWeight: weight,
  } = targetServiceRevision ?? {}
  const traffic = weight ? `, ${weight} % of production traffic` : ''
  return `${runningTasks(runningTaskCount, requestedTaskCount, pendingTaskCount)}${traffic}`
}

function completed({ deployment, revision }: DeploymentFacts): string {
  const { targetServiceRevision, deploymentConfiguration, lifecycleStage } = deployment
  if (targetServiceRevision?.requestedTaskCount === 0)
    return 'the rollout is complete, but no tasks run: the desired count is 0'
  return deploymentConfiguration?.earlySuccessCriteria?.enable && lifecycleStage
    ? `${revision} is live; ECS still scales and cleans up`
    : `${revision} is live`
}

/** The order matters: first an automatic rollback, then a newer deployment that replaced it, then a manual stop. */
function stopped({ deployment, revision, others }: DeploymentFacts): DeploymentReport {
  const breaker = monitor(deployment.deploymentCircuitBreaker?.status)
  const alarms = monitor(deployment.alarms?.status)
  if (breaker === 'triggered' || alarms === 'triggered')
    return {
      verdict: 'failed',
      reason: `${causeOf(deployment)} stopped the rollout of ${revision}${failureCount(deployment)}, but nothing was rolled back`,
    }
  if (breaker === 'unknown' || alarms === 'unknown')
    return {
      verdict: 'unknown',
      reason: 'ECS stopped the rollout, and reports a monitor status that twokey does not know',
    }
  const hook = failedHook(deployment)
  if (hook !== null)
    return {
      verdict: 'failed',
      reason: `${hook}, and ECS stopped the rollout of ${revision}, but nothing was rolled back`,
    }
  if (isSuperseded({ deployment, others }))
    return { verdict: 'superseded', reason: 'a newer rollout replaced it' }
  return { verdict: 'stopped', reason: `the rollout was stopped${suffixOf(deployment.statusReason)}` }
}

type Monitor = NonNullable<NonNullable<ServiceDeployment['alarms']>['status']>

function monitor(status: Monitor | undefined): 'quiet' | 'triggered' | 'unknown' {
  switch (status) {
    case undefined:
    case 'DISABLED':
    case 'MONITORING':
    case 'MONITORING_COMPLETE':
      return 'quiet'
    case 'TRIGGERED':
      return 'triggered'
    default:
      status satisfies never
      return 'unknown'
  }
}

/** Whether a newer deployment was created before this one ended; ECS has reported the two 0.3 s apart. */
function isSuperseded({ deployment, others }: Pick<DeploymentFacts, 'deployment' | 'others'>): boolean {
  const { createdAt, startedAt, finishedAt, stoppedAt, updatedAt } = deployment
  const from = (createdAt ?? startedAt)?.getTime() ?? Number.POSITIVE_INFINITY
  const to = (finishedAt ?? stoppedAt ?? updatedAt)?.getTime() ?? Number.POSITIVE_INFINITY
  return others.some((other) => {
    const at = other.createdAt?.getTime()
    return at !== undefined && at > from && at <= to
  })
}

/** The hook that ended the deployment, and how, in words; null: none did. */
function failedHook({ lifecycleHookDetails = [] }: ServiceDeployment): string | null {
  const isOf = (type: string, status: string) => (hook: DeploymentLifecycleHookDetail) =>
    hook?.status === status && (hook.targetType ?? 'AWS_LAMBDA') === type
  const failed = lifecycleHookDetails.find(isOf('AWS_LAMBDA', 'FAILED'))
  if (failed) return `${hookName(failed)} failed`
  const late = lifecycleHookDetails.find(
    (hook) => hook?.status === 'TIMED_OUT' && hook.timeoutAction !== 'CONTINUE',
  )
  if (!late) return null
  return late.targetType === 'PAUSE'
    ? 'nobody continued it in time'
    : `${hookName(late)} did not answer in time`
}

/** Who, or what, rolled it back or stopped it. */
function causeOf(deployment: ServiceDeployment): string {
  const { alarms, deploymentCircuitBreaker, rollback, statusReason } = deployment
  if (alarms?.status === 'TRIGGERED') {
    const names = alarms.triggeredAlarmNames ?? []
    return names.length === 0 ? 'a CloudWatch alarm' : `a CloudWatch alarm (${words(names.join(', '))})`
  }
  if (deploymentCircuitBreaker?.status === 'TRIGGERED') return 'the ECS circuit breaker'
  const hook = failedHook(deployment)
  if (hook !== null) return `ECS (${hook})`
  const why = rollback?.reason ?? statusReason
  return why === undefined ? 'ECS' : `ECS (${words(why)})`
}

function failureCount({ deploymentCircuitBreaker }: ServiceDeployment): string {
  const { status, failureCount = 0 } = deploymentCircuitBreaker ?? {}
  return status === 'TRIGGERED' && failureCount > 0 ? ` (${counted(failureCount, 'task')} failed)` : ''
}

function suffixOf(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${words(reason)}`
}

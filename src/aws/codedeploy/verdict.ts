import type { DeploymentInfo, ECSTarget } from '@aws-sdk/client-codedeploy'
import type { RolloutVerdict } from '../../release/sighting.ts'
import { runningTasks, words } from '../ecs/words.ts'
import { causeOf } from './cause.ts'
import { eventIn, greenOf } from './ecs-target.ts'

/** The report on a deployment: the verdict, and why in one sentence without a full stop. */
export type CodeDeployReport = { readonly verdict: RolloutVerdict; readonly reason: string }

/** The task set that serves production traffic, as ECS reports it. */
export type PrimarySet = {
  /** As in `blog-api:44`. */
  readonly revision: string
  /** Whether the deployment in question created it, or it has the same task definition. */
  readonly isOwn: boolean
  readonly isSteady: boolean
  readonly running: number
  readonly desired: number
}

export type CodeDeployFacts = {
  readonly deployment: DeploymentInfo
  /** The deployment by which CodeDeploy takes the traffic back; undefined: there is none, or it was not read. */
  readonly rollback: DeploymentInfo | undefined
  /** Undefined: it was not needed, or is not reported. */
  readonly target: ECSTarget | undefined
  readonly primary: PrimarySet
  /** The revision that it deploys, as in `blog-api:44`. */
  readonly revision: string
  /** Names of the alarms that the deployment watches. */
  readonly alarms: readonly string[]
  /** Whether CodeDeploy created another deployment of the service after it, its own rollback aside. */
  readonly isFollowed: boolean
  /** By AWS's clock, ms. */
  readonly now: number
  /** How long something that should appear may take, ms. */
  readonly settleMs: number
}

/**
 * Maps a deployment of CodeDeploy and what ECS serves to a verdict. `Succeeded` alone is no success: CodeDeploy has
 * reported it for unhealthy tasks (aws/containers-roadmap#1941). Statuses that AWS may add later are `unknown`.
 */
export function codeDeployVerdict(facts: CodeDeployFacts): CodeDeployReport {
  const { deployment, revision, primary } = facts
  const { status } = deployment
  switch (status) {
    case 'Created':
    case 'Queued':
      return { verdict: 'moving', reason: 'CodeDeploy has not started it yet' }
    case 'Ready':
      return {
        verdict: 'paused',
        reason: `it waits for a person before traffic is shifted from ${primary.revision} to ${revision}`,
      }
    case 'InProgress':
    case 'Baking':
      return inProgress(facts)
    case 'Succeeded':
      return succeeded(facts)
    case 'Failed':
    case 'Stopped':
      return endedBadly(facts)
    case undefined:
      return { verdict: 'unknown', reason: 'CodeDeploy gave the deployment no status' }
    default:
      return unknownStatus(status)
  }
}

function unknownStatus(status: never): CodeDeployReport {
  return {
    verdict: 'unknown',
    reason: `CodeDeploy gave the deployment the status ${words(String(status), 60)}, which twokey does not know`,
  }
}

function inProgress(facts: CodeDeployFacts): CodeDeployReport {
  const { deployment, revision, primary } = facts
  const isLive = deployment.instanceTerminationWaitTimeStarted || deployment.status === 'Baking'
  if (isLive && primary.isOwn)
    return {
      verdict: 'baking',
      reason: `${revision} has all of the traffic, and the tasks before it are kept for a way back`,
    }
  return { verdict: 'moving', reason: progress(facts) }
}

/** What CodeDeploy does now, by the lifecycle event in progress. */
function progress({ target }: CodeDeployFacts): string {
  const event = eventIn(target, 'InProgress')?.lifecycleEventName
  const green = greenOf(target)
  const { desiredCount = 0, runningCount = 0, pendingCount = 0, trafficWeight } = green ?? {}
  const tasks = runningTasks(runningCount, desiredCount, pendingCount)
  switch (event) {
    case undefined:
    case 'Install':
      return green ? tasks : 'CodeDeploy is creating its tasks'
    case 'AllowTestTraffic':
      return `${tasks}; test traffic is being shifted`
    case 'AllowTraffic':
      return trafficWeight === undefined
        ? `${tasks}; traffic is being shifted`
        : `${tasks}, ${trafficWeight} % of production traffic`
    default:
      return `the hook ${words(event, 60)} is running`
  }
}

function succeeded(facts: CodeDeployFacts): CodeDeployReport {
  const { deployment, revision, primary, isFollowed, now, settleMs } = facts
  const isFresh = now - (deployment.completeTime?.getTime() ?? now) < settleMs
  if (!primary.isOwn) {
    if (isFollowed)
      return { verdict: 'superseded', reason: `it succeeded, and ${primary.revision} replaced it since` }
    const reason = `CodeDeploy reports that it succeeded, but ECS serves ${primary.revision}`
    return { verdict: isFresh ? 'moving' : 'unknown', reason }
  }
  if (primary.desired === 0)
    return {
      verdict: 'succeeded',
      reason: 'the deployment is complete, but no tasks run: the desired count is 0',
    }
  if (primary.isSteady) return { verdict: 'succeeded', reason: `${revision} is live` }
  return {
    verdict: isFresh ? 'moving' : 'failed',
    reason: `CodeDeploy reports that it succeeded, but ${revision} is not healthy in ECS: ${runningTasks(primary.running, primary.desired)}`,
  }
}

function endedBadly(facts: CodeDeployFacts): CodeDeployReport {
  const { deployment, rollback, revision, primary } = facts
  const { rollbackDeploymentId, rollbackMessage } = deployment.rollbackInfo ?? {}
  const because = suffixOf(causeOf(facts))
  if (rollbackDeploymentId !== undefined) return rolledBack(facts, rollback?.status, because)
  if (rollbackMessage !== undefined)
    return {
      verdict: 'rollback failed',
      reason: `CodeDeploy could not roll back ${revision}${because}; ${words(rollbackMessage)}`,
    }
  const serving = primary.isOwn ? `${revision} is serving` : `${primary.revision} keeps serving`
  if (mayStillRollBack(facts))
    return {
      verdict: 'moving',
      reason: `CodeDeploy ended the deployment of ${revision}${because}; ${serving}`,
    }
  const isAlarm = deployment.errorInformation?.code === 'ALARM_ACTIVE'
  if (deployment.status === 'Stopped' && !isAlarm)
    return {
      verdict: 'stopped',
      reason: `the deployment of ${revision} was stopped${because}; ${serving}`,
    }
  return {
    verdict: 'failed',
    reason: `CodeDeploy ended the deployment of ${revision}${because}; nothing was rolled back, and ${serving}`,
  }
}

/** The ID of a rollback appears some time after the end. A stop may request one that the deployment does not name. */
export function mayStillRollBack({
  deployment,
  now,
  settleMs,
}: Pick<CodeDeployFacts, 'deployment' | 'now' | 'settleMs'>): boolean {
  const { status, completeTime, autoRollbackConfiguration } = deployment
  const isPossible = status === 'Stopped' || autoRollbackConfiguration?.enabled === true
  return isPossible && now - (completeTime?.getTime() ?? now) < settleMs
}

function rolledBack(
  { revision, primary, rollback }: CodeDeployFacts,
  status: DeploymentInfo['status'],
  because: string,
): CodeDeployReport {
  switch (status) {
    case 'Succeeded':
      return primary.isOwn
        ? { verdict: 'rolling back', reason: `CodeDeploy is rolling back ${revision}${because}` }
        : {
            verdict: 'rolled back',
            reason: `CodeDeploy rolled back ${revision} to ${primary.revision}${because}`,
          }
    case 'Failed':
    case 'Stopped': {
      const why = rollback?.errorInformation?.message
      return {
        verdict: 'rollback failed',
        reason: `the rollback of ${revision} by CodeDeploy failed${why ? ` (${words(why)})` : ''}${because}; ${primary.isOwn ? revision : primary.revision} is serving`,
      }
    }
    default:
      return { verdict: 'rolling back', reason: `CodeDeploy is rolling back ${revision}${because}` }
  }
}

function suffixOf(cause: string | null): string {
  return cause === null ? '' : `: ${cause}`
}

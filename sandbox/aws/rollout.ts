import type { DeploymentConfiguration, TaskDefinition } from '@aws-sdk/client-ecs'
import { arn, newId } from './arn.ts'
import {
  addEvent,
  deploymentId,
  isFinished,
  makePrimary,
  newDeployment,
  primaryDeployment,
  tasksOf,
} from './deployments.ts'
import { countFailures } from './failure-count.ts'
import { expire, type HookWorld, runHooks } from './hooks.ts'
import { lifecycleOf, shiftsTraffic } from './lifecycle.ts'
import type { DeploymentState, Digests, Rollout, ServiceRevisionState, ServiceState } from './model.ts'
import type { RollbackOutcome, RolloutOutcome, Script } from './outcomes.ts'
import { type Cause, hookTimedOut, stoppedByUser, wording } from './rollout-wording.ts'
import { isAlive } from './task.ts'

/** The parts of the world that a rollout reads. */
export type RolloutWorld = HookWorld & {
  readonly rollouts: Script<RolloutOutcome>
  readonly rollbacks: Script<RollbackOutcome>
  /** The alarms that are firing, by name. */
  readonly alarms: ReadonlySet<string>
  digestsOf(taskDefinition: TaskDefinition): Digests
}

/**
 * How many failed tasks trigger the circuit breaker: a share of the desired count, 3 to 200 unless configured
 * otherwise.
 */
export function breakerThreshold(configuration: DeploymentConfiguration, desired: number): number {
  const { type = 'BOUNDED_PERCENT', value = 50 } =
    configuration.deploymentCircuitBreaker?.thresholdConfiguration ?? {}
  const share = Math.ceil((desired * value) / 100)
  switch (type) {
    case 'BOUNDED_PERCENT':
      return Math.min(200, Math.max(3, share))
    case 'UNBOUNDED_PERCENT':
      return Math.max(1, share)
    case 'COUNT':
      return value
    default:
      return type satisfies never
  }
}

/** Starts a service deployment of the service's task definition; it supersedes one that is in progress. */
export function startRollout(service: ServiceState, now: number, world: RolloutWorld): Rollout {
  const number = newId.revision()
  const outcome = world.rollouts.take(service.name)
  const target: ServiceRevisionState = {
    number,
    arn: arn.serviceRevision(service.cluster, service.name, number),
    taskDefinition: service.taskDefinition,
    digests: world.digestsOf(service.taskDefinition),
    hasStarted: false,
    createdAt: now,
    ...(outcome && { outcome }),
  }
  const rollout = newRollout(service, { target, source: primaryDeployment(service)?.revision, now })
  service.revisions.push(target)
  service.rollouts.unshift(rollout)
  makePrimary(service, newDeployment(target, now))
  service.steady = false
  for (const older of service.rollouts.slice(1)) if (!isFinished(older)) older.status = 'STOP_REQUESTED'
  return rollout
}

/** A service deployment that is PENDING. */
export function newRollout(
  service: ServiceState,
  { target, source, now }: { target: ServiceRevisionState; source?: ServiceRevisionState; now: number },
): Rollout {
  const { configuration, desired, cluster, name } = service
  const id = newId.serviceDeployment()
  return {
    id,
    arn: arn.serviceDeployment(cluster, name, id),
    source,
    target,
    createdAt: now,
    updatedAt: now,
    status: 'PENDING',
    breaker: {
      // Only for rolling deployments. Source: ECS API, DeploymentConfiguration.
      status:
        configuration.deploymentCircuitBreaker?.enable && !shiftsTraffic({ configuration })
          ? 'MONITORING'
          : 'DISABLED',
      failureCount: 0,
      threshold: breakerThreshold(configuration, desired),
    },
    alarms: { status: configuration.alarms?.enable ? 'MONITORING' : 'DISABLED', triggered: [] },
    configuration: structuredClone(configuration),
    hooks: [],
    step: 0,
    weights: { production: 0, test: 0 },
    desired,
  }
}

/** Advances the newest service deployment by one pass of the scheduler. */
export function advanceRollout(service: ServiceState, now: number, world: RolloutWorld): void {
  countFailures(service, now)
  const rollout = service.rollouts[0]
  if (!rollout || isFinished(rollout) || now <= rollout.updatedAt) return
  stopOlder(service, now)
  switch (rollout.status) {
    case 'PENDING':
      update(rollout, now, { status: 'IN_PROGRESS', startedAt: now, lifecycleStage: 'PRE_SCALE_UP' })
      advanceLifecycle(service, rollout, now, world)
      break
    case 'IN_PROGRESS':
      watch(service, rollout, now, world)
      if (rollout.status === 'IN_PROGRESS') advanceLifecycle(service, rollout, now, world)
      break
    case 'ROLLBACK_REQUESTED':
      rollBack(service, rollout, { reason: stoppedByUser, cause: 'request', now, world })
      break
    case 'ROLLBACK_IN_PROGRESS':
      followRollback(service, rollout, now)
      break
  }
}

/** Ends the service deployment once its own tasks are healthy and no others run. */
export function settle(service: ServiceState, now: number): void {
  const deployment = primaryDeployment(service)
  const { healthy, rest } = tasksNow(service)
  const rollout = service.rollouts[0]
  if (rollout?.status === 'IN_PROGRESS' && rollout.lifecycleStage !== 'CLEAN_UP') return
  if (healthy !== service.desired || rest > 0 || deployment.rolloutState === 'FAILED') return
  if (rollout?.status === 'ROLLBACK_IN_PROGRESS' && !hasShownFailure(service, rollout, now)) return
  if (deployment.rolloutState === 'IN_PROGRESS' && rollout) complete(service, deployment, rollout, now)
  if (!service.steady) addEvent(service, now, 'has reached a steady state.')
  service.steady = true
}

/** How many tasks of the primary deployment are healthy, and how many others have not stopped yet. */
function tasksNow(service: ServiceState): { readonly healthy: number; readonly rest: number } {
  const own = tasksOf(service, primaryDeployment(service).revision).filter(isAlive)
  const rest = service.tasks.filter((task) => task.lastStatus !== 'STOPPED' && !own.includes(task))
  return { healthy: own.filter((task) => task.healthy).length, rest: rest.length }
}

/** Moves a service deployment to its next stage, if hooks, tasks and times allow it. */
function advanceLifecycle(service: ServiceState, rollout: Rollout, now: number, world: RolloutWorld): void {
  const steps = lifecycleOf(rollout.configuration)
  const { stage, minutes } = steps[rollout.step]!
  if (stage === 'CLEAN_UP') return
  const hooks = runHooks(rollout, stage, now, world)
  if (hooks === 'failed') {
    const reason = wording.hook.status('rolled back')
    rollBack(service, rollout, { reason, cause: 'hook', now, world })
    return
  }
  if (hooks === 'waiting' || (stage === 'SCALE_UP' && tasksNow(service).healthy < service.desired)) return
  if (minutes !== undefined) rollout.stepUntil ??= now + minutes * 60_000
  if (now >= (rollout.stepUntil ?? 0)) enterStep(rollout, rollout.step + 1, now)
}

function enterStep(rollout: Rollout, step: number, now: number): void {
  const { stage, production, test } = lifecycleOf(rollout.configuration)[step]!
  rollout.step = step
  delete rollout.stepUntil
  rollout.weights = {
    production: production ?? rollout.weights.production,
    test: test ?? rollout.weights.test,
  }
  update(rollout, now, { lifecycleStage: stage })
}

/**
 * Whether the failed deployment was shown as FAILED for one pass of the scheduler; a rollback does not end before that.
 */
function hasShownFailure(service: ServiceState, rollout: Rollout, now: number): boolean {
  const failed = service.deployments.find((deployment) => deployment.revision === rollout.target)
  return !failed || (failed.rolloutState === 'FAILED' && failed.updatedAt < now)
}

/** Stops the superseded deployment a moment after the newer one was created. */
function stopOlder(service: ServiceState, now: number): void {
  for (const older of service.rollouts.slice(1)) {
    if (!isFinished(older)) update(older, now, { status: 'STOPPED', finishedAt: now, stoppedAt: now })
  }
}

function watch(service: ServiceState, rollout: Rollout, now: number, world: RolloutWorld): void {
  if (expire(rollout, now) === 'ROLLBACK') {
    rollBack(service, rollout, { reason: hookTimedOut, cause: 'request', now, world })
    return
  }
  const { deploymentCircuitBreaker: breaker, alarms } = rollout.configuration
  const triggered = alarms?.enable ? alarms.alarmNames!.filter((name) => world.alarms.has(name)) : []
  if (triggered.length > 0) {
    rollout.alarms = { status: 'TRIGGERED', triggered }
    fail(service, rollout, { cause: 'alarms', rollback: alarms!.rollback === true, now, world })
  } else if (
    rollout.breaker.status === 'MONITORING' &&
    rollout.breaker.failureCount >= rollout.breaker.threshold
  ) {
    rollout.breaker.status = 'TRIGGERED'
    fail(service, rollout, { cause: 'breaker', rollback: breaker?.rollback === true, now, world })
  }
}

type Failure = { cause: 'alarms' | 'breaker'; rollback: boolean; now: number; world: RolloutWorld }

function fail(service: ServiceState, rollout: Rollout, { cause, rollback, now, world }: Failure): void {
  if (rollback) {
    rollBack(service, rollout, { reason: wording[cause].status('rolled back'), cause, now, world })
    return
  }
  sayFailed(service, rollout, cause, now)
  failDeployment(deploymentOf(service, rollout.target), cause, now)
  const statusReason = wording[cause].status('stopped')
  update(rollout, now, { status: 'STOPPED', finishedAt: now, stoppedAt: now, statusReason })
}

type Return = { reason: string; cause: Cause; now: number; world: RolloutWorld }

function rollBack(service: ServiceState, rollout: Rollout, { reason, cause, now, world }: Return): void {
  sayFailed(service, rollout, cause, now)
  const to = lastCompleted(service)
  if (!to) {
    failDeployment(deploymentOf(service, rollout.target), cause, now)
    rollout.rollback = { reason, startedAt: now }
    const statusReason = 'No rollback candidate was found to run the rollback.'
    update(rollout, now, { status: 'ROLLBACK_FAILED', finishedAt: now, statusReason })
    return
  }
  rollout.rollback = { reason, startedAt: now, to }
  // Traffic goes back at once; the tasks of the new revision stop afterwards.
  rollout.weights = { production: 0, test: 0 }
  const failure = world.rollbacks.take(service.name)
  if (failure) rollout.rollbackFailure = failure.reason
  const deployment = service.deployments.find((each) => each.revision === to) ?? newDeployment(to, now)
  deployment.rolloutState = 'IN_PROGRESS'
  deployment.rolloutStateReason = `${wording[cause].back} ${deploymentId(to)}.`
  deployment.updatedAt = now
  makePrimary(service, deployment)
  service.taskDefinition = to.taskDefinition
  service.steady = false
  addEvent(service, now, `rolling back to deployment ${deploymentId(to)}.`)
  update(rollout, now, { status: 'ROLLBACK_IN_PROGRESS', statusReason: reason, lifecycleStage: 'SCALE_UP' })
}

/** When PRIMARY changes, the failed deployment is still ACTIVE and IN_PROGRESS; it becomes FAILED later. */
function followRollback(service: ServiceState, rollout: Rollout, now: number): void {
  const failed = service.deployments.find((each) => each.revision === rollout.target)
  if (failed && failed.rolloutState !== 'FAILED') {
    failed.status = 'DRAINING'
    failDeployment(failed, causeOf(rollout), now)
  }
  if (!rollout.rollbackFailure) return
  const deployment = primaryDeployment(service)
  deployment.rolloutState = 'FAILED'
  deployment.rolloutStateReason = `ECS deployment ${deploymentId(deployment.revision)} failed: ${rollout.rollbackFailure}`
  update(rollout, now, {
    status: 'ROLLBACK_FAILED',
    finishedAt: now,
    statusReason: rollout.rollbackFailure,
  })
}

function causeOf({ alarms, breaker, hooks }: Rollout): Cause {
  if (alarms.status === 'TRIGGERED') return 'alarms'
  if (breaker.status === 'TRIGGERED') return 'breaker'
  return hooks.some(({ targetType, status }) => targetType === 'AWS_LAMBDA' && status === 'FAILED')
    ? 'hook'
    : 'request'
}

function complete(service: ServiceState, deployment: DeploymentState, rollout: Rollout, now: number): void {
  if (rollout.status !== 'IN_PROGRESS' && rollout.status !== 'ROLLBACK_IN_PROGRESS') return
  deployment.rolloutState = 'COMPLETED'
  deployment.rolloutStateReason = `ECS deployment ${deploymentId(deployment.revision)} completed.`
  deployment.updatedAt = now
  service.deployments = [deployment]
  for (const monitor of [rollout.breaker, rollout.alarms]) {
    if (monitor.status === 'MONITORING') monitor.status = 'MONITORING_COMPLETE'
  }
  update(rollout, now, {
    status: rollout.status === 'IN_PROGRESS' ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL',
    finishedAt: now,
    lifecycleStage: undefined,
  })
  addEvent(service, now, `(deployment ${deploymentId(deployment.revision)}) deployment completed.`)
}

/** The revision that ECS rolls back to: that of the last completed service deployment. */
function lastCompleted(service: ServiceState): ServiceRevisionState | undefined {
  const ended = service.rollouts.find(
    ({ status }) => status === 'SUCCESSFUL' || status === 'ROLLBACK_SUCCESSFUL',
  )
  return ended?.status === 'SUCCESSFUL' ? ended.target : ended?.rollback?.to
}

function sayFailed(service: ServiceState, rollout: Rollout, cause: Cause, now: number): void {
  addEvent(service, now, `(deployment ${deploymentId(rollout.target)}) ${wording[cause].event}`)
}

function deploymentOf(service: ServiceState, revision: ServiceRevisionState): DeploymentState {
  return service.deployments.find((deployment) => deployment.revision === revision)!
}

function failDeployment(deployment: DeploymentState, cause: Cause, now: number): void {
  deployment.rolloutState = 'FAILED'
  deployment.rolloutStateReason = wording[cause].deployment
  deployment.updatedAt = now
}

function update(rollout: Rollout, now: number, change: Partial<Rollout>): void {
  Object.assign(rollout, change, { updatedAt: now })
}

import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import type { Rollout, ServiceState, Stage } from './model.ts'

/** One step of a service deployment: a stage, and what it does to production traffic. */
export type LifecycleStep = {
  readonly stage: Stage
  /** Percent of production traffic for the new revision from this step on. Absent: as before. */
  readonly production?: number
  /** The same of test traffic. */
  readonly test?: number
  /** How long the step lasts, minutes. */
  readonly minutes?: number
}

/** Whether a service deployment shifts traffic between two sets of tasks. */
export function shiftsTraffic({ configuration }: Pick<Rollout, 'configuration'>): boolean {
  return (configuration.strategy ?? 'ROLLING') !== 'ROLLING'
}

/**
 * The steps of a service deployment, in order. Source: developer guide, lifecycle stages of blue/green, linear and
 * canary deployments.
 */
export function lifecycleOf(configuration: DeploymentConfiguration): readonly LifecycleStep[] {
  const scaling: readonly LifecycleStep[] = [
    { stage: 'PRE_SCALE_UP' },
    { stage: 'SCALE_UP' },
    { stage: 'POST_SCALE_UP' },
  ]
  if (!shiftsTraffic({ configuration })) return [...scaling, { stage: 'CLEAN_UP' }]
  return [
    ...scaling,
    { stage: 'TEST_TRAFFIC_SHIFT', test: 100 },
    { stage: 'POST_TEST_TRAFFIC_SHIFT' },
    ...shifts(configuration).flatMap((step): LifecycleStep[] => [
      { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT' },
      { stage: 'PRODUCTION_TRAFFIC_SHIFT', ...step },
    ]),
    { stage: 'POST_PRODUCTION_TRAFFIC_SHIFT', test: 0 },
    { stage: 'BAKE_TIME', minutes: configuration.bakeTimeInMinutes ?? 0 },
    { stage: 'CLEAN_UP' },
  ]
}

/** The shifts of production traffic. The last one, to 100 percent, has no time of its own. */
function shifts({
  strategy,
  canaryConfiguration: { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = {},
  linearConfiguration: { stepPercent = 10, stepBakeTimeInMinutes = 6 } = {},
}: DeploymentConfiguration): readonly Pick<LifecycleStep, 'production' | 'minutes'>[] {
  const all = { production: 100 }
  if (strategy === 'CANARY' && canaryPercent < 100)
    return [{ production: canaryPercent, minutes: canaryBakeTimeInMinutes }, all]
  if (strategy !== 'LINEAR') return [all]
  const steps = Array.from({ length: Math.ceil(100 / stepPercent) - 1 }, (_, index) => ({
    production: rounded((index + 1) * stepPercent),
    minutes: stepBakeTimeInMinutes,
  }))
  return [...steps, all]
}

/** Percents are multiples of 0.1. */
function rounded(percent: number): number {
  return Math.round(percent * 10) / 10
}

/** Whether the tasks of the earlier revision stay until the new one has taken over. */
export function keepsOlderTasks({ rollouts: [rollout] }: ServiceState): boolean {
  return (
    rollout !== undefined &&
    shiftsTraffic(rollout) &&
    (rollout.status === 'PENDING' || rollout.status === 'IN_PROGRESS') &&
    rollout.lifecycleStage !== 'CLEAN_UP'
  )
}

/** Whether the new revision starts no tasks yet. */
export function isBeforeScaleUp({ status, lifecycleStage }: Rollout): boolean {
  return status === 'PENDING' || (status === 'IN_PROGRESS' && lifecycleStage === 'PRE_SCALE_UP')
}

import type {
  DeploymentConfiguration,
  DeploymentLifecycleHookDetail,
  ServiceDeployment,
} from '@aws-sdk/client-ecs'
import type { Pause, Progress, TrafficShift } from '../../release/traffic.ts'
import { words } from './words.ts'

/** When in a deployment a stage is: `before the next shift of production traffic`; one that is not known by its name. */
export function stageWords(stage: string): string {
  return stages[stage] ?? `at the stage ${words(stage.toLowerCase().replaceAll('_', ' '), 60)}`
}

/** Source: ECS developer guide, "Lifecycle stages". */
const stages: Readonly<Record<string, string>> = {
  RECONCILE_SERVICE: 'while ECS reconciles the revisions that are still active',
  PRE_SCALE_UP: 'before the new tasks start',
  SCALE_UP: 'while the new tasks start',
  POST_SCALE_UP: 'after the new tasks have started',
  TEST_TRAFFIC_SHIFT: 'while test traffic shifts to the new tasks',
  POST_TEST_TRAFFIC_SHIFT: 'after test traffic has shifted to the new tasks',
  PRE_PRODUCTION_TRAFFIC_SHIFT: 'before the next shift of production traffic',
  PRODUCTION_TRAFFIC_SHIFT: 'while production traffic shifts to the new tasks',
  POST_PRODUCTION_TRAFFIC_SHIFT: 'after production traffic has shifted to the new tasks',
  BAKE_TIME: 'until the bake time ends and the old tasks are stopped',
  CLEAN_UP: 'while the old tasks are stopped',
}

/** The hook at which the deployment waits until a person continues it. */
export function pausedHook({
  status,
  lifecycleHookDetails = [],
}: ServiceDeployment): DeploymentLifecycleHookDetail | undefined {
  return status === 'IN_PROGRESS'
    ? lifecycleHookDetails.find((hook) => hook?.status === 'AWAITING_ACTION')
    : undefined
}

/** Where a deployment in progress stands between its start and its end; empty once it has ended. */
export function lifecycleOf(deployment: ServiceDeployment): Progress {
  const { status, lifecycleStage } = deployment
  const isOpen =
    status === 'IN_PROGRESS' || status === 'ROLLBACK_REQUESTED' || status === 'ROLLBACK_IN_PROGRESS'
  if (!isOpen) return {}
  const shift = shiftOf(deployment)
  const pause = pauseOf(deployment)
  return {
    ...(lifecycleStage && { stage: words(lifecycleStage, 60) }),
    ...(shift && { shift }),
    ...(pause && { pause }),
  }
}

const strategies: Readonly<Record<string, TrafficShift['strategy']>> = {
  BLUE_GREEN: 'blue/green',
  LINEAR: 'linear',
  CANARY: 'canary',
}

function shiftOf({
  deploymentConfiguration: configuration = {},
  lifecycleStage,
  targetServiceRevision,
}: ServiceDeployment): TrafficShift | null {
  const strategy = strategies[configuration.strategy ?? '']
  if (strategy === undefined) return null
  const production = targetServiceRevision?.requestedProductionTrafficWeight ?? null
  const test = targetServiceRevision?.requestedTestTrafficWeight ?? 0
  const minutes = minutesOf(configuration, lifecycleStage, production)
  return {
    strategy,
    production,
    ...(test > 0 && { test }),
    ...(minutes > 0 && { lastsMs: minutes * 60_000 }),
  }
}

/**
 * How long a stage waits, minutes. A traffic step waits before the next one, and the last step does not. The defaults
 * are those of ECS: API, CanaryConfiguration and LinearConfiguration.
 */
function minutesOf(
  { strategy, bakeTimeInMinutes = 0, canaryConfiguration, linearConfiguration }: DeploymentConfiguration,
  stage: ServiceDeployment['lifecycleStage'],
  production: number | null,
): number {
  if (stage === 'BAKE_TIME') return bakeTimeInMinutes
  if (stage !== 'PRODUCTION_TRAFFIC_SHIFT' || production === null || production >= 100) return 0
  if (strategy === 'CANARY') return canaryConfiguration?.canaryBakeTimeInMinutes ?? 10
  return strategy === 'LINEAR' ? (linearConfiguration?.stepBakeTimeInMinutes ?? 6) : 0
}

function pauseOf(deployment: ServiceDeployment): Pause | null {
  const { hookId, expiresAt, timeoutAction } = pausedHook(deployment) ?? {}
  if (hookId === undefined) return null
  return {
    hookId,
    ...(expiresAt && { until: expiresAt.getTime() }),
    onTimeout: timeoutAction === undefined ? 'unknown' : (defaults[timeoutAction] ?? 'unknown'),
  }
}

const defaults: Readonly<Record<string, Pause['onTimeout']>> = {
  CONTINUE: 'continues',
  ROLLBACK: 'rolls back',
}

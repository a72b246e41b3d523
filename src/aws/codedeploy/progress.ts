import type { DeploymentInfo, ECSTarget, TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { Pause, Progress, TrafficShift } from '../../release/traffic.ts'
import { words } from '../ecs/words.ts'
import { eventIn, greenOf } from './ecs-target.ts'
import { isOver } from './reads.ts'

const minute = 60_000

type InProgress = {
  readonly deployment: DeploymentInfo
  readonly target: ECSTarget | undefined
  /** Undefined: it could not be read. */
  readonly routing: TrafficRoutingConfig | undefined
}

/** How far a deployment is: its event, the share of traffic, and the wait for a person. Empty once it has ended. */
export function progressOf({ deployment, target, routing }: InProgress): Progress {
  if (isOver(deployment.status)) return {}
  const event = eventIn(target, 'InProgress')?.lifecycleEventName
  const pause = pauseOf(deployment)
  const lasts = lastsMs(deployment, { event, routing })
  return {
    ...(event !== undefined && { stage: words(event, 60) }),
    shift: {
      strategy: strategyOf(routing),
      production: greenOf(target)?.trafficWeight ?? null,
      ...(lasts !== null && { lastsMs: lasts }),
    },
    ...(pause && { pause }),
  }
}

function strategyOf({ type }: TrafficRoutingConfig = {}): TrafficShift['strategy'] {
  if (type === 'TimeBasedCanary') return 'canary'
  return type === 'TimeBasedLinear' ? 'linear' : 'blue/green'
}

/** How long the present step, or the wait after the shift, lasts by the configuration, ms; null: it does not wait. */
function lastsMs(
  { instanceTerminationWaitTimeStarted: isKept, blueGreenDeploymentConfiguration: waits }: DeploymentInfo,
  { event, routing }: { readonly event: string | undefined } & Pick<InProgress, 'routing'>,
): number | null {
  const kept = waits?.terminateBlueInstancesOnDeploymentSuccess?.terminationWaitTimeInMinutes
  if (isKept) return kept === undefined ? null : kept * minute
  if (event !== 'AllowTraffic') return null
  const step = routing?.timeBasedCanary?.canaryInterval ?? routing?.timeBasedLinear?.linearInterval
  return step === undefined ? null : step * minute
}

/** The wait before the shift. It is counted from the start of the deployment. */
function pauseOf({
  deploymentId = '',
  status,
  startTime,
  blueGreenDeploymentConfiguration: waits,
}: DeploymentInfo): Pause | null {
  if (status !== 'Ready') return null
  const { actionOnTimeout, waitTimeInMinutes } = waits?.deploymentReadyOption ?? {}
  const isKnown = startTime !== undefined && waitTimeInMinutes !== undefined
  return {
    hookId: `${deploymentId} READY_WAIT`,
    ...(isKnown && { until: startTime.getTime() + waitTimeInMinutes * minute }),
    // A deployment that is stopped there has shifted no traffic yet.
    onTimeout: actionOnTimeout === undefined ? 'unknown' : (onTimeouts[actionOnTimeout] ?? 'unknown'),
  }
}

const onTimeouts: Readonly<Record<string, Pause['onTimeout']>> = {
  CONTINUE_DEPLOYMENT: 'continues',
  STOP_DEPLOYMENT: 'rolls back',
}

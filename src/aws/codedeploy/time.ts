import type { BlueGreenDeploymentConfiguration, TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { RolloutTime } from '../../release/rollout-time.ts'

/** How long deployments of a group take by their configuration. */
export function timeOf(
  waits: BlueGreenDeploymentConfiguration | undefined,
  routing: TrafficRoutingConfig | undefined,
): RolloutTime {
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: end } = waits ?? {}
  return {
    shift: shiftMinutes(routing),
    ready: ready?.actionOnTimeout === 'STOP_DEPLOYMENT' ? (ready.waitTimeInMinutes ?? 0) : null,
    termination: end?.terminationWaitTimeInMinutes ?? 0,
  }
}

/** From the first step of the shift to the last, minutes: a linear shift waits between its steps, not after the last. */
function shiftMinutes({ type, timeBasedCanary, timeBasedLinear }: TrafficRoutingConfig = {}): number {
  if (type === 'TimeBasedCanary') return timeBasedCanary?.canaryInterval ?? 0
  if (type !== 'TimeBasedLinear') return 0
  const { linearPercentage = 100, linearInterval = 0 } = timeBasedLinear ?? {}
  return (Math.ceil(100 / Math.max(1, linearPercentage)) - 1) * linearInterval
}
